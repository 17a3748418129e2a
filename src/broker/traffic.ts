/**
 * Bytes and messages are counted three times: for the broker, for the
 * listener by which the client came, and for the client.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** A client has sent so much. */
export function countReceived(connection: Connection, bytes: number): void {
  connection.core.counters.bytesReceived += bytes;
  connection.transport.door.bytesReceived += bytes;
  connection.bytesReceived += bytes;
}

/** So much has left for a client. */
export function countSent(connection: Connection, bytes: number): void {
  connection.core.counters.bytesSent += bytes;
  connection.transport.door.bytesSent += bytes;
  connection.bytesSent += bytes;
}

/** It has published what was not counted `before`: so many messages. */
export function countPublished(
  connection: Connection,
  before: number,
): number {
  const messages = connection.core.counters.publishReceived - before;
  connection.transport.door.publishReceived += messages;
  connection.publishReceived += messages;
  return messages;
}

/**
 * Bytes and messages are counted twice: for the broker, and for the
 * listener by which the client came.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** A client has sent so much. */
export function countReceived(connection: Connection, bytes: number): void {
  connection.core.counters.bytesReceived += bytes;
  connection.transport.door.bytesReceived += bytes;
}

/** So much has left for a client. */
export function countSent(connection: Connection, bytes: number): void {
  connection.core.counters.bytesSent += bytes;
  connection.transport.door.bytesSent += bytes;
}

/** It has published what was not counted `before`: so many messages. */
export function countPublished(
  { core, transport }: Connection,
  before: number,
): number {
  const messages = core.counters.publishReceived - before;
  transport.door.publishReceived += messages;
  return messages;
}

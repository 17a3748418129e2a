/**
 * Looks on at the packets of one connection. The connection's own methods
 * have others before them meanwhile: where nobody looks on, nothing is asked.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { PacketStream, type SeenPacket } from "./packet_stream.ts";

/** Told of each packet. */
export type OnPacket = (
  direction: "received" | "sent",
  packet: SeenPacket,
) => void;

/**
 * Begins to look on, from the next packets on.
 *
 * @returns What ends it.
 */
export function tapPackets(
  connection: Connection,
  hasPayloads: boolean,
  onPacket: OnPacket,
): () => void {
  const { isV5 } = connection;
  const options = { isV5, hasPayloads };
  const received = new PacketStream(
    options,
    (one) => onPacket("received", one),
  );
  const sent = new PacketStream(options, (one) => onPacket("sent", one));
  // What waits already may begin in the middle of a packet.
  sent.skipBytes = connection.queue.bytes;
  let isAtPacket = endsWhole(connection);
  const { receive, sent: hasSent } = connection;
  connection.receive = (chunk, length, nowMs) => {
    if (isAtPacket) received.feed(chunk, 0, length);
    receive.call(connection, chunk, length, nowMs);
    isAtPacket ||= endsWhole(connection);
  };
  connection.sent = (bytes, nowMs) => {
    feedQueued(connection, bytes, sent);
    hasSent.call(connection, bytes, nowMs);
  };
  return () => {
    // The last one first: the object is then what it was for the engine, too.
    Reflect.deleteProperty(connection, "sent");
    Reflect.deleteProperty(connection, "receive");
  };
}

/** Whether the last packet that has come is whole, and handled. */
function endsWhole({ extras, partialBytes }: Connection): boolean {
  return partialBytes === 0 && !extras.isPutOff;
}

/** The first `bytes` of what waits have left. */
function feedQueued(
  { queue }: Connection,
  bytes: number,
  sent: PacketStream,
): void {
  let left = Math.min(bytes, queue.bytes);
  for (let one = queue.head; one !== null && left > 0; one = one.next) {
    const length = Math.min(one.end - one.start, left);
    sent.feed(one.bytes, one.start, one.start + length);
    left -= length;
  }
}

/**
 * Puts packets into a connection's queue. Nothing here decides whether to
 * send.
 *
 * @module
 */

import {
  ACKNOWLEDGEMENT_BYTES,
  BODILESS_BYTES,
  writeAcknowledgement,
  writeBodiless,
} from "../codec/acknowledgement.ts";
import { CONNACK_BYTES, writeConnack } from "../codec/connack.ts";
import type { Message } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";
import {
  publishFirstByte,
  publishSize,
  type PublishView,
  writePublishHead,
} from "../codec/publish.ts";
import type { Connection } from "./connection.ts";
import type { Publication } from "./publication.ts";

/** From here on an owned payload is queued by reference, not copied. */
export const REFERENCE_BYTES_MIN = 16 << 10;

/** Queues a packet that is a packet id and nothing else. */
export function sendAcknowledgement(
  connection: Connection,
  type: number,
  packetId: number,
): void {
  const { queue } = connection;
  const at = queue.reserve(ACKNOWLEDGEMENT_BYTES);
  writeAcknowledgement(queue.buffer, at, type, packetId);
  queue.commit(ACKNOWLEDGEMENT_BYTES);
  connection.core.markDirty(connection);
}

/** Queues a packet without a body. */
export function sendBodiless(connection: Connection, type: number): void {
  const { queue } = connection;
  const at = queue.reserve(BODILESS_BYTES);
  writeBodiless(queue.buffer, at, type);
  queue.commit(BODILESS_BYTES);
  connection.core.markDirty(connection);
}

/** Queues a CONNACK. */
export function sendConnack(
  connection: Connection,
  sessionPresent: boolean,
  returnCode: number,
): void {
  const { queue } = connection;
  const at = queue.reserve(CONNACK_BYTES);
  writeConnack(queue.buffer, at, { sessionPresent, returnCode });
  queue.commit(CONNACK_BYTES);
  connection.core.markDirty(connection);
}

/** Queues bytes that make up whole packets. */
export function sendBytes(connection: Connection, bytes: Uint8Array): void {
  connection.queue.append(bytes, 0, bytes.length);
  connection.core.markDirty(connection);
}

/**
 * Queues the message that is being routed. Its own frame is copied and
 * patched where the shape is the same, with a packet id or without.
 */
export function sendPublication(
  connection: Connection,
  publication: Publication,
  qos: QoS,
  packetId: number,
): void {
  const { core, queue } = connection;
  const { bytes, frameAt, topicEnd, end } = publication;
  if (publication.payloadLength >= REFERENCE_BYTES_MIN) {
    sendMessage(connection, publication.message, qos, packetId, 0);
    return;
  }
  core.counters.publishSent++;
  core.markDirty(connection);
  const isFrame = publication.topicAt > frameAt;
  if (isFrame && (publication.qos > 0) === (qos > 0)) {
    const at = queue.append(bytes, frameAt, end);
    const out = queue.buffer;
    out[at] = publishFirstByte(qos, 0);
    if (qos > 0) {
      out[at + topicEnd - frameAt] = packetId >> 8;
      out[at + topicEnd - frameAt + 1] = packetId;
    }
    return;
  }
  writePublish(connection, publication, publishFirstByte(qos, 0), packetId);
}

/**
 * Queues an owned message.
 *
 * @param flags RETAIN and DUP, as bits of the first byte.
 */
export function sendMessage(
  connection: Connection,
  message: Message,
  qos: QoS,
  packetId: number,
  flags: number,
): void {
  const { core, queue } = connection;
  core.counters.publishSent++;
  core.markDirty(connection);
  const { bytes, topicEnd } = message;
  const payloadLength = bytes.length - topicEnd;
  const size = publishSize(qos, topicEnd - 2, payloadLength);
  const byReference = payloadLength >= REFERENCE_BYTES_MIN;
  const length = byReference ? size - payloadLength : size;
  const first = publishFirstByte(qos, flags);
  const at = queue.reserve(length);
  const payloadAt = writePublishHead(
    queue.buffer,
    at,
    first,
    bytes,
    0,
    topicEnd,
    packetId,
    payloadLength,
  );
  if (!byReference && payloadLength > 0) {
    queue.buffer.set(bytes.subarray(topicEnd), payloadAt);
  }
  queue.commit(length);
  if (byReference) queue.appendReference(bytes, topicEnd, bytes.length);
}

/** Writes a borrowed message in a shape that its frame does not have. */
function writePublish(
  connection: Connection,
  view: PublishView,
  first: number,
  packetId: number,
): void {
  const { queue } = connection;
  const { bytes, topicAt, topicEnd, payloadAt, end } = view;
  const payloadLength = end - payloadAt;
  const qos = packetId > 0 ? 1 : 0;
  const size = publishSize(qos, topicEnd - topicAt - 2, payloadLength);
  const at = queue.reserve(size);
  const out = queue.buffer;
  const headEnd = writePublishHead(
    out,
    at,
    first,
    bytes,
    topicAt,
    topicEnd,
    packetId,
    payloadLength,
  );
  if (payloadLength > 0) out.set(bytes.subarray(payloadAt, end), headEnd);
  queue.commit(size);
}

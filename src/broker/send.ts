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
import { encodeDisconnect } from "../codec/disconnect.ts";
import { type Message, viewMessage } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PACKET_TOO_LARGE } from "../codec/reason_code.ts";
import { RETAIN_BIT } from "../codec/packet_type.ts";
import { publishFirstByte, type PublishView } from "../codec/publish.ts";
import { hashTopic } from "../router/route.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Grant } from "../topic/subscription.ts";
import type { Connection } from "./connection.ts";
import type { Publication } from "./publication.ts";

/** From here on an owned payload is queued by reference, not copied. */
export const REFERENCE_BYTES_MIN = 16 << 10;
/** An alias that the client does not know yet makes a packet longer. */
const TOPIC_ALIAS_BYTES = 3;

/**
 * Queues a packet that is a packet id and, at 5.0, a reason code; without
 * one all is well.
 */
export function sendAcknowledgement(
  connection: Connection,
  type: number,
  packetId: number,
  reason = 0,
): void {
  const { queue } = connection;
  const hasReason = reason > 0 && connection.isV5;
  const length = ACKNOWLEDGEMENT_BYTES + (hasReason ? 1 : 0);
  const at = queue.reserve(length);
  const { buffer } = queue;
  const end = writeAcknowledgement(buffer, at, type, packetId);
  if (hasReason) {
    buffer[at + 1] = 3;
    buffer[end] = reason;
  }
  queue.commit(length);
  connection.core.counters.controlSent++;
  connection.promises = true;
  connection.core.markDirty(connection);
}

/** Queues a packet without a body. */
export function sendBodiless(connection: Connection, type: number): void {
  const { queue } = connection;
  const at = queue.reserve(BODILESS_BYTES);
  writeBodiless(queue.buffer, at, type);
  queue.commit(BODILESS_BYTES);
  connection.core.counters.controlSent++;
  connection.core.markDirty(connection);
}

/**
 * Queues a packet that says what was wrong: with a reason string, if the
 * client wants one [MQTT5-3.1.2-29] and takes the packet with it; else
 * without. Nothing when the client takes not even that [MQTT5-3.1.2-24].
 *
 * @param encode Makes the packet with the reason string or without.
 */
export function sendExplained(
  connection: Connection,
  reasonString: string,
  encode: (properties: Properties) => Uint8Array,
): void {
  const bytes = explained(connection, reasonString, encode);
  if (bytes !== undefined) sendBytes(connection, bytes);
}

/** Queues a DISCONNECT, which 5.0 has from a server too: section 3.14. */
export function sendDisconnect(
  connection: Connection,
  reason: number,
  reasonString: string,
  serverReference: string,
): void {
  const reference = serverReference === "" ? {} : { serverReference };
  sendExplained(
    connection,
    reasonString,
    (explained) =>
      encodeDisconnect({ reason, properties: { ...reference, ...explained } }),
  );
}

/**
 * The same for an answer that there has to be.
 *
 * @throws {ProtocolError} When the client does not take it.
 */
export function sendAnswer(
  connection: Connection,
  reasonString: string,
  encode: (properties: Properties) => Uint8Array,
): void {
  const bytes = explained(connection, reasonString, encode);
  if (bytes !== undefined) return sendBytes(connection, bytes);
  const detail = "an answer larger than the client takes";
  throw new ProtocolError(PACKET_TOO_LARGE, detail);
}

function explained(
  { isV5, extras, tellsProblems }: Connection,
  reasonString: string,
  encode: (properties: Properties) => Uint8Array,
): Uint8Array | undefined {
  const { packetBytesMax } = extras;
  if (isV5 && tellsProblems && reasonString !== "") {
    const whole = encode({ reasonString });
    if (whole.length <= packetBytesMax) return whole;
  }
  const bytes = encode(NO_PROPERTIES);
  return bytes.length <= packetBytesMax ? bytes : undefined;
}

/** Queues bytes that make up a whole packet. */
export function sendBytes(connection: Connection, bytes: Uint8Array): void {
  connection.queue.append(bytes, 0, bytes.length);
  connection.core.counters.controlSent++;
  connection.promises = true;
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
  grant: Grant,
): void {
  const flags = publication.retainFor(grant) ? RETAIN_BIT : 0;
  if (qos === 2) promiseOnce(connection);
  if (!isSameShape(connection, publication, qos, grant)) {
    const { core } = connection;
    begin(connection, qos, packetId, flags, grant.subscriptionIds);
    const isLarge = publication.payloadLength >= REFERENCE_BYTES_MIN;
    if (isLarge || publication.isOwned) {
      showMessage(connection, publication.message);
      writePublish(connection, core.view, true);
    } else writePublish(connection, publication, false);
    return;
  }
  const { core, queue } = connection;
  core.counters.publishSent++;
  connection.publishSent++;
  core.markDirty(connection);
  const { bytes, frameAt, topicEnd, end } = publication;
  const at = queue.append(bytes, frameAt, end);
  const out = queue.buffer;
  out[at] = publishFirstByte(qos, flags);
  if (qos > 0) {
    out[at + topicEnd - frameAt] = packetId >> 8;
    out[at + topicEnd - frameAt + 1] = packetId;
  }
}

/**
 * A QoS 2 message leaves after it is kept: else the client could get it
 * again, with another packet id. At QoS 1 that may be, so it leaves at once,
 * and what is acknowledged before its commit need not be kept at all.
 */
function promiseOnce(connection: Connection): void {
  if (connection.session!.isStored) connection.promises = true;
}

/** Whether the packet as it came in is the one that goes out, patched. */
function isSameShape(
  connection: Connection,
  publication: Publication,
  qos: QoS,
  grant: Grant,
): boolean {
  return publication.isFrame && publication.isV5 === connection.isV5 &&
    (publication.qos > 0) === (qos > 0) &&
    grant.subscriptionIds.length === 0 &&
    connection.mountPoint === undefined &&
    connection.extras.sentAliases === undefined &&
    publication.payloadLength < REFERENCE_BYTES_MIN;
}

/**
 * Queues a message that was kept.
 *
 * @param flags RETAIN and DUP, as bits of the first byte.
 */
export function sendDelivery(
  connection: Connection,
  { message, qos, subscriptionIds }: Delivery,
  packetId: number,
  flags: number,
): void {
  const { view } = connection.core;
  if (qos === 2) promiseOnce(connection);
  begin(connection, qos, packetId, flags, subscriptionIds);
  showMessage(connection, message);
  writePublish(connection, view, true);
}

/**
 * Whether the client can't have a message: the packet would be larger than
 * it takes, or the topic does not begin with its mount point.
 */
export function isUnfit(
  connection: Connection,
  view: PublishView,
  qos: QoS,
  { subscriptionIds }: Pick<Grant, "subscriptionIds">,
): boolean {
  const { core: { outgoing }, extras, mountPoint } = connection;
  if (mountPoint !== undefined && !mountPoint.holds(view)) return true;
  begin(connection, qos, 1, 0, subscriptionIds);
  return outgoing.measure(view) > extras.packetBytesMax;
}

/** The same of a message that was kept. */
export function isDeliveryUnfit(
  connection: Connection,
  delivery: Delivery,
): boolean {
  const { extras, mountPoint } = connection;
  if (extras.packetBytesMax === Infinity && mountPoint === undefined) {
    return false;
  }
  const { view } = connection.core;
  viewMessage(delivery.message, view);
  return isUnfit(connection, view, delivery.qos, delivery);
}

/** Tells `core.outgoing` how the client gets a message. */
function begin(
  { core: { outgoing }, isV5, mountPoint }: Connection,
  qos: QoS,
  packetId: number,
  flags: number,
  subscriptionIds: readonly number[],
): void {
  outgoing.begin(isV5, qos, packetId, flags);
  outgoing.subscriptionIds = subscriptionIds;
  if (mountPoint !== undefined) outgoing.topicSkip = mountPoint.bytes.length;
}

/** Lets the core's view show `message`, and says how long it still lives. */
function showMessage({ core }: Connection, message: Message): void {
  viewMessage(message, core.view);
  if (message.expiresAtMs === Infinity) return;
  // [MQTT5-3.3.2-6]: less the time that it has waited here.
  const leftMs = Math.max(message.expiresAtMs - core.nowMs, 0);
  core.outgoing.expirySeconds = Math.ceil(leftMs / 1000);
}

/** Writes what `core.outgoing` has been told of the message in `view`. */
function writePublish(
  connection: Connection,
  view: PublishView,
  isOwned: boolean,
): void {
  const { core, queue } = connection;
  const { outgoing } = core;
  core.counters.publishSent++;
  connection.publishSent++;
  core.markDirty(connection);
  let size = outgoing.measure(view);
  if (connection.extras.sentAliases !== undefined) {
    if (size + TOPIC_ALIAS_BYTES <= connection.extras.packetBytesMax) {
      useAlias(connection, view);
      size = outgoing.measure(view);
    }
  }
  const { bytes, payloadAt, end } = view;
  const payloadLength = end - payloadAt;
  const byReference = isOwned && payloadLength >= REFERENCE_BYTES_MIN;
  const length = byReference ? size - payloadLength : size;
  const at = queue.reserve(length);
  const headEnd = outgoing.writeHead(queue.buffer, at, view);
  if (!byReference && payloadLength > 0) {
    queue.buffer.set(bytes.subarray(payloadAt, end), headEnd);
  }
  queue.commit(length);
  if (byReference) queue.appendReference(bytes, payloadAt, end);
}

/** MQTT 5.0 section 3.3.2.3.4: a short number for a topic that comes often. */
function useAlias(
  { core, extras }: Connection,
  { bytes, topicAt, topicEnd }: PublishView,
): void {
  const hash = hashTopic(core.options.hashSeed, bytes, topicAt + 2, topicEnd);
  const aliases = extras.sentAliases!;
  const before = aliases.bytes;
  const alias = aliases.use(hash, bytes, topicAt, topicEnd);
  core.aliasBytes += aliases.bytes - before;
  if (core.aliasBytes > core.options.limits.topicAliasBytesMax) {
    // Nobody needs them: topics go out whole from now on.
    core.aliasBytes -= aliases.bytes;
    extras.sentAliases = undefined;
  }
  core.outgoing.topicAlias = Math.abs(alias);
  core.outgoing.omitsTopic = alias > 0;
}

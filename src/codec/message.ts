/**
 * Owned copies of application messages: the one file that copies what must
 * outlive a turn. Everything else borrows.
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import {
  decodeProperties,
  encodeProperties,
  NO_PROPERTIES,
  type Properties,
} from "./properties.ts";
import { PublishView } from "./publish.ts";
import { readPublishProperties } from "./publish_properties.ts";
import { MALFORMED_PACKET, PACKET_TOO_LARGE } from "./reason_code.ts";
import { REMAINING_LENGTH_MAX } from "./remaining_length.ts";
import { decodeText, encodeText, readUint32, writeField } from "./text.ts";

/** What one message costs beside its bytes, about, for the limits. */
export const MESSAGE_OVERHEAD_BYTES = 96;
/** A topic alias: its identifier and two bytes. */
const TOPIC_ALIAS_BYTES = 3;
/** What a packet holds, less what the broker may have to add to a message. */
const MESSAGE_BYTES_MAX = REMAINING_LENGTH_MAX - (64 << 10);

/**
 * An application message which the broker owns. It does not change, and is
 * shared by all sessions for which it waits.
 *
 * ```text
 * bytes: [topic length, 2 bytes][topic][properties][payload]
 *                                topicEnd^ payloadAt^
 * ```
 *
 * The properties are those that are forwarded, without their length: topic
 * aliases and subscription identifiers belong to one connection.
 */
export class Message {
  /** The topic with its length bytes, the properties, the payload. */
  readonly bytes: Uint8Array;
  /** Where the topic ends and the properties begin. */
  readonly topicEnd: number;
  /** Where the properties end and the payload begins. */
  readonly payloadAt: number;
  /** The quality of service it was published with. */
  readonly qos: QoS;
  /** The four bytes of the message expiry interval; 0 if there is none. */
  readonly expiryAt: number;
  /** When it is not worth being delivered any more; `Infinity` for never. */
  readonly expiresAtMs: number;

  /** Use {@linkcode copyMessage} or {@linkcode makeMessage}. */
  constructor(
    bytes: Uint8Array,
    topicEnd: number,
    qos: QoS,
    payloadAt: number = topicEnd,
    expiryAt = 0,
    expiresAtMs = Infinity,
  ) {
    this.bytes = bytes;
    this.topicEnd = topicEnd;
    this.payloadAt = payloadAt;
    this.qos = qos;
    this.expiryAt = expiryAt;
    this.expiresAtMs = expiresAtMs;
  }

  /** The topic name. */
  get topic(): string {
    return decodeText(this.bytes, 2, this.topicEnd);
  }

  /** The properties, as they were published; none of a 3.x client. */
  get properties(): Properties {
    const { bytes, topicEnd, payloadAt } = this;
    return decodeProperties("PUBLISH", bytes, topicEnd, payloadAt);
  }

  /** The payload: a view, not to be changed. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadAt);
  }

  /** Memory that it takes, bytes, about. */
  get size(): number {
    return this.bytes.length + MESSAGE_OVERHEAD_BYTES;
  }
}

/**
 * An owned copy of the message that `view` borrows.
 *
 * @param nowMs When it was received: it expires that much later.
 */
export function copyMessage(view: PublishView, nowMs: number): Message {
  const { topicAt, topicEnd, propertiesAt, payloadAt, end } = view;
  if (propertiesAt !== payloadAt) return copyDressed(view, nowMs);
  const topicLength = topicEnd - topicAt;
  const bytes = new Uint8Array(topicLength + end - payloadAt);
  const source = view.bytes;
  if (topicEnd === payloadAt) {
    bytes.set(source.subarray(topicAt, end));
  } else {
    bytes.set(source.subarray(topicAt, topicEnd));
    bytes.set(source.subarray(payloadAt, end), topicLength);
  }
  return new Message(bytes, topicLength, view.qos);
}

/** A copy of a message that has properties. */
function copyDressed(view: PublishView, nowMs: number): Message {
  const { topicAt, topicEnd, topicAliasAt, propertiesAt, end, expiryAt } = view;
  const source = view.bytes;
  const topicLength = topicEnd - topicAt;
  const taken = topicAliasAt > 0 ? TOPIC_ALIAS_BYTES : 0;
  const bytes = new Uint8Array(topicLength + end - propertiesAt - taken);
  bytes.set(source.subarray(topicAt, topicEnd));
  let restAt = propertiesAt;
  let at = topicLength;
  if (taken > 0) {
    bytes.set(source.subarray(propertiesAt, topicAliasAt), at);
    at += topicAliasAt - propertiesAt;
    restAt = topicAliasAt + TOPIC_ALIAS_BYTES;
  }
  bytes.set(source.subarray(restAt, end), at);
  const { qos, payloadAt } = view;
  const newPayloadAt = topicLength + payloadAt - propertiesAt - taken;
  if (expiryAt === 0) {
    return new Message(bytes, topicLength, qos, newPayloadAt);
  }
  const shift = topicAliasAt > 0 && topicAliasAt < expiryAt ? taken : 0;
  return new Message(
    bytes,
    topicLength,
    qos,
    newPayloadAt,
    topicLength + expiryAt - propertiesAt - shift,
    nowMs + readUint32(source, expiryAt) * 1000,
  );
}

/**
 * A message from its parts. Of `properties` those are taken that are passed
 * on: payload format, message expiry, content type, response topic,
 * correlation data and user properties.
 *
 * @param nowMs When it was made: it expires that much later.
 * @throws {ProtocolError} When the topic, or a property, takes more than
 * 65,535 bytes, or all of it more than a packet has room for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeMessage } from "./message.ts";
 *
 * const message = makeMessage("room/1", Uint8Array.of(20), 1);
 * assertEquals(message.topic, "room/1");
 * assertEquals(message.payload, Uint8Array.of(20));
 * ```
 */
export function makeMessage(
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  properties: Properties = NO_PROPERTIES,
  nowMs = 0,
): Message {
  const name = encodeText(topic);
  if (name.length > 65_535) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "a topic of more than 65,535 bytes",
    );
  }
  const block = properties === NO_PROPERTIES
    ? undefined
    : encodeProperties(forwarded(properties));
  const blockLength = block === undefined ? 0 : block.length;
  const topicEnd = 2 + name.length;
  const payloadAt = topicEnd + blockLength;
  if (payloadAt + payload.length > MESSAGE_BYTES_MAX) {
    throw new ProtocolError(
      PACKET_TOO_LARGE,
      "a message that is too large for a packet",
    );
  }
  const bytes = new Uint8Array(payloadAt + payload.length);
  writeField(bytes, 0, name);
  if (block !== undefined) bytes.set(block, topicEnd);
  bytes.set(payload, payloadAt);
  const { messageExpirySeconds } = properties;
  if (messageExpirySeconds === undefined) {
    return new Message(bytes, topicEnd, qos, payloadAt);
  }
  const view = new PublishView();
  viewMessage(new Message(bytes, topicEnd, qos, payloadAt), view);
  const expiresAtMs = nowMs + messageExpirySeconds * 1000;
  return new Message(
    bytes,
    topicEnd,
    qos,
    payloadAt,
    view.expiryAt,
    expiresAtMs,
  );
}

const FORWARDED = [
  "payloadFormat",
  "messageExpirySeconds",
  "contentType",
  "responseTopic",
  "correlationData",
  "userProperties",
] as const;

/** What of a message's properties goes to those who receive it. */
function forwarded(properties: Properties): Properties {
  const taken = FORWARDED.map((field) => [field, properties[field]] as const);
  return Object.fromEntries(taken);
}

/** Lets `view` borrow `message`, to be routed as if it had arrived. */
export function viewMessage(message: Message, view: PublishView): void {
  view.bytes = message.bytes;
  view.frameAt = 0;
  view.topicAt = 0;
  view.topicEnd = message.topicEnd;
  view.propertiesAt = message.topicEnd;
  view.payloadAt = message.payloadAt;
  view.end = message.bytes.length;
  view.packetId = 0;
  view.qos = message.qos;
  view.retain = false;
  view.dup = false;
  view.topicAlias = 0;
  view.topicAliasAt = 0;
  view.expiryAt = 0;
  view.isUtf8Payload = false;
  if (view.propertiesAt < view.payloadAt) readPublishProperties(view, "client");
}

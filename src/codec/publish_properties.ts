/**
 * The properties of a PUBLISH on its way: MQTT 5.0 section 3.3.2.3. They
 * are forwarded as they lie, so they are checked, and what the broker acts
 * on is found; nothing is made. As an object they are read by
 * `codec/properties.ts`.
 *
 * @module
 */

import type { Sender } from "./packet_type.ts";
import {
  CONTENT_TYPE,
  CORRELATION_DATA,
  MESSAGE_EXPIRY_INTERVAL,
  PAYLOAD_FORMAT_INDICATOR,
  propertyOf,
  RESPONSE_TOPIC,
  SUBSCRIPTION_IDENTIFIER,
  TOPIC_ALIAS,
  USER_PROPERTY,
} from "./property.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { PublishView } from "./publish.ts";
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
  TOPIC_ALIAS_INVALID,
} from "./reason_code.ts";
import {
  readVariableByteInteger,
  remainingLengthBytes,
} from "./remaining_length.ts";
import { isText } from "./text.ts";

/** {@linkcode isPlain} counts to 255 words. */
const PLAIN_BYTES_MAX = 255 * 4;
const HIGHEST_BITS = 0x80808080;
const PLUS = 0x2b;
const HASH = 0x23;

/**
 * Walks through the block `bytes[propertiesAt, payloadAt)` of `view` and
 * tells `view` what it finds.
 *
 * @throws {ProtocolError} When the block is malformed or not allowed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PublishView } from "./publish.ts";
 * import { readPublishProperties } from "./publish_properties.ts";
 *
 * const view = new PublishView();
 * view.bytes = Uint8Array.of(35, 0, 7);
 * view.payloadAt = view.end = 3;
 * readPublishProperties(view, "client");
 * assertEquals([view.topicAlias, view.topicAliasAt], [7, 0]);
 * ```
 */
export function readPublishProperties(
  view: PublishView,
  sender: Sender,
): void {
  const { bytes, payloadAt: end } = view;
  /** Which have been there, a bit each. */
  let seen = 0;
  for (let at = view.propertiesAt; at < end;) {
    const id = bytes[at]!;
    if (id === USER_PROPERTY) {
      at = userPropertiesEnd(view, at, end);
      continue;
    }
    if (id === SUBSCRIPTION_IDENTIFIER) {
      at = subscriptionIdEnd(bytes, at + 1, end, sender);
      continue;
    }
    at = readOnce(view, id, at, end);
    // Those that have come so far have a bit each: one is above 31.
    const bit = id === TOPIC_ALIAS ? 1 : 1 << id;
    if ((seen & bit) !== 0) fail(PROTOCOL_ERROR, id, "stands there twice");
    seen |= bit;
  }
}

/**
 * The end of the user properties that begin at `at`. There may be many, so
 * they are measured first and then checked together, if they are ASCII.
 */
function userPropertiesEnd(
  view: PublishView,
  at: number,
  end: number,
): number {
  const { bytes } = view;
  const id = USER_PROPERTY;
  let zeros = 0;
  let runEnd = at;
  while (runEnd < end && bytes[runEnd] === id) {
    // Name and value: each two bytes of length and the text.
    const valueAt = runEnd + 3 > end
      ? end
      : runEnd + 3 + (bytes[runEnd + 1]! << 8 | bytes[runEnd + 2]!);
    if (valueAt + 2 > end) fail(MALFORMED_PACKET, id, "ends too early");
    const length = bytes[valueAt]! << 8 | bytes[valueAt + 1]!;
    zeros += zerosInLength(valueAt - runEnd - 3) + zerosInLength(length);
    runEnd = valueAt + 2 + length;
    if (runEnd > end) fail(MALFORMED_PACKET, id, "ends too early");
  }
  if (isPlain(view, at, runEnd, zeros)) return runEnd;
  while (at < runEnd) {
    at = textEnd(bytes, textEnd(bytes, at + 1, end, id), end, id);
  }
  return runEnd;
}

/** How many of the two bytes of a length are 0. */
function zerosInLength(length: number): number {
  return (length < 256 ? 1 : 0) + ((length & 255) === 0 ? 1 : 0);
}

/**
 * Whether `bytes[at, end)` is ASCII with just `zeros` zero bytes: those are
 * then the ones that stand in lengths. Four bytes at a time; false where it
 * can't tell.
 */
function isPlain(
  view: PublishView,
  at: number,
  end: number,
  zeros: number,
): boolean {
  if (end - at > PLAIN_BYTES_MAX) return false;
  const { bytes, words } = view;
  let bits = 0;
  /** Bytes that are not 0: four counts of eight bits. */
  let counts = 0;
  let i = at;
  for (; i + 4 <= end; i += 4) {
    const word = words.getInt32(i, true);
    bits |= word;
    // The highest bit of each byte of ASCII that is not 0, as its lowest.
    counts = (counts + ((word + 0x7f7f7f7f) >>> 7 & 0x01010101)) | 0;
  }
  let count = (counts & 255) + (counts >>> 8 & 255) + (counts >>> 16 & 255) +
    (counts >>> 24);
  for (; i < end; i++) {
    const byte = bytes[i]!;
    bits |= byte;
    if (byte !== 0) count++;
  }
  return (bits & HIGHEST_BITS) === 0 && end - at - count === zeros;
}

/** One that may stand there once, at `at`; returns its end. */
function readOnce(
  view: PublishView,
  id: number,
  at: number,
  end: number,
): number {
  const { bytes } = view;
  const valueAt = at + 1;
  switch (id) {
    case TOPIC_ALIAS:
      checkEnd(valueAt + 2, end, id);
      view.topicAlias = bytes[valueAt]! << 8 | bytes[valueAt + 1]!;
      view.topicAliasAt = at;
      if (view.topicAlias === 0) {
        fail(TOPIC_ALIAS_INVALID, id, "must not be 0"); // [MQTT-3.3.2-8]
      }
      return valueAt + 2;
    case MESSAGE_EXPIRY_INTERVAL:
      view.expiryAt = valueAt;
      return checkEnd(valueAt + 4, end, id);
    case PAYLOAD_FORMAT_INDICATOR:
      checkEnd(valueAt + 1, end, id);
      if (bytes[valueAt]! > 1) fail(PROTOCOL_ERROR, id, "is not 0 or 1");
      view.isUtf8Payload = bytes[valueAt] === 1;
      return valueAt + 1;
    case CONTENT_TYPE:
      return textEnd(bytes, valueAt, end, id);
    case RESPONSE_TOPIC:
      return responseTopicEnd(bytes, valueAt, end);
    case CORRELATION_DATA:
      return fieldEnd(bytes, valueAt, end, id);
    default:
      return refuse(id);
  }
}

/** The end of the text with its length at `at`, which it checks. */
function textEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
  id: number,
): number {
  const found = fieldEnd(bytes, at, end, id);
  if (isText(bytes, at + 2, found)) return found;
  // [MQTT-1.5.4-1], [MQTT-1.5.4-2], [MQTT-3.3.2-13], [MQTT-3.3.2-19]
  return fail(MALFORMED_PACKET, id, "is not UTF-8 or holds U+0000");
}

/** Like any topic name [MQTT-3.3.2-14], [MQTT-4.7.3-1]. */
function responseTopicEnd(bytes: Uint8Array, at: number, end: number): number {
  const found = textEnd(bytes, at, end, RESPONSE_TOPIC);
  let isName = found > at + 2;
  for (let i = at + 2; i < found; i++) {
    if (bytes[i] === PLUS || bytes[i] === HASH) isName = false;
  }
  if (isName) return found;
  return fail(PROTOCOL_ERROR, RESPONSE_TOPIC, "is no topic name");
}

function subscriptionIdEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
  sender: Sender,
): number {
  const id = SUBSCRIPTION_IDENTIFIER;
  if (sender === "client") {
    fail(PROTOCOL_ERROR, id, "only a server sends"); // [MQTT-3.3.4-6]
  }
  const value = readVariableByteInteger(
    bytes,
    at,
    end,
    "Subscription Identifier",
  );
  if (value === 0) fail(PROTOCOL_ERROR, id, "must not be 0");
  return at + remainingLengthBytes(value);
}

function fieldEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
  id: number,
): number {
  checkEnd(at + 2, end, id);
  return checkEnd(at + 2 + (bytes[at]! << 8 | bytes[at + 1]!), end, id);
}

function checkEnd(at: number, end: number, id: number): number {
  return at <= end ? at : fail(MALFORMED_PACKET, id, "ends too early");
}

function refuse(id: number): never {
  if (propertyOf(id) !== undefined) {
    fail(MALFORMED_PACKET, id, "does not belong there");
  }
  throw new ProtocolError(
    MALFORMED_PACKET,
    `PUBLISH with the unknown property ${id}`,
  );
}

function fail(reason: number, id: number, says: string): never {
  throw new ProtocolError(
    reason,
    `PUBLISH with the property ${propertyOf(id)!.name}, which ${says}`,
  );
}

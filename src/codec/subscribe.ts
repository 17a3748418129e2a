/**
 * SUBSCRIBE and UNSUBSCRIBE: MQTT 3.1.1 and 5.0, sections 3.8 and 3.10.
 *
 * @module
 */

import { SUBSCRIBE, UNSUBSCRIBE } from "./packet_type.ts";
import {
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR } from "./reason_code.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import {
  decodeText,
  encodeText,
  fieldEnd,
  readUint16,
  writeField,
  writeUint16,
} from "./text.ts";

/** Which retained messages a subscription brings: 5.0 section 3.8.3.1. */
export type RetainHandling =
  /** All, at each SUBSCRIBE: as at levels 3 and 4. */
  | 0
  /** All, unless the subscription exists. */
  | 1
  /** None. */
  | 2;

/** One filter of a SUBSCRIBE. */
export interface SubscribeEntry {
  /** The topic filter. Only its encoding has been checked. */
  filter: string;
  /** The QoS that the client asks for. */
  qos: QoS;
  /** Whether the client's own messages are kept from it. */
  noLocal: boolean;
  /** Whether RETAIN stays as it was published. */
  retainAsPublished: boolean;
  /** Which retained messages it brings. */
  retainHandling: RetainHandling;
}

/** A SUBSCRIBE packet. */
export interface Subscribe {
  /** The packet id, which SUBACK repeats. */
  packetId: number;
  /** At least one [MQTT-3.8.3-3] (5.0: 3.8.3-2). */
  entries: SubscribeEntry[];
  /** At most one subscription identifier in them; none at levels 3 and 4. */
  properties: Properties;
}

/** An UNSUBSCRIBE packet. */
export interface Unsubscribe {
  /** The packet id, which UNSUBACK repeats. */
  packetId: number;
  /** At least one [MQTT-3.10.3-2]. */
  filters: string[];
  /** None at levels 3 and 4. */
  properties: Properties;
}

const QOS_MASK = 0x03;
const NO_LOCAL_BIT = 0x04;
const RETAIN_AS_PUBLISHED_BIT = 0x08;
const RETAIN_HANDLING_SHIFT = 4;
const RESERVED_BITS = 0xc0;

/**
 * Reads the body of a SUBSCRIBE.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When it is malformed.
 */
export function readSubscribe(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Subscribe {
  const packetId = readPacketId(bytes, at, end);
  at += 2;
  let properties = NO_PROPERTIES;
  if (level >= 5) {
    properties = readProperties("SUBSCRIBE", bytes, at, end);
    at = propertiesEnd(bytes, at, end);
  }
  const entries: SubscribeEntry[] = [];
  while (at < end) {
    const filterEnd = fieldEnd(bytes, at, end);
    const filter = decodeText(bytes, at + 2, filterEnd);
    const options = filterEnd < end ? bytes[filterEnd]! : 255;
    checkOptions(options, level);
    entries.push({
      filter,
      qos: (options & QOS_MASK) as QoS,
      noLocal: (options & NO_LOCAL_BIT) !== 0,
      retainAsPublished: (options & RETAIN_AS_PUBLISHED_BIT) !== 0,
      retainHandling: options >> RETAIN_HANDLING_SHIFT as RetainHandling,
    });
    at = filterEnd + 1;
  }
  if (entries.length === 0) throw withoutFilter("SUBSCRIBE");
  return { packetId, entries, properties };
}

function checkOptions(options: number, level: number): void {
  if (level < 5) {
    if (options <= 2) return;
    // [MQTT-3.8.3-4], and the reserved bits of table 3.5.
    throw new ProtocolError(MALFORMED_PACKET, "SUBSCRIBE with invalid QoS");
  }
  if ((options & RESERVED_BITS) !== 0) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "SUBSCRIBE without options, or with reserved ones", // [MQTT-3.8.3-5]
    );
  }
  // Section 3.8.3.1 calls both a protocol error.
  if ((options & QOS_MASK) === 3) {
    throw new ProtocolError(PROTOCOL_ERROR, "SUBSCRIBE with invalid QoS");
  }
  if (options >> RETAIN_HANDLING_SHIFT === 3) {
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "SUBSCRIBE with invalid retain handling",
    );
  }
}

/**
 * Reads the body of an UNSUBSCRIBE.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When it is malformed.
 */
export function readUnsubscribe(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Unsubscribe {
  const packetId = readPacketId(bytes, at, end);
  at += 2;
  let properties = NO_PROPERTIES;
  if (level >= 5) {
    properties = readProperties("UNSUBSCRIBE", bytes, at, end);
    at = propertiesEnd(bytes, at, end);
  }
  const filters: string[] = [];
  while (at < end) {
    const filterEnd = fieldEnd(bytes, at, end);
    filters.push(decodeText(bytes, at + 2, filterEnd));
    at = filterEnd;
  }
  if (filters.length === 0) throw withoutFilter("UNSUBSCRIBE");
  return { packetId, filters, properties };
}

function readPacketId(bytes: Uint8Array, at: number, end: number): number {
  const packetId = readUint16(bytes, at, end);
  if (packetId !== 0) return packetId;
  // [MQTT-2.3.1-1] (5.0: 2.2.1-3)
  throw new ProtocolError(MALFORMED_PACKET, "packet id 0");
}

function withoutFilter(name: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, `${name} without a topic filter`);
}

/**
 * A SUBSCRIBE as bytes. At levels 3 and 4 a filter's options are its QoS.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSubscribe, readSubscribe } from "./subscribe.ts";
 *
 * const packet = {
 *   packetId: 7,
 *   entries: [{
 *     filter: "a/+",
 *     qos: 1,
 *     noLocal: true,
 *     retainAsPublished: false,
 *     retainHandling: 2,
 *   }],
 *   properties: { subscriptionIds: [12] },
 * } as const;
 * const entries = [...packet.entries];
 * const bytes = encodeSubscribe({ ...packet, entries }, 5);
 * assertEquals(readSubscribe(bytes, 2, bytes.length, 5), {
 *   ...packet,
 *   entries,
 * });
 * ```
 */
export function encodeSubscribe(
  { packetId, entries, properties }: Subscribe,
  level: number,
): Uint8Array {
  const filters = entries.map(({ filter }) => encodeText(filter));
  let length = 2 + (level < 5 ? 0 : propertiesSize(properties));
  for (const filter of filters) length += 2 + filter.length + 1;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = SUBSCRIBE << 4 | 2; // [MQTT-3.8.1-1]
  let at = writeRemainingLength(out, 1, length);
  at = writeUint16(out, at, packetId);
  if (level >= 5) at = writeProperties(out, at, properties);
  for (const [index, filter] of filters.entries()) {
    at = writeField(out, at, filter);
    const entry = entries[index]!;
    out[at++] = level < 5 ? entry.qos : optionsOf(entry);
  }
  return out;
}

function optionsOf(entry: SubscribeEntry): number {
  return entry.qos | (entry.noLocal ? NO_LOCAL_BIT : 0) |
    (entry.retainAsPublished ? RETAIN_AS_PUBLISHED_BIT : 0) |
    entry.retainHandling << RETAIN_HANDLING_SHIFT;
}

/**
 * An UNSUBSCRIBE as bytes.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 */
export function encodeUnsubscribe(
  { packetId, filters, properties }: Unsubscribe,
  level: number,
): Uint8Array {
  const fields = filters.map(encodeText);
  let length = 2 + (level < 5 ? 0 : propertiesSize(properties));
  for (const field of fields) length += 2 + field.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = UNSUBSCRIBE << 4 | 2; // [MQTT-3.10.1-1]
  let at = writeRemainingLength(out, 1, length);
  at = writeUint16(out, at, packetId);
  if (level >= 5) at = writeProperties(out, at, properties);
  for (const field of fields) at = writeField(out, at, field);
  return out;
}

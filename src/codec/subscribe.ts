/**
 * SUBSCRIBE and UNSUBSCRIBE: MQTT 3.1.1 sections 3.8 and 3.10.
 *
 * @module
 */

import { SUBSCRIBE, UNSUBSCRIBE } from "./packet_type.ts";
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

/** One filter of a SUBSCRIBE. */
export interface SubscribeEntry {
  /** The topic filter. Only its encoding has been checked. */
  filter: string;
  /** The QoS that the client asks for. */
  qos: QoS;
}

/** A SUBSCRIBE packet. */
export interface Subscribe {
  /** The packet id, which SUBACK repeats. */
  packetId: number;
  /** At least one [MQTT-3.8.3-3]. */
  entries: SubscribeEntry[];
}

/** An UNSUBSCRIBE packet. */
export interface Unsubscribe {
  /** The packet id, which UNSUBACK repeats. */
  packetId: number;
  /** At least one [MQTT-3.10.3-2]. */
  filters: string[];
}

/**
 * Reads the body of a SUBSCRIBE.
 *
 * @throws {ProtocolError} When it is malformed.
 */
export function readSubscribe(
  bytes: Uint8Array,
  at: number,
  end: number,
): Subscribe {
  const packetId = readPacketId(bytes, at, end);
  const entries: SubscribeEntry[] = [];
  for (at += 2; at < end;) {
    const filterEnd = fieldEnd(bytes, at, end);
    const filter = decodeText(bytes, at + 2, filterEnd);
    const qos = filterEnd < end ? bytes[filterEnd]! : 255;
    if (qos > 2) {
      // [MQTT-3.8.3-4], and the reserved bits of table 3.5.
      throw new ProtocolError(MALFORMED_PACKET, "SUBSCRIBE with invalid QoS");
    }
    entries.push({ filter, qos: qos as QoS });
    at = filterEnd + 1;
  }
  if (entries.length === 0) throw withoutFilter("SUBSCRIBE");
  return { packetId, entries };
}

/**
 * Reads the body of an UNSUBSCRIBE.
 *
 * @throws {ProtocolError} When it is malformed.
 */
export function readUnsubscribe(
  bytes: Uint8Array,
  at: number,
  end: number,
): Unsubscribe {
  const packetId = readPacketId(bytes, at, end);
  const filters: string[] = [];
  for (at += 2; at < end;) {
    const filterEnd = fieldEnd(bytes, at, end);
    filters.push(decodeText(bytes, at + 2, filterEnd));
    at = filterEnd;
  }
  if (filters.length === 0) throw withoutFilter("UNSUBSCRIBE");
  return { packetId, filters };
}

function readPacketId(bytes: Uint8Array, at: number, end: number): number {
  const packetId = readUint16(bytes, at, end);
  if (packetId !== 0) return packetId;
  throw new ProtocolError(MALFORMED_PACKET, "packet id 0"); // [MQTT-2.3.1-1]
}

function withoutFilter(name: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, `${name} without a topic filter`);
}

/**
 * A SUBSCRIBE as bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSubscribe, readSubscribe } from "./subscribe.ts";
 *
 * const bytes = encodeSubscribe({
 *   packetId: 7,
 *   entries: [{ filter: "a/+", qos: 1 }],
 * });
 * assertEquals(readSubscribe(bytes, 2, bytes.length).packetId, 7);
 * ```
 */
export function encodeSubscribe(subscribe: Subscribe): Uint8Array {
  const filters = subscribe.entries.map((entry) => encodeText(entry.filter));
  let length = 2;
  for (const filter of filters) length += 2 + filter.length + 1;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = SUBSCRIBE << 4 | 2; // [MQTT-3.8.1-1]
  let at = writeRemainingLength(out, 1, length);
  at = writeUint16(out, at, subscribe.packetId);
  for (const [index, filter] of filters.entries()) {
    at = writeField(out, at, filter);
    out[at++] = subscribe.entries[index]!.qos;
  }
  return out;
}

/** An UNSUBSCRIBE as bytes. */
export function encodeUnsubscribe(unsubscribe: Unsubscribe): Uint8Array {
  const filters = unsubscribe.filters.map(encodeText);
  let length = 2;
  for (const filter of filters) length += 2 + filter.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = UNSUBSCRIBE << 4 | 2; // [MQTT-3.10.1-1]
  let at = writeRemainingLength(out, 1, length);
  at = writeUint16(out, at, unsubscribe.packetId);
  for (const filter of filters) at = writeField(out, at, filter);
  return out;
}

/**
 * The packets that are a packet id and, in 5.0, a reason: PUBACK, PUBREC,
 * PUBREL, PUBCOMP (MQTT 3.1.1 and 5.0, sections 3.4 to 3.7); UNSUBACK too in
 * 3.1.1 (3.11); and those that are not even that: PINGREQ, PINGRESP (3.12,
 * 3.13) and, in 3.1.1, DISCONNECT (3.14).
 *
 * @module
 */

import { PACKET_NAMES, PUBREL } from "./packet_type.ts";
import {
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import type { PropertyPacket } from "./property.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET, SUCCESS } from "./reason_code.ts";
import { checkReason } from "./reason_table.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { writeUint16 } from "./text.ts";

/** How many bytes a packet takes that is a packet id. */
export const ACKNOWLEDGEMENT_BYTES = 4;
/** How many bytes a packet takes that has no body. */
export const BODILESS_BYTES = 2;

/** What is read is one number: a reason code that stands above a packet id. */
const REASON_UNIT = 65_536;

/** PUBACK, PUBREC, PUBREL or PUBCOMP of level 5. */
export interface Acknowledgement {
  /** Which of them: see `codec/packet_type.ts`. */
  readonly type: number;
  /** What it acknowledges, 1 to 65,535. */
  readonly packetId: number;
  /** The reason code. */
  readonly reason: number;
  /** A reason string, user properties. */
  readonly properties: Properties;
}

/**
 * Reads a packet of `type`: its reason code times 65,536, which is 0 where
 * it has none, plus its packet id. See {@linkcode reasonOf} and
 * {@linkcode packetIdOf}.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When the length is wrong, the id is 0, the reason
 * code is not one of the packet's or a property is not.
 */
export function readAcknowledgement(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): number {
  const length = end - at;
  const isWhole = length === 2 || (length > 2 && level >= 5);
  const packetId = isWhole ? (bytes[at]! << 8) | bytes[at + 1]! : 0;
  if (packetId === 0) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      `${PACKET_NAMES[type]} without a valid packet id`,
    );
  }
  return length === 2
    ? packetId
    : readReason(type, bytes, at + 2, end) * REASON_UNIT + packetId;
}

/** The reason code of what {@linkcode readAcknowledgement} returned. */
export function reasonOf(value: number): number {
  return value >> 16;
}

/** The packet id of what {@linkcode readAcknowledgement} returned. */
export function packetIdOf(value: number): number {
  return value & (REASON_UNIT - 1);
}

/** As of level 5: what may stand behind the packet id. */
function readReason(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const reason = bytes[at]!;
  // [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1], [MQTT-3.7.2-1]
  checkReason(type, reason, "client");
  // Section 3.4.2.2.1: without a property length there are no properties.
  if (at + 1 === end) return reason;
  const name = PACKET_NAMES[type]!;
  readProperties(name as PropertyPacket, bytes, at + 1, end);
  if (propertiesEnd(bytes, at + 1, end) === end) return reason;
  throw new ProtocolError(
    MALFORMED_PACKET,
    `${name} with bytes after its properties`,
  );
}

/**
 * Writes a packet of `type` with a packet id; returns the new end. In 5.0
 * it means success, which need not be said.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAcknowledgement } from "./acknowledgement.ts";
 * import { PUBREL } from "./packet_type.ts";
 *
 * const out = new Uint8Array(4);
 * writeAcknowledgement(out, 0, PUBREL, 258);
 * assertEquals(out, Uint8Array.of(0x62, 2, 1, 2));
 * ```
 */
export function writeAcknowledgement(
  out: Uint8Array,
  at: number,
  type: number,
  packetId: number,
): number {
  out[at] = type === PUBREL ? type << 4 | 2 : type << 4; // [MQTT-3.6.1-1]
  out[at + 1] = 2;
  return writeUint16(out, at + 2, packetId);
}

/**
 * An acknowledgement of level 5 as bytes. What goes without saying is left
 * out: success, and properties that are not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeAcknowledgement5 } from "./acknowledgement.ts";
 * import { PUBACK } from "./packet_type.ts";
 *
 * assertEquals(
 *   encodeAcknowledgement5({
 *     type: PUBACK,
 *     packetId: 258,
 *     reason: 0x10,
 *     properties: {},
 *   }),
 *   Uint8Array.of(0x40, 3, 1, 2, 0x10),
 * );
 * ```
 */
export function encodeAcknowledgement5(
  { type, packetId, reason, properties }: Acknowledgement,
): Uint8Array {
  const size = propertiesSize(properties);
  const hasProperties = size > 1;
  const hasReason = hasProperties || reason !== SUCCESS;
  const length = 2 + (hasReason ? 1 : 0) + (hasProperties ? size : 0);
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = type === PUBREL ? type << 4 | 2 : type << 4; // [MQTT-3.6.1-1]
  const at = writeUint16(out, writeRemainingLength(out, 1, length), packetId);
  if (hasReason) out[at] = reason;
  if (hasProperties) writeProperties(out, at + 1, properties);
  return out;
}

/** Checks that a packet of `type` has no body. */
export function readBodiless(type: number, at: number, end: number): void {
  if (at === end) return;
  throw new ProtocolError(
    MALFORMED_PACKET,
    `${PACKET_NAMES[type]} with a body`,
  );
}

/** Writes a packet of `type` without a body; returns the new end. */
export function writeBodiless(
  out: Uint8Array,
  at: number,
  type: number,
): number {
  out[at] = type << 4;
  out[at + 1] = 0;
  return at + BODILESS_BYTES;
}

/**
 * The packets that are a packet id and nothing else: PUBACK, PUBREC,
 * PUBREL, PUBCOMP, UNSUBACK (MQTT 3.1.1 sections 3.4 to 3.7, 3.11), and
 * those that are not even that: PINGREQ, PINGRESP, DISCONNECT (3.12 to
 * 3.14).
 *
 * @module
 */

import { PACKET_NAMES, PUBREL } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";
import { writeUint16 } from "./text.ts";

/** How many bytes a packet takes that is a packet id. */
export const ACKNOWLEDGEMENT_BYTES = 4;
/** How many bytes a packet takes that has no body. */
export const BODILESS_BYTES = 2;

/**
 * Reads the packet id of a packet of `type`.
 *
 * @throws {ProtocolError} When the length is wrong or the id is 0.
 */
export function readAcknowledgement(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const packetId = end - at === 2 ? (bytes[at]! << 8) | bytes[at + 1]! : 0;
  if (packetId === 0) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      `${PACKET_NAMES[type]} without a valid packet id`,
    );
  }
  return packetId;
}

/**
 * Writes a packet of `type` with a packet id; returns the new end.
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

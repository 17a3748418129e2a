/**
 * The remaining length, a variable byte integer of one to four bytes: MQTT
 * 3.1.1 section 2.2.3 (5.0: 1.5.5). `codec/framer.ts` reads it; it is
 * written here.
 *
 * @module
 */

/** The largest value that four bytes hold. */
export const REMAINING_LENGTH_MAX = 268_435_455;

/** How many bytes `value` takes. */
export function remainingLengthBytes(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

/**
 * Writes `value`; returns the new end.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeRemainingLength } from "./remaining_length.ts";
 *
 * const out = new Uint8Array(4);
 * assertEquals(writeRemainingLength(out, 0, 321), 2);
 * assertEquals([out[0], out[1]], [0xc1, 0x02]);
 * ```
 */
export function writeRemainingLength(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  let rest = value;
  while (rest >= 128) {
    out[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

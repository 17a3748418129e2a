/**
 * Variable byte integers of one to four bytes: the remaining length, MQTT
 * 3.1.1 section 2.2.3, which `codec/framer.ts` reads on its own, and what
 * else 5.0 writes that way (1.5.5).
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";

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

/**
 * The variable byte integer at `at`. It takes as many bytes as
 * {@linkcode remainingLengthBytes} says of it, since no more are allowed.
 *
 * @param name What it is, for the fault.
 * @throws {ProtocolError} When it is not whole before `end`, or of more
 * bytes than it needs [MQTT-1.5.5-1] or than four.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readVariableByteInteger } from "./remaining_length.ts";
 *
 * const bytes = Uint8Array.of(0xc1, 0x02);
 * assertEquals(readVariableByteInteger(bytes, 0, 2, "length"), 321);
 * ```
 */
export function readVariableByteInteger(
  bytes: Uint8Array,
  at: number,
  end: number,
  name: string,
): number {
  let value = 0;
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) break;
      return value;
    }
  }
  throw new ProtocolError(
    MALFORMED_PACKET,
    `a ${name} that ends too early, or of more bytes than it needs`,
  );
}

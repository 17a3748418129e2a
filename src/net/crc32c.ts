/**
 * CRC-32C (Castagnoli), as RFC 9260 appendix A has it for SCTP. No runtime
 * offers it.
 *
 * @module
 */

/** The polynomial 0x1edc6f41 with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/**
 * The checksum of `bytes[0, end)`, with `bytes[zeroAt, zeroAt + 4)`, where it
 * is written down, taken for zeros. Bit by bit: what is summed is short and
 * comes once a connection, if at all, and a table would slow each start.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "./crc32c.ts";
 *
 * const digits = new TextEncoder().encode("123456789");
 * assertEquals(crc32c(digits, digits.length, digits.length), 0xe3069283);
 * ```
 */
export function crc32c(
  bytes: Uint8Array,
  end: number,
  zeroAt: number,
): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < end; at++) {
    crc ^= at >= zeroAt && at < zeroAt + 4 ? 0 : bytes[at]!;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
    }
  }
  return ~crc >>> 0;
}

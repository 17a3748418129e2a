/**
 * Pieces of bytes as one.
 *
 * @module
 */

/**
 * A copy of `pieces`, one behind the other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joined } from "./byte_pieces.ts";
 *
 * const all = joined([Uint8Array.of(1), Uint8Array.of(2, 3)]);
 * assertEquals(all, Uint8Array.of(1, 2, 3));
 * ```
 */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

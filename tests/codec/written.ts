/**
 * What a function writes into memory that is not its own. Runs under Deno and
 * Bun.
 */

import { assertEquals } from "../support/std_assert.ts";

/** The `length` bytes that `write` writes: no more, no less. */
export function written(
  length: number,
  write: (out: Uint8Array, at: number) => number,
): Uint8Array {
  const out = new Uint8Array(length + 6).fill(0xaa);
  assertEquals(write(out, 3), 3 + length);
  for (const at of [0, 1, 2, length + 3, length + 4, length + 5]) {
    assertEquals(out[at], 0xaa, "written out of its bounds");
  }
  return out.slice(3, 3 + length);
}

/**
 * Whether bytes begin with certain others, when not all of them are here.
 *
 * @module
 */

/**
 * True when `bytes[at, end)` begins with `first`, false when it does not,
 * `undefined` when it does as far as it goes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isFirstOf } from "./prefix.ts";
 *
 * const first = Uint8Array.of(1, 2);
 * assertEquals(isFirstOf(first, Uint8Array.of(1, 2, 3), 0, 3), true);
 * assertEquals(isFirstOf(first, Uint8Array.of(1), 0, 1), undefined);
 * ```
 */
export function isFirstOf(
  first: Uint8Array,
  bytes: Uint8Array,
  at: number,
  end: number,
): boolean | undefined {
  const length = Math.min(first.length, end - at);
  for (let i = 0; i < length; i++) {
    if (bytes[at + i] !== first[i]) return false;
  }
  return length === first.length ? true : undefined;
}

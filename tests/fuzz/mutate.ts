/**
 * Makes right bytes nearly right: bits turn, pieces vanish, come twice or
 * from elsewhere, lengths lie.
 */

import type { Random } from "./random.ts";

/** Values at which something changes: lengths, signs, ends. */
const EDGES = [0, 1, 2, 3, 4, 0x0c, 0x7f, 0x80, 0xfe, 0xff];
const PIECE_MAX = 40;

/**
 * `bytes`, changed in as many ways as drawn; `others`, if any, lend pieces.
 */
export function mutate(
  random: Random,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  const changes = random.pick([0, 1, 1, 1, 2, 3, 8]);
  for (let i = 0; i < changes; i++) mutated = change(random, mutated, others);
  return mutated;
}

function change(
  random: Random,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.between(1, PIECE_MAX));
  switch (random.below(7)) {
    case 0:
      return replaced(bytes, at, end, []);
    case 1:
      return replaced(bytes, at, at, bytes.subarray(at, end));
    case 2:
      return replaced(bytes, at, at, random.bytes(random.between(1, 4)));
    case 3: {
      const other = random.pick(others) ?? bytes;
      const from = random.below(other.length);
      const to = from + random.between(1, PIECE_MAX);
      return replaced(bytes, at, end, other.subarray(from, to));
    }
    case 4:
      return replaced(bytes, at, at + 1, [random.pick(EDGES)]);
    case 5:
      return replaced(bytes, at, at + 1, [random.below(256)]);
    default:
      return replaced(bytes, at, at + 1, [
        (bytes[at] ?? 0) ^ 1 << random.below(8),
      ]);
  }
}

/** `bytes` with something else in place of `bytes[at, end)`. */
function replaced(
  bytes: Uint8Array,
  at: number,
  end: number,
  by: ArrayLike<number>,
): Uint8Array {
  const rest = bytes.subarray(end);
  const changed = new Uint8Array(at + by.length + rest.length);
  changed.set(bytes.subarray(0, at));
  changed.set(by, at);
  changed.set(rest, at + by.length);
  return changed;
}

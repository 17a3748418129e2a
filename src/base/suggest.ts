/**
 * Guesses which word a person meant.
 *
 * @module
 */

/** A word beyond this is no slip of the finger. */
const WORD_CHARS_MAX = 64;

/**
 * The word of `known` that `word` was probably meant to be, if any: one that
 * few slips (letters swapped, changed, left out or added) lead to, else the
 * only one that begins with it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { suggest } from "./suggest.ts";
 *
 * assertEquals(suggest("prot", ["host", "port"]), "port");
 * assertEquals(suggest("allow", ["allow-anonymous"]), "allow-anonymous");
 * assertEquals(suggest("teapot", ["host", "port"]), undefined);
 * ```
 */
export function suggest(
  word: string,
  known: readonly string[],
): string | undefined {
  if (word.length < 2 || word.length > WORD_CHARS_MAX) return undefined;
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const count = slips(word, candidate);
    if (count >= fewest) continue;
    fewest = count;
    best = candidate;
  }
  if (best !== undefined) return best;
  const longer = known.filter((candidate) => candidate.startsWith(word));
  return longer.length === 1 ? longer[0] : undefined;
}

/** The distance of Damerau and Levenshtein, neighbours swapped once. */
function slips(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let least = Math.min(
        last[j - 1]! + (isSame ? 0 : 1),
        last[j]! + 1,
        row[j - 1]! + 1,
      );
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] &&
        from[i - 2] === to[j - 1];
      if (isSwapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[to.length]!;
}

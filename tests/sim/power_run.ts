/**
 * Plays worlds whose power goes, and tells of one that fails: its seed, what
 * was wrong, the fewest acts that show it, and how they went.
 */

import { play, type PlayOptions } from "./power_world.ts";
import { type Act, type Plot, plotOf, textOf } from "./plot.ts";

const SHRINK_MS_MAX = 20_000;
const LINES_MAX = 80;

/** What is wrong with a world; `undefined` when nothing is. */
export function failureOf(
  plot: Plot,
  options: PlayOptions = {},
): string | undefined {
  try {
    play(plot, options);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first of these seeds that fails. */
export function firstFailure(
  first: number,
  count: number,
  options: PlayOptions = {},
): { seed: number; failure: string } | undefined {
  for (let seed = first; seed < first + count; seed++) {
    const failure = failureOf(plotOf(seed), options);
    if (failure !== undefined) return { seed, failure };
  }
  return undefined;
}

/** Tells of a seed that fails, for people. */
export function tell(seed: number, options: PlayOptions = {}): string {
  const whole = plotOf(seed);
  const short = shrink(whole, options);
  const lines: string[] = [];
  const failure = failureOf(short, {
    ...options,
    log: (line) => lines.push(line),
  });
  const again = `deno run -A tests/sim/power.ts --seeds ${seed}`;
  return [
    `seed ${seed}: ${failureOf(whole, options)}`,
    `Play it again: ${again}`,
    `These ${short.acts.length} of ${whole.acts.length} acts show it:`,
    ...short.acts.map((act) => `  ${textOf(act)}`),
    `And so they go (${failure}):`,
    ...lines.slice(-LINES_MAX).map((line) => `  ${line}`),
  ].join("\n");
}

/**
 * Leaves out acts, and messages of acts, as long as the world fails without
 * them: first many at a time, then single ones. It takes a bounded time.
 */
export function shrink(plot: Plot, options: PlayOptions = {}): Plot {
  const untilMs = performance.now() + SHRINK_MS_MAX;
  const isLate = () => performance.now() > untilMs;
  const fails = (acts: readonly Act[]) =>
    !isLate() && failureOf({ ...plot, acts }, options) !== undefined;
  let acts = plot.acts;
  let before: number;
  do {
    before = sizeOf(acts);
    acts = fewer(acts, fails);
    for (let at = acts.length - 1; at >= 0; at--) {
      const act = acts[at]!;
      if (act.do !== "publish" || act.messages.length < 2) continue;
      const messages = fewer(
        act.messages,
        (few) => fails(acts.with(at, { ...act, messages: few })),
      );
      acts = acts.with(at, { ...act, messages });
    }
  } while (sizeOf(acts) < before && !isLate());
  return { ...plot, acts };
}

/** As few of `items` as are needed. */
function fewer<T>(
  items: readonly T[],
  isEnough: (few: readonly T[]) => boolean,
): readonly T[] {
  let left = items;
  for (let size = items.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < left.length;) {
      const few = left.toSpliced(at, size);
      if (isEnough(few)) left = few;
      else at += size;
    }
  }
  return left;
}

function sizeOf(acts: readonly Act[]): number {
  return acts.reduce(
    (sum, act) => sum + 1 + (act.do === "publish" ? act.messages.length : 0),
    0,
  );
}

/**
 * How much there is of something in a minute, averaged over the last one,
 * five and fifteen minutes as systems do it: what is older counts less and
 * less.
 *
 * @module
 */

/** Over how long is averaged, as `$SYS` calls it. Unit: ms. */
export const LOAD_SPANS: Readonly<Record<string, number>> = {
  "1min": 60_000,
  "5min": 300_000,
  "15min": 900_000,
};

const MINUTE_MS = 60_000;

/**
 * The averages of one counter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LoadAverage } from "./load_average.ts";
 *
 * const load = new LoadAverage();
 * load.update(100, 60_000); // a hundred in the first minute
 * const averages = [...load.perMinute()].map((value) => value.toFixed(1));
 * assertEquals(averages, ["63.2", "18.1", "6.4"]);
 * ```
 */
export class LoadAverage {
  readonly #averages = Object.values(LOAD_SPANS).map(() => 0);
  #counted = 0;

  /** The counter is at `count`, `elapsedMs` after the last time. */
  update(count: number, elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    const perMinute = (count - this.#counted) * MINUTE_MS / elapsedMs;
    this.#counted = count;
    for (const [at, spanMs] of Object.values(LOAD_SPANS).entries()) {
      const weight = Math.exp(-elapsedMs / spanMs);
      const before = this.#averages[at]!;
      this.#averages[at] = perMinute + weight * (before - perMinute);
    }
  }

  /** The averages, in the order of {@linkcode LOAD_SPANS}. */
  perMinute(): readonly number[] {
    return this.#averages;
  }
}

/**
 * How often something took how long. Fixed buckets and plain numbers: to
 * observe costs a few comparisons and allocates nothing.
 *
 * @module
 */

/** Bounds for times in a broker, from 50 µs to 10 s. Unit: seconds. */
export const TIME_BOUNDS: readonly number[] = [
  0.000_05,
  0.000_1,
  0.000_25,
  0.000_5,
  0.001,
  0.002_5,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/**
 * A histogram.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Histogram } from "./histogram.ts";
 *
 * const times = new Histogram([0.1, 1]);
 * for (const seconds of [0.05, 0.1, 0.5, 20]) times.observe(seconds);
 * assertEquals([...times.counts], [2, 1, 1]);
 * assertEquals([times.count, times.sum], [4, 20.65]);
 * ```
 */
export class Histogram {
  /** The greatest value of each bucket but the last, ascending. */
  readonly bounds: readonly number[];
  /** How many values each bucket has; the last takes what is beyond. */
  readonly counts: Float64Array;
  /** All values together. */
  sum = 0;
  /** How many values there were. */
  count = 0;

  /** An empty one. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a value. */
  observe(value: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at++;
    counts[at]!++;
    this.sum += value;
    this.count++;
  }
}

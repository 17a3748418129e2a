/**
 * What a durable store counts of its commits. It has the clock and tells the
 * time: here there is none.
 *
 * @module
 */

import { Histogram, TIME_BOUNDS } from "./histogram.ts";

/**
 * Commits, how long they took, and how much was in them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { StoreFigures } from "./store_figures.ts";
 *
 * const figures = new StoreFigures();
 * figures.began(1000);
 * figures.committed(1004, 512);
 * const { commit, writtenBytes } = figures;
 * assertEquals([commit.count, commit.sum, writtenBytes], [1, 0.004, 512]);
 * ```
 */
export class StoreFigures {
  /** From handing changes over until they are on disk. Unit: seconds. */
  readonly commit: Histogram = new Histogram(TIME_BOUNDS);
  /** The changes, as they were handed over. */
  writtenBytes = 0;
  #beganMs = 0;

  /** Changes are handed over: one commit is under way at a time. */
  began(nowMs: number): void {
    this.#beganMs = nowMs;
  }

  /** They are on disk. */
  committed(nowMs: number, bytes: number): void {
    this.commit.observe((nowMs - this.#beganMs) / 1000);
    this.writtenBytes += bytes;
  }
}

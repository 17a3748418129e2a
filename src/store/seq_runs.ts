/**
 * Growing numbers in their order, most of them without a gap: each run takes
 * two numbers of memory, however long it is.
 *
 * @module
 */

import { assert } from "../base/assert.ts";

/** Runs that are used up are cut off when there are this many. */
const USED_MAX = 64;

/**
 * First in, first out, but for those that are taken out of the middle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SeqRuns } from "./seq_runs.ts";
 *
 * const runs = new SeqRuns();
 * for (const seq of [1, 2, 3, 7]) runs.push(seq);
 * assertEquals(runs.takeAt(1), 2);
 * assertEquals([runs.shift(), runs.shift(), runs.shift()], [1, 3, 7]);
 * ```
 */
export class SeqRuns {
  /** How many numbers there are. */
  length = 0;
  /** From each first number up to, and not with, the one behind it. */
  readonly #bounds: number[] = [];
  /** Where the first run begins. */
  #at = 0;

  /** Appends `seq`, which is above all others. */
  push(seq: number): void {
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    if (last > this.#at && bounds[last] === seq) bounds[last] = seq + 1;
    else bounds.push(seq, seq + 1);
    this.length++;
  }

  /** Takes the first; there is one. */
  shift(): number {
    assert(this.length > 0, "a number to take");
    const bounds = this.#bounds;
    const seq = bounds[this.#at]!++;
    this.length--;
    if (bounds[this.#at] === bounds[this.#at + 1]) this.#at += 2;
    if (this.#at >= USED_MAX && this.#at * 2 >= bounds.length) {
      bounds.splice(0, this.#at);
      this.#at = 0;
    }
    return seq;
  }

  /** Appends all from `from` up to, and not with, `to`. */
  pushRun(from: number, to: number): void {
    this.#bounds.push(from, to);
    this.length += to - from;
  }

  /** The one `index` places from the first, which stays. */
  at(index: number): number {
    const bounds = this.#bounds;
    let left = index;
    for (let at = this.#at; at < bounds.length; at += 2) {
      const length = bounds[at + 1]! - bounds[at]!;
      if (left < length) return bounds[at]! + left;
      left -= length;
    }
    return Infinity;
  }

  /** Takes the one `index` places from the first. */
  takeAt(index: number): number {
    if (index === 0) return this.shift();
    const bounds = this.#bounds;
    let at = this.#at;
    let left = index;
    for (; left >= bounds[at + 1]! - bounds[at]!; at += 2) {
      left -= bounds[at + 1]! - bounds[at]!;
      assert(at + 2 < bounds.length, "so many numbers");
    }
    const seq = bounds[at]! + left;
    const end = bounds[at + 1]!;
    this.length--;
    if (seq === end - 1) bounds[at + 1] = seq;
    else if (left === 0) bounds[at] = seq + 1;
    else bounds.splice(at + 1, 1, seq, seq + 1, end);
    if (bounds[at] === bounds[at + 1]) bounds.splice(at, 2);
    return seq;
  }
}

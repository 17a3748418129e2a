/**
 * The first so many of things that come in any order, without sorting them
 * all: what can't be among them any more is let go of as it comes.
 *
 * @module
 */

/**
 * A selection.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Selection } from "./selection.ts";
 *
 * const least = new Selection<number>(2, (a, b) => a - b);
 * for (const one of [5, 3, 9, 1, 7]) least.add(one);
 * assertEquals([least.first(), least.hasMore], [[1, 3], true]);
 * ```
 */
export class Selection<T> {
  /** Whether there were more than are selected. */
  hasMore = false;
  readonly #most: number;
  readonly #compare: (one: T, other: T) => number;
  #kept: T[] = [];
  /** The last one that counts, once there are enough. */
  #last: T | undefined;

  /** @param compare Less than 0 when `one` comes before `other`. */
  constructor(most: number, compare: (one: T, other: T) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  /** One more. */
  add(one: T): void {
    if (this.#last !== undefined && this.#compare(one, this.#last) >= 0) {
      this.hasMore = true;
      return;
    }
    this.#kept.push(one);
    if (this.#kept.length >= 2 * this.#most) this.#trim();
  }

  /** Those that come first, in order. */
  first(): readonly T[] {
    this.#trim();
    return this.#kept;
  }

  #trim(): void {
    this.#kept.sort(this.#compare);
    if (this.#kept.length < this.#most) return;
    if (this.#kept.length > this.#most) this.hasMore = true;
    this.#kept.length = this.#most;
    this.#last = this.#kept[this.#most - 1];
  }
}

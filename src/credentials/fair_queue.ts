/**
 * A queue for work that strangers ask for: it has a limit, nobody gets all of
 * it, and those who wait take turns. What the work is, it does not know.
 *
 * @module
 */

import { Ring } from "../base/ring.ts";

/** How much may wait. */
export interface FairQueueLimits {
  /** In all. */
  readonly waitingMax: number;
  /** Of one owner. */
  readonly waitingMaxEach: number;
}

/**
 * First in, first out for each owner, and one of each owner in turn.
 *
 * @example
 * ```ts
 * import { assertEquals, assertFalse } from "@std/assert";
 * import { FairQueue } from "./fair_queue.ts";
 *
 * const queue = new FairQueue<string>({ waitingMax: 3, waitingMaxEach: 2 });
 * queue.push("ann", "ann 1");
 * queue.push("ann", "ann 2");
 * assertFalse(queue.push("ann", "ann 3"));
 * queue.push("bob", "bob 1");
 * assertEquals([queue.shift(), queue.shift()], ["ann 1", "bob 1"]);
 * ```
 */
export class FairQueue<T> {
  readonly #limits: FairQueueLimits;
  /** Whose turn it is comes first. None of these is empty. */
  readonly #waiting = new Map<string, Ring<T>>();
  #length = 0;

  /** None waits yet. */
  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Appends `item`; false, and nothing else, at a limit. */
  push(owner: string, item: T): boolean {
    const own = this.#waiting.get(owner);
    const { waitingMax, waitingMaxEach } = this.#limits;
    const isFull = this.#length >= waitingMax ||
      (own?.length ?? 0) >= waitingMaxEach;
    if (isFull) return false;
    const ring = own ?? new Ring<T>();
    ring.push(item);
    if (own === undefined) this.#waiting.set(owner, ring);
    this.#length++;
    return true;
  }

  /** Takes the next item; `undefined` when none waits. */
  shift(): T | undefined {
    for (const [owner, ring] of this.#waiting) {
      const item = ring.shift();
      this.#waiting.delete(owner);
      if (ring.length > 0) this.#waiting.set(owner, ring); // behind the others
      this.#length--;
      return item;
    }
    return undefined;
  }
}

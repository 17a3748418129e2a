/**
 * All deadlines of a broker in one binary heap, so that the edge needs a
 * single timer. It has no clock: time comes in as `nowMs`.
 *
 * @module
 */

import { assert } from "./assert.ts";

/** What can wait for a moment. It sits in at most one heap, once. */
export interface Deadline {
  /** When it is due, milliseconds. Changed by `Deadlines` only. */
  deadlineMs: number;
  /** Its place in the heap; −1 while it waits for nothing. */
  deadlineSlot: number;
}

/**
 * A heap of deadlines, soonest first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Deadlines } from "./deadlines.ts";
 *
 * const deadlines = new Deadlines();
 * const tea = { deadlineMs: 0, deadlineSlot: -1 };
 * deadlines.set(tea, 180_000);
 * assertEquals(deadlines.nextMs, 180_000);
 * assertEquals(deadlines.takeDue(179_999), undefined);
 * assertEquals(deadlines.takeDue(180_000), tea);
 * ```
 */
export class Deadlines<T extends Deadline = Deadline> {
  readonly #heap: T[] = [];

  /** How many wait. */
  get length(): number {
    return this.#heap.length;
  }

  /** The soonest deadline, milliseconds; `Infinity` when there is none. */
  get nextMs(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0]!.deadlineMs;
  }

  /** Puts `item` at `atMs`, moving it if it waits already. */
  set(item: T, atMs: number): void {
    item.deadlineMs = atMs;
    if (item.deadlineSlot < 0) {
      item.deadlineSlot = this.#heap.length;
      this.#heap.push(item);
    }
    this.#settle(item);
  }

  /** Takes `item` out; nothing happens when it does not wait. */
  remove(item: T): void {
    const slot = item.deadlineSlot;
    if (slot < 0) return;
    assert(this.#heap[slot] === item, "deadline in this heap");
    item.deadlineSlot = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#heap[slot] = last;
    last.deadlineSlot = slot;
    this.#settle(last);
  }

  /** Takes the soonest item if it is due at `nowMs`. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  #settle(item: T): void {
    const heap = this.#heap;
    let slot = item.deadlineSlot;
    while (slot > 0) {
      const parent = heap[(slot - 1) >> 1]!;
      if (parent.deadlineMs <= item.deadlineMs) break;
      heap[slot] = parent;
      parent.deadlineSlot = slot;
      slot = (slot - 1) >> 1;
    }
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (
        right < heap.length &&
        heap[right]!.deadlineMs < heap[child]!.deadlineMs
      ) child = right;
      const lower = heap[child]!;
      if (lower.deadlineMs >= item.deadlineMs) break;
      heap[slot] = lower;
      lower.deadlineSlot = slot;
      slot = child;
    }
    heap[slot] = item;
    item.deadlineSlot = slot;
  }
}

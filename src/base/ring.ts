/**
 * A queue in an array: pushes at the end, takes from the front, grows by
 * doubling and gives its memory back when it runs empty. It has no limit of
 * its own: whoever pushes checks a limit first.
 *
 * @module
 */

import { assert } from "./assert.ts";

const CAPACITY_FIRST = 8;

/**
 * First in, first out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Ring } from "./ring.ts";
 *
 * const ring = new Ring<string>();
 * ring.push("a");
 * ring.push("b");
 * assertEquals(ring.shift(), "a");
 * assertEquals(ring.length, 1);
 * ```
 */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #first = 0;
  #length = 0;

  /** How many items wait. */
  get length(): number {
    return this.#length;
  }

  /** Appends `item`. */
  push(item: T): void {
    if (this.#length === this.#items.length) this.#grow();
    const mask = this.#items.length - 1;
    this.#items[(this.#first + this.#length) & mask] = item;
    this.#length++;
  }

  /** The item at the front, which stays; `undefined` when empty. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#items[this.#first];
  }

  /** Takes the item at the front; `undefined` when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#items.length - 1);
    this.#length--;
    if (this.#length === 0) this.clear();
    return item;
  }

  /** The item `index` places from the front. */
  at(index: number): T {
    assert(index >= 0 && index < this.#length, "ring index in range");
    return this.#items[(this.#first + index) & (this.#items.length - 1)]!;
  }

  /** Drops all items and the memory that held them. */
  clear(): void {
    if (this.#items.length > CAPACITY_FIRST) this.#items = [];
    this.#items.fill(undefined);
    this.#first = 0;
    this.#length = 0;
  }

  #grow(): void {
    const length = this.#items.length;
    const grown: (T | undefined)[] = new Array(
      length === 0 ? CAPACITY_FIRST : length * 2,
    ).fill(undefined);
    for (let i = 0; i < length; i++) {
      grown[i] = this.#items[(this.#first + i) & (length - 1)];
    }
    this.#items = grown;
    this.#first = 0;
  }
}

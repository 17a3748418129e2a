/**
 * A session's subscriptions by filter. Most sessions have one: it lies in a
 * field, and a map is made for the second.
 *
 * @module
 */

import type { Subscriber, Subscription } from "../topic/subscription.ts";

/** The subscriptions of one session. */
export class Subscriptions<S extends Subscriber> {
  #only: Subscription<S> | undefined;
  #many: Map<string, Subscription<S>> | undefined;

  /** How many there are. */
  get size(): number {
    if (this.#many !== undefined) return this.#many.size;
    return this.#only === undefined ? 0 : 1;
  }

  /** The subscription with this filter. */
  get(filter: string): Subscription<S> | undefined {
    if (this.#many !== undefined) return this.#many.get(filter);
    return this.#only?.filter === filter ? this.#only : undefined;
  }

  /** Adds one whose filter is not in yet. */
  add(subscription: Subscription<S>): void {
    if (this.#many !== undefined) {
      this.#many.set(subscription.filter, subscription);
    } else if (this.#only === undefined) {
      this.#only = subscription;
    } else {
      this.#many = new Map([
        [this.#only.filter, this.#only],
        [subscription.filter, subscription],
      ]);
      this.#only = undefined;
    }
  }

  /** Removes the one with this filter. */
  delete(filter: string): void {
    if (this.#only?.filter === filter) this.#only = undefined;
    this.#many?.delete(filter);
    if (this.#many?.size === 0) this.#many = undefined;
  }

  /** All of them, in the order in which they were made. */
  values(): Iterable<Subscription<S>> {
    if (this.#many !== undefined) return this.#many.values();
    return this.#only === undefined ? [] : [this.#only];
  }

  /** Removes all. */
  clear(): void {
    this.#only = this.#many = undefined;
  }
}

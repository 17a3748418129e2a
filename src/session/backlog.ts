/**
 * Messages that wait for a session: for a place in its in-flight window, for
 * its socket to drain, or for the client to come back.
 *
 * ```text
 *   route ──► backlog ──► in-flight window ──► socket
 *             (this)      (inflight.ts)        (queue/write_queue.ts)
 * ```
 *
 * @module
 */

import { Ring } from "../base/ring.ts";
import type { Delivery } from "./delivery.ts";

/** What all sessions of a broker have waiting and in flight together. */
export interface BacklogTotal {
  /** Bytes of messages that are kept. */
  backlogBytes: number;
}

/** One session's waiting messages. */
export class Backlog {
  /** What waits, bytes. */
  bytes = 0;
  readonly #total: BacklogTotal;
  readonly #ring = new Ring<Delivery>();

  /** An empty one. */
  constructor(total: BacklogTotal) {
    this.#total = total;
  }

  /** How many wait. */
  get length(): number {
    return this.#ring.length;
  }

  /** Appends; the limits are the caller's. */
  push(delivery: Delivery): void {
    this.#ring.push(delivery);
    this.#count(delivery.message.size);
  }

  /** The first, which stays. */
  peek(): Delivery | undefined {
    return this.#ring.peek();
  }

  /** The one `index` places from the first. */
  at(index: number): Delivery {
    return this.#ring.at(index);
  }

  /** Takes the first. */
  shift(): Delivery | undefined {
    const delivery = this.#ring.shift();
    if (delivery !== undefined) this.#count(-delivery.message.size);
    return delivery;
  }

  /** Takes out all for which `isWanted` holds, and returns them in order. */
  extract(isWanted: (delivery: Delivery) => boolean): Delivery[] {
    const extracted: Delivery[] = [];
    for (let left = this.#ring.length; left > 0; left--) {
      const delivery = this.shift()!;
      if (isWanted(delivery)) extracted.push(delivery);
      else this.push(delivery);
    }
    return extracted;
  }

  /** Drops all. */
  clear(): void {
    this.#ring.clear();
    this.#count(-this.bytes);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#total.backlogBytes += bytes;
  }
}

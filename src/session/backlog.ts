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
import type { Message } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";

/** A message that waits, and how it is to be sent. */
export interface Waiting {
  /** The message, shared with all sessions for which it waits. */
  readonly message: Message;
  /** The QoS with which it goes out. */
  readonly qos: QoS;
}

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
  readonly #ring = new Ring<Waiting>();

  /** An empty one. */
  constructor(total: BacklogTotal) {
    this.#total = total;
  }

  /** How many wait. */
  get length(): number {
    return this.#ring.length;
  }

  /** Appends; the limits are the caller's. */
  push(waiting: Waiting): void {
    this.#ring.push(waiting);
    this.#count(waiting.message.size);
  }

  /** The first, which stays. */
  peek(): Waiting | undefined {
    return this.#ring.peek();
  }

  /** The one `index` places from the first. */
  at(index: number): Waiting {
    return this.#ring.at(index);
  }

  /** Takes the first. */
  shift(): Waiting | undefined {
    const waiting = this.#ring.shift();
    if (waiting !== undefined) this.#count(-waiting.message.size);
    return waiting;
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

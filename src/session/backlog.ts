/**
 * Messages that wait for a session: for a place in its in-flight window, for
 * its socket to drain, or for the client to come back.
 *
 * ```text
 *   route ──► backlog ──► in-flight window ──► socket
 *             (this)      (inflight.ts)        (queue/write_queue.ts)
 *
 *   backlog:  tail ──► on disk ──► head ──►
 *             memory    counted    memory
 * ```
 *
 * Where there is a store, only the first and the last ones need be in
 * memory: what lies between them is counted, and comes back in pages.
 *
 * @module
 */

import { Ring } from "../base/ring.ts";
import type { Delivery } from "./delivery.ts";

/** In memory more than this many are too many while the client is away. */
const MEMORY_MESSAGES_MAX = 64;
/** So are more bytes than this. */
const MEMORY_BYTES_MAX = 256 << 10;
/** How many of the first ones stay. */
const HEAD_MESSAGES = 32;

/** From here on the next page is asked for before the last is used up. */
const HEAD_LOW = 128;

/** What all sessions of a broker have waiting and in flight together. */
export interface BacklogTotal {
  /** Bytes of messages that are kept. */
  backlogBytes: number;
}

/** One session's waiting messages. */
export class Backlog {
  /** What waits, bytes. */
  bytes = 0;
  /** How many wait on disk only. */
  onDisk = 0;
  /** Whether a page of those is on its way. */
  isPaging = false;
  readonly #total: BacklogTotal;
  #head = new Ring<Delivery>();
  /** What came after those on disk; empty when there are none. */
  #tail = new Ring<Delivery>();
  /** What waits on disk only, bytes. */
  #diskBytes = 0;
  /** How many in memory may go to another session. */
  #shared = 0;
  /** How many in memory are of QoS 0. */
  #qos0 = 0;

  /** An empty one. */
  constructor(total: BacklogTotal) {
    this.#total = total;
  }

  /** How many wait. */
  get length(): number {
    return this.#head.length + this.onDisk + this.#tail.length;
  }

  /** How many of them are of QoS 0, at most. */
  get qos0(): number {
    return this.#qos0 + this.onDisk;
  }

  /** How many of the first ones are in memory. */
  get headLength(): number {
    return this.#head.length;
  }

  /** Whether it is time to ask for some of those on disk. */
  get isRunningLow(): boolean {
    return this.onDisk > 0 && this.#head.length <= HEAD_LOW;
  }

  /** What one of those on disk takes, bytes, on average. */
  get diskBytesEach(): number {
    return this.onDisk === 0 ? 0 : this.#diskBytes / this.onDisk;
  }

  /**
   * Drops the first of those that are on disk only, of which nobody knows
   * what it takes; false when there is none, or it is on its way here.
   */
  dropOnDisk(): boolean {
    if (this.onDisk === 0 || this.isPaging) return false;
    const bytes = Math.floor(this.diskBytesEach);
    this.onDisk--;
    this.#diskBytes -= bytes;
    this.#count(-bytes);
    this.#settleDisk();
    return true;
  }

  /** Appends; the limits are the caller's. */
  push(delivery: Delivery): void {
    if (this.onDisk > 0) this.#tail.push(delivery);
    else this.#head.push(delivery);
    this.#sort(delivery, 1);
    this.#count(delivery.message.size);
  }

  /** The first, which stays; `undefined` also when it is on disk. */
  peek(): Delivery | undefined {
    return this.#head.peek();
  }

  /** The one `index` places from the first; `undefined` when on disk. */
  at(index: number): Delivery | undefined {
    const { length } = this.#head;
    if (index < length) return this.#head.at(index);
    if (index < length + this.onDisk) return undefined;
    return this.#tail.at(index - length - this.onDisk);
  }

  /** Takes the first, unless it is on disk. */
  shift(): Delivery | undefined {
    const delivery = this.#head.shift();
    if (delivery === undefined) return undefined;
    this.#sort(delivery, -1);
    this.#count(-delivery.message.size);
    return delivery;
  }

  /**
   * Takes out all in memory for which `isWanted` holds, and returns them in
   * order. It is told how many stay before each; those of shared
   * subscriptions are never on disk only.
   */
  extract(
    isWanted: (delivery: Delivery, before: number) => boolean,
  ): Delivery[] {
    const extracted: Delivery[] = [];
    const sift = (ring: Ring<Delivery>, before: number) => {
      for (let left = ring.length; left > 0; left--) {
        const delivery = ring.shift()!;
        if (!isWanted(delivery, before)) {
          ring.push(delivery);
          before++;
          continue;
        }
        extracted.push(delivery);
        this.#sort(delivery, -1);
        this.#count(-delivery.message.size);
      }
      return before;
    };
    sift(this.#tail, sift(this.#head, 0) + this.onDisk);
    return extracted;
  }

  /**
   * Forgets what a store has too, but for the first ones, where it is much.
   * Not what another session may have to get: that must be at hand.
   */
  spill(): void {
    const inMemory = this.#head.length + this.#tail.length;
    const memoryBytes = this.bytes - this.#diskBytes;
    const isMuch = inMemory > MEMORY_MESSAGES_MAX ||
      (memoryBytes > MEMORY_BYTES_MAX && inMemory > 1);
    if (!isMuch || this.#shared > 0) return;
    if (this.onDisk === 0) this.#tail = this.#splitHead();
    for (;;) {
      const delivery = this.#tail.shift();
      if (delivery === undefined) return;
      this.onDisk++;
      this.#sort(delivery, -1);
      this.#diskBytes += delivery.message.size;
    }
  }

  /** So many wait in the store, behind those that are here. */
  addOnDisk(messages: number, bytes: number): void {
    this.onDisk += messages;
    this.#diskBytes += bytes;
    this.#count(bytes);
  }

  /** The first of those on disk have come. */
  takePage(page: readonly Delivery[]): void {
    for (const delivery of page) {
      this.#head.push(delivery);
      this.#sort(delivery, 1);
      this.#diskBytes -= delivery.message.size;
    }
    this.onDisk -= page.length;
    this.#settleDisk();
  }

  /** Puts right what was guessed, and joins both ends at the last one. */
  #settleDisk(): void {
    if (this.onDisk === 0 || this.#diskBytes < 0) {
      this.#count(-this.#diskBytes);
      this.#diskBytes = 0;
    }
    if (this.onDisk > 0) return;
    for (;;) {
      const delivery = this.#tail.shift();
      if (delivery === undefined) return;
      this.#head.push(delivery);
    }
  }

  /** Drops all. */
  clear(): void {
    this.#head.clear();
    this.#tail.clear();
    this.onDisk =
      this.#diskBytes =
      this.#shared =
      this.#qos0 =
        0;
    this.#count(-this.bytes);
  }

  /** The first few stay; returns the rest. */
  #splitHead(): Ring<Delivery> {
    const rest = this.#head;
    this.#head = new Ring<Delivery>();
    let bytes = 0;
    while (this.#head.length < HEAD_MESSAGES && bytes < MEMORY_BYTES_MAX / 2) {
      const delivery = rest.shift();
      if (delivery === undefined) break;
      bytes += delivery.message.size;
      this.#head.push(delivery);
    }
    return rest;
  }

  /** Counts one in memory more, or less. */
  #sort({ qos, share }: Delivery, more: number): void {
    if (share !== "") this.#shared += more;
    if (qos === 0) this.#qos0 += more;
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#total.backlogBytes += bytes;
  }
}

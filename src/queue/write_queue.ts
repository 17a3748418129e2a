/**
 * The bytes that wait for one socket.
 *
 * Frames are appended to the last segment; the socket's side sends from the
 * first one: {@linkcode WriteQueue.head}, then {@linkcode WriteQueue.sent}.
 * While a write is under way the first segment must stay where it is
 * (`pinned`), but frames may still be appended behind what is being sent.
 *
 * ```text
 *   head ──────────────► … ──────────► tail
 *   [sent|being sent|…]     [by reference]   [to send|room]
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { BufferPool, Segment } from "./buffer_pool.ts";

/** Up to here a loop beats `set` and the view that it needs. */
const LOOP_BYTES_MAX = 32;
/** A segment beyond this is not copied into a larger one. */
const GROW_BYTES_MAX = 256 << 10;

/**
 * A queue. It has no limit of its own: `broker/flow.ts` looks at
 * {@linkcode bytes}.
 */
export class WriteQueue {
  /** What waits, bytes. */
  bytes = 0;
  /** How much of that, from the front, may be sent. */
  sendableBytes = 0;
  /** How much of it, from the end, waits for a commit. */
  #heldBytes = 0;
  readonly #pool: BufferPool;
  #head: Segment | null = null;
  #tail: Segment | null = null;
  #pinned = false;
  /** What waited when the last write ended it: the next guess. */
  #hintBytes = 0;

  /** An empty queue. */
  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** The first segment; null when nothing waits. */
  get head(): Segment | null {
    return this.#head;
  }

  /** The memory behind the position that {@linkcode reserve} returned. */
  get buffer(): Uint8Array {
    return this.#tail!.bytes;
  }

  /**
   * Makes room for `length` bytes in one piece; returns the position in
   * {@linkcode buffer} at which they go. Follow up with
   * {@linkcode commit}.
   */
  reserve(length: number): number {
    const tail = this.#tail;
    if (
      tail !== null && tail.sizeClass >= 0 &&
      tail.end + length <= tail.bytes.length
    ) return tail.end;
    return this.#extend(length);
  }

  /** Counts `length` bytes that were written behind what waits. */
  commit(length: number): void {
    this.#tail!.end += length;
    this.bytes += length;
    this.#pool.queuedBytes += length;
  }

  /**
   * Appends a copy of `source[start, end)`; returns where it lies in
   * {@linkcode buffer}.
   */
  append(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const at = this.reserve(length);
    const out = this.#tail!.bytes;
    if (length <= LOOP_BYTES_MAX) {
      for (let i = 0; i < length; i++) out[at + i] = source[start + i]!;
    } else {
      out.set(source.subarray(start, end), at);
    }
    this.commit(length);
    return at;
  }

  /** Appends `bytes[start, end)` uncopied; nobody may change it any more. */
  appendReference(bytes: Uint8Array, start: number, end: number): void {
    this.#push(this.#pool.refer(bytes, start, end));
    this.bytes += end - start;
    this.#pool.queuedBytes += end - start;
  }

  /** Appends `shared` from `start` on, uncopied: see `BufferPool.share`. */
  appendShared(shared: Segment, start: number): void {
    const segment = this.#pool.refer(shared.bytes, start, shared.end);
    segment.owner = shared;
    shared.holders++;
    this.#push(segment);
    this.bytes += shared.end - start;
    this.#pool.queuedBytes += shared.end - start;
  }

  /** Whether bytes wait for a commit. */
  get isHeld(): boolean {
    return this.#heldBytes > 0;
  }

  /** Lets go of everything: nothing of it waits for a commit. */
  releaseAll(): void {
    this.sendableBytes = this.bytes;
  }

  /** Holds back what came since the last turn; returns how much that is. */
  hold(): number {
    const fresh = this.bytes - this.sendableBytes - this.#heldBytes;
    this.#heldBytes += fresh;
    return fresh;
  }

  /** Lets go of `length` bytes that were held first: they are committed. */
  release(length: number): void {
    const here = Math.min(length, this.#heldBytes); // 0 once it is cleared
    this.#heldBytes -= here;
    this.sendableBytes += here;
  }

  /** Keeps the first segment in place while a write from it is under way. */
  pin(): void {
    this.#pinned = true;
  }

  /** Takes `length` bytes off the front: they are sent. */
  sent(length: number): void {
    this.#pinned = false;
    assert(length <= this.bytes, "no more sent than queued");
    this.#hintBytes = this.bytes;
    this.bytes -= length;
    this.sendableBytes -= length;
    this.#pool.queuedBytes -= length;
    let rest = length;
    while (this.#head !== null) {
      const head = this.#head;
      const here = head.end - head.start;
      if (rest < here) {
        head.start += rest;
        return;
      }
      rest -= here;
      this.#head = head.next;
      this.#pool.give(head);
    }
    this.#tail = null;
  }

  /** Drops everything: the connection is over. */
  clear(): void {
    // A segment under way belongs to the runtime until its write ends.
    if (this.#pinned && this.#head !== null) {
      this.#head.sizeClass = -1;
      this.#head.owner = null;
    }
    this.#heldBytes = 0;
    this.sent(this.bytes);
    this.sendableBytes = 0;
  }

  #extend(length: number): number {
    const tail = this.#tail;
    const movable = tail !== null && !(this.#pinned && tail === this.#head);
    if (movable && tail.sizeClass >= 0 && tail.bytes.length < GROW_BYTES_MAX) {
      return this.#moveTail(tail, length);
    }
    const guess = Math.min(this.#hintBytes, GROW_BYTES_MAX);
    this.#push(this.#pool.take(Math.max(length, guess)));
    return 0;
  }

  /** Trades the last segment for a larger one with the same content. */
  #moveTail(tail: Segment, length: number): number {
    const waiting = tail.end - tail.start;
    const grown = this.#pool.take(
      Math.max(waiting + length, tail.bytes.length * 2),
    );
    grown.bytes.set(tail.bytes.subarray(tail.start, tail.end));
    grown.end = waiting;
    if (this.#head === tail) {
      this.#head = grown;
    } else {
      let before = this.#head!;
      while (before.next !== tail) before = before.next!;
      before.next = grown;
    }
    this.#tail = grown;
    this.#pool.give(tail);
    return waiting;
  }

  #push(segment: Segment): void {
    if (this.#tail === null) this.#head = segment;
    else this.#tail.next = segment;
    this.#tail = segment;
  }
}

/**
 * Buffers for bytes on their way out, lent and taken back, so that the
 * message path allocates none and an idle client owns none.
 *
 * @module
 */

const EMPTY = new Uint8Array(0);
/** Sizes in use: each four times the one before. */
const SIZES: readonly number[] = [1, 4, 16, 64, 256, 1024].map((k) => k << 10);
/** What lies idle at most; the rest is the garbage collector's. */
const FREE_BYTES_MAX = 16 << 20;

/** A piece of a write queue: `bytes[start, end)` is to be sent. */
export class Segment {
  /** The memory. */
  bytes: Uint8Array = EMPTY;
  /** The first byte that is not sent. */
  start = 0;
  /** Behind the last byte to send. */
  end = 0;
  /** The next piece of the queue. */
  next: Segment | null = null;
  /** The pool's size class; −1 when the memory is not the pool's. */
  sizeClass = -1;
  /** The segment whose memory this one sends as well; mostly null. */
  owner: Segment | null = null;
  /** How many send this one's memory, and who holds it beside them. */
  holders = 0;
}

/** The buffers of one broker. */
export class BufferPool {
  /** What waits in all write queues together, bytes. */
  queuedBytes = 0;
  readonly #free: Segment[][] = SIZES.map(() => []);
  #freeBytes = 0;

  /** What lies idle, bytes. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** An empty segment with room for at least `bytes`. */
  take(bytes: number): Segment {
    let sizeClass = 0;
    while (sizeClass < SIZES.length && SIZES[sizeClass]! < bytes) sizeClass++;
    const size = SIZES[sizeClass];
    if (size === undefined) {
      const segment = new Segment();
      segment.bytes = new Uint8Array(bytes);
      return segment;
    }
    const free = this.#free[sizeClass]!.pop();
    if (free !== undefined) {
      this.#freeBytes -= size;
      return free;
    }
    const segment = new Segment();
    segment.bytes = new Uint8Array(size);
    segment.sizeClass = sizeClass;
    return segment;
  }

  /**
   * A copy of `source[start, end)` that many queues may send: append it with
   * {@linkcode WriteQueue.appendShared}, then {@linkcode BufferPool.release}
   * it.
   */
  share(source: Uint8Array, start: number, end: number): Segment {
    const shared = this.take(end - start);
    shared.bytes.set(source.subarray(start, end));
    shared.end = end - start;
    shared.holders = 1;
    return shared;
  }

  /** One holder less of shared memory; the last one gives it back. */
  release(shared: Segment): void {
    if (--shared.holders === 0) this.give(shared);
  }

  /** A segment that sends memory of somebody else, who must not change it. */
  refer(bytes: Uint8Array, start: number, end: number): Segment {
    const segment = new Segment();
    segment.bytes = bytes;
    segment.start = start;
    segment.end = end;
    return segment;
  }

  /** Takes a segment back, which nobody may use any more. */
  give(segment: Segment): void {
    segment.next = null;
    segment.start = segment.end = 0;
    if (segment.owner !== null) {
      this.release(segment.owner);
      segment.owner = null;
    }
    const size = SIZES[segment.sizeClass];
    if (size === undefined || this.#freeBytes + size > FREE_BYTES_MAX) {
      segment.bytes = EMPTY;
      return;
    }
    this.#free[segment.sizeClass]!.push(segment);
    this.#freeBytes += size;
  }

  /** Lets go of all that lies idle. */
  drain(): void {
    for (const free of this.#free) free.length = 0;
    this.#freeBytes = 0;
  }
}

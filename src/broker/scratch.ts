/**
 * Memory for packets that are written anew before they are routed. They lie
 * one behind the other, so that they can be forwarded in one piece; when a
 * chunk is done with, the memory is used again.
 *
 * @module
 */

/** As much as a chunk has at most, mostly; more is not kept beyond it. */
const BYTES_KEPT = 256 << 10;

/** The scratch memory of one broker. */
export class Scratch {
  /** The memory behind the position that {@linkcode reserve} returned. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory. */
  words: DataView = new DataView(this.bytes.buffer);
  #at = 0;

  /**
   * Makes room for `length` bytes; returns where they go. What was written
   * before stays as it is, in memory that may be another by now.
   */
  reserve(length: number): number {
    if (this.#at + length > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(length, BYTES_KEPT));
      this.words = new DataView(this.bytes.buffer);
      this.#at = 0;
    }
    return this.#at;
  }

  /** Whether what is written next goes right behind what was before. */
  hasRoom(length: number): boolean {
    return this.#at + length <= this.bytes.length;
  }

  /** Counts `length` bytes as written; returns their end. */
  commit(length: number): number {
    return this.#at += length;
  }

  /** Nobody looks at what was written any more. */
  clear(): void {
    this.#at = 0;
    if (this.bytes.length <= BYTES_KEPT) return;
    this.bytes = new Uint8Array(0);
    this.words = new DataView(this.bytes.buffer);
  }
}

/**
 * Small buffers for the reads of idle clients, cut from large pieces: a
 * buffer with memory of its own costs twice what it holds.
 *
 * @module
 */

const SLAB_BYTES = 64 << 10;

/** Buffers of one size. A slab stays for the next client. */
export class IdleBuffers {
  readonly #bytes: number;
  readonly #free: Uint8Array[] = [];

  /** @param bytes The size of each. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** A buffer, which has been in other hands: its content is arbitrary. */
  take(): Uint8Array {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = new Uint8Array(SLAB_BYTES);
    for (let at = this.#bytes; at < SLAB_BYTES; at += this.#bytes) {
      this.#free.push(slab.subarray(at, at + this.#bytes));
    }
    return slab.subarray(0, this.#bytes);
  }

  /** Takes a buffer back, into which nobody reads any more. */
  give(buffer: Uint8Array): void {
    this.#free.push(buffer);
  }
}

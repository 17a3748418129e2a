/**
 * Changes as bytes, for the thread that applies them: which change it is,
 * and its values. One piece of memory, which is handed over uncopied.
 *
 * ```text
 *   [change][count] then each value: [tag][…]
 *   0 NULL   1 a whole number of 32 bits   2 another number
 *   3 text [length][UTF-8]   4 bytes [length][…]
 * ```
 *
 * @module
 */

import { type Change, CHANGE_NAMES } from "./schema.ts";

const BYTES_FIRST = 64 << 10;
/** More than that is given back when it is not needed. */
const BYTES_KEPT_MAX = 1 << 20;

/** What a change can have as a value. */
export type Value = null | number | string | Uint8Array;

const NUMBERS = Object.fromEntries(
  CHANGE_NAMES.map((name, number) => [name, number]),
) as Readonly<Record<Change, number>>;

/** Writes batches, one after the other. */
export class BatchWriter {
  readonly #encoder = new TextEncoder();
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** How long the batch is, bytes. */
  get length(): number {
    return this.#length;
  }

  /** Appends a change. */
  add(change: Change, ...values: readonly Value[]): void {
    this.#reserve(2 + values.length * 9);
    this.#bytes[this.#length++] = NUMBERS[change];
    this.#bytes[this.#length++] = values.length;
    for (const value of values) this.#value(value);
  }

  /** The batch, and begins a new one; the memory is the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    const batch = this.#bytes.subarray(0, this.#length);
    this.#use(new Uint8Array(0));
    return batch;
  }

  /** Memory of an earlier batch comes back. */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    const { buffer } = bytes;
    const isUseful = this.#length === 0 && buffer.byteLength > 0 &&
      buffer.byteLength <= BYTES_KEPT_MAX;
    if (isUseful) this.#use(new Uint8Array(buffer));
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#length = 0;
  }

  #value(value: Value): void {
    if (value === null) this.#bytes[this.#length++] = 0;
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else this.#field(4, value);
  }

  #number(value: number): void {
    if ((value | 0) === value) {
      this.#bytes[this.#length++] = 1;
      this.#view.setInt32(this.#length, value, true);
      this.#length += 4;
    } else {
      this.#bytes[this.#length++] = 2;
      this.#view.setFloat64(this.#length, value, true);
      this.#length += 8;
    }
  }

  #text(value: string): void {
    this.#field(3, this.#encoder.encode(value));
  }

  #field(tag: number, bytes: Uint8Array): void {
    // Room also for the values that follow.
    this.#reserve(5 + bytes.length + 255 * 9);
    this.#bytes[this.#length] = tag;
    this.#view.setUint32(this.#length + 1, bytes.length, true);
    this.#bytes.set(bytes, this.#length + 5);
    this.#length += 5 + bytes.length;
  }

  #reserve(more: number): void {
    const least = this.#length + more;
    if (least <= this.#bytes.length) return;
    const length = Math.max(least, this.#bytes.length * 2, BYTES_FIRST);
    const grown = new Uint8Array(length);
    grown.set(this.#bytes.subarray(0, this.#length));
    const kept = this.#length;
    this.#use(grown);
    this.#length = kept;
  }
}

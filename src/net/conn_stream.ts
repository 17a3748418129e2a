/**
 * A connection of Deno as a stream of Node, for `node:tls` to work on. As
 * with all sockets here, an idle client reads into a small buffer.
 *
 * @module
 */

import { Duplex } from "node:stream";
import type { IdleBuffers } from "./idle_buffers.ts";

/** What of `Deno.Conn` is needed: whatever reads and writes like one. */
export type Conn = Pick<
  Deno.Conn,
  "read" | "write" | "closeWrite" | "close" | "remoteAddr"
>;

/** What an idle client reads into. */
export const READ_BYTES_IDLE = 256;
const READ_BYTES_SOME = 4 << 10;
/** Few and large: what is decrypted at once takes its turns once. */
const READ_BYTES_BUSY = 64 << 10;

/** The stream. It owns the connection and closes it. */
export class ConnStream extends Duplex {
  readonly #conn: Conn;
  readonly #idleBuffers: IdleBuffers;
  readonly #idle: Uint8Array;
  /** What was read before there was a stream. */
  #first: Uint8Array | undefined;
  /** How much the next read is to bring at most. */
  #size: number;
  #isReading = false;
  #isOver = false;

  /**
   * A stream of `conn`.
   *
   * @param first What has been read from it already; it is copied.
   * @param idleBuffers Of {@linkcode READ_BYTES_IDLE} each.
   */
  constructor(conn: Conn, first: Uint8Array, idleBuffers: IdleBuffers) {
    super({ allowHalfOpen: false });
    this.#conn = conn;
    this.#idleBuffers = idleBuffers;
    this.#idle = idleBuffers.take();
    this.#first = first.length > 0 ? first.slice() : undefined;
    this.#size = first.length > 0 ? READ_BYTES_SOME : READ_BYTES_IDLE;
  }

  /** See `Duplex`. */
  override _read(): void {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      this.push(first);
      return;
    }
    const size = this.#size;
    const isIdle = size === READ_BYTES_IDLE;
    const buffer = isIdle ? this.#idle : new Uint8Array(size);
    this.#isReading = true;
    this.#conn.read(buffer).then(
      (length) => this.#received(buffer, length),
      (error: Error) => {
        this.#received(buffer, 0);
        this.destroy(error);
      },
    );
  }

  /** See `Duplex`. */
  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#conn.write(chunk).then(
      (length) => {
        if (length === chunk.length) done();
        else this._write(chunk.subarray(length), _encoding, done);
      },
      done,
    );
  }

  /** See `Duplex`. */
  override _final(done: (error?: Error | null) => void): void {
    this.#conn.closeWrite().then(() => done(), done);
  }

  /** See `Duplex`. */
  override _destroy(
    error: Error | null,
    done: (error?: Error | null) => void,
  ): void {
    this.#isOver = true;
    if (!this.#isReading) this.#idleBuffers.give(this.#idle);
    try {
      this.#conn.close();
    } catch {
      // It was closed already.
    }
    done(error);
  }

  #received(buffer: Uint8Array, length: number | null): void {
    this.#isReading = false;
    if (this.#isOver) this.#idleBuffers.give(this.#idle);
    else if (length === null) this.push(null);
    else if (length > 0) {
      this.#size = sizeAfter(buffer.length, length);
      const chunk = buffer.subarray(0, length);
      // The small buffer is used again.
      this.push(buffer === this.#idle ? chunk.slice() : chunk);
    }
  }
}

/** As large as what came last. */
function sizeAfter(size: number, length: number): number {
  if (length === size && size === READ_BYTES_IDLE) return READ_BYTES_SOME;
  if (length === size || length > READ_BYTES_SOME) return READ_BYTES_BUSY;
  return length > READ_BYTES_IDLE ? READ_BYTES_SOME : READ_BYTES_IDLE;
}

/**
 * A socket of the broker as a stream of Node, for `node:http` to work on: so
 * HTTP comes by every door, native sockets and TLS included. The broker's
 * connection stands for it meanwhile, and has no deadline: who serves HTTP
 * has its own. To be loaded when it is needed, as `node:stream` is.
 *
 * @module
 */

import { Duplex } from "node:stream";
import type { Connection } from "../broker/connection.ts";
import type { Driver } from "./driver.ts";
import type { Link, Piece } from "./link.ts";

/** Bytes on their way out. */
interface Outgoing {
  readonly bytes: Uint8Array;
  readonly done: () => void;
}

/** The way of the bytes between a socket and a stream. */
export class HttpLink implements Link {
  /** The stream. */
  readonly stream: Duplex;
  readonly #driver: Driver;
  readonly #connection: Connection;
  readonly #outgoing: Outgoing[] = [];
  /** How much of the first has left. */
  #at = 0;

  /** Joins the two. */
  constructor(driver: Driver, connection: Connection) {
    this.#driver = driver;
    this.#connection = connection;
    connection.receivedMs = Infinity;
    connection.schedule();
    const end = () => this.#end();
    this.stream = new LinkStream({
      read: () => {
        if (connection.phase !== "closed") connection.transport.resume();
      },
      write: (bytes, done) => this.#write(bytes, done),
      end,
    });
    this.stream.on("error", end);
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    if (this.stream.destroyed) return;
    const wantsMore = this.stream.push(chunk.slice(0, length));
    if (!wantsMore) this.#connection.transport.pause();
  }

  /** See {@linkcode Link}. */
  next(): Piece | null {
    const [first] = this.#outgoing;
    if (first === undefined) return null;
    return { bytes: first.bytes, start: this.#at, end: first.bytes.length };
  }

  /** See {@linkcode Link}: what goes out stays as it is. */
  pin(): void {}

  /** See {@linkcode Link}. */
  sent(length: number): void {
    this.#at += length;
    const [first] = this.#outgoing;
    if (first === undefined || this.#at < first.bytes.length) return;
    this.#outgoing.shift();
    this.#at = 0;
    first.done();
  }

  /** See {@linkcode Link}. */
  gone(): void {
    this.#outgoing.length = 0;
    this.stream.destroy();
  }

  #write(bytes: Uint8Array, done: () => void): void {
    if (this.#connection.phase === "closed" || bytes.length === 0) {
      return done();
    }
    this.#outgoing.push({ bytes, done });
    this.#connection.transport.flush();
  }

  /** Behind the last byte, or at once where it is broken. */
  #end(): void {
    const connection = this.#connection;
    if (connection.phase === "closed") return;
    this.#driver.turn(() => connection.close("http", "HTTP was spoken"));
  }
}

/** What the stream does with the link. */
interface StreamEnds {
  read(): void;
  write(bytes: Uint8Array, done: () => void): void;
  end(): void;
}

class LinkStream extends Duplex {
  readonly #ends: StreamEnds;

  constructor(ends: StreamEnds) {
    super();
    this.#ends = ends;
  }

  override _read(): void {
    this.#ends.read();
  }

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#ends.write(chunk, done);
  }

  override _final(done: () => void): void {
    done();
    this.#ends.end();
  }

  override _destroy(error: Error | null, done: (error?: Error) => void): void {
    this.#ends.end();
    done(error ?? undefined);
  }

  // `node:http` asks these of a socket.

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

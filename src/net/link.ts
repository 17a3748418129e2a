/**
 * What stands between a socket and its connection, and takes the socket's
 * bytes: MQTT as it is, MQTT in WebSocket, or something that finds out first
 * what the peer speaks. Sockets know nothing of what goes through them.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Driver } from "./driver.ts";

/** Bytes to be written: `bytes[start, end)`. */
export interface Piece {
  /** The memory. */
  readonly bytes: Uint8Array;
  /** The first byte. */
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

/** The way of the bytes between one socket and one connection. */
export interface Link {
  /**
   * The peer has sent `chunk[0, length)`: borrowed until this returns, and
   * to be changed in place where that helps. One turn of the broker.
   */
  received(chunk: Uint8Array, length: number): void;
  /**
   * What is to be written next, null for nothing. It stays as it is until
   * {@linkcode sent} is called, which may say less than all of it. Null
   * while the connection is closed means that the socket may be ended.
   */
  next(): Piece | null;
  /** A write of what `next` gave goes on after its call has returned. */
  pin(): void;
  /** So many bytes of it have left. One turn of the broker. */
  sent(length: number): void;
  /** The socket is closed, whoever did it. */
  gone?(): void;
}

/** MQTT and nothing else: the queue's own memory goes to the socket. */
export class PlainLink implements Link {
  readonly #driver: Driver;
  readonly #connection: Connection;

  /** Joins the two. */
  constructor(driver: Driver, connection: Connection) {
    this.#driver = driver;
    this.#connection = connection;
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    this.#driver.received(this.#connection, chunk, length);
  }

  /** See {@linkcode Link}. */
  next(): Piece | null {
    const { queue } = this.#connection;
    const { head, sendableBytes } = queue;
    if (head === null || sendableBytes === 0) return null;
    const { bytes, start, end } = head;
    if (end - start <= sendableBytes) return head;
    return { bytes, start, end: start + sendableBytes };
  }

  /** See {@linkcode Link}. */
  pin(): void {
    this.#connection.queue.pin();
  }

  /** See {@linkcode Link}. */
  sent(length: number): void {
    this.#driver.sent(this.#connection, length);
  }
}

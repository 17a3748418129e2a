/**
 * A stream of bytes over a socket of `node:net` or `node:tls`, which both
 * runtimes carry.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { ByteStream } from "./byte_stream.ts";
import { socketTo } from "./dial.ts";
import { type DialAddress, DialError } from "./dial_address.ts";

/** Connects; in TLS the handshake has been made. */
export function openNodeStream(address: DialAddress): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    const socket = socketTo(address);
    const stream = new NodeStream(socket);
    const opened = address.tls === undefined ? "connect" : "secureConnect";
    socket.once(opened, () => resolve(stream));
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new DialError("it closed the connection"));
    });
  });
}

class NodeStream implements ByteStream {
  readonly #socket: Socket;
  /** What was read and had no room. */
  #kept: Uint8Array | undefined;
  #fault: Error | undefined;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", () => this.#wake());
    socket.on("error", (error: Error) => this.#fault = error);
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const chunk: Uint8Array | null = this.#kept ?? this.#socket.read();
      if (chunk !== null) return this.#give(chunk, into);
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#fault ?? error);
        else resolve();
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #give(chunk: Uint8Array, into: Uint8Array): number {
    const count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    this.#kept = count < chunk.length ? chunk.subarray(count) : undefined;
    return count;
  }
}

/**
 * A socket of somebody who keeps to no rule: it sends what it is given, as
 * slowly as it is told, minds no hang-up, and may leave with a reset. Whether
 * the broker bears it is the test's question. `RawClient` is the counterpart
 * that behaves.
 */

import { connect as connectNode, type Socket } from "node:net";
import { PATIENCE_MS, within } from "./deadline.ts";

const LOCAL = "127.0.0.1";
const READ_BYTES = 64 * 1024;

/** A connection of its own. */
export class Attacker implements Disposable {
  /** What has come from the broker, bytes. */
  receivedBytes = 0;
  readonly #connection: Deno.TcpConn;
  readonly #chunk = new Uint8Array(READ_BYTES);
  #isClosed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<Attacker> {
    const connection = await Deno.connect({ hostname: LOCAL, port });
    connection.setNoDelay(true);
    return new Attacker(connection);
  }

  /** Sends what it can; false when the broker has hung up. */
  async send(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
      return true;
    } catch (error) {
      if (this.#isClosed || isHangUp(error)) return false;
      throw error;
    }
  }

  /** Sends byte by byte until it is hung up on, or all is sent. */
  async drip(bytes: Uint8Array, pauseMs: number): Promise<void> {
    for (let at = 0; at < bytes.length; at++) {
      if (!await this.send(bytes.subarray(at, at + 1))) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Says that nothing more comes. */
  async finish(): Promise<void> {
    try {
      await this.#connection.closeWrite();
    } catch (error) {
      if (!isHangUp(error)) throw error;
    }
  }

  /** Waits until the broker hangs up; gives the first bytes that came. */
  async untilHungUp(patienceMs = PATIENCE_MS): Promise<Uint8Array> {
    const first = await within(
      this.#readAll(),
      "the end of an attacker",
      () => this.close(),
      patienceMs,
    );
    return first;
  }

  /** Reads and forgets, until `bytes` have come or the broker hangs up. */
  async swallow(bytes: number): Promise<void> {
    const untilBytes = this.receivedBytes + bytes;
    while (this.receivedBytes < untilBytes) {
      if (await this.#read() === 0) return;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #readAll(): Promise<Uint8Array> {
    let first = new Uint8Array(0);
    for (;;) {
      const count = await this.#read();
      if (count === 0) return first;
      if (first.length === 0) first = this.#chunk.slice(0, count);
    }
  }

  /** 0 at the end, whatever kind of end it is. */
  async #read(): Promise<number> {
    try {
      const count = await this.#connection.read(this.#chunk) ?? 0;
      this.receivedBytes += count;
      return count;
    } catch (error) {
      if (isHangUp(error)) return 0;
      throw error;
    }
  }
}

/**
 * Connects, sends `bytes`, waits for an answer of at least `answerBytes`, and
 * resets the connection: no FIN, an RST. Deno's own sockets can't do that.
 */
export function sendAndReset(
  port: number,
  bytes: Uint8Array,
  answerBytes = 0,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: Socket = connectNode({ host: LOCAL, port });
  const reset = () => socket.resetAndDestroy();
  let receivedBytes = 0;
  socket.on("data", (chunk: Uint8Array) => {
    receivedBytes += chunk.length;
    if (receivedBytes >= answerBytes) reset();
  });
  socket.on("connect", () => {
    // Nothing to send: a write of nothing would never be done.
    if (bytes.length === 0) reset();
    else if (answerBytes === 0) socket.write(bytes, reset);
    else socket.write(bytes);
  });
  socket.on("error", () => {}); // it is what we have asked for
  socket.on("close", () => resolve());
  return within(promise, "a reset", () => {
    socket.destroy();
    reject(new Error("no reset"));
  });
}

/** Runs `run` so many times, `abreast` at a time. */
export async function manyTimes(
  count: number,
  abreast: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(abreast, count) }, work));
}

function isHangUp(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted;
}

/**
 * TCP on Deno: `Deno.listen`, a loop of reads, and writes that are awaited
 * one at a time.
 *
 * A pending read pins its buffer, so an idle client reads into a small one
 * and a busy one into a large one: the buffer follows what came last.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Timed } from "../broker/timed.ts";
import type { Transport } from "../broker/transport.ts";
import type { Segment } from "../queue/buffer_pool.ts";
import type { Driver, Socket } from "./driver.ts";
import { closeReasonOf, formatAddress } from "./peer.ts";
import type { Listening } from "./listening.ts";

const READ_BYTES_IDLE = 512;
const READ_BYTES_SOME = 4 << 10;
const READ_BYTES_BUSY = 64 << 10;
/** After an accept that failed (no file descriptors left, say). */
const ACCEPT_RETRY_MS = 100;

/** Listens; throws the runtime's error when it can't. */
export function listenOnDeno(
  driver: Driver,
  hostname: string,
  port: number,
): Listening {
  const listener = Deno.listen({ hostname, port });
  void acceptAll(driver, listener);
  const address = listener.addr;
  return {
    hostname: address.hostname,
    port: address.port,
    close: () => listener.close(),
  };
}

async function acceptAll(
  driver: Driver,
  listener: Deno.TcpListener,
): Promise<void> {
  for (;;) {
    try {
      const conn = await listener.accept();
      void new DenoSocket(driver, conn).run();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      driver.core.log("error", "accept_failed", String(error), {});
      await new Promise((done) => setTimeout(done, ACCEPT_RETRY_MS));
    }
  }
}

class DenoSocket implements Transport, Socket {
  readonly address: string;
  readonly #driver: Driver;
  readonly #conn: Deno.TcpConn;
  readonly #idleBuffer = new Uint8Array(READ_BYTES_IDLE);
  #connection: Connection | undefined;
  #segment: Segment | undefined;
  #isWriting = false;
  #isClosed = false;
  #isPaused = false;
  #wake: (() => void) | undefined;
  #lingering: Timed | undefined;
  // Made once: a write costs no closure and no coroutine.
  readonly #onWritten = (length: number): void => this.#written(length);
  readonly #onWriteFailed = (error: unknown): void => this.#writeFailed(error);

  constructor(driver: Driver, conn: Deno.TcpConn) {
    this.#driver = driver;
    this.#conn = conn;
    this.address = formatAddress(
      conn.remoteAddr.hostname,
      conn.remoteAddr.port,
    );
  }

  /** Reads until the end. */
  async run(): Promise<void> {
    const driver = this.#driver;
    const connection = driver.open(this);
    if (connection === undefined) {
      this.#conn.close();
      return;
    }
    this.#connection = connection;
    driver.sockets.add(this);
    let reason = "the client closed the socket";
    try {
      this.#conn.setNoDelay(true);
      let buffer = this.#idleBuffer;
      for (;;) {
        if (this.#isPaused) await this.#resumed();
        const length = await this.#conn.read(buffer);
        if (length === null) break;
        driver.received(connection, buffer, length);
        buffer = this.#bufferAfter(length, buffer);
      }
    } catch (error) {
      reason = closeReasonOf(error);
    }
    this.#giveBack();
    driver.closed(connection, reason);
    this.destroy();
  }

  flush(): void {
    if (this.#isWriting || this.#isClosed) return;
    const { head } = this.#connection!.queue;
    if (head === null) this.#afterLast();
    else this.#writeNext(head);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake?.();
    this.#wake = undefined;
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#driver.sockets.delete(this);
    if (this.#lingering !== undefined) {
      this.#driver.core.deadlines.remove(this.#lingering);
    }
    this.resume();
    this.#conn.close();
  }

  /** Begins a write of the first segment; the answer begins the next. */
  #writeNext(head: Segment): void {
    this.#isWriting = true;
    this.#connection!.queue.pin();
    this.#conn.write(head.bytes.subarray(head.start, head.end))
      .then(this.#onWritten, this.#onWriteFailed);
  }

  #written(length: number): void {
    this.#isWriting = false;
    if (this.#isClosed) return;
    this.#driver.sent(this.#connection!, length);
    this.flush();
  }

  #writeFailed(error: unknown): void {
    this.#isWriting = false;
    if (this.#isClosed) return;
    this.#driver.closed(this.#connection!, closeReasonOf(error));
    this.destroy();
  }

  /** All is sent. A closed connection's socket ends with it. */
  #afterLast(): void {
    if (this.#connection!.phase !== "closed" || this.#isClosed) return;
    if (this.#lingering !== undefined) return;
    this.#lingering = this.#driver.linger(this);
    this.resume();
    this.#conn.closeWrite().catch(() => this.destroy());
  }

  #resumed(): Promise<void> {
    return new Promise((done) => this.#wake = done);
  }

  /** The buffer for the next read, by how much the last one brought. */
  #bufferAfter(
    length: number,
    buffer: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const size = buffer.length;
    const wanted = length === size
      ? (size < READ_BYTES_SOME ? READ_BYTES_SOME : READ_BYTES_BUSY)
      : (length > READ_BYTES_IDLE ? READ_BYTES_SOME : READ_BYTES_IDLE);
    if (wanted === size) return buffer;
    this.#giveBack();
    if (wanted === READ_BYTES_IDLE) return this.#idleBuffer;
    this.#segment = this.#driver.core.pool.take(wanted);
    return this.#segment.bytes as Uint8Array<ArrayBuffer>;
  }

  #giveBack(): void {
    if (this.#segment === undefined) return;
    this.#driver.core.pool.give(this.#segment);
    this.#segment = undefined;
  }
}

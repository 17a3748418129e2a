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
import type { Segment } from "../queue/buffer_pool.ts";
import type { Driver, Socket } from "./driver.ts";
import { closeReasonOf, formatAddress } from "./peer.ts";
import { IdleBuffers } from "./idle_buffers.ts";
import type { Listening } from "./listening.ts";

const READ_BYTES_IDLE = 256;
const READ_BYTES_SOME = 4 << 10;
const READ_BYTES_BUSY = 64 << 10;
/** What goes to many is sent in fewer pieces when it is read in fewer. */
const READ_BYTES_FLOOD = 256 << 10;
/** So many at a time: a buffer that is read into can't be shared. */
const FLOODS_MAX = 16;
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
  const idleBuffers = new IdleBuffers(READ_BYTES_IDLE);
  const floods = { left: FLOODS_MAX };
  for (;;) {
    try {
      const conn = await listener.accept();
      new DenoSocket(driver, conn, idleBuffers, floods).start();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      driver.core.log("error", "accept_failed", String(error), {});
      await new Promise((done) => setTimeout(done, ACCEPT_RETRY_MS));
    }
  }
}

class DenoSocket implements Socket {
  readonly #driver: Driver;
  readonly #conn: Deno.TcpConn;
  readonly #idleBuffers: IdleBuffers;
  readonly #idleBuffer: Uint8Array;
  /** How many more sockets may read into the largest buffer. */
  readonly #floods: { left: number };
  #buffer: Uint8Array;
  #connection: Connection | undefined;
  #segment: Segment | undefined;
  #isWriting = false;
  #isClosed = false;
  #isPaused = false;
  #isReadDue = false;
  #isHungUp = false;
  #lingering: Timed | undefined;

  constructor(
    driver: Driver,
    conn: Deno.TcpConn,
    idleBuffers: IdleBuffers,
    floods: { left: number },
  ) {
    this.#floods = floods;
    this.#driver = driver;
    this.#conn = conn;
    this.#idleBuffers = idleBuffers;
    this.#buffer = this.#idleBuffer = idleBuffers.take();
  }

  /** Made when it is asked for: an idle client need not keep the text. */
  get address(): string {
    const { hostname, port } = this.#conn.remoteAddr;
    return formatAddress(hostname, port);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins to read, unless the broker turns the peer away. */
  start(): void {
    const connection = this.#driver.open(this);
    if (connection === undefined) {
      this.#idleBuffers.give(this.#idleBuffer);
      this.#conn.close();
      return;
    }
    this.#connection = connection;
    try {
      this.#conn.setNoDelay(true);
    } catch (error) {
      this.#end(closeReasonOf(error)); // the peer has gone already
      return;
    }
    this.#read();
  }

  /**
   * Begins a read; its answer begins the next. No coroutine: that would
   * cost each idle client a quarter of a kilobyte.
   */
  #read(): void {
    this.#conn.read(this.#buffer).then(
      (length) => this.#received(length),
      (error: unknown) => this.#end(closeReasonOf(error)),
    );
  }

  #received(length: number | null): void {
    if (this.#isClosed || length === null) {
      this.#end("the client closed the socket");
      return;
    }
    this.#driver.received(this.#connection!, this.#buffer, length);
    this.#chooseBuffer(length);
    if (this.#isPaused) this.#isReadDue = true;
    else if (!this.#isClosed) this.#read();
  }

  /** The socket has ended: no read is under way. */
  #end(reason: string): void {
    this.#giveBack();
    this.#idleBuffers.give(this.#idleBuffer);
    if (this.#isClosed) return;
    this.#driver.closed(this.#connection!, reason);
    this.destroy();
  }

  flush(): void {
    if (this.#isClosed) return;
    const { phase, queue } = this.#connection!;
    if (phase === "closed") this.#wind();
    if (this.#isWriting) return;
    if (queue.sendableBytes > 0) this.#writeNext(queue.head!);
    else if (phase === "closed" && queue.head === null) this.#hangUp();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isReadDue) return;
    this.#isReadDue = false;
    this.#read();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#driver.gone(this, this.#connection, this.#lingering);
    this.#conn.close(); // ends the read that is under way
  }

  /** Begins a write of the first segment; the answer begins the next. */
  #writeNext(head: Segment): void {
    this.#isWriting = true;
    const { queue } = this.#connection!;
    const end = Math.min(head.end, head.start + queue.sendableBytes);
    queue.pin();
    this.#conn.write(head.bytes.subarray(head.start, end)).then(
      (length) => this.#written(length),
      (error: unknown) => this.#writeFailed(error),
    );
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

  /** The connection is closed: from now on the socket's time is counted. */
  #wind(): void {
    if (this.#lingering !== undefined) return;
    this.#lingering = this.#driver.linger(this);
    this.resume();
  }

  /** All is sent: our side ends. */
  #hangUp(): void {
    if (this.#isHungUp) return;
    this.#isHungUp = true;
    this.#driver.lastSent(this.#lingering!);
    this.#conn.closeWrite().catch(() => this.destroy());
  }

  /** The buffer for the next read, by how much the last one brought. */
  #chooseBuffer(length: number): void {
    const size = this.#buffer.length;
    const wanted = length === size ? this.#more(size) : this.#less(length);
    if (wanted === size) return;
    this.#giveBack();
    if (wanted === READ_BYTES_IDLE) return;
    if (wanted === READ_BYTES_FLOOD) this.#floods.left--;
    this.#segment = this.#driver.core.pool.take(wanted);
    this.#buffer = this.#segment.bytes;
  }

  /** The last read filled its buffer. */
  #more(size: number): number {
    if (size < READ_BYTES_SOME) return READ_BYTES_SOME;
    if (size < READ_BYTES_BUSY) return READ_BYTES_BUSY;
    const isFree = this.#floods.left > 0 || size === READ_BYTES_FLOOD;
    return isFree ? READ_BYTES_FLOOD : size;
  }

  /** It did not. */
  #less(length: number): number {
    if (length > READ_BYTES_BUSY) return READ_BYTES_FLOOD;
    return length > READ_BYTES_IDLE ? READ_BYTES_SOME : READ_BYTES_IDLE;
  }

  #giveBack(): void {
    if (this.#segment === undefined) return;
    if (this.#buffer.length === READ_BYTES_FLOOD) this.#floods.left++;
    this.#driver.core.pool.give(this.#segment);
    this.#segment = undefined;
    this.#buffer = this.#idleBuffer;
  }
}

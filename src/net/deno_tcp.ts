/**
 * TCP on Deno: `Deno.listen`, a loop of reads, and writes that are awaited
 * one at a time.
 *
 * A pending read pins its buffer, so an idle client reads into a small one
 * and a busy one into a large one: the buffer follows what came last.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";
import type { Segment } from "../queue/buffer_pool.ts";
import type { Conn } from "./conn_stream.ts";
import type { Driver } from "./driver.ts";
import type { Entrance } from "./entrance.ts";
import { IdleBuffers } from "./idle_buffers.ts";
import type { Piece } from "./link.ts";
import type { Listening, Place } from "./listening.ts";
import type { NodeTls, NodeTlsConn } from "./node_tls.ts";
import { closeReasonOf } from "./peer.ts";
import { type Peer, Socket } from "./socket.ts";
import { soon } from "./soon.ts";
import type { TlsSettings } from "./tls_settings.ts";
import { bindPrivately, unixListening } from "./unix_socket.ts";

const EMPTY = new Uint8Array(0);
const READ_BYTES_IDLE = 256;
const READ_BYTES_SOME = 4 << 10;
const READ_BYTES_BUSY = 64 << 10;
/** What goes to many is sent in fewer pieces when it is read in fewer. */
const READ_BYTES_FLOOD = 256 << 10;
/** So many at a time: a buffer that is read into can't be shared. */
const FLOODS_MAX = 16;
/** After an accept that failed (no file descriptors left, say). */
const ACCEPT_RETRY_MS = 100;

/** What those who send much at a listener have in common. */
interface Floods {
  /** How many more of them may have the largest buffer. */
  left: number;
}

/** Listens; throws the runtime's error when it can't. */
export async function listenOnDeno(
  driver: Driver,
  door: Entrance,
  { hostname, port, tls, unix }: Place,
): Promise<Listening> {
  // Not `Deno.listenTls`: a socket of that stays open, closed or not, until
  // the peer has made its handshake or hangs up, and peers may do neither.
  const secured = tls && new (await import("./node_tls.ts")).NodeTls(tls);
  // deno-lint-ignore require-await -- others take their time
  const renew = async (tls: TlsSettings) => secured?.renew(tls);
  if (unix !== undefined) {
    const listener = await bindPrivately(() =>
      Deno.listen({ transport: "unix", path: unix.file })
    );
    const accepting = acceptAll(driver, door, listener, secured);
    const close = () => {
      listener.close();
      return accepting;
    };
    return { ...await unixListening(unix, close), renew };
  }
  const listener = Deno.listen({ hostname, port });
  const accepting = acceptAll(driver, door, listener, secured);
  return {
    hostname: listener.addr.hostname,
    port: listener.addr.port,
    renew,
    close: () => {
      listener.close();
      // The system has the socket until then.
      return accepting;
    },
  };
}

/** Takes in whoever connects, until `listener` is closed. */
async function acceptAll(
  driver: Driver,
  door: Entrance,
  listener: Deno.Listener<Deno.Conn>,
  tls?: NodeTls,
): Promise<void> {
  const idleBuffers = new IdleBuffers(READ_BYTES_IDLE);
  const floods = { left: FLOODS_MAX };
  for (;;) {
    try {
      const conn = await listener.accept();
      new DenoSocket(driver, door, conn, tls, idleBuffers, floods).start();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      // Gone before it was taken in: nobody else is to wait for that.
      if (error instanceof Deno.errors.NotConnected) continue;
      if (error instanceof Deno.errors.ConnectionAborted) continue;
      driver.core.log("error", "accept_failed", String(error), {});
      await new Promise((done) => setTimeout(done, ACCEPT_RETRY_MS));
    }
  }
}

class DenoSocket extends Socket {
  #conn: Conn | NodeTlsConn;
  readonly #tls: NodeTls | undefined;
  readonly #idleBuffers: IdleBuffers;
  readonly #idleBuffer: Uint8Array;
  readonly #floods: Floods;
  #buffer: Uint8Array;
  #segment: Segment | undefined;
  #isWriting = false;
  #isPaused = false;
  #isReadDue = false;

  constructor(
    driver: Driver,
    door: Entrance,
    conn: Conn,
    tls: NodeTls | undefined,
    idleBuffers: IdleBuffers,
    floods: Floods,
  ) {
    super(driver, door);
    this.#floods = floods;
    this.#conn = conn;
    this.#tls = tls;
    this.#idleBuffers = idleBuffers;
    this.#buffer = this.#idleBuffer = idleBuffers.take();
  }

  protected get peer(): Peer {
    const address = this.#conn.remoteAddr;
    return "hostname" in address ? address : { hostname: "", port: 0 };
  }

  protected override get shownCertificate(): CertificateName | undefined {
    return "certificate" in this.#conn ? this.#conn.certificate : undefined;
  }

  secure(first: Uint8Array): void {
    this.#conn = this.#tls!.begin(this.#conn, first);
  }

  /** Begins to read, unless the broker turns the peer away. */
  start(): void {
    if (!this.enter()) {
      this.#idleBuffers.give(this.#idleBuffer);
      this.#conn.close();
      return;
    }
    try {
      if ("setNoDelay" in this.#conn) {
        (this.#conn as Deno.TcpConn).setNoDelay(true);
      }
    } catch (error) {
      this.#end(this.reasonOf(error)); // the peer has gone already
      return;
    }
    if (this.#tls !== undefined && this.door.security === "at once") {
      this.secure(EMPTY);
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
      (error: unknown) => this.#end(this.reasonOf(error)),
    );
  }

  #received(length: number | null): void {
    if (this.isClosed || length === null) {
      this.#end("the client closed the socket");
      return;
    }
    const hasMore = length === this.#buffer.length;
    this.receive(this.#buffer, length);
    this.#chooseBuffer(length);
    this.#isReadDue = true;
    if (!hasMore || !this.driver.isPatient()) this.#readIfDue();
    else soon(() => this.#readIfDue());
  }

  /** One that is closed is read to its end. */
  #readIfDue(): void {
    if (!this.#isReadDue || (this.#isPaused && !this.isClosed)) return;
    this.#isReadDue = false;
    this.#read();
  }

  /** The socket has ended: no read is under way. */
  #end(reason: string): void {
    this.#giveBack();
    this.#idleBuffers.give(this.#idleBuffer);
    if (this.isClosed) return;
    this.driver.closed(this.connection, reason);
    this.destroy();
  }

  flush(): void {
    if (this.isClosed) return;
    const isOver = this.connection.phase === "closed";
    if (isOver) this.wind();
    if (this.#isWriting) return;
    const piece = this.link.next();
    if (piece !== null) this.#write(piece);
    else if (isOver && this.connection.queue.bytes === 0) this.#hangUp();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#readIfDue();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.forget();
    this.#conn.close(); // ends the read that is under way
    this.resume(); // or that is due
  }

  /** Begins a write; the answer begins the next. */
  #write({ bytes, start, end }: Piece): void {
    this.#isWriting = true;
    this.link.pin();
    this.#conn.write(bytes.subarray(start, end)).then(
      (length) => this.#written(length),
      (error: unknown) => this.#writeFailed(error),
    );
  }

  #written(length: number): void {
    this.#isWriting = false;
    if (this.isClosed) return;
    try {
      this.link.sent(length);
      this.flush();
    } catch (error) {
      this.fault(error);
    }
  }

  #writeFailed(error: unknown): void {
    this.#isWriting = false;
    if (this.isClosed) return;
    this.driver.closed(this.connection, closeReasonOf(error));
    this.destroy();
  }

  /** All is sent: our side ends. */
  #hangUp(): void {
    if (this.isHungUp) return;
    this.isHungUp = true;
    this.driver.lastSent(this.lingering!);
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
    this.#segment = this.driver.core.pool.take(wanted);
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
    this.driver.core.pool.give(this.#segment);
    this.#segment = undefined;
    this.#buffer = this.#idleBuffer;
  }
}

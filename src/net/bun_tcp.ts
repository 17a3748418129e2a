/**
 * TCP on Bun: `Bun.listen` with callbacks; writes are synchronous and tell
 * how much the kernel took.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Timed } from "../broker/timed.ts";
import type { BunRuntime, BunSocket } from "./bun_types.ts";
import type { Driver, Socket } from "./driver.ts";
import type { Listening } from "./listening.ts";
import { closeReasonOf, formatAddress } from "./peer.ts";

/** How long a peer that is turned away has to hang up itself. */
const REFUSED_MS = 1000;

type OwnSocket = BunSocket<BunTcpSocket | undefined>;

/** Listens; throws the runtime's error when it can't. */
export function listenOnBun(
  bun: BunRuntime,
  driver: Driver,
  hostname: string,
  port: number,
): Listening {
  const listener = bun.listen<BunTcpSocket | undefined>({
    hostname,
    port,
    socket: {
      open: (socket) => open(driver, socket),
      data: (socket, chunk) => socket.data?.received(chunk),
      drain: (socket) => socket.data?.flush(),
      close: (socket, error) => socket.data?.closed(error),
      error: (socket, error) => socket.data?.failed(error),
    },
  });
  return {
    hostname: listener.hostname,
    port: listener.port,
    close: () => listener.stop(false),
  };
}

function open(driver: Driver, socket: OwnSocket): void {
  const transport = new BunTcpSocket(driver, socket);
  const connection = driver.open(transport);
  if (connection === undefined) {
    // A reset could overtake the peer's own connect: let it see an end.
    socket.end();
    setTimeout(() => socket.terminate(), REFUSED_MS);
    return;
  }
  transport.attach(connection);
  socket.data = transport;
  socket.setNoDelay(true);
}

class BunTcpSocket implements Socket {
  readonly #driver: Driver;
  readonly #socket: OwnSocket;
  #connection: Connection | undefined;
  #isClosed = false;
  #isHungUp = false;
  #lingering: Timed | undefined;
  #reason = "the client closed the socket";

  constructor(driver: Driver, socket: OwnSocket) {
    this.#driver = driver;
    this.#socket = socket;
  }

  /** Made when it is asked for: an idle client need not keep the text. */
  get address(): string {
    return formatAddress(this.#socket.remoteAddress, this.#socket.remotePort);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  received(chunk: Uint8Array): void {
    this.#driver.received(this.#connection!, chunk, chunk.length);
  }

  failed(error: Error): void {
    this.#reason = closeReasonOf(error);
  }

  closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    if (error !== undefined) this.failed(error);
    this.#forget();
    this.#driver.closed(this.#connection!, this.#reason);
  }

  flush(): void {
    if (this.#isClosed) return;
    const connection = this.#connection!;
    const { queue } = connection;
    while (queue.sendableBytes > 0) {
      const { bytes, start, end } = queue.head!;
      const length = Math.min(end - start, queue.sendableBytes);
      const sent = this.#socket.write(bytes, start, length);
      if (sent > 0) this.#driver.sent(connection, sent);
      if (this.#isClosed || sent < length) break; // `drain` or `close` comes
    }
    if (connection.phase === "closed") this.#hangUp();
  }

  sendNow(bytes: Uint8Array, start: number, end: number): number {
    if (this.#isClosed) return 0;
    return Math.max(this.#socket.write(bytes, start, end - start), 0);
  }

  pause(): void {
    if (!this.#isClosed) this.#socket.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#socket.resume();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#forget();
    this.#socket.terminate();
  }

  /** The connection is closed: the socket ends when all is sent. */
  #hangUp(): void {
    if (this.#isClosed) return;
    if (this.#lingering === undefined) {
      this.#lingering = this.#driver.linger(this);
      this.resume();
    }
    if (this.#connection!.queue.head !== null || this.#isHungUp) return;
    this.#isHungUp = true;
    this.#driver.lastSent(this.#lingering);
    this.#socket.end();
  }

  #forget(): void {
    this.#isClosed = true;
    this.#driver.gone(this, this.#connection, this.#lingering);
  }
}

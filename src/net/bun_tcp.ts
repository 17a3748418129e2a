/**
 * TCP on Bun: `Bun.listen` with callbacks; writes are synchronous and tell
 * how much the kernel took.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";
import type { BunTls, BunTlsOwner } from "./bun_tls.ts";
import type { BunRuntime, BunSocket, BunSocketHandlers } from "./bun_types.ts";
import type { Driver } from "./driver.ts";
import type { Entrance } from "./entrance.ts";
import { PlainLink } from "./link.ts";
import type { Listening, Place } from "./listening.ts";
import { type Peer, Socket } from "./socket.ts";
import { soon } from "./soon.ts";
import type { TlsSettings } from "./tls_settings.ts";
import { bindPrivately, unixListening } from "./unix_socket.ts";

/** How long a peer that is turned away has to hang up itself. */
const REFUSED_MS = 1000;
/** Who sends that much at a time may have more. */
const FLOOD_BYTES = 64 << 10;

type OwnSocket = BunSocket<BunTcpSocket | undefined>;

/** Listens; throws the runtime's error when it can't. */
export async function listenOnBun(
  bun: BunRuntime,
  driver: Driver,
  door: Entrance,
  { hostname, port, tls, unix }: Place,
): Promise<Listening> {
  const secured = tls && new (await import("./bun_tls.ts")).BunTls(tls);
  // deno-lint-ignore require-await -- others take their time
  const renew = async (tls: TlsSettings) => secured?.renew(tls);
  const socket: BunSocketHandlers<BunTcpSocket | undefined> = {
    open: (socket) => {
      // It has no address any more when it was gone before it was taken in.
      if (unix === undefined && !socket.remoteAddress) socket.terminate();
      else open(driver, door, socket, secured);
    },
    data: (socket, chunk) => socket.data?.received(chunk),
    drain: (socket) => socket.data?.flush(),
    close: (socket, error) => socket.data?.closed(error),
    error: (socket, error) => socket.data?.failed(error),
  };
  if (unix !== undefined) {
    const listener = await bindPrivately(() =>
      bun.listen({ unix: unix.file, socket })
    );
    const listening = await unixListening(unix, stopping(listener));
    return { ...listening, renew };
  }
  const listener = bun.listen({ hostname, port, socket });
  return {
    hostname: listener.hostname,
    port: listener.port,
    renew,
    close: stopping(listener),
  };
}

function stopping(listener: { stop(isAbrupt: boolean): void }) {
  return () => Promise.resolve(listener.stop(false));
}

function open(
  driver: Driver,
  door: Entrance,
  socket: OwnSocket,
  tls: BunTls | undefined,
): void {
  const transport = new BunTcpSocket(driver, door, socket, tls);
  if (!transport.start()) {
    // A reset could overtake the peer's own connect: let it see an end.
    socket.end();
    setTimeout(() => socket.terminate(), REFUSED_MS);
    return;
  }
  socket.data = transport;
  socket.setNoDelay(true);
  if (door.security === "at once") transport.secure();
}

class BunTcpSocket extends Socket implements BunTlsOwner {
  #socket: BunSocket<unknown>;
  /** Bun does not know it any more when the peer has closed. */
  readonly #port: number;
  readonly #tls: BunTls | undefined;
  #certificate: CertificateName | undefined;
  #peer: Peer | undefined;
  #reason = "the client closed the socket";
  #isPaused = false;
  /** Whether others go first. */
  #isYielding = false;

  constructor(
    driver: Driver,
    door: Entrance,
    socket: OwnSocket,
    tls: BunTls | undefined,
  ) {
    super(driver, door);
    this.#socket = socket;
    this.#port = socket.remotePort ?? 0;
    this.#tls = tls;
  }

  protected override get shownCertificate(): CertificateName | undefined {
    return this.#certificate;
  }

  secure(first?: Uint8Array): void {
    const socket = this.#socket as OwnSocket;
    this.#peer = this.peer; // which is forgotten with the end of the socket
    this.#socket = this.#tls!.begin(socket, this, first);
  }

  secured(certificate: CertificateName | undefined): void {
    this.#certificate = certificate;
  }

  protected get peer(): Peer {
    if (this.#peer !== undefined) return this.#peer;
    return { hostname: this.#socket.remoteAddress ?? "", port: this.#port };
  }

  /** False when the broker turns the peer away. */
  start(): boolean {
    return this.enter();
  }

  received(chunk: Uint8Array): void {
    this.receive(chunk, chunk.length);
    if (chunk.length < FLOOD_BYTES || this.isClosed || this.#isPaused) return;
    if (!this.#isYielding && this.driver.isPatient()) this.#letOthersGoFirst();
  }

  /** Bun reads what there is, and then what has come meanwhile. */
  #letOthersGoFirst(): void {
    this.#isYielding = true;
    this.#socket.pause();
    soon(() => {
      this.#isYielding = false;
      if (!this.isClosed && !this.#isPaused) this.#socket.resume();
    });
  }

  failed(error: Error): void {
    this.#reason = this.reasonOf(error);
  }

  closed(error: Error | undefined): void {
    if (this.isClosed) return;
    if (error !== undefined) this.failed(error);
    this.forget();
    this.driver.closed(this.connection, this.#reason);
  }

  flush(): void {
    if (this.isClosed) return;
    for (;;) {
      const piece = this.link.next();
      if (piece === null) break;
      const { bytes, start, end } = piece;
      const sent = this.#socket.write(bytes, start, end - start);
      if (sent > 0) this.link.sent(sent);
      if (this.isClosed) return;
      if (sent < end - start) break; // `drain` or `close` comes
    }
    if (this.connection.phase === "closed") this.#hangUp();
  }

  sendNow(bytes: Uint8Array, start: number, end: number): number {
    if (this.isClosed || !(this.link instanceof PlainLink)) return 0;
    return Math.max(this.#socket.write(bytes, start, end - start), 0);
  }

  pause(): void {
    this.#isPaused = true;
    if (!this.isClosed) this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.isClosed && !this.#isYielding) this.#socket.resume();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.forget();
    this.#socket.terminate();
  }

  /** The connection is closed: the socket ends when all is sent. */
  #hangUp(): void {
    this.wind();
    if (this.isHungUp || this.link.next() !== null) return;
    if (this.connection.queue.bytes > 0) return; // a commit is under way
    this.isHungUp = true;
    this.driver.lastSent(this.lingering!);
    this.#socket.end();
  }
}

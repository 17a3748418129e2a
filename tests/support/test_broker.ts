/**
 * The pure broker with a virtual clock and without sockets, for tests: bytes
 * in, bytes out, time when the test says so. It is not the library's
 * `Broker`, which has real sockets.
 *
 * @module
 */

import type {
  Authenticator,
  CertificateName,
} from "../../src/auth/authenticator.ts";
import type { Logger } from "../../src/base/logger.ts";
import type { Connection } from "../../src/broker/connection.ts";
import { Core } from "../../src/broker/core.ts";
import { type Door, plainDoor } from "../../src/broker/door.ts";
import { checkInvariants } from "../../src/broker/invariants.ts";
import { LIMITS } from "../../src/broker/limit_table.ts";
import type { Limits } from "../../src/broker/limits.ts";
import {
  type BrokerOptions,
  type Features,
  optionsWith,
} from "../../src/broker/options.ts";
import type { Transport } from "../../src/broker/transport.ts";
import { MemoryStore } from "../../src/store/memory.ts";

/** What a {@linkcode TestBroker} is made with: limits lie among the rest. */
export interface TestBrokerOptions
  extends Partial<Limits>, Partial<Omit<BrokerOptions, Given>> {
  features?: Partial<Features>;
}

/** The options that have another form here, or are the test broker's own. */
type Given =
  | "limits"
  | "features"
  | "logger"
  | "hashSeed"
  | "newClientId"
  | "releaseMemory";

/** From where a client comes, where that matters. */
export interface Origin {
  door?: Door;
  host?: string;
  certificate?: CertificateName;
}

/** One log line. */
export interface LogLine {
  level: string;
  event: string;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** A broker whose turns run when a client sends. */
export class TestBroker {
  /** The time, milliseconds. */
  nowMs = 1_000_000;
  /** What it had to say. */
  readonly logs: LogLine[] = [];
  /** The broker itself, for white-box tests. */
  readonly core: Core;
  /** The door by which clients come unless a test says another. */
  readonly door: Door = plainDoor("test");
  #clients = 0;
  #ids = 0;

  constructor(options: TestBrokerOptions = {}) {
    const logger: Logger = {
      enabled: () => true,
      log: (level, event, message, fields) =>
        this.logs.push({ level, event, message, fields }),
    };
    this.core = new Core(
      optionsWith({
        ...options,
        ...(options.authenticator === undefined
          ? {}
          : { authenticator: this.#clocked(options.authenticator) }),
        store: options.store ?? new MemoryStore(),
        logger,
        hashSeed: 7,
        newClientId: () => `auto-${++this.#ids}`,
        limits: limitsOf(options),
      }),
      this.nowMs,
    );
  }

  /** A new network connection. */
  open(origin: Origin = {}): TestClient {
    const { door = this.door, host = "192.0.2.1", certificate } = origin;
    const address = `${host}:${10_000 + ++this.#clients}`;
    return new TestClient(this, address, door, certificate);
  }

  /** Virtual time passes; what becomes due on the way happens in order. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const nextMs = this.core.nextDeadlineMs;
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.core.tick(this.nowMs);
    }
    this.nowMs = untilMs;
    this.core.nowMs = untilMs;
  }

  /** Whoever answers later brings the time, as `host/broker.ts` does. */
  #clocked(authenticator: Authenticator): Authenticator {
    return {
      authenticate: (request, answer) =>
        authenticator.authenticate(request, (decision) => {
          this.core.nowMs = this.nowMs;
          answer(decision);
        }),
      stillAdmits: (proof) => authenticator.stillAdmits?.(proof) ?? true,
    };
  }

  /** Asserts that the broker's state is whole. */
  checkInvariants(): void {
    checkInvariants(this.core);
  }
}

/** A client's end of a network connection. */
export class TestClient implements Transport {
  readonly address: string;
  readonly door: Door;
  readonly certificate: CertificateName | undefined;
  /** The broker closed the network connection. */
  closed = false;
  /** Whether the broker reads at the moment. */
  paused = false;
  /** While false, what the broker sends stays in its queue. */
  reading = true;
  /** The broker's end; `undefined` when it turned the client away. */
  readonly connection: Connection | undefined;
  readonly #broker: TestBroker;
  #received: Uint8Array[] = [];
  #dropped = false;

  constructor(
    broker: TestBroker,
    address: string,
    door: Door,
    certificate: CertificateName | undefined,
  ) {
    this.#broker = broker;
    this.address = address;
    this.door = door;
    this.certificate = certificate;
    this.connection = broker.core.open(this, broker.nowMs);
    if (this.connection === undefined) this.closed = true;
  }

  /** The broker's side of the port. */
  get host(): string {
    return this.address.slice(0, this.address.lastIndexOf(":"));
  }

  /** Why the broker closed, in words; empty while it has not. */
  get closeReason(): string {
    return this.connection?.closeReason ?? "too many connections";
  }

  /** The peer sends `bytes`; the broker's whole turn runs. */
  send(bytes: Uint8Array): void {
    if (this.closed || this.#dropped || this.connection === undefined) return;
    // The broker borrows a chunk: hand it one that is spoilt afterwards.
    const chunk = bytes.slice();
    this.connection.receive(chunk, chunk.length, this.#broker.nowMs);
    chunk.fill(0xee);
    this.#broker.core.endTurn();
  }

  /** What the broker has sent since the last call. */
  bytes(): Uint8Array {
    if (this.#received.length === 1) return this.#received.pop()!;
    let length = 0;
    for (const part of this.#received) length += part.length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of this.#received) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#received = [];
    return bytes;
  }

  /** The network connection breaks. */
  drop(): void {
    if (this.closed || this.#dropped) return;
    this.#dropped = true;
    this.connection?.transportClosed("the network broke", this.#broker.nowMs);
    this.#broker.core.endTurn();
  }

  /** Takes at most `most` bytes of what waits, as a slow reader does. */
  take(most: number): void {
    let left = most;
    const { queue } = this.connection!;
    while (queue.sendableBytes > 0 && left > 0) {
      const head = queue.head!;
      const size = Math.min(head.end - head.start, queue.sendableBytes);
      const length = Math.min(left, size);
      this.#received.push(head.bytes.slice(head.start, head.start + length));
      left -= length;
      this.connection!.sent(length, this.#broker.nowMs);
    }
    this.#broker.core.endTurn();
  }

  /** The broker's side of the port: see `Transport`. */
  flush(): void {
    if (this.#dropped || this.closed || this.connection === undefined) return;
    const { queue } = this.connection;
    while (queue.sendableBytes > 0) {
      if (!this.reading) return;
      const { bytes, start, end } = queue.head!;
      const length = Math.min(end - start, queue.sendableBytes);
      this.#received.push(bytes.slice(start, start + length));
      this.connection.sent(length, this.#broker.nowMs);
      this.#broker.core.endTurn(); // as `net/driver.ts` does
    }
    const isDone = queue.head === null;
    if (isDone && this.connection.phase === "closed") this.closed = true;
  }

  /** The broker's side of the port. */
  pause(): void {
    this.paused = true;
  }

  /** The broker's side of the port. */
  resume(): void {
    this.paused = false;
  }
}

/** The limits among the options. */
function limitsOf(options: TestBrokerOptions): Partial<Limits> {
  const limits: Partial<Limits> = {};
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    if (value !== undefined) limits[name] = value;
  }
  return limits;
}

/**
 * The first bytes of a connection, where they are to tell something: who the
 * client is, from a proxy, and what it speaks, at a door that takes all. Then
 * another link takes over.
 *
 * @module
 */

import { introduced } from "../broker/arrival.ts";
import type { Connection } from "../broker/connection.ts";
import type { Driver } from "./driver.ts";
import { type Spoken, spokenFrom } from "./first_bytes.ts";
import type { Link, Piece } from "./link.ts";
import { type ProxyHeader, readProxyHeader } from "./proxy_header.ts";
import type { Socket } from "./socket.ts";

const EMPTY = new Uint8Array(0);

/** What can begin behind a proxy's header. */
export type Beginning = Exclude<Spoken, "proxy">;

/** What is behind a door whose first bytes are looked at. */
export interface Opening {
  /** Whether a proxy's header comes first. */
  readonly hasProxy: boolean;
  /** Whether TLS may begin, and all the rest in it. */
  readonly hasTls: boolean;
  /** What is spoken, where there is no choice. */
  readonly only: Beginning | undefined;
  /** The same inside of TLS. */
  readonly inTls: Beginning | undefined;
  /** The link that takes over; undefined when that is not spoken here. */
  become(
    beginning: Beginning,
    driver: Driver,
    connection: Connection,
    socket: Socket,
  ): Link | undefined;
}

/** Takes bytes until it is clear whose they are. */
export class OpeningLink implements Link {
  readonly #driver: Driver;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #opening: Opening;
  /** Whether the proxy has still to say who its client is. */
  #awaitsProxy: boolean;
  /** Little: a header of a proxy is at most four kilobytes long. */
  #kept: Uint8Array = EMPTY;

  /** The link of a connection that has just begun. */
  constructor(
    driver: Driver,
    connection: Connection,
    socket: Socket,
    opening: Opening,
  ) {
    this.#driver = driver;
    this.#connection = connection;
    this.#socket = socket;
    this.#opening = opening;
    this.#awaitsProxy = opening.hasProxy;
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    if (this.#connection.phase === "closed") return;
    const kept = this.#kept;
    let bytes = kept.length === 0
      ? chunk.subarray(0, length)
      : joined(kept, chunk.subarray(0, length));
    if (this.#awaitsProxy) {
      const header = readProxyHeader(bytes, bytes.length);
      if (header === undefined) return this.#keep(bytes);
      if ("fault" in header) return this.#fail(header.fault);
      this.#awaitsProxy = false;
      if (!this.#introduce(header)) return;
      bytes = bytes.subarray(header.consumed);
    }
    const { only } = this.#opening;
    const beginning = only ?? spokenFrom(bytes, bytes.length, "not here");
    if (beginning === undefined) return this.#keep(bytes);
    if (typeof beginning !== "string") return this.#fail(beginning.fault);
    this.#handOver(beginning as Beginning, bytes);
  }

  /** See {@linkcode Link}: nothing is said before it is clear to whom. */
  next(): Piece | null {
    return null;
  }

  /** See {@linkcode Link}. */
  pin(): void {}

  /** See {@linkcode Link}. */
  sent(): void {}

  #handOver(beginning: Beginning, bytes: Uint8Array): void {
    this.#kept = EMPTY;
    this.#driver.keepApart(this.#connection, 0);
    if (beginning === "tls" && this.#opening.hasTls) {
      this.#socket.link = new OpeningLink(
        this.#driver,
        this.#connection,
        this.#socket,
        {
          ...this.#opening,
          hasProxy: false,
          hasTls: false,
          only: this.#opening.inTls,
        },
      );
      this.#socket.secure(bytes);
      return;
    }
    const link = this.#opening.become(
      beginning,
      this.#driver,
      this.#connection,
      this.#socket,
    );
    if (link === undefined) {
      return this.#fail(`${beginning.toUpperCase()} is not spoken here`);
    }
    this.#socket.link = link;
    if (bytes.length > 0) link.received(bytes, bytes.length);
  }

  /** False when the client may not come in. */
  #introduce({ source, commonName }: ProxyHeader): boolean {
    const certificate = commonName === undefined
      ? undefined
      : { commonName, subject: undefined };
    if (source !== undefined) {
      this.#socket.introduction = { ...source, certificate };
    }
    this.#driver.turn(() => introduced(this.#connection));
    return this.#connection.phase !== "closed";
  }

  #fail(fault: string): void {
    this.#driver.fault(this.#connection, fault);
  }

  /** What is not used yet: a copy, unless it is one already. */
  #keep(bytes: Uint8Array): void {
    this.#kept = this.#kept.length === 0 ? bytes.slice() : bytes;
    this.#driver.keepApart(this.#connection, bytes.length);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

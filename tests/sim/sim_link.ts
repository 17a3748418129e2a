/**
 * A network connection in the simulated world: bytes take their time, in
 * pieces, in order; it may be cut anywhere in a packet, and one end may
 * vanish without the other one knowing.
 */

import type { CertificateName } from "../../src/auth/authenticator.ts";
import type { Connection } from "../../src/broker/connection.ts";
import type { Core } from "../../src/broker/core.ts";
import type { Door } from "../../src/broker/door.ts";
import type { Transport } from "../../src/broker/transport.ts";
import { Random } from "../fuzz/random.ts";
import type { Agenda } from "./agenda.ts";

/** The broker's process, as the network sees it. */
export interface Host {
  readonly core: Core;
  readonly door: Door;
  /** The broker's clock. */
  readonly nowMs: number;
  readonly isDead: boolean;
  /** Bytes leave: a moment for a power cut. */
  sends(): void;
}

/** The client's end. */
export interface Peer {
  /** Bytes have come, which left the broker at `sentMs`. */
  took(bytes: Uint8Array, sentMs: number): void;
  /** The connection has ended. */
  lost(): void;
}

/** What is on its way to the broker. */
interface Piece {
  readonly bytes: Uint8Array;
  /** Told just before the last byte of something comes to the broker. */
  readonly arrived: (() => void) | undefined;
}

const DELAY_MS_MAX = 8;

export class SimLink implements Transport {
  readonly door: Door;
  readonly address: string;
  readonly host = "192.0.2.1";
  readonly certificate: CertificateName | undefined = undefined;
  /** When it was made, and when the broker knew that it was over. */
  readonly openedMs: number;
  closedMs = Infinity;
  readonly #agenda: Agenda;
  readonly #process: Host;
  readonly #random: Random;
  readonly #peer: Peer;
  readonly #connection: Connection | undefined;
  /** When what was sent last comes: to the broker, to the client. */
  #inMs = 0;
  #outMs = 0;
  /** Whether each end is there. */
  #hasPeer = true;
  #hasHost = true;
  #isPaused = false;
  #isBroken = false;
  readonly #waiting: Piece[] = [];

  constructor(
    agenda: Agenda,
    process: Host,
    peer: Peer,
    seed: number,
  ) {
    this.#agenda = agenda;
    this.#process = process;
    this.#peer = peer;
    this.#random = new Random(seed);
    this.door = process.door;
    this.address = `192.0.2.1:${seed}`;
    this.openedMs = agenda.nowMs;
    this.#connection = process.core.open(this, process.nowMs);
  }

  /** The client sends; `arrived` is called when the broker has all of it. */
  send(bytes: Uint8Array, arrived?: () => void): void {
    if (!this.#hasHost) this.#reset();
    for (let at = 0; at < bytes.length;) {
      const isWhole = this.#random.chance(70);
      const most = bytes.length - at;
      const end = at + (isWhole ? most : this.#random.between(1, most));
      const isLast = end === bytes.length;
      const piece = bytes.slice(at, end);
      this.#carry({ bytes: piece, arrived: isLast ? arrived : undefined });
      at = end;
    }
  }

  /** The client hangs up; what was on its way may come, up to some byte. */
  cut(): void {
    this.#isBroken = true;
    this.#hasPeer = false;
    this.#soon("in", () => this.#lose());
  }

  /** It breaks between them, which each end finds out in its time. */
  sever(): void {
    this.#isBroken = true;
    this.#soon("in", () => this.#lose());
    this.#soon("out", () => this.#tellPeer());
  }

  /** The client is gone, and the broker does not know. */
  vanish(): void {
    this.#hasPeer = false;
    this.#peer.lost();
  }

  /** The broker's machine is gone; the client is told, or finds out. */
  hostGone(): void {
    if (!this.#hasHost) return;
    this.#hasHost = false;
    this.ended();
    if (this.#random.chance(70)) this.#reset();
  }

  /** The broker is done with it; what it has to say may take a while. */
  ended(): void {
    this.closedMs = Math.min(this.closedMs, this.#agenda.nowMs);
  }

  /** See `Transport`. */
  flush(): void {
    const connection = this.#connection!;
    const { queue } = connection;
    while (queue.sendableBytes > 0) {
      if (this.#process.isDead || !this.#hasHost) return;
      this.#process.sends();
      if (this.#process.isDead) return;
      const { bytes, start, end } = queue.head!;
      const length = Math.min(end - start, queue.sendableBytes);
      const sent = bytes.slice(start, start + length);
      const sentMs = this.#agenda.nowMs;
      this.#soon("out", () => {
        if (this.#isBroken && this.#random.chance(30)) this.#tellPeer();
        if (this.#hasPeer) this.#peer.took(sent, sentMs);
      });
      connection.sent(length, this.#process.nowMs);
      this.#process.core.endTurn();
    }
    if (queue.head === null && connection.phase === "closed") this.#end();
  }

  /** See `Transport`. */
  pause(): void {
    this.#isPaused = true;
  }

  /** See `Transport`. */
  resume(): void {
    this.#isPaused = false;
    this.#agenda.in(0, () => {
      while (!this.#isPaused && this.#waiting.length > 0) {
        this.#take(this.#waiting.shift()!);
      }
    });
  }

  /** The broker has closed, and all that it had to say is on its way. */
  #end(): void {
    if (!this.#hasHost) return;
    this.#hasHost = false;
    this.ended();
    this.#soon("out", () => this.#tellPeer());
  }

  #reset(): void {
    this.#soon("out", () => this.#tellPeer());
  }

  #tellPeer(): void {
    if (!this.#hasPeer) return;
    this.#hasPeer = false;
    this.#peer.lost();
  }

  /** Some of what is on its way comes before the end does. */
  #lose(): void {
    if (!this.#hasHost || this.#process.isDead) return;
    this.#hasHost = false;
    this.ended();
    this.#connection?.transportClosed("the network broke", this.#process.nowMs);
    this.#process.core.endTurn();
  }

  #carry(piece: Piece): void {
    this.#soon("in", () => {
      if (this.#isBroken && this.#random.chance(30)) this.#lose();
      if (this.#isPaused) this.#waiting.push(piece);
      else this.#take(piece);
    });
  }

  #take({ bytes, arrived }: Piece): void {
    if (!this.#hasHost || this.#process.isDead) return;
    arrived?.();
    const connection = this.#connection!;
    connection.receive(bytes, bytes.length, this.#process.nowMs);
    bytes.fill(0xee); // which was borrowed
    this.#process.core.endTurn();
  }

  /** After a delay, behind what was sent before in this direction. */
  #soon(way: "in" | "out", run: () => void): void {
    const { nowMs } = this.#agenda;
    const atMs = nowMs + this.#random.below(DELAY_MS_MAX + 1);
    const last = way === "in" ? this.#inMs : this.#outMs;
    const dueMs = Math.max(atMs, last);
    if (way === "in") this.#inMs = dueMs;
    else this.#outMs = dueMs;
    this.#agenda.in(dueMs - nowMs, run);
  }
}

/**
 * Runs the pure broker: brings it the time, ends its turns, and keeps the
 * one timer that it needs. The sockets are the adapters' business
 * (`net/deno_tcp.ts`, `net/bun_tcp.ts`).
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Core } from "../broker/core.ts";
import type { Timed } from "../broker/timed.ts";
import type { Transport } from "../broker/transport.ts";

/** A timer of the runtime never waits longer than this. */
const TIMER_MS_MAX = 2_147_483_647;
/** How long a peer has to take its last bytes and hang up. */
const LINGER_MS = 1000;
/** How often a broker that stops looks whether its clients are gone. */
const CLOSE_LOOK_MS = 5;

/** The time, milliseconds, on a clock that never steps. */
export function monotonicMs(): number {
  return performance.now();
}

/** A socket of which the broker is done, or can be. */
export interface Socket {
  /** Closes it at once. */
  destroy(): void;
}

/** The driver of one broker. */
export class Driver {
  /** The broker. */
  readonly core: Core;
  /** All sockets that are open. */
  readonly sockets = new Set<Socket>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = Infinity;
  readonly #tick = (): void => this.#onTimer();

  /** A driver for `core`. */
  constructor(core: Core) {
    this.core = core;
  }

  /** A peer has connected; `undefined` when it is to be turned away. */
  open(transport: Transport): Connection | undefined {
    const connection = this.core.open(transport, monotonicMs());
    this.#arm();
    return connection;
  }

  /** A peer has sent `chunk[0, length)`: one turn. */
  received(connection: Connection, chunk: Uint8Array, length: number): void {
    connection.receive(chunk, length, monotonicMs());
    this.endTurn();
  }

  /** `length` bytes of a connection's queue have left: one turn. */
  sent(connection: Connection, length: number): void {
    connection.sent(length, monotonicMs());
    this.endTurn();
  }

  /** A socket has ended: one turn. */
  closed(connection: Connection, reason: string): void {
    connection.transportClosed(reason, monotonicMs());
    this.endTurn();
  }

  /** Commits, sends, and sets the timer for what is due next. */
  endTurn(): void {
    this.core.endTurn();
    this.#arm();
  }

  /**
   * Gives the peer a moment to read its last bytes: closing with unread
   * input would reset the connection and lose them.
   */
  linger(socket: Socket): Timed {
    const waiting: Timed = {
      deadlineMs: 0,
      deadlineSlot: -1,
      onDeadline: () => socket.destroy(),
    };
    this.core.deadlines.set(waiting, this.core.nowMs + LINGER_MS);
    this.#arm();
    return waiting;
  }

  /** Waits until all sockets are closed; closes them after `waitMs`. */
  async allClosed(waitMs: number): Promise<void> {
    const untilMs = monotonicMs() + waitMs;
    while (this.sockets.size > 0 && monotonicMs() < untilMs) {
      await new Promise((done) => setTimeout(done, CLOSE_LOOK_MS));
    }
    for (const socket of [...this.sockets]) socket.destroy();
  }

  /** Stops the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Infinity;
  }

  #arm(): void {
    const dueMs = this.core.nextDeadlineMs;
    if (dueMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    const delayMs = Math.ceil(dueMs - monotonicMs());
    this.#timer = setTimeout(
      this.#tick,
      Math.min(Math.max(delayMs, 0), TIMER_MS_MAX),
    );
  }

  #onTimer(): void {
    this.#timerMs = Infinity;
    this.core.tick(monotonicMs());
    this.#arm();
  }
}

/**
 * Runs the pure broker: brings it the time, ends its turns, and keeps the
 * one timer that it needs. The sockets are the adapters' business
 * (`net/deno_tcp.ts`, `net/bun_tcp.ts`).
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Core } from "../broker/core.ts";
import { closeAllConnections } from "../broker/disconnect.ts";
import { keepApart } from "../broker/half_packets.ts";
import type { Timed } from "../broker/timed.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR } from "../codec/reason_code.ts";
import { Probe } from "./probe.ts";
import type { Socket } from "./socket.ts";
import { soon } from "./soon.ts";

/** A timer of the runtime never waits longer than this. */
const TIMER_MS_MAX = 2_147_483_647;
/** So long sockets are read from without a look at what else there is. */
const UNYIELDING_MS = 20;
/** How long a peer has to take its last bytes and hang up. */
const LINGER_MS = 1000;
/** How often a broker that stops looks whether its clients are gone. */
const CLOSE_LOOK_MS = 5;

/**
 * The time, milliseconds, on a clock that never steps. Whole ones: a number
 * with a fraction would be an object of its own wherever it is kept.
 */
export function monotonicMs(): number {
  return Math.trunc(performance.now());
}

/** The driver of one broker. */
export class Driver {
  /** The broker. */
  readonly core: Core;
  /** Sockets whose connection is closed, and that wait for the peer. */
  readonly #lingering = new Set<Socket>();
  readonly #probe: Probe | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = Infinity;
  /** When somebody was patient last. */
  #patientMs = 0;
  /** Whether those who wait for their turn have it soon. */
  #goesOn = false;
  readonly #tick = (): void => this.#onTimer();

  /** A driver for `core`. */
  constructor(core: Core) {
    this.core = core;
    const { measures } = core;
    this.#probe = measures && new Probe(core, measures);
    // Sessions that were kept may have an end, or a will that waits.
    this.#arm();
  }

  /** A peer has connected; `undefined` when it is to be turned away. */
  open(socket: Socket): Connection | undefined {
    const connection = this.core.open(socket, monotonicMs());
    this.#arm();
    return connection;
  }

  /** A peer has sent `chunk[0, length)`: one turn. */
  received(connection: Connection, chunk: Uint8Array, length: number): void {
    if (this.#probe?.isDue()) {
      this.#probe.received(connection, chunk, length);
      this.#arm();
      return;
    }
    connection.receive(chunk, length, monotonicMs());
    this.endTurn();
  }

  /**
   * Whether one who sends all the time is to let others go first now. A read
   * that has something to bring does so at once, and then the next: all that
   * a peer has sent in seconds could be read before anybody else is heard.
   */
  isPatient(): boolean {
    const { nowMs } = this.core;
    if (nowMs - this.#patientMs < UNYIELDING_MS) return false;
    this.#patientMs = nowMs;
    return true;
  }

  /** `length` bytes of a connection's queue have left: one turn. */
  sent(connection: Connection, length: number): void {
    this.#probe?.sent(connection, length);
    connection.sent(length, monotonicMs());
    this.endTurn();
  }

  /** A socket has ended: one turn. */
  closed(connection: Connection, reason: string): void {
    connection.transportClosed(reason, monotonicMs());
    this.endTurn();
  }

  /** What a peer sent is wrong before it gets to MQTT: one turn. */
  fault(connection: Connection, sentence: string): void {
    const error = new ProtocolError(PROTOCOL_ERROR, sentence);
    this.turn(() => connection.fail(error));
  }

  /** So many bytes are kept of what comes before MQTT: a turn if it ends. */
  keepApart(connection: Connection, bytes: number): void {
    keepApart(connection, bytes);
    if (connection.phase === "closed") this.endTurn();
  }

  /** Runs something that takes place now, as a turn of its own. */
  turn(run: () => void): void {
    this.core.nowMs = monotonicMs();
    run();
    this.endTurn();
  }

  /** Commits, sends, and sets the timer for what is due next. */
  endTurn(): void {
    this.core.endTurn();
    if (this.core.longTurns.length > 0) this.#goOnSoon();
    this.#arm();
  }

  /**
   * A connection is closed, its socket not yet: the peer has `shutdownMs` to
   * take what is queued, and then a moment to hang up itself. Closing with
   * unread input would reset the socket and lose the last bytes. Ends with
   * {@linkcode gone}.
   */
  linger(socket: Socket): Timed {
    const { shutdownMs } = this.core.options.limits;
    const waiting: Timed = {
      deadlineMs: 0,
      deadlineSlot: -1,
      onDeadline: () => socket.destroy(),
    };
    this.#lingering.add(socket);
    this.core.deadlines.set(waiting, this.core.nowMs + shutdownMs);
    this.#arm();
    return waiting;
  }

  /** The last byte has left: the peer has a moment to hang up. */
  lastSent(lingering: Timed): void {
    const untilMs = this.core.nowMs + LINGER_MS;
    if (lingering.deadlineMs > untilMs) {
      this.core.deadlines.set(lingering, untilMs);
    }
  }

  /** A socket is closed; `lingering` is what `linger` returned for it. */
  gone(
    socket: Socket,
    connection: Connection | undefined,
    lingering: Timed | undefined,
  ): void {
    if (connection !== undefined) this.#probe?.gone(connection);
    connection?.queue.clear();
    if (lingering === undefined) return;
    this.#lingering.delete(socket);
    this.core.deadlines.remove(lingering);
  }

  /**
   * Closes all connections and sends what is queued for them; after at most
   * `waitMs` their sockets are closed too.
   */
  async closeAll(reason: string, waitMs: number): Promise<void> {
    const untilMs = monotonicMs() + waitMs;
    const sockets = new Set(this.#lingering);
    for (const { transport } of this.core.connections) {
      sockets.add(transport as Socket);
    }
    this.core.nowMs = monotonicMs();
    closeAllConnections(this.core, reason);
    this.endTurn();
    for (;;) {
      for (const socket of sockets) {
        if (socket.isClosed) sockets.delete(socket);
      }
      if (sockets.size === 0 || monotonicMs() >= untilMs) break;
      await new Promise((done) => setTimeout(done, CLOSE_LOOK_MS));
    }
    for (const socket of sockets) socket.destroy();
  }

  /** Stops the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Infinity;
  }

  /** Clients wait for their turn: others go first, but no time passes. */
  #goOnSoon(): void {
    if (this.#goesOn) return;
    this.#goesOn = true;
    soon(() => {
      this.#goesOn = false;
      this.turn(() => this.core.longTurns.onDeadline());
    });
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

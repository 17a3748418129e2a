/**
 * No client's chunk keeps all others waiting. A chunk is one turn, and most
 * are short; but a message of a few bytes may go to thousands of clients,
 * or be on a topic that a hundred thousand filters match, and a chunk holds
 * a thousand messages. So a turn has a bound on what it may cost. What is
 * left of a chunk then waits in a line, and its client is not read from;
 * the others are served in between.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import type { Timed } from "./timed.ts";

/**
 * What a turn may cost: deliveries, or looks of the router, of which each
 * takes 0.1 to 0.5 µs. One message may go beyond it.
 */
const EFFORT_MAX = 10_000;
/** What is told to a journal costs as much as so many of them. */
const TOLD_EFFORT = 10;
/** Where that much waits already, turns are long: memory has a limit too. */
const WAITING_BYTES_MAX = 64 << 20;

/** The line of one broker. */
export class LongTurns implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  /** Deliveries since the turn began, or what costs as much. */
  deliveries = 0;
  readonly #core: Core;
  readonly #line = new Set<Connection>();
  #waitingBytes = 0;
  #looksBefore = 0;

  /** With nobody in line. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** How many wait. */
  get length(): number {
    return this.#line.size;
  }

  /** A turn begins. */
  begin(): void {
    this.deliveries = 0;
    this.#looksBefore = this.#core.router.looks;
  }

  /** A journal is told something. */
  told(): void {
    this.deliveries += TOLD_EFFORT;
  }

  /** Whether the turn has cost what it may. */
  get isOver(): boolean {
    const looks = this.#core.router.looks - this.#looksBefore;
    return this.deliveries + looks > EFFORT_MAX &&
      this.#waitingBytes < WAITING_BYTES_MAX;
  }

  /** The rest of a chunk of `connection` waits until it is its turn. */
  putOff(connection: Connection, rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#core.counters.turnPauses++;
    this.#line.add(connection);
    connection.ownExtras.isPutOff = true;
    this.stashAway(connection, rest);
    connection.block();
    if (this.deadlineSlot < 0) this.#wake();
  }

  /** More has come from a client that is in line. */
  stashAway(connection: Connection, bytes: Uint8Array): void {
    connection.extras.stashAway(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** `connection` is closed. */
  forget(connection: Connection): void {
    if (!this.#line.delete(connection)) return;
    this.#waitingBytes -= connection.extras.stashBytes;
    connection.extras.isPutOff = false;
  }

  /** A turn for those who wait, as far as it goes. */
  onDeadline(): void {
    this.begin();
    for (const connection of [...this.#line]) {
      if (this.isOver) break;
      this.forget(connection);
      goOn(connection);
    }
    if (this.#line.size > 0) this.#wake();
  }

  #wake(): void {
    this.#core.deadlines.set(this, this.#core.nowMs + 1);
  }
}

function goOn(connection: Connection): void {
  const { core, extras } = connection;
  const stash = extras.takeStash()!;
  connection.handle(stash, stash.length);
  if (connection.phase === "closed") return;
  // If its turn was over once more, it is blocked once more.
  connection.unblock();
  if (extras.isPutOff || extras.goneBecause === undefined) return;
  connection.transportClosed(extras.goneBecause, core.nowMs);
}

/**
 * Measures how long things take, of one turn in 64: the rest pay a count.
 *
 * A message that is looked at is followed from the read that has brought it
 * until the system has taken what was queued before and with it for one of
 * its receivers, whoever that is. A turn is the work on what one read
 * brings. How late the event loop is shows a timer that is due each second.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Core } from "../broker/core.ts";
import type { Timed } from "../broker/timed.ts";
import type { Measures } from "../metrics/measures.ts";

/** One turn in so many is looked at; a power of two. */
const TURNS = 64;
const LAG_PERIOD_MS = 1000;
/** A message that takes longer is counted with this, and let go of. */
const PATIENCE_MS = 20_000;

/** Measures for one broker. */
export class Probe implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  readonly #measures: Measures;
  #turns = 0;
  /** Who is to get the message that is followed. */
  #receiver: Connection | undefined;
  /** What is still to be sent until it has it. */
  #bytesLeft = 0;
  #beganMs = 0;

  /** Nothing is measured yet. */
  constructor(core: Core, measures: Measures) {
    this.#core = core;
    this.#measures = measures;
    core.deadlines.set(this, core.nowMs + LAG_PERIOD_MS);
  }

  /** Whether the turn that begins is to be looked at. */
  isDue(): boolean {
    return (++this.#turns & (TURNS - 1)) === 0;
  }

  /** The turn in which `connection` sends `chunk[0, length)`. */
  received(connection: Connection, chunk: Uint8Array, length: number): void {
    const { counters } = this.#core;
    const beganMs = performance.now();
    const published = counters.publishSent;
    connection.receive(chunk, length, Math.trunc(beganMs));
    if (counters.publishSent > published) this.#follow(connection, beganMs);
    this.#core.endTurn();
    this.#measures.turn.observe((performance.now() - beganMs) / 1000);
  }

  /** `length` bytes have left for `connection`. */
  sent(connection: Connection, length: number): void {
    if (connection !== this.#receiver) return;
    this.#bytesLeft -= length;
    if (this.#bytesLeft <= 0) this.#arrived(performance.now());
  }

  /** `connection` is gone, and what waited for it. */
  gone(connection: Connection): void {
    if (connection === this.#receiver) this.#receiver = undefined;
  }

  /** A second is over, or more. */
  onDeadline(): void {
    const { deadlines, nowMs } = this.#core;
    this.#measures.lag.observe((nowMs - this.deadlineMs) / 1000);
    deadlines.set(this, nowMs + LAG_PERIOD_MS);
    const isLost = this.#receiver !== undefined &&
      nowMs - this.#beganMs > PATIENCE_MS;
    if (isLost) this.#arrived(nowMs);
  }

  /** Follows what was queued last in this turn. One message at a time. */
  #follow(publisher: Connection, beganMs: number): void {
    if (this.#receiver !== undefined) return;
    const receiver = this.#core.dirtyAt(this.#turns / TURNS);
    if (receiver === undefined || receiver === publisher) return;
    // A large message may have left already.
    if (receiver.queue.bytes === 0) return;
    this.#receiver = receiver;
    this.#bytesLeft = receiver.queue.bytes;
    this.#beganMs = beganMs;
  }

  #arrived(nowMs: number): void {
    this.#receiver = undefined;
    this.#measures.delivery.observe((nowMs - this.#beganMs) / 1000);
  }
}

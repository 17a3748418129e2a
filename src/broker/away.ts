/**
 * A session without a connection: its will may wait, and it may end
 * (MQTT 5.0 sections 3.1.2.11.2 and 3.1.3.2.2).
 *
 * @module
 */

import type { Will } from "../codec/connect.ts";
import type { ClientSession, Core } from "./core.ts";
import { endSession } from "./sessions.ts";
import type { Timed } from "./timed.ts";
import { publishWill, uncountWill } from "./wills.ts";

/** What waits for the client to come back. */
export class Away implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  readonly #session: ClientSession;
  readonly #endMs: number;
  readonly #willMs: number;
  #will: Will | undefined;

  /**
   * `session` is away.
   *
   * @param will What is published if the client stays away long enough.
   * @param sinceMs Since when.
   */
  constructor(
    core: Core,
    session: ClientSession,
    will: Will | undefined,
    sinceMs: number,
  ) {
    const delaySeconds = will?.properties.willDelaySeconds ?? 0;
    this.#core = core;
    this.#session = session;
    this.#will = will;
    this.#endMs = sinceMs + session.expiryMs;
    this.#willMs = will === undefined
      ? Infinity
      : sinceMs + delaySeconds * 1000;
    if (Math.min(this.#endMs, this.#willMs) === Infinity) return;
    core.away.set(session, this);
    this.#schedule();
  }

  /** When the session ends. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Whether a will waits. */
  get hasWill(): boolean {
    return this.#will !== undefined;
  }

  /** The client is back: its will is not published [MQTT5-3.1.3-9]. */
  comeBack(): void {
    const will = this.#will;
    this.#will = undefined;
    if (will !== undefined) uncountWill(this.#core, will);
    this.#leave();
  }

  /** The session ends: its will waits no longer. */
  end(): void {
    this.#leave();
    this.#publish();
  }

  /** The will is due, or the session's end. */
  onDeadline(): void {
    const { nowMs } = this.#core;
    if (nowMs >= this.#endMs) {
      this.#core.counters.sessionsExpired++;
      endSession(this.#core, this.#session); // which calls `end`
      return;
    }
    if (nowMs >= this.#willMs && this.#will !== undefined) {
      this.#core.journal?.willPublished(this.#session.clientId);
      this.#publish();
    }
    this.#schedule();
  }

  #schedule(): void {
    const willMs = this.#will === undefined ? Infinity : this.#willMs;
    const dueMs = Math.min(this.#endMs, willMs);
    if (dueMs === Infinity) this.#leave();
    else this.#core.deadlines.set(this, dueMs);
  }

  #leave(): void {
    this.#core.deadlines.remove(this);
    this.#core.away.delete(this.#session);
  }

  #publish(): void {
    const will = this.#will;
    this.#will = undefined;
    if (will !== undefined) publishWill(this.#core, this.#session, will);
  }
}

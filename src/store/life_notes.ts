/**
 * Until when the broker has lived at most, noted in its file now and then.
 * Whoever was connected when the power went is away since then: so the time
 * for which it was off counts for sessions and wills, and none of them is
 * over before its time.
 *
 * ```text
 *   note ──── 60 s ──── note ───── power cut         start
 *    └── reaches 120 s ───┴────────────┴───────────┤   │
 *                                away since here at most
 * ```
 *
 * A note goes along with what is written anyway. One for itself is written
 * only while somebody is connected for whom it matters, once a minute.
 *
 * @module
 */

import type { BatchWriter } from "./batch_writer.ts";

/** As often as that where nothing else is written. */
const PAUSE_MS = 60_000;
/** Not more often than that, whatever is written. */
const PAUSE_MS_MIN = 10_000;
/** Until the next one is on disk, however slow that is. */
const REACH_MS = 120_000;

/** See above. */
export class LifeNotes {
  readonly #isNeeded: () => boolean;
  readonly #send: () => void;
  #lastMs = -Infinity;
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param isNeeded Whether somebody is connected for whom it matters.
   * @param send Writes a batch, as one is due.
   */
  constructor(isNeeded: () => boolean, send: () => void) {
    this.#isNeeded = isNeeded;
    this.#send = send;
  }

  /** Whether one is to be written, if nothing else is. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Adds one to a batch, if it is time for it. */
  addTo(batch: BatchWriter, nowMs: number, offsetMs: number): void {
    const isLate = nowMs >= this.#lastMs + PAUSE_MS_MIN;
    if (!this.#isDue && !(batch.length > 0 && isLate)) return;
    batch.add("live", Math.round(nowMs + offsetMs + REACH_MS));
    this.#lastMs = nowMs;
    this.#isDue = false;
  }

  /** Something is on disk: the next one is due in a minute. */
  wait(): void {
    if (this.#timer !== undefined || !this.#isNeeded()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isDue = this.#isNeeded();
      if (this.#isDue) this.#send();
    }, PAUSE_MS);
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

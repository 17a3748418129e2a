/**
 * How much may come in: a bucket that fills with time and is emptied by what
 * was read. It refuses nothing, for what was read was accepted: it says how
 * long to wait before more is read. It has no clock.
 *
 * @module
 */

import { assert } from "./assert.ts";

/**
 * A bucket for one client or one listener. Whoever waits as long as it says
 * reads `ratePerSecond` on the long run, and `burst` at once after a rest.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TokenBucket } from "./token_bucket.ts";
 *
 * const bucket = new TokenBucket(1000, 500, 0);
 * assertEquals(bucket.take(500, 0), 0); // the burst
 * assertEquals(bucket.take(250, 0), 250); // 250 too many: wait 250 ms
 * assertEquals(bucket.take(0, 250), 0);
 * ```
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  /** Below zero: what was read and not yet paid for. */
  #tokens: number;
  #filledMs: number;

  /**
   * A full bucket.
   *
   * @param ratePerSecond What it gains in a second, more than 0.
   * @param burst What it holds at most, 0 or more.
   * @param nowMs The time, milliseconds.
   */
  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    assert(ratePerSecond > 0 && burst >= 0, "a bucket that can be filled");
    this.#perMs = ratePerSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /**
   * Takes `count`, whether it is there or not.
   *
   * @returns For how many whole milliseconds not to read; 0 means go on.
   */
  take(count: number, nowMs: number): number {
    // A clock that was set back gives nothing, and takes nothing either.
    if (nowMs > this.#filledMs) {
      const gained = (nowMs - this.#filledMs) * this.#perMs;
      this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    }
    this.#filledMs = nowMs;
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs);
  }
}

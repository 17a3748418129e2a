/**
 * Remembers keys for a short time, and not too many of them.
 *
 * @module
 */

/** How much is remembered. */
export interface RecentKeysLimits {
  /** Above it the oldest is forgotten. */
  readonly keysMax: number;
  /** For how long a key is remembered. 0: not at all. */
  readonly keepMs: number;
}

/**
 * Keys that were added of late.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { RecentKeys } from "./recent_keys.ts";
 *
 * const keys = new RecentKeys({ keysMax: 100, keepMs: 60_000 });
 * keys.add("ada", 0);
 * assert(keys.has("ada", 59_999));
 * assertFalse(keys.has("ada", 60_000));
 * ```
 */
export class RecentKeys {
  readonly #limits: RecentKeysLimits;
  /** Until when, the oldest first, for all are kept for as long. */
  readonly #untilMs = new Map<string, number>();

  /** Nothing is remembered yet. */
  constructor(limits: RecentKeysLimits) {
    this.#limits = limits;
  }

  /** How many keys are held. */
  get size(): number {
    return this.#untilMs.size;
  }

  /** Remembers `key` from now on. */
  add(key: string, nowMs: number): void {
    const { keysMax, keepMs } = this.#limits;
    this.#untilMs.delete(key);
    this.#untilMs.set(key, nowMs + keepMs);
    for (const [oldest, untilMs] of this.#untilMs) {
      if (untilMs > nowMs && this.#untilMs.size <= keysMax) break;
      this.#untilMs.delete(oldest);
    }
  }

  /** Whether it was added, and not too long ago. */
  has(key: string, nowMs: number): boolean {
    return (this.#untilMs.get(key) ?? nowMs) > nowMs;
  }
}

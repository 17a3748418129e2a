/**
 * Clients that the operator keeps out for a time, by their identifiers. Who
 * serves the API keeps them where there is a place for that.
 *
 * @module
 */

/** So many at a time. */
export const BANS_MAX = 10_000;
/** For so long at most: a year. */
export const BAN_SECONDS_MAX = 31_536_000;

/**
 * Who is kept out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Bans } from "./bans.ts";
 *
 * const bans = new Bans();
 * bans.add("pump", 1000, 0);
 * assertEquals([bans.has("pump", 999), bans.has("pump", 1000)], [true, false]);
 * ```
 */
export class Bans {
  readonly #untilMs = new Map<string, number>();

  /** Whether `clientId` may not connect now. */
  has(clientId: string, nowMs: number): boolean {
    if (this.#untilMs.size === 0) return false;
    const untilMs = this.#untilMs.get(clientId);
    if (untilMs === undefined) return false;
    if (nowMs < untilMs) return true;
    this.#untilMs.delete(clientId);
    return false;
  }

  /** Keeps a client out; false when there are too many already. */
  add(clientId: string, untilMs: number, nowMs: number): boolean {
    const isNew = !this.#untilMs.has(clientId);
    if (isNew && this.#untilMs.size >= BANS_MAX) this.#forgetEnded(nowMs);
    if (isNew && this.#untilMs.size >= BANS_MAX) return false;
    this.#untilMs.set(clientId, untilMs);
    return true;
  }

  /** Lets a client in again; false when it was not kept out. */
  delete(clientId: string, nowMs: number): boolean {
    return this.has(clientId, nowMs) && this.#untilMs.delete(clientId);
  }

  /** Who is kept out, and until when. */
  all(nowMs: number): readonly (readonly [string, number])[] {
    this.#forgetEnded(nowMs);
    return [...this.#untilMs];
  }

  #forgetEnded(nowMs: number): void {
    for (const [clientId, untilMs] of this.#untilMs) {
      if (untilMs <= nowMs) this.#untilMs.delete(clientId);
    }
  }
}

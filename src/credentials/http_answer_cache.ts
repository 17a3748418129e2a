/**
 * Remembers for a moment whom a login server has let in, so that a network
 * that comes back does not ask it about everybody at once. It keeps no
 * password: what was asked is known by a keyed hash, and the key is gone with
 * the process.
 *
 * @module
 */

import type { HttpAllowance } from "./http_answer.ts";
import { hmacSha256 } from "./hash.ts";

/** What a {@linkcode HttpAnswerCache} bears. */
export interface CacheLimits {
  /** How long an answer counts; 0 keeps none. Unit: ms. */
  readonly ttlMs: number;
  /** How many are kept; the oldest goes first. */
  readonly entriesMax: number;
}

interface Entry {
  readonly answer: HttpAllowance;
  readonly sinceMs: number;
}

const KEY_BYTES = 32;

/**
 * Answers by what was asked.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HttpAnswerCache } from "./http_answer_cache.ts";
 *
 * const cache = new HttpAnswerCache({ ttlMs: 30_000, entriesMax: 1024 });
 * const name = await cache.nameOf("who is it?");
 * assertEquals(name.length, 64);
 * assertEquals(cache.find(name, 0), undefined);
 * ```
 */
export class HttpAnswerCache {
  readonly #limits: CacheLimits;
  readonly #entries = new Map<string, Entry>();
  readonly #key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));

  /** Empty. */
  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** Under which name the answer to a question is kept, if it is. */
  async nameOf(question: string): Promise<string> {
    if (this.#limits.ttlMs === 0) return "";
    const bytes = new TextEncoder().encode(question);
    return (await hmacSha256(this.#key, bytes)).toHex();
  }

  /** An answer that still counts, for what is left of its time. */
  find(name: string, nowMs: number): HttpAllowance | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    const { answer, sinceMs } = entry;
    const ageMs = nowMs - sinceMs;
    const { validMs } = answer;
    if (ageMs >= Math.min(this.#limits.ttlMs, validMs ?? Infinity)) {
      this.#entries.delete(name);
      return undefined;
    }
    if (validMs === undefined) return answer;
    return { ...answer, validMs: validMs - ageMs };
  }

  /** Keeps an answer, instead of the oldest where there are too many. */
  keep(name: string, answer: HttpAllowance, nowMs: number): void {
    const { ttlMs, entriesMax } = this.#limits;
    if (ttlMs === 0 || entriesMax === 0) return;
    this.#entries.delete(name);
    if (this.#entries.size >= entriesMax) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
    this.#entries.set(name, { answer, sinceMs: nowMs });
  }

  /** Forgets all of them. */
  clear(): void {
    this.#entries.clear();
  }
}

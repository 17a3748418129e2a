/**
 * Who may ask the API: whoever shows the secret, or a token that was given
 * for it and is good for some hours. How often it may be asked, and how often
 * a wrong secret may be shown, is bounded for each address. There is no
 * clock here. To be loaded when it is needed: `node:crypto` costs time.
 *
 * @module
 */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { networkOf } from "../base/network_of.ts";
import { TokenBucket } from "../base/token_bucket.ts";

/** How long a token is good. */
const TOKEN_MS = 8 * 3_600_000;
/** So many are good at a time; the oldest go first. */
const TOKENS_MAX = 1000;
const TOKEN_BYTES = 32;
/** Requests of an address: a second, and at once. */
const REQUESTS = { perSecond: 200, burst: 1000 } as const;
/** Wrong secrets of an address: a second, and at once. */
const FAILURES = { perSecond: 0.2, burst: 10 } as const;
/** Addresses that are remembered; the oldest go first. */
const ADDRESSES_MAX = 1000;

/** A token, and when it is of no use any more. */
export interface IssuedToken {
  /** What is shown. */
  readonly token: string;
  /** The time on the clock that the caller has, ms. */
  readonly untilMs: number;
}

/**
 * Who may ask.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { Access } from "./access.ts";
 *
 * const access = new Access("0123456789abcdef");
 * const issued = access.login("0123456789abcdef", 0);
 * assert(issued !== undefined && access.admits(issued.token, 1));
 * assert(!access.admits("fedcba9876543210", 1));
 * ```
 */
export class Access {
  readonly #digest: Uint8Array;
  /** When they end, by the digests of the tokens. */
  readonly #tokens = new Map<string, number>();
  readonly #requests = new Map<string, TokenBucket>();
  readonly #failures = new Map<string, TokenBucket>();

  /** @param secret What has to be shown. */
  constructor(secret: string) {
    // A digest is of one length, whatever is compared with it.
    this.#digest = digestOf(secret);
  }

  /** Whether this is the secret, in a time that does not tell how near. */
  isSecret(word: string): boolean {
    return timingSafeEqual(digestOf(word), this.#digest);
  }

  /** A token for the secret; `undefined` for another word. */
  login(secret: string, nowMs: number): IssuedToken | undefined {
    if (!this.isSecret(secret)) return undefined;
    const token = randomBytes(TOKEN_BYTES).toString("hex");
    const untilMs = nowMs + TOKEN_MS;
    this.#tokens.set(keyOf(token), untilMs);
    if (this.#tokens.size > TOKENS_MAX) {
      const [oldest] = this.#tokens.keys();
      this.#tokens.delete(oldest!);
    }
    return { token, untilMs };
  }

  /** Whether a request that shows this is answered. */
  admits(word: string, nowMs: number): boolean {
    const key = keyOf(word);
    const untilMs = this.#tokens.get(key);
    if (untilMs === undefined) return this.isSecret(word);
    if (nowMs < untilMs) return true;
    this.#tokens.delete(key);
    return false;
  }

  /** A request: how long an address has to wait before one, ms. */
  requested(address: string, nowMs: number): number {
    return takeOne(this.#requests, REQUESTS, address, nowMs);
  }

  /** The same for a secret or token that was wrong. */
  failed(address: string, nowMs: number): number {
    return takeOne(this.#failures, FAILURES, address, nowMs);
  }

  /** How long an address has to wait before it may try another secret, ms. */
  patienceFor(address: string, nowMs: number): number {
    const bucket = this.#failures.get(networkOf(address));
    if (bucket === undefined) return 0;
    const waitMs = bucket.take(1, nowMs);
    bucket.take(-1, nowMs);
    return waitMs;
  }
}

function takeOne(
  buckets: Map<string, TokenBucket>,
  { burst, perSecond }: { burst: number; perSecond: number },
  address: string,
  nowMs: number,
): number {
  const network = networkOf(address);
  let bucket = buckets.get(network);
  if (bucket === undefined) {
    bucket = new TokenBucket(perSecond, burst, nowMs);
    buckets.set(network, bucket);
    if (buckets.size > ADDRESSES_MAX) {
      const [oldest] = buckets.keys();
      buckets.delete(oldest!);
    }
  }
  const waitMs = bucket.take(1, nowMs);
  // What is refused is not owed.
  if (waitMs > 0) bucket.take(-1, nowMs);
  return waitMs;
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/**
 * Whether a token is genuine, and who it says somebody is: RFC 7519 section
 * 7.2, RFC 8725. The signature is checked before any claim is looked at, by a
 * key whose own algorithm is the token's. Keys come from a file: addresses of
 * keys, and keys, in a token are not heeded.
 *
 * @module
 */

import { type ClaimRules, judgeClaims } from "./jwt_claims.ts";
import { hasSigned, type JwtKey } from "./jwt_key.ts";
import type { JwtToken } from "./jwt_token.ts";

/** What came out, with a clause that has no word of the token. */
export type JwtVerdict =
  | {
    /** It is genuine, and good for now. */
    readonly result: "valid";
    /** Until when, since 1970; `Infinity` when it never expires. Unit: ms. */
    readonly untilMs: number;
    /** What has signed it. */
    readonly key: JwtKey;
  }
  | {
    /** Nobody whom we trust has made it, or not for now or not for us. */
    readonly result: "forged" | "refused";
    /** Why, as a clause. */
    readonly why: string;
  };

/**
 * Judges a token at the time `nowMs` since 1970.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { verifyJwt } from "./jwt.ts";
 * import { secretKey } from "./jwt_key.ts";
 *
 * const key = await secretKey(new Uint8Array(32), undefined);
 * const token = {
 *   algorithm: "HS256",
 *   keyId: undefined,
 *   signed: Uint8Array.of(1),
 *   signature: new Uint8Array(32),
 *   claims: {},
 * } as const;
 * const rules = {
 *   issuers: [],
 *   audiences: [],
 *   requiresExpiry: true,
 *   leewayMs: 0,
 * };
 * assertEquals(await verifyJwt(token, [key], rules, 0), {
 *   result: "forged",
 *   why: "a token with a bad signature",
 * });
 * ```
 */
export async function verifyJwt(
  token: JwtToken,
  keys: readonly JwtKey[],
  rules: ClaimRules,
  nowMs: number,
): Promise<JwtVerdict> {
  const fitting = keysFor(token, keys);
  if (fitting.length === 0) {
    const why = `a token by a key for ${token.algorithm} that is not known`;
    return { result: "forged", why };
  }
  const key = await signerOf(token, fitting);
  if (key === undefined) {
    return { result: "forged", why: "a token with a bad signature" };
  }
  const verdict = judgeClaims(token.claims, rules, nowMs);
  if (!verdict.isValid) return { result: "refused", why: verdict.why };
  return { result: "valid", untilMs: verdict.untilMs, key };
}

/** A key without a name fits any name: keys in PEM have none. */
function keysFor(
  { algorithm, keyId }: JwtToken,
  keys: readonly JwtKey[],
): JwtKey[] {
  return keys.filter((key) =>
    key.algorithm === algorithm &&
    (keyId === undefined || key.keyId === undefined || key.keyId === keyId)
  );
}

async function signerOf(
  token: JwtToken,
  keys: readonly JwtKey[],
): Promise<JwtKey | undefined> {
  for (const key of keys) {
    if (await hasSigned(key, token)) return key;
  }
  return undefined;
}

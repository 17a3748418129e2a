/**
 * What the claims of a token say about when, for whom and by whom it is:
 * RFC 7519 section 4.1. That they are signed has been seen to by then.
 *
 * @module
 */

import { type JsonObject, member } from "./strict_json.ts";

/** Which tokens are taken. */
export interface ClaimRules {
  /** Who may have made it; anyone who has the key when there is none. */
  readonly issuers: readonly string[];
  /** Who we are; a token for somebody by name has to name one of them. */
  readonly audiences: readonly string[];
  /** Whether a token that never expires is refused. */
  readonly requiresExpiry: boolean;
  /** How much clocks may differ. Unit: ms. */
  readonly leewayMs: number;
}

/** Until when a token is good, or why it is not, as a clause. */
export type ClaimVerdict =
  | { readonly isValid: true; readonly untilMs: number }
  | { readonly isValid: false; readonly why: string };

/** The largest time that the runtime's calendar has. */
const SECONDS_MAX = 8.64e12;

/**
 * Judges claims at the time `nowMs` since 1970.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeClaims } from "./jwt_claims.ts";
 *
 * const rules = {
 *   issuers: [],
 *   audiences: [],
 *   requiresExpiry: true,
 *   leewayMs: 30_000,
 * };
 * assertEquals(judgeClaims({ exp: 100 }, rules, 99_000), {
 *   isValid: true,
 *   untilMs: 130_000,
 * });
 * assertEquals(judgeClaims({ exp: 100 }, rules, 130_000), {
 *   isValid: false,
 *   why: "the token has expired",
 * });
 * ```
 */
export function judgeClaims(
  claims: JsonObject,
  rules: ClaimRules,
  nowMs: number,
): ClaimVerdict {
  const why = timeFault(claims, rules, nowMs) ??
    issuerFault(claims, rules) ?? audienceFault(claims, rules);
  if (why !== undefined) return { isValid: false, why };
  const expiry = member(claims, "exp") as number | undefined;
  if (expiry === undefined) return { isValid: true, untilMs: Infinity };
  return { isValid: true, untilMs: expiry * 1000 + rules.leewayMs };
}

function timeFault(
  claims: JsonObject,
  { requiresExpiry, leewayMs }: ClaimRules,
  nowMs: number,
): string | undefined {
  for (const name of ["exp", "nbf", "iat"]) {
    const value = member(claims, name);
    if (value === undefined || isTime(value)) continue;
    return `the token's "${name}" is no time`;
  }
  const [expiry, notBefore, issued] = ["exp", "nbf", "iat"].map((name) => {
    const seconds = member(claims, name) as number | undefined;
    return seconds === undefined ? undefined : seconds * 1000;
  });
  if (expiry === undefined && requiresExpiry) {
    return 'the token has no "exp"';
  }
  if (expiry !== undefined && nowMs >= expiry + leewayMs) {
    return "the token has expired";
  }
  if (notBefore !== undefined && nowMs < notBefore - leewayMs) {
    return "the token is not valid yet";
  }
  if (issued !== undefined && nowMs < issued - leewayMs) {
    return "the token was issued in the future";
  }
  return undefined;
}

function issuerFault(
  claims: JsonObject,
  { issuers }: ClaimRules,
): string | undefined {
  if (issuers.length === 0) return undefined;
  const issuer = member(claims, "iss");
  const isKnown = typeof issuer === "string" && issuers.includes(issuer);
  return isKnown ? undefined : "the token is of another issuer";
}

/** RFC 7519 section 4.1.3: who is not named must not take the token. */
function audienceFault(
  claims: JsonObject,
  { audiences }: ClaimRules,
): string | undefined {
  const claim = member(claims, "aud");
  if (claim === undefined) {
    return audiences.length === 0 ? undefined : "the token is for no audience";
  }
  const named: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (!named.every((name) => typeof name === "string")) {
    return 'the token\'s "aud" is neither text nor a list of texts';
  }
  if (named.some((name) => audiences.includes(name as string))) {
    return undefined;
  }
  return audiences.length === 0
    ? "the token is for an audience, and none is configured"
    : "the token is for another audience";
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= SECONDS_MAX;
}

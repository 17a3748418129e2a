/**
 * The text of a JSON Web Token: JWS in its compact form, RFC 7515 section
 * 7.1. Whether its signature holds is the matter of `credentials/jwt.ts`.
 *
 * @module
 */

import type { Bytes } from "./hash.ts";
import {
  isJsonObject,
  type JsonObject,
  member,
  readStrictJson,
} from "./strict_json.ts";

/** The algorithms that we know: RFC 7518 section 3.1, RFC 8037 section 3.1. */
export type JwtAlgorithm = "HS256" | "RS256" | "ES256" | "EdDSA";

/** All of them. `none` is none of them. */
const JWT_ALGORITHMS: readonly JwtAlgorithm[] = [
  "HS256",
  "RS256",
  "ES256",
  "EdDSA",
];

/** A token's length. */
export const TOKEN_BYTES_MAX = 8192;

/** A token that is well-formed and signed by nobody knows whom. */
export interface JwtToken {
  /** How it says that it is signed. */
  readonly algorithm: JwtAlgorithm;
  /** The name of the key that it says it is signed with. */
  readonly keyId: string | undefined;
  /** The bytes that are signed. */
  readonly signed: Bytes;
  /** The signature. */
  readonly signature: Bytes;
  /** What it says. */
  readonly claims: JsonObject;
}

/**
 * What a text is: a token, something else that others may know, or what is
 * wrong with it, as a clause without a word of it.
 */
export type JwtReading =
  | { readonly kind: "token"; readonly token: JwtToken }
  | { readonly kind: "other" }
  | { readonly kind: "fault"; readonly fault: string };

const OTHER: JwtReading = { kind: "other" };

/** The types of token that say who somebody is: RFC 7519 5.1, RFC 9068 2.1. */
const TYPES = /^(?:application\/)?(?:at\+)?jwt$/i;

/**
 * Reads a text as a token.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readJwt } from "./jwt_token.ts";
 *
 * assertEquals(readJwt("pencil"), { kind: "other" });
 * const [header, claims] = [{ alg: "none" }, {}].map((part) =>
 *   new TextEncoder().encode(JSON.stringify(part))
 *     .toBase64({ alphabet: "base64url", omitPadding: true })
 * );
 * assertEquals(readJwt(`${header}.${claims}.`), {
 *   kind: "fault",
 *   fault: "a token with an algorithm that is not taken",
 * });
 * ```
 */
export function readJwt(text: string): JwtReading {
  if (text.length > TOKEN_BYTES_MAX) {
    return looksLikeToken(text)
      ? fault(`a token above the limit of ${TOKEN_BYTES_MAX} bytes`)
      : OTHER;
  }
  const parts = text.split(".");
  if (parts.length !== 3) return OTHER;
  const [headerText, claimsText, signatureText] = parts;
  if (!hasAlgorithm(headerText!)) return OTHER;
  const header = readStrictJson(fromBase64Url(headerText!) ?? "");
  if (!isJsonObject(header)) return fault("a token with an unsound header");
  const why = headerFault(header);
  if (why !== undefined) return fault(why);
  const claims = readStrictJson(fromBase64Url(claimsText!) ?? "");
  if (!isJsonObject(claims)) return fault("a token whose claims are unsound");
  const signature = fromBase64Url(signatureText!);
  if (signature === undefined) {
    return fault("a token with an unsound signature");
  }
  const token = {
    algorithm: member(header, "alg") as JwtAlgorithm,
    keyId: member(header, "kid") as string | undefined,
    signed: new TextEncoder().encode(`${headerText}.${claimsText}`),
    signature,
    claims,
  };
  return { kind: "token", token };
}

/**
 * The bytes that a text in base64url stands for, if it is the one text that
 * stands for them: without padding, and nothing in bits that are left over.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromBase64Url } from "./jwt_token.ts";
 *
 * assertEquals(fromBase64Url("-_8"), Uint8Array.of(251, 255));
 * assertEquals(fromBase64Url("-_9"), undefined);
 * assertEquals(fromBase64Url("-_8="), undefined);
 * ```
 */
export function fromBase64Url(text: string): Bytes | undefined {
  const bytes = looselyDecoded(text);
  if (bytes === undefined) return undefined;
  const alphabet = { alphabet: "base64url", omitPadding: true } as const;
  return bytes.toBase64(alphabet) === text ? bytes : undefined;
}

function looselyDecoded(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}

/** Whether a header is meant to be one, be it sound or not. */
function hasAlgorithm(headerText: string): boolean {
  try {
    const text = new TextDecoder().decode(looselyDecoded(headerText));
    const header: unknown = JSON.parse(text);
    return isJsonObject(header) && member(header, "alg") !== undefined;
  } catch {
    return false;
  }
}

/** What forbids to take a token with this header. */
function headerFault(header: JsonObject): string | undefined {
  const algorithm = member(header, "alg");
  if (!JWT_ALGORITHMS.includes(algorithm as JwtAlgorithm)) {
    return "a token with an algorithm that is not taken";
  }
  // RFC 7515 section 4.1.11: we understand no extension.
  if (member(header, "crit") !== undefined) {
    return "a token with an extension that must be understood";
  }
  const type = member(header, "typ") ?? "JWT";
  if (typeof type !== "string" || !TYPES.test(type)) {
    return "a token of another type";
  }
  const keyId = member(header, "kid");
  if (keyId !== undefined && typeof keyId !== "string") {
    return "a token with a key id that is no text";
  }
  return undefined;
}

/** Every header begins with `{"`. */
function looksLikeToken(text: string): boolean {
  return text.startsWith("eyJ") && /^[^.]+\.[^.]*\.[^.]*$/.test(text);
}

function fault(why: string): JwtReading {
  return { kind: "fault", fault: why };
}

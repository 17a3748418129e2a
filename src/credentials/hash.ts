/**
 * SHA-256 and HMAC by the runtime's WebCrypto, and what one does with their
 * results. It knows nothing of what is hashed.
 *
 * @module
 */

/** Bytes that WebCrypto takes and gives. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The length of a hash. */
export const HASH_BYTES = 32;

const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The hash of `data`. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/**
 * The HMAC of `data`; `key` is not empty.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hmacSha256 } from "./hash.ts";
 *
 * const hash = await hmacSha256(Uint8Array.of(1), Uint8Array.of(2));
 * assertEquals(hash.length, 32);
 * ```
 */
export async function hmacSha256(key: Bytes, data: Bytes): Promise<Bytes> {
  const { subtle } = crypto;
  const made = await subtle.importKey("raw", key, HMAC, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", made, data));
}

/** Each byte of `a` with that of `b`; they are of one length. */
export function xor(a: Bytes, b: Bytes): Bytes {
  return a.map((byte, at) => byte ^ b[at]!);
}

/**
 * Whether two secrets are the same, in a time that does not tell where they
 * differ.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { isSameSecret } from "./hash.ts";
 *
 * assert(isSameSecret(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
 * assertFalse(isSameSecret(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
 * ```
 */
export function isSameSecret(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!;
  return difference === 0;
}

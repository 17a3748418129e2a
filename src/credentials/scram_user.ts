/**
 * What is kept of a user for SCRAM-SHA-256: keys that check a password and
 * from which it can't be read back. RFC 5802 sections 2.2 and 3, RFC 7677.
 *
 * @module
 */

import { type Bytes, hmacSha256, sha256 } from "./hash.ts";
import { saslprep } from "./saslprep.ts";

/** A user, in the words of RFC 5802. */
export interface ScramUser {
  /** What makes two users with one password differ; no secret. */
  readonly salt: Uint8Array<ArrayBuffer>;
  /** How many times a guess has to be hashed; no secret. */
  readonly iterations: number;
  /** Checks the client's proof; 32 bytes. */
  readonly storedKey: Uint8Array<ArrayBuffer>;
  /** Proves to the client that we know it; 32 bytes. */
  readonly serverKey: Uint8Array<ArrayBuffer>;
}

/** How to derive a {@linkcode ScramUser}. */
export interface DeriveOptions {
  /** 4096 to 10,000,000. 16,384. */
  readonly iterations?: number;
  /** 8 to 64 bytes. 16 random ones. */
  readonly salt?: Uint8Array<ArrayBuffer>;
}

/** From RFC 7677 section 4 up to what a client bears to compute. */
export const ITERATIONS = { least: 4096, most: 10_000_000, unit: "" } as const;

/** Some 3 ms on a server; a microcontroller takes a second or two. */
export const ITERATIONS_DEFAULT = 16_384;

/** From what is still worth the name up to what messages bear. */
export const SALT_BYTES = { least: 8, most: 64 } as const;

/** The length of a salt that we make. */
export const SALT_BYTES_DEFAULT = 16;

const HASH_BITS = 256;

/**
 * The keys for a password.
 *
 * @throws {RangeError} When an option is out of its range, or the password is
 * empty or has characters that SASLprep prohibits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deriveScramUser } from "./scram_user.ts";
 *
 * const ada = await deriveScramUser("pencil", { iterations: 4096 });
 * assertEquals([ada.iterations, ada.salt.length], [4096, 16]);
 * ```
 */
export async function deriveScramUser(
  password: string,
  options: DeriveOptions = {},
): Promise<ScramUser> {
  const {
    iterations = ITERATIONS_DEFAULT,
    salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES_DEFAULT)),
  } = options;
  if (!isIn(iterations, ITERATIONS)) {
    const { least, most } = ITERATIONS;
    throw new RangeError(`iterations must be ${least} to ${most}`);
  }
  if (!isIn(salt.length, SALT_BYTES)) {
    const { least, most } = SALT_BYTES;
    throw new RangeError(`a salt must have ${least} to ${most} bytes`);
  }
  const prepared = saslprep(password);
  if (prepared === undefined) {
    throw new RangeError(
      "a password must not be empty or have control or invisible characters",
    );
  }
  const salted = await saltedPassword(prepared, salt, iterations);
  const [clientKey, serverKey] = await Promise.all(
    ["Client Key", "Server Key"].map((label) =>
      hmacSha256(salted, new TextEncoder().encode(label))
    ),
  );
  const storedKey = await sha256(clientKey!);
  return { salt: salt.slice(), iterations, storedKey, serverKey: serverKey! };
}

/**
 * Whether a number is a whole one within its range.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { isIn, ITERATIONS } from "./scram_user.ts";
 *
 * assert(isIn(4096, ITERATIONS));
 * assertFalse(isIn(4096.5, ITERATIONS));
 * ```
 */
export function isIn(
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** `Hi` of RFC 5802, which is PBKDF2 with HMAC. */
async function saltedPassword(
  password: string,
  salt: Bytes,
  iterations: number,
): Promise<Bytes> {
  const { subtle } = crypto;
  const bytes = new TextEncoder().encode(password);
  const key = await subtle.importKey("raw", bytes, "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await subtle.deriveBits(how, key, HASH_BITS));
}

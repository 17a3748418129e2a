/**
 * What is kept of a password in Mosquitto's file: a hash that checks it, in
 * three formats.
 *
 * | format                                  | what it is                    |
 * | --------------------------------------- | ----------------------------- |
 * | `$7$iterations$salt$hash`               | PBKDF2-SHA512; what we write  |
 * | `$6$salt$hash`                          | SHA-512 of password and salt  |
 * | `$argon2id$v=19$m=…,t=…,p=…$salt$hash`  | argon2id, where there is one  |
 *
 * All of them are computed on other threads than ours.
 *
 * @module
 */

import * as nodeCrypto from "node:crypto";
import { bytesOf, unpaddedBytesOf } from "./base64.ts";
import type { Bytes } from "./hash.ts";
import { isIn } from "./scram_user.ts";

/** How a password is hashed. */
export type HashMethod =
  | { readonly name: "pbkdf2"; readonly iterations: number }
  | { readonly name: "sha512" }
  | {
    readonly name: "argon2id";
    /** Unit: KiB. */
    readonly memory: number;
    readonly passes: number;
    readonly parallelism: number;
  };

/** The hash of a password. */
export interface PasswordHash {
  /** As it stands in the file. */
  readonly text: string;
  /** How it was made. */
  readonly method: HashMethod;
  /** What makes two users with one password differ. */
  readonly salt: Bytes;
  /** What the password comes to. */
  readonly hash: Bytes;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** The one of `node:crypto`, where it has one. */
type Argon2 = (
  algorithm: "argon2id",
  parameters: {
    message: Bytes;
    nonce: Bytes;
    parallelism: number;
    tagLength: number;
    memory: number;
    passes: number;
  },
  done: (error: Error | null, hash: Uint8Array) => void,
) => void;

/** From what is still worth the name up to seconds on a server. */
export const PASSWORD_ITERATIONS = {
  least: 1000,
  most: 10_000_000,
  unit: "",
} as const;

/** What OWASP advises for PBKDF2 with SHA-512: some 50 to 100 ms. */
export const PASSWORD_ITERATIONS_DEFAULT = 210_000;

/** Mosquitto's own tool has long written 101. */
const ITERATIONS_READ: Range = { ...PASSWORD_ITERATIONS, least: 1 };
/** Mosquitto before 2.1 reads no other length. */
const SALT_BYTES_WRITTEN = 12;
const SALT_BYTES: Range = { least: 8, most: 64 };
const SHA512_BYTES: Range = { least: 64, most: 64 };
const ARGON2_HASH_BYTES: Range = { least: 16, most: 64 };
/** Each of the logins that are checked at a time takes as much. 256 MiB. */
const ARGON2_KIB_MOST = 262_144;
const ARGON2_PASSES: Range = { least: 1, most: 100 };
const ARGON2_PARALLELISM: Range = { least: 1, most: 16 };

const PBKDF2 = /^\$7\$(\d{1,9})\$([^$]+)\$([^$]+)$/;
const SHA512 = /^\$6\$([^$]+)\$([^$]+)$/;
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([^$]+)\$([^$]+)$/;

/**
 * Reads a hash.
 *
 * @throws {RangeError} When it is none, or out of a range: what it says goes
 * on after "has".
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parsePasswordHash } from "./password_hash.ts";
 *
 * assertThrows(() => parsePasswordHash("pencil"), RangeError);
 * ```
 */
export function parsePasswordHash(text: string): PasswordHash {
  const pbkdf2 = PBKDF2.exec(text);
  if (pbkdf2 !== null) {
    const [, count, salt, hash] = pbkdf2;
    const iterations = numberOf("iterations", count!, ITERATIONS_READ);
    const method = { name: "pbkdf2", iterations } as const;
    return { text, method, ...paddedOf(salt!, hash!) };
  }
  const sha512 = SHA512.exec(text);
  if (sha512 !== null) {
    const [, salt, hash] = sha512;
    return { text, method: { name: "sha512" }, ...paddedOf(salt!, hash!) };
  }
  const argon2id = ARGON2ID.exec(text);
  if (argon2id !== null) return argon2idOf(text, argon2id);
  throw new RangeError(
    "a hash that is not $7$, $6$ or $argon2id$ as it is to be",
  );
}

/**
 * Hashes a password with a new salt, so that Mosquitto can read it too.
 *
 * @throws {RangeError} When `iterations` is out of its range.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { hashPassword, isPassword } from "./password_hash.ts";
 *
 * const pencil = new TextEncoder().encode("pencil");
 * const ada = await hashPassword(pencil, 1000);
 * assert(ada.text.startsWith("$7$1000$"));
 * assert(await isPassword(pencil, ada));
 * ```
 */
export async function hashPassword(
  password: Uint8Array,
  iterations: number = PASSWORD_ITERATIONS_DEFAULT,
): Promise<PasswordHash> {
  if (!isIn(iterations, PASSWORD_ITERATIONS)) {
    const { least, most } = PASSWORD_ITERATIONS;
    throw new RangeError(`iterations must be ${least} to ${most}`);
  }
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES_WRITTEN));
  const hash = await pbkdf2Sha512(password.slice(), salt, iterations);
  const text = `$7$${iterations}$${salt.toBase64()}$${hash.toBase64()}`;
  return { text, method: { name: "pbkdf2", iterations }, salt, hash };
}

/**
 * Whether it is the password that was hashed, in a time that does not tell
 * where they differ. It rejects where the runtime has no such method.
 *
 * @param password Borrowed until the answer is there.
 */
export async function isPassword(
  password: Bytes,
  { method, salt, hash }: PasswordHash,
): Promise<boolean> {
  const found = await hashOf(password, method, salt, hash.length);
  return nodeCrypto.timingSafeEqual(found, hash);
}

/** Whether this runtime can compute such a hash. */
export function canCompute({ name }: HashMethod): boolean {
  return name !== "argon2id" || argon2() !== undefined;
}

/** A hash that costs as much to check as the other, and no password fits. */
export function unknownLike({ text, method, salt, hash }: PasswordHash) {
  const drawn = crypto.getRandomValues(new Uint8Array(hash.length));
  return { text, method, salt, hash: drawn } satisfies PasswordHash;
}

async function hashOf(
  password: Bytes,
  method: HashMethod,
  salt: Bytes,
  length: number,
): Promise<Uint8Array> {
  switch (method.name) {
    case "pbkdf2":
      return await pbkdf2Sha512(password, salt, method.iterations);
    case "sha512": {
      const both = new Uint8Array(password.length + salt.length);
      both.set(password);
      both.set(salt, password.length);
      const hash = await crypto.subtle.digest("SHA-512", both);
      both.fill(0);
      return new Uint8Array(hash);
    }
    case "argon2id": {
      const { memory, passes, parallelism } = method;
      const how = { memory, passes, parallelism, tagLength: length };
      return await argon2id({ message: password, nonce: salt, ...how });
    }
  }
}

async function pbkdf2Sha512(
  password: Bytes,
  salt: Bytes,
  iterations: number,
): Promise<Bytes> {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", password, "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-512", salt, iterations };
  const bits = SHA512_BYTES.most * 8;
  return new Uint8Array(await subtle.deriveBits(how, key, bits));
}

function argon2id(parameters: Parameters<Argon2>[1]): Promise<Uint8Array> {
  const compute = argon2();
  if (compute === undefined) throw new TypeError("there is no argon2id here");
  return new Promise((resolve, reject) => {
    compute("argon2id", parameters, (error, hash) => {
      if (error === null || error === undefined) resolve(hash);
      else reject(error);
    });
  });
}

/** The types of `node:crypto` do not know it yet. */
function argon2(): Argon2 | undefined {
  return (nodeCrypto as unknown as { readonly argon2?: Argon2 }).argon2;
}

function argon2idOf(text: string, parts: readonly string[]): PasswordHash {
  const [, m, t, p, salt, hash] = parts;
  const parallelism = numberOf("p", p!, ARGON2_PARALLELISM);
  const memory = numberOf("m", m!, {
    least: 8 * parallelism, // RFC 9106 section 3.1
    most: ARGON2_KIB_MOST,
  });
  const passes = numberOf("t", t!, ARGON2_PASSES);
  return {
    text,
    method: { name: "argon2id", memory, passes, parallelism },
    salt: lengthIn("a salt", unpaddedBytesOf(salt!), SALT_BYTES),
    hash: lengthIn("a hash", unpaddedBytesOf(hash!), ARGON2_HASH_BYTES),
  };
}

function paddedOf(salt: string, hash: string) {
  return {
    salt: lengthIn("a salt", bytesOf(salt), SALT_BYTES),
    hash: lengthIn("a hash", bytesOf(hash), SHA512_BYTES),
  };
}

function numberOf(name: string, digits: string, range: Range): number {
  const value = Number(digits);
  if (isIn(value, range)) return value;
  const { least, most } = range;
  throw new RangeError(`${name}=${digits}, which must be ${least} to ${most}`);
}

function lengthIn(
  what: string,
  bytes: Bytes | undefined,
  { least, most }: Range,
): Bytes {
  if (bytes !== undefined && isIn(bytes.length, { least, most })) return bytes;
  const length = least === most ? `${least}` : `${least} to ${most}`;
  throw new RangeError(`${what} that is not ${length} bytes in base64`);
}

/**
 * The text of the file that keeps the users of SCRAM-SHA-256: JSON, keys and
 * never a password. Reading and writing the file is in
 * `credentials/scram_disk.ts`.
 *
 * ```json
 * {
 *   "users": {
 *     "ada": {
 *       "salt": "W22ZaJ0SNY7soEsUEjb6gQ==",
 *       "iterations": 16384,
 *       "storedKey": "… 32 bytes in base64 …",
 *       "serverKey": "… 32 bytes in base64 …"
 *     }
 *   }
 * }
 * ```
 *
 * @module
 */

import { bytesOf } from "./base64.ts";
import { CredentialFileError } from "./file_error.ts";
import { type Bytes, HASH_BYTES } from "./hash.ts";
import { saslprep } from "./saslprep.ts";
import { isIn, ITERATIONS, SALT_BYTES, type ScramUser } from "./scram_user.ts";

/** The users of a file by their names. */
export type ScramUsers = ReadonlyMap<string, ScramUser>;

/** A part of the file, and how the sentence about a mistake calls it. */
interface Part {
  readonly value: unknown;
  readonly label: string;
}

const USER_KEYS = ["salt", "iterations", "storedKey", "serverKey"];

/**
 * The users in the text of a file.
 *
 * @param path The file's name, for the sentence about a mistake.
 * @throws {CredentialFileError} When the text is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseScramFile } from "./scram_file.ts";
 *
 * assertEquals(parseScramFile('{ "users": {} }', "users.json").size, 0);
 * assertThrows(() => parseScramFile("{}", "users.json"));
 * ```
 */
export function parseScramFile(
  text: string,
  path: string,
): Map<string, ScramUser> {
  const file = { value: valueOf(text, path), label: path };
  const { users } = partsOf(file, ["users"], ": ");
  const found = new Map<string, ScramUser>();
  for (const [name, value] of Object.entries(objectOf(users!))) {
    const label = `${path}: users[${JSON.stringify(name)}]`;
    if (saslprep(name) !== name) {
      throw new CredentialFileError(
        `${label} is no name in the form in which names are compared`,
      );
    }
    found.set(name, userOf({ value, label }));
  }
  return found;
}

/**
 * The text of a file with these users, sorted by their names.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatScramFile } from "./scram_file.ts";
 *
 * assertEquals(formatScramFile(new Map()), '{\n  "users": {}\n}\n');
 * ```
 */
export function formatScramFile(users: ScramUsers): string {
  const sorted = [...users].sort(([a], [b]) => a < b ? -1 : 1);
  const written = sorted.map(([name, user]) => [name, {
    salt: user.salt.toBase64(),
    iterations: user.iterations,
    storedKey: user.storedKey.toBase64(),
    serverKey: user.serverKey.toBase64(),
  }]);
  const file = { users: Object.fromEntries(written) };
  return JSON.stringify(file, null, 2) + "\n";
}

/** The runtime's own word on bad JSON quotes the text, and so may a key. */
function valueOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const line = /\bline (\d+)/.exec((error as Error).message)?.[1];
    const where = line === undefined ? "" : ` (line ${line})`;
    throw new CredentialFileError(`${path}: this is not JSON${where}`);
  }
}

function userOf(part: Part): ScramUser {
  const { salt, iterations, storedKey, serverKey } = partsOf(
    part,
    USER_KEYS,
    ".",
  );
  return {
    salt: base64Of(salt!, SALT_BYTES),
    iterations: iterationsOf(iterations!),
    storedKey: base64Of(storedKey!, { least: HASH_BYTES, most: HASH_BYTES }),
    serverKey: base64Of(serverKey!, { least: HASH_BYTES, most: HASH_BYTES }),
  };
}

/** All of `keys`, and nothing else: a slip of the finger is told. */
function partsOf(
  part: Part,
  keys: readonly string[],
  joint: string,
): Partial<Record<string, Part>> {
  const value = objectOf(part);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const text = JSON.stringify(unknown);
    throw new CredentialFileError(`${part.label}: unknown key ${text}`);
  }
  return Object.fromEntries(keys.map((key) => {
    const label = `${part.label}${joint}${key}`;
    if (!Object.hasOwn(value, key)) {
      throw new CredentialFileError(`${label} is missing`);
    }
    return [key, { value: value[key], label }];
  }));
}

function objectOf({ value, label }: Part): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new CredentialFileError(`${label} must be an object`);
}

function iterationsOf({ value, label }: Part): number {
  if (typeof value === "number" && isIn(value, ITERATIONS)) return value;
  const { least, most } = ITERATIONS;
  throw new CredentialFileError(`${label} must be ${least} to ${most}`);
}

function base64Of(
  { value, label }: Part,
  range: { readonly least: number; readonly most: number },
): Bytes {
  const bytes = typeof value === "string" ? bytesOf(value) : undefined;
  if (bytes !== undefined && isIn(bytes.length, range)) return bytes;
  const { least, most } = range;
  const length = least === most ? `${least}` : `${least} to ${most}`;
  throw new CredentialFileError(`${label} must be ${length} bytes in base64`);
}

/**
 * The text of a password file, in Mosquitto's form: a line `NAME:HASH` for
 * each user, blank lines, and comments, which begin with `#`. What a hash
 * looks like is in `credentials/password_hash.ts`, reading and writing a file
 * in `credentials/secret_disk.ts`.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import {
  canCompute,
  parsePasswordHash,
  type PasswordHash,
} from "./password_hash.ts";

/** The users of a file by their names. */
export type PasswordUsers = ReadonlyMap<string, PasswordHash>;

/** A text of a file, and the file's name for the sentence about a mistake. */
export interface PasswordFile {
  /** The text. */
  readonly text: string;
  /** The name. */
  readonly path: string;
}

/** A line with a user. */
interface Entry {
  /** The line's place, from 0. */
  readonly index: number;
  readonly userName: string;
  /** What stands behind the colon. */
  readonly secret: string;
  /** How a sentence about it begins. */
  readonly label: string;
}

/** With this a hash begins, and no password that was left in plain text. */
const HASH_START = "$";

/**
 * The users in a file.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parsePasswordFile } from "./password_file.ts";
 *
 * const parse = (text: string) => parsePasswordFile({ text, path: "users" });
 * assertEquals(parse("# nobody yet\n").size, 0);
 * assertThrows(() => parse("ada:pencil\n"));
 * ```
 */
export function parsePasswordFile(
  file: PasswordFile,
): Map<string, PasswordHash> {
  const users = new Map<string, PasswordHash>();
  for (const { userName, secret, label } of entriesOf(file)) {
    if (!secret.startsWith(HASH_START)) {
      throw new CredentialFileError(
        `${label} has no hash; if it is the password itself, ` +
          "broker passwd FILE --hash hashes it",
      );
    }
    users.set(userName, hashOf(secret, label));
  }
  return users;
}

/**
 * Makes sure that this runtime can check the password of each user.
 *
 * @param path The file's name, for the sentence about who can't.
 * @throws {CredentialFileError} When it can't.
 */
export function assertCheckable(users: PasswordUsers, path: string): void {
  for (const [userName, { method }] of users) {
    if (canCompute(method)) continue;
    throw new CredentialFileError(
      `${path}: the password of ${JSON.stringify(userName)} is hashed by ` +
        `${method.name}, which this runtime does not have; set it anew with ` +
        "broker passwd, or run the broker on Bun",
    );
  }
}

/**
 * Whether a user can be called so: the file, and Mosquitto, could not tell a
 * colon, blanks around, or a `#` in front from what they mean there.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { isPasswordUserName } from "./password_file.ts";
 *
 * assert(isPasswordUserName("ada of pisa"));
 * assertFalse(isPasswordUserName("ada:pisa"));
 * ```
 */
export function isPasswordUserName(name: string): boolean {
  const hasPlace = name !== "" && name.trim() === name;
  return hasPlace && !name.startsWith("#") && !/[:\p{Cc}\p{Cs}]/u.test(name);
}

/**
 * The text with another password for a user, be it a new one; other lines
 * stay as they are.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 */
export function withUser(
  file: PasswordFile,
  userName: string,
  { text }: PasswordHash,
): string {
  const lines = file.text.split("\n");
  const line = `${userName}:${text}`;
  const found = entriesOf(file).find((entry) => entry.userName === userName);
  if (found !== undefined) replaceLine(lines, found.index, line);
  else {
    // The last line is what stands behind the last end of a line.
    if (lines.at(-1) === "") lines.pop();
    const end = lines.at(-1)?.endsWith("\r") ? "\r" : "";
    lines.push(line + end, "");
  }
  return lines.join("\n");
}

/**
 * The text without a user; `undefined` when it has none of that name.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 */
export function withoutUser(
  file: PasswordFile,
  userName: string,
): string | undefined {
  const found = entriesOf(file).find((entry) => entry.userName === userName);
  if (found === undefined) return undefined;
  return file.text.split("\n").toSpliced(found.index, 1).join("\n");
}

/**
 * The text with hashes in place of the passwords that stand in it as they
 * are, and how many these were. Who has a hash keeps it.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 */
export async function withHashes(
  file: PasswordFile,
  hash: (password: Uint8Array) => Promise<PasswordHash>,
): Promise<{ readonly text: string; readonly count: number }> {
  const lines = file.text.split("\n");
  let count = 0;
  for (const { index, userName, secret, label } of entriesOf(file)) {
    if (secret.startsWith(HASH_START)) hashOf(secret, label);
    else {
      const { text } = await hash(new TextEncoder().encode(secret));
      replaceLine(lines, index, `${userName}:${text}`);
      count++;
    }
  }
  return { text: lines.join("\n"), count };
}

function hashOf(secret: string, label: string): PasswordHash {
  try {
    return parsePasswordHash(secret);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CredentialFileError(`${label} has ${cause.message}`, { cause });
  }
}

/** The end of the line may be one of Windows. */
function replaceLine(lines: string[], index: number, line: string): void {
  lines[index] = line + (lines[index]!.endsWith("\r") ? "\r" : "");
}

function entriesOf({ text, path }: PasswordFile): Entry[] {
  const entries: Entry[] = [];
  const indexOf = new Map<string, number>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("#") || line.trim() === "") continue;
    const label = `${path}: line ${index + 1}:`;
    const colon = line.indexOf(":");
    if (colon < 0) {
      throw new CredentialFileError(`${label} NAME:HASH must stand there`);
    }
    // Mosquitto does not count blanks around them.
    const userName = line.slice(0, colon).trim();
    const secret = line.slice(colon + 1).trim();
    if (userName === "") throw new CredentialFileError(`${label} no name`);
    const quoted = JSON.stringify(userName);
    const first = indexOf.get(userName);
    if (first !== undefined) {
      throw new CredentialFileError(
        `${label} user ${quoted} stands in line ${first + 1} too`,
      );
    }
    if (secret === "") {
      throw new CredentialFileError(`${label} user ${quoted} has no hash`);
    }
    indexOf.set(userName, index);
    entries.push({ index, userName, secret, label: `${label} user ${quoted}` });
  }
  return entries;
}

/**
 * Reads and writes the file that keeps the users of SCRAM-SHA-256. What its
 * text looks like is in `credentials/scram_file.ts`. To be loaded when it is
 * needed, as `credentials/secret_disk.ts` is.
 *
 * @module
 */

import {
  formatScramFile,
  parseScramFile,
  type ScramUsers,
} from "./scram_file.ts";
import type { ScramUser } from "./scram_user.ts";
import {
  readSecretFile,
  readSecretFileIfAny,
  writeSecretFile,
} from "./secret_disk.ts";

/**
 * The users in a file.
 *
 * @throws {CredentialFileError} When it can't be read or is not as it should
 * be.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readScramFile } from "./scram_disk.ts";
 *
 * await assertRejects(() => readScramFile("/no/such/users.json"));
 * ```
 */
export async function readScramFile(
  path: string,
): Promise<Map<string, ScramUser>> {
  return parseScramFile(await readSecretFile(path), path);
}

/**
 * The same, and nobody where there is no file yet.
 *
 * @throws {CredentialFileError} When it can't be read or is not as it should
 * be.
 */
export async function readScramFileIfAny(
  path: string,
): Promise<Map<string, ScramUser>> {
  const text = await readSecretFileIfAny(path);
  return text === undefined ? new Map() : parseScramFile(text, path);
}

/**
 * Writes a file with these users in place of what was there.
 *
 * @throws {CredentialFileError} When it can't be written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { readScramFile, writeScramFile } from "./scram_disk.ts";
 *
 * const folder = await mkdtemp(`${tmpdir()}/scram-`);
 * await writeScramFile(`${folder}/users.json`, new Map());
 * assertEquals((await readScramFile(`${folder}/users.json`)).size, 0);
 * await rm(folder, { recursive: true });
 * ```
 */
export async function writeScramFile(
  path: string,
  users: ScramUsers,
): Promise<void> {
  await writeSecretFile(path, formatScramFile(users));
}

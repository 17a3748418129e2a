/**
 * Reads and writes the file that keeps the users of SCRAM-SHA-256. What its
 * text looks like is in `credentials/scram_file.ts`. To be loaded when it is
 * needed: `node:fs` costs time at the start.
 *
 * @module
 */

import { open, readFile, rename, rm } from "node:fs/promises";
import {
  formatScramFile,
  parseScramFile,
  ScramFileError,
  type ScramUsers,
} from "./scram_file.ts";
import type { ScramUser } from "./scram_user.ts";

/** For its owner only: who has the keys can try passwords. */
const MODE = 0o600;

/** What to say where the system's word would be a code. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
  EISDIR: "this is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "there is no space left",
  EROFS: "the file system is read-only",
};

/**
 * The users in a file.
 *
 * @throws {ScramFileError} When it can't be read or is not as it should be.
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
  return parseScramFile(await textOf(path), path);
}

/**
 * The same, and nobody where there is no file yet.
 *
 * @throws {ScramFileError} When it can't be read or is not as it should be.
 */
export async function readScramFileIfAny(
  path: string,
): Promise<Map<string, ScramUser>> {
  try {
    return await readScramFile(path);
  } catch (error) {
    if (codeOf((error as Error).cause) === "ENOENT") return new Map();
    throw error;
  }
}

/**
 * Writes a file with these users in place of what was there. Whoever reads
 * it meanwhile, or after a crash, finds the old file or the new one, whole.
 *
 * @throws {ScramFileError} When it can't be written.
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
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await writeNew(temporary, formatScramFile(users));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fault(path, "can't be written", error);
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fault(path, "can't be read", error);
  }
}

function fault(path: string, what: string, cause: unknown): ScramFileError {
  const code = codeOf(cause);
  const why = FAULTS[code] ?? code;
  return new ScramFileError(`${path} ${what}: ${why}`, { cause });
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: string; name?: string };
  return code ?? name ?? "unknown";
}

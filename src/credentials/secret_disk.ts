/**
 * Reads and writes files of credentials as text: whole, and for the eyes of
 * few. What stands in them is in `credentials/scram_file.ts` and
 * `credentials/password_file.ts`. To be loaded when it is needed: `node:fs`
 * costs time at the start.
 *
 * @module
 */

import {
  chmod,
  chown,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { platform } from "node:os";
import { dirname } from "node:path";
import { codeOf, fileFault } from "../base/file_faults.ts";
import { CredentialFileError } from "./file_error.ts";

/** What of an existing file its successor is to have. */
interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** For its owner only: who has hashes can try passwords. */
const MODE = 0o600;
const GROUP_READS = 0o040;
const OTHERS = 0o007;

/** What a decoder throws: the code of one runtime, the name of the other. */
const NOT_UTF8 = ["ERR_ENCODING_INVALID_ENCODED_DATA", "TypeError"];

/**
 * The text of a file, without a byte order mark.
 *
 * @throws {CredentialFileError} When it can't be read.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readSecretFile } from "./secret_disk.ts";
 *
 * await assertRejects(() => readSecretFile("/no/such/users"));
 * ```
 */
export async function readSecretFile(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw fault(path, "can't be read", error);
  }
}

/**
 * The same, and `undefined` where there is no file yet.
 *
 * @throws {CredentialFileError} When it can't be read.
 */
export async function readSecretFileIfAny(
  path: string,
): Promise<string | undefined> {
  try {
    return await readSecretFile(path);
  } catch (error) {
    if (codeOf((error as Error).cause) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes a file in place of what was there. Whoever reads it meanwhile, or
 * after a crash, finds the old file or the new one, whole. It keeps its owner
 * and its group, which may still read it; others may not.
 *
 * @throws {CredentialFileError} When it can't be written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { readSecretFile, writeSecretFile } from "./secret_disk.ts";
 *
 * const folder = await mkdtemp(`${tmpdir()}/secret-`);
 * await writeSecretFile(`${folder}/users`, "text");
 * assertEquals(await readSecretFile(`${folder}/users`), "text");
 * await rm(folder, { recursive: true });
 * ```
 */
export async function writeSecretFile(
  path: string,
  text: string,
): Promise<void> {
  let temporary: string | undefined;
  try {
    // A link stays, and what it points to is written.
    const target = await ifAny(realpath(path)) ?? path;
    const before = await ifAny(stat(target));
    temporary = `${target}.${crypto.randomUUID()}.tmp`;
    await writeNew(temporary, text, before);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    if (temporary !== undefined) {
      await rm(temporary, { force: true }).catch(() => {});
    }
    throw fault(path, "can't be written", error);
  }
}

/**
 * Whether users of the machine other than the file's owner and group can read
 * it, or even write to it.
 *
 * @throws {CredentialFileError} When the system does not tell.
 */
export async function isOpenToOthers(path: string): Promise<boolean> {
  try {
    const { mode } = await stat(path);
    // Windows has other ways to say so, and shows some mode.
    return platform() !== "win32" && (mode & OTHERS) !== 0;
  } catch (error) {
    throw fault(path, "can't be read", error);
  }
}

async function writeNew(
  path: string,
  text: string,
  before: Ownership | undefined,
): Promise<void> {
  const file = await open(path, "wx", MODE);
  try {
    if (before !== undefined) {
      // The one who runs this may not be the one who runs the broker.
      const { uid, gid } = await file.stat();
      if (uid !== before.uid || gid !== before.gid) {
        await chown(path, before.uid, before.gid);
      }
      await chmod(path, modeAfter(before.mode));
    }
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Who let the group read has meant it, unless everyone was let. */
function modeAfter(before: number): number {
  return (before & OTHERS) === 0 ? MODE | (before & GROUP_READS) : MODE;
}

/** So that the file has its name after a crash, where the system can. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows opens no folders; the file itself is on the disk.
  }
}

async function ifAny<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function fault(
  path: string,
  what: string,
  cause: unknown,
): CredentialFileError {
  const isNoText = NOT_UTF8.includes(codeOf(cause));
  const why = isNoText ? "this is not UTF-8" : fileFault(cause);
  return new CredentialFileError(`${path} ${what}: ${why}`, { cause });
}

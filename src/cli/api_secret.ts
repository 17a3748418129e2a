/**
 * The secret that opens the API: the operator's, or one that a first start
 * makes, tells once, and keeps for its owner's eyes in the folder of the
 * state. To be loaded when it is needed.
 *
 * @module
 */

import { fileFault } from "../base/file_faults.ts";
import { SECRET_EVENT } from "../http/log_ring.ts";
import type { StoreFiles } from "../store/store_files.ts";
import type { LogWriter } from "./log_writer.ts";
import { besideStore } from "./store_folder.ts";
import { told } from "./told.ts";
import { UsageError } from "./usage_error.ts";

/** Its name in the folder. */
export const SECRET_NAME = "api-secret";

/** What is known before the secret is. */
export interface Secretive {
  /** Where it is told. */
  readonly log: LogWriter;
  /** Whether a person reads that as it comes. */
  readonly hasReader: boolean;
  /** The file of the store; `undefined` where state is in memory. */
  readonly storePath: string | undefined;
  /** The file system. */
  readonly files: StoreFiles;
}

/** What others can't guess: `openssl rand -hex 16` makes 32 of them. */
const CHARS_LEAST = 16;
const MADE_BYTES = 16;

/**
 * The secret that the operator has put into a file.
 *
 * @throws {UsageError} When there is none in it.
 */
export async function givenSecret(file: string): Promise<string> {
  const { readSecretFile } = await import("../credentials/secret_disk.ts");
  const label = "--http-token-file: ";
  return wordIn(await told(label, readSecretFile(file)), label + file);
}

/**
 * The secret beside the store, made when there is none yet; without a store
 * one that is good for this start alone. What was made is told in the log.
 *
 * @throws {UsageError} When the file is not as it should be.
 */
export function keptSecret(secretive: Secretive): string {
  const { log, storePath } = secretive;
  if (storePath === undefined) {
    const secret = madeSecret();
    const message = `the secret of the API, for this start only: ${secret}`;
    log.announce("info", SECRET_EVENT, message, { secret });
    return secret;
  }
  const path = besideStore(storePath, SECRET_NAME);
  try {
    return readSecret(secretive, path) ?? makeSecret(secretive, path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = fileFault(error);
    throw new UsageError(`${path} can't be read or written: ${why}`);
  }
}

/** `undefined` when there is none. */
function readSecret(
  { files, log }: Secretive,
  path: string,
): string | undefined {
  if (!files.exists(path)) return undefined;
  const secret = wordIn(files.readText(path), path);
  if (files.isOpenToOthers(path)) {
    const message = `all users of this machine can read ${path}: ` +
      "chmod 600 keeps them out";
    log.announce("warn", "http_secret_open", message, { path });
  }
  return secret;
}

function makeSecret(
  { files, hasReader, log }: Secretive,
  path: string,
): string {
  const secret = madeSecret();
  // Whole or not there, whatever happens meanwhile.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  files.writeNew(temporary, `${secret}\n`);
  files.rename(temporary, path);
  // Where a program keeps the log, the file is the better place for it.
  const message = hasReader
    ? `the secret of the API, kept in ${path}: ${secret}`
    : `the secret of the API is kept in ${path}`;
  log.announce("info", SECRET_EVENT, message, {
    path,
    ...(hasReader && { secret }),
  });
  return secret;
}

function madeSecret(): string {
  return crypto.getRandomValues(new Uint8Array(MADE_BYTES)).toHex();
}

function wordIn(text: string, label: string): string {
  const word = text.trim();
  if (word.length >= CHARS_LEAST && /^[!-~]+$/.test(word)) return word;
  throw new UsageError(
    `${label} has to hold one word of ${CHARS_LEAST} characters or more ` +
      "(openssl rand -hex 16)",
  );
}

/**
 * The secret that opens the API: the operator's, or one that a first start
 * makes, tells once, and keeps for its owner's eyes in the folder of the
 * state. To be loaded when it is needed.
 *
 * @module
 */

import { SECRET_EVENT } from "../http/log_ring.ts";
import type { LogWriter } from "./log_writer.ts";
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
export async function keptSecret(
  { hasReader, log, storePath }: Secretive,
): Promise<string> {
  if (storePath === undefined) {
    const secret = madeSecret();
    const message = `the secret of the API, for this start only: ${secret}`;
    log.announce("info", SECRET_EVENT, message, { secret });
    return secret;
  }
  const { isOpenToOthers, readSecretFileIfAny, writeSecretFile } = await import(
    "../credentials/secret_disk.ts"
  );
  const path = storePath.replace(/[^/\\]*$/, SECRET_NAME);
  const kept = await told("", readSecretFileIfAny(path));
  if (kept !== undefined) {
    if (await told("", isOpenToOthers(path))) {
      const message = `all users of this machine can read ${path}: ` +
        "chmod 600 keeps them out";
      log.announce("warn", "http_secret_open", message, { path });
    }
    return wordIn(kept, path);
  }
  const secret = madeSecret();
  await told("", writeSecretFile(path, `${secret}\n`));
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

/**
 * Files that an operator has named: what is wrong with one is told in a
 * sentence.
 *
 * @module
 */

import { CredentialFileError } from "../credentials/file_error.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { UsageError } from "./usage_error.ts";

const SENTENCE_CHARS_MAX = 400;

/**
 * What `work` comes to; what is wrong with a file is the operator's mistake.
 *
 * @param before What the sentence begins with.
 * @throws {UsageError} When it rejects with a {@linkcode CredentialFileError}.
 */
export async function told<Value>(
  before: string,
  work: Promise<Value>,
): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof CredentialFileError)) throw cause;
    throw mistakeIn(before, cause);
  }
}

/** The operator's mistake that `cause` is, harmless to a terminal. */
export function mistakeIn(before: string, cause: Error): UsageError {
  const text = cutText(cause.message, SENTENCE_CHARS_MAX);
  return new UsageError(before + escapeControls(text), { cause });
}

/**
 * Who may connect when users are kept in a file for SCRAM-SHA-256. The file
 * is read once, at the start. How users get into it is in
 * `cli/scram_command.ts`.
 *
 * @module
 */

import { ALLOW_ALL, type Authenticator } from "../auth/authenticator.ts";
import { readScramFile } from "../credentials/scram_disk.ts";
import { ScramFileError } from "../credentials/scram_file.ts";
import { ScramSha256 } from "../credentials/scram_sha_256.ts";
import type { BrokerSettings } from "../host/broker.ts";
import type { Settings } from "./settings.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { UsageError } from "./usage_error.ts";

/** The part of the broker's settings that decides on logins. */
export type Logins = Required<
  Pick<BrokerSettings, "authenticator" | "enhancedAuthenticators">
>;

const SENTENCE_CHARS_MAX = 400;

/** A user has to prove to be one: no other way in. */
const REFUSE_ALL: Authenticator = {
  authenticate: (_request, answer) => answer({ result: "not_authorized" }),
};

/**
 * Lets the users of a file in, and others where everyone may come in.
 *
 * @throws {UsageError} When the file can't be read or is not as it should be.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { scramLogins } from "./scram_login.ts";
 *
 * await assertRejects(() => scramLogins("no.json", { allowAnonymous: false }));
 * ```
 */
export async function scramLogins(
  path: string,
  { allowAnonymous }: Pick<Settings, "allowAnonymous">,
): Promise<Logins> {
  const users = await told("--scram-file ", readScramFile(path));
  const scram = new ScramSha256({
    lookup: (userName) => users.get(userName),
    iterations: [...users.values()].map(({ iterations }) => iterations),
  });
  return {
    authenticator: allowAnonymous ? ALLOW_ALL : REFUSE_ALL,
    enhancedAuthenticators: [scram],
  };
}

/**
 * What `work` comes to; what is wrong with a file is the operator's mistake.
 *
 * @param before What the sentence begins with.
 * @throws {UsageError} When it rejects with a {@linkcode ScramFileError}.
 */
export async function told<Value>(
  before: string,
  work: Promise<Value>,
): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof ScramFileError)) throw cause;
    const text = cutText(cause.message, SENTENCE_CHARS_MAX);
    throw new UsageError(before + escapeControls(text), { cause });
  }
}

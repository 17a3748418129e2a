/**
 * `broker scram`: sets and deletes the users that `--scram-file` admits.
 *
 * @module
 */

import {
  readScramFile,
  readScramFileIfAny,
  writeScramFile,
} from "../credentials/scram_disk.ts";
import { saslprep } from "../credentials/saslprep.ts";
import {
  deriveScramUser,
  ITERATIONS,
  ITERATIONS_DEFAULT,
  type ScramUser,
} from "../credentials/scram_user.ts";
import { flagLinesAndHelp } from "./help_columns.ts";
import type { HostProcess } from "./host_process.ts";
import { type PasswordSource, readPassword } from "./read_password.ts";
import { told } from "./told.ts";
import { quoted, shown, UsageError } from "./usage_error.ts";
import {
  fileAndUser,
  READ_LATER,
  readUserArguments,
  type UserCommand,
  userFlags,
} from "./user_arguments.ts";

/** The process, as far as it is asked here. */
export type ScramHost = PasswordSource & Pick<HostProcess, "print">;

/** What the arguments come to. */
interface Order {
  readonly path: string;
  /** Prepared. */
  readonly userName: string;
  readonly change: "set" | "delete";
  readonly iterations: number;
}

/** The command, and which flags it takes. */
export const SCRAM: UserCommand = {
  name: "scram",
  switches: [{ name: "delete", says: "Delete the user." }],
  iterations: ITERATIONS,
  iterationsUsual: ITERATIONS_DEFAULT,
};

const PAGE = `\
Usage: broker scram FILE USER [flags]

Sets the password of a user in FILE, or deletes the user. FILE is what
--scram-file takes; it is made where there is none. It keeps keys that check
a password, never a password.

The password is typed, or else it is the first line of standard input.

${flagLinesAndHelp(userFlags(SCRAM))}

Examples:
  broker scram users.json ada
  broker scram users.json ada < password.txt
  broker scram users.json ada --delete
`;

/**
 * Runs the command.
 *
 * @param args The arguments behind `scram`.
 * @throws {UsageError} When an argument, the password or the file is bad.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scramCommand } from "./scram_command.ts";
 *
 * await scramCommand({
 *   isStdinTerminal: () => false,
 *   promptSecret: () => Promise.resolve(null),
 *   readStdin: () => Promise.resolve(0),
 *   print: (text) => assert(text.startsWith("Usage: broker scram FILE USER")),
 * }, ["--help"]);
 * ```
 */
export async function scramCommand(
  host: ScramHost,
  args: readonly string[],
): Promise<void> {
  const order = orderOf(args);
  if (order === "help") return host.print(PAGE, "stdout");
  const { path, userName, change } = order;
  if (change === "delete") {
    await deleteUser(order);
  } else {
    await setUser(order, () => readPassword(host, SCRAM.name));
  }
  const done = change === "delete" ? "is deleted from" : "is set in";
  host.print(
    `user ${quoted(userName)} ${done} ${shown(path)}; ${READ_LATER}\n`,
    "stdout",
  );
}

async function setUser(
  { path, userName, iterations }: Order,
  ask: () => Promise<string>,
): Promise<void> {
  // First the file: nobody is to type a password for nothing.
  const users = await told("", readScramFileIfAny(path));
  users.set(userName, await derive(await ask(), iterations));
  await told("", writeScramFile(path, users));
}

async function derive(
  password: string,
  iterations: number,
): Promise<ScramUser> {
  try {
    return await deriveScramUser(password, { iterations });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

async function deleteUser({ path, userName }: Order): Promise<void> {
  const users = await told("", readScramFile(path));
  if (!users.delete(userName)) {
    throw new UsageError(`${shown(path)} has no user ${quoted(userName)}`);
  }
  await told("", writeScramFile(path, users));
}

function orderOf(args: readonly string[]): Order | "help" {
  const found = readUserArguments(SCRAM, args);
  if (found === "help") return found;
  const { words, switches, iterations } = found;
  const isDeletion = switches.has("delete");
  if (isDeletion && iterations !== undefined) {
    throw new UsageError("--iterations has no use beside --delete");
  }
  const { path, name } = fileAndUser(SCRAM.name, words);
  return {
    path,
    userName: preparedName(name),
    change: isDeletion ? "delete" : "set",
    iterations: iterations ?? ITERATIONS_DEFAULT,
  };
}

function preparedName(name: string): string {
  const userName = saslprep(name);
  if (userName !== undefined) return userName;
  throw new UsageError(
    `${quoted(name)} can't be a user: a name must not be empty or have ` +
      "control or invisible characters",
  );
}

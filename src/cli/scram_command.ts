/**
 * `broker scram`: sets and deletes the users that `--scram-file` admits.
 *
 * @module
 */

import { parseArgs } from "node:util";
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
import type { HostProcess } from "./host_process.ts";
import { parseQuantity } from "./quantity.ts";
import { type PasswordSource, readPassword } from "./read_password.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { told } from "./scram_login.ts";
import { suggest } from "./suggest.ts";
import { quoted, UsageError } from "./usage_error.ts";

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

const FLAG_NAMES = ["delete", "iterations", "help"];
const WORD_CHARS_MAX = 60;

const PAGE = `\
Usage: broker scram FILE USER [flags]

Sets the password of a user in FILE, or deletes the user. FILE is what
--scram-file reads when a broker starts; it is made where there is none. It
keeps keys that check a password, never a password.

The password is typed, or else it is the first line of standard input.

  --delete              Delete the user.
  --iterations N        What a guess costs, and a login. [${ITERATIONS_DEFAULT}]
  -h, --help            Show this page.

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
    await setUser(order, () => readPassword(host));
  }
  const done = change === "delete" ? "is deleted from" : "is set in";
  host.print(
    `user ${quoted(userName)} ${done} ${shown(path)}; ` +
      "a broker that runs reads it at its next start\n",
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

/** Not strict, for the sentences about mistakes are to be ours. */
function orderOf(args: readonly string[]): Order | "help" {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      delete: { type: "boolean" },
      iterations: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const flags = tokens.filter((token) => token.kind === "option");
  if (flags.some(({ name }) => name === "help")) return "help";
  for (const { name, rawName, value } of flags) {
    if (!FLAG_NAMES.includes(name)) throw unknownFlag(rawName);
    if (name === "delete" && value !== undefined) {
      throw new UsageError("--delete takes no value");
    }
  }
  const isDeletion = flags.some(({ name }) => name === "delete");
  const given = flags.findLast(({ name }) => name === "iterations");
  if (isDeletion && given !== undefined) {
    throw new UsageError("--iterations has no use beside --delete");
  }
  return {
    ...targetOf(positionals),
    change: isDeletion ? "delete" : "set",
    iterations: given === undefined
      ? ITERATIONS_DEFAULT
      : iterationsOf(given.value),
  };
}

function targetOf(words: readonly string[]): Pick<Order, "path" | "userName"> {
  const [path, name] = words;
  if (!path || name === undefined || words.length > 2) {
    throw new UsageError(
      "a file and a user are needed, and nothing else: " +
        "broker scram FILE USER",
    );
  }
  const userName = saslprep(name);
  if (userName === undefined) {
    throw new UsageError(
      `${quoted(name)} can't be a user: a name must not be empty or have ` +
        "control or invisible characters",
    );
  }
  return { path, userName };
}

function iterationsOf(text: string | undefined): number {
  if (!text || text.startsWith("-")) {
    throw new UsageError("--iterations needs a value: --iterations N");
  }
  return parseQuantity(text, ITERATIONS, "--iterations");
}

function unknownFlag(rawName: string): UsageError {
  const bare = rawName.replace(/^-+/, "").toLowerCase();
  const name = suggest(bare, FLAG_NAMES);
  const guess = name === undefined
    ? "broker scram --help shows the flags"
    : `did you mean --${name}?`;
  return new UsageError(`unknown flag ${shown(rawName)}; ${guess}`);
}

function shown(word: string): string {
  return escapeControls(cutText(word, WORD_CHARS_MAX));
}

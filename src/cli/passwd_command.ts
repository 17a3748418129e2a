/**
 * `broker passwd`: sets and deletes the users of a password file, which
 * Mosquitto reads too, and hashes passwords that stand in one as they are.
 * Flags are those of `mosquitto_passwd` as far as they are safe.
 *
 * @module
 */

import {
  isPasswordUserName,
  parsePasswordFile,
  type PasswordFile,
  withHashes,
  withoutUser,
  withUser,
} from "../credentials/password_file.ts";
import {
  hashPassword,
  PASSWORD_ITERATIONS,
  PASSWORD_ITERATIONS_DEFAULT,
} from "../credentials/password_hash.ts";
import {
  isOpenToOthers,
  readSecretFile,
  readSecretFileIfAny,
  writeSecretFile,
} from "../credentials/secret_disk.ts";
import { flagLinesAndHelp } from "./help_columns.ts";
import type { HostProcess } from "./host_process.ts";
import { type PasswordSource, readPassword } from "./read_password.ts";
import { escapeControls } from "./safe_text.ts";
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
export type PasswdHost = PasswordSource & Pick<HostProcess, "print">;

/** What the arguments come to. */
type Order =
  | {
    readonly change: "set";
    readonly path: string;
    readonly userName: string;
    readonly iterations: number;
    /** Whether there must be no file yet. */
    readonly isNew: boolean;
  }
  | {
    readonly change: "delete";
    readonly path: string;
    readonly userName: string;
  }
  | {
    readonly change: "hash";
    readonly path: string;
    readonly iterations: number;
  };

/** What a file comes to. */
interface Change {
  readonly text: string;
  readonly done: string;
}

/** The command, and which flags it takes. */
export const PASSWD: UserCommand = {
  name: "passwd",
  switches: [
    { name: "batch", short: "b", says: "" },
    { name: "delete", short: "D", says: "Delete the user." },
    {
      name: "create",
      short: "c",
      says: "Make FILE; one that is there is left alone.",
    },
    {
      name: "hash",
      short: "U",
      says: "Hash the passwords that stand in FILE as they are.",
    },
  ],
  iterationsUsual: PASSWORD_ITERATIONS_DEFAULT,
  iterations: PASSWORD_ITERATIONS,
};

const COST = PASSWORD_ITERATIONS_DEFAULT;

const PAGE = `\
Usage: broker passwd FILE USER [flags]
       broker passwd FILE --hash

Sets the password of a user in FILE, or deletes the user. FILE is a password
file as Mosquitto has it, and Mosquitto can read what is written. It is made
where there is none, and keeps hashes that check a password, never a password.

The password is typed, or else it is the first line of standard input. It is
no argument, which all users of the machine could see.

${flagLinesAndHelp(userFlags(PASSWD))}

Examples:
  broker passwd users ada
  broker passwd users ada < password.txt
  broker passwd users ada --delete
  broker passwd users --hash
`;

/**
 * Runs the command.
 *
 * @param args The arguments behind `passwd`.
 * @throws {UsageError} When an argument, the password or the file is bad.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { passwdCommand } from "./passwd_command.ts";
 *
 * await passwdCommand({
 *   isStdinTerminal: () => false,
 *   promptSecret: () => Promise.resolve(null),
 *   readStdin: () => Promise.resolve(0),
 *   print: (text) => assert(text.startsWith("Usage: broker passwd FILE USER")),
 * }, ["--help"]);
 * ```
 */
export async function passwdCommand(
  host: PasswdHost,
  args: readonly string[],
): Promise<void> {
  const order = orderOf(args);
  if (order === "help") return host.print(PAGE, "stdout");
  const done = await told("", carryOut(host, order));
  host.print(`${done}\n`, "stdout");
}

/** What is done then, as a sentence. */
async function carryOut(host: PasswdHost, order: Order): Promise<string> {
  const { path } = order;
  const before =
    await (order.change === "set"
      ? readSecretFileIfAny(path)
      : readSecretFile(path));
  if (before !== undefined && order.change === "set" && order.isNew) {
    throw new UsageError(
      `${shown(path)} is there already; without --create it is changed`,
    );
  }
  const wasOpen = before !== undefined && await isOpenToOthers(path);
  const file = { text: before ?? "", path };
  const { text, done } = await changed(host, order, file);
  if (text === before) return done;
  await writeSecretFile(path, text);
  const closed = wasOpen ? "all users of the machine could read it; " : "";
  return `${done}; ${closed}${READ_LATER}`;
}

async function changed(
  host: PasswdHost,
  order: Order,
  file: PasswordFile,
): Promise<Change> {
  const where = shown(file.path);
  switch (order.change) {
    case "set": {
      const { userName, iterations } = order;
      // First the file: nobody is to type a password for nothing.
      parsePasswordFile(file);
      const password = await readPassword(host, PASSWD.name);
      const bytes = new TextEncoder().encode(password);
      const text = withUser(
        file,
        userName,
        await hashPassword(bytes, iterations),
      );
      return { text, done: `user ${quoted(userName)} is set in ${where}` };
    }
    case "delete": {
      const text = withoutUser(file, order.userName);
      const name = quoted(order.userName);
      if (text === undefined) {
        throw new UsageError(`${where} has no user ${name}`);
      }
      return { text, done: `user ${name} is deleted from ${where}` };
    }
    case "hash": {
      const { text, count } = await withHashes(
        file,
        (password) => hashPassword(password, order.iterations),
      );
      const what = count === 1 ? "1 password is" : `${count} passwords are`;
      return { text, done: `${what} hashed in ${where}` };
    }
  }
}

function orderOf(args: readonly string[]): Order | "help" {
  const found = readUserArguments(PASSWD, args);
  if (found === "help") return found;
  const { words, switches, iterations } = found;
  if (switches.has("batch")) {
    throw new UsageError(
      "a password among the arguments can be seen by all users of the " +
        "machine; pipe it: broker passwd FILE USER < password.txt",
    );
  }
  const [first, second] = switches;
  const other = second ?? (iterations === undefined ? undefined : "iterations");
  if (second !== undefined || first === "delete" && other !== undefined) {
    throw new UsageError(`--${other} has no use beside --${first}`);
  }
  const cost = { iterations: iterations ?? COST };
  if (first === "hash") {
    return { change: "hash", path: onlyFile(words), ...cost };
  }
  const { path, name } = fileAndUser(PASSWD.name, words);
  const user = { path, userName: checkedName(name) };
  if (first === "delete") return { change: "delete", ...user };
  return { change: "set", ...user, ...cost, isNew: first === "create" };
}

function onlyFile(words: readonly string[]): string {
  const [path] = words;
  if (path && words.length === 1) return path;
  throw new UsageError(
    "a file is needed, and nothing else: broker passwd FILE --hash",
  );
}

function checkedName(name: string): string {
  if (isPasswordUserName(name) && escapeControls(name) === name) return name;
  throw new UsageError(
    `${quoted(name)} can't be a user: a name must not be empty, begin with ` +
      "#, have blanks around it, or have a colon or a control or invisible " +
      "character",
  );
}

/**
 * The arguments of the commands that set and delete users of a file, `scram`
 * and `passwd`: words and flags, and the sentence about each mistake.
 *
 * @module
 */

import type { FlagWord } from "./commands.ts";
import { takeFlags } from "./flag_words.ts";
import { parseQuantity, type Range } from "./quantity.ts";
import { UsageError } from "./usage_error.ts";

/** A command, and which flags it takes beside `--help`. */
export interface UserCommand {
  /** Its word: `broker NAME`. */
  readonly name: string;
  /** Flags without a value. */
  readonly switches: readonly FlagWord[];
  /** The range of `--iterations`. */
  readonly iterations: Range;
  /** What it is unless it is said. */
  readonly iterationsUsual: number;
}

/** What the arguments come to. */
export interface UserArguments {
  /** What is no flag. */
  readonly words: readonly string[];
  /** The flags without a value that are given. */
  readonly switches: ReadonlySet<string>;
  /** `--iterations`, if it is given. */
  readonly iterations: number | undefined;
}

/** What a command says when it has changed a file. */
export const READ_LATER = "a broker that uses it reads it again in seconds";

const ITERATIONS = "iterations";

/**
 * Reads the arguments behind the command's word.
 *
 * @throws {UsageError} When a flag is unknown, or has a bad value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readUserArguments } from "./user_arguments.ts";
 *
 * const found = readUserArguments({
 *   name: "passwd",
 *   switches: [{ name: "delete", short: "D", says: "" }],
 *   iterations: { least: 1000, most: 10_000_000, unit: "" },
 *   iterationsUsual: 100_000,
 * }, ["users", "ada", "-D"]);
 * if (found === "help") throw new Error("help was not asked for");
 * assertEquals(found.words, ["users", "ada"]);
 * assertEquals([...found.switches], ["delete"]);
 * ```
 */
export function readUserArguments(
  command: UserCommand,
  args: readonly string[],
): UserArguments | "help" {
  const words: string[] = [];
  const switches = new Set<string>();
  let iterations: number | undefined;
  const flags = userFlags(command).map((flag) => ({
    ...flag,
    set: (to: Set<string>, text: string) => {
      if (flag.name !== ITERATIONS) return void to.add(flag.name);
      iterations = parseQuantity(text, command.iterations, `--${ITERATIONS}`);
    },
  }));
  const kind = takeFlags(command.name, flags, switches, args, words);
  return kind === "run" ? { words, switches, iterations } : "help";
}

/**
 * A file and a user, which is all of the words.
 *
 * @throws {UsageError} When there are others.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileAndUser } from "./user_arguments.ts";
 *
 * assertEquals(fileAndUser("scram", ["f", "ada"]), { path: "f", name: "ada" });
 * ```
 */
export function fileAndUser(
  command: string,
  words: readonly string[],
): { readonly path: string; readonly name: string } {
  const [path, name] = words;
  if (path && name !== undefined && words.length === 2) return { path, name };
  throw new UsageError(
    "a file and a user are needed, and nothing else: " +
      `broker ${command} FILE USER`,
  );
}

/** The flags of a command, for completions too. */
export function userFlags(
  { iterationsUsual, switches }: UserCommand,
): readonly FlagWord[] {
  const says = `What a guess costs, and a login. [${iterationsUsual}]`;
  return [...switches, { name: ITERATIONS, value: "N", says }];
}

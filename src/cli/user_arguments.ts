/**
 * The arguments of the commands that set and delete users of a file, `scram`
 * and `passwd`: words and flags, and the sentence about each mistake.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { FlagWord } from "./commands.ts";
import { parseQuantity, type Range } from "./quantity.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { suggest } from "../base/suggest.ts";
import { UsageError } from "./usage_error.ts";

/** A command, and which flags it takes beside `--help`. */
export interface UserCommand {
  /** Its word: `broker NAME`. */
  readonly name: string;
  /** Flags without a value, and the letter of each that has one. */
  readonly switches: Readonly<Record<string, string | undefined>>;
  /** The range of `--iterations`. */
  readonly iterations: Range;
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

const WORD_CHARS_MAX = 60;
const ITERATIONS = "iterations";
const HELP = "help";

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
 *   switches: { delete: "D" },
 *   iterations: { least: 1000, most: 10_000_000, unit: "" },
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
  const { tokens, positionals } = parseArgs({
    args: [...args],
    strict: false, // for the sentences about mistakes are to be ours
    tokens: true,
    allowPositionals: true,
    options: optionsOf(command),
  });
  const flags = tokens.filter((token) => token.kind === "option");
  if (flags.some(({ name }) => name === HELP)) return HELP;
  const switches = new Set<string>();
  let iterations: number | undefined;
  for (const { name, rawName, value } of flags) {
    if (name === ITERATIONS) iterations = iterationsOf(command, value);
    else if (!Object.hasOwn(command.switches, name)) {
      throw unknownFlag(command, rawName);
    } else if (value !== undefined) {
      throw new UsageError(`--${name} takes no value`);
    } else switches.add(name);
  }
  return { words: positionals, switches, iterations };
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

/**
 * A word of the operator's, cut, and harmless to a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shown } from "./user_arguments.ts";
 *
 * assertEquals(shown("a\u0007"), "a\\u0007");
 * ```
 */
export function shown(word: string): string {
  return escapeControls(cutText(word, WORD_CHARS_MAX));
}

/** The flags of a command, for completions. */
export function userFlags({ switches }: UserCommand): FlagWord[] {
  return [
    ...Object.entries(switches).map(([name, short]) => ({
      name,
      short,
      says: "",
    })),
    { name: ITERATIONS, value: "N", says: "" },
  ];
}

function optionsOf({ switches }: UserCommand) {
  const options: Record<
    string,
    { type: "boolean" | "string"; short?: string }
  > = {
    [HELP]: { type: "boolean", short: "h" },
    [ITERATIONS]: { type: "string" },
  };
  for (const [name, short] of Object.entries(switches)) {
    options[name] = { type: "boolean", ...(short && { short }) };
  }
  return options;
}

function iterationsOf(
  { iterations }: UserCommand,
  text: string | undefined,
): number {
  if (!text || text.startsWith("-")) {
    throw new UsageError("--iterations needs a value: --iterations N");
  }
  return parseQuantity(text, iterations, "--iterations");
}

function unknownFlag(
  { name, switches }: UserCommand,
  rawName: string,
): UsageError {
  const bare = rawName.replace(/^-+/, "").toLowerCase();
  const found = suggest(bare, [...Object.keys(switches), ITERATIONS, HELP]);
  const guess = found === undefined
    ? `broker ${name} --help shows the flags`
    : `did you mean --${found}?`;
  return new UsageError(`unknown flag ${shown(rawName)}; ${guess}`);
}

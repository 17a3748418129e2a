/**
 * The words behind a command. They are read as those of Mosquitto's clients
 * are: what stands behind a flag is its value, whatever it looks like, so
 * that `-m -5` is a message. Those of the broker itself are in
 * `cli/read_settings.ts`.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import type { FlagWord } from "./commands.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** A flag, and where it is set. */
export interface Flag<To> extends FlagWord {
  /** The same by another name. */
  readonly alias?: string;
  /** How many words stand behind it, where that is not one. */
  readonly wordsOf?: (rest: readonly string[]) => number;
  /** Sets it; the text is empty where it is a switch. */
  set(to: To, text: string, words: readonly string[]): void;
}

/**
 * Sets what the flags say, or stops where help is asked for.
 *
 * @param command Its word, for the sentences.
 * @param plain Takes the words that are no flags, where there may be any.
 * @throws {UsageError} When a flag is not known, or lacks its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takeFlags } from "./flag_words.ts";
 *
 * const settings = { text: "" };
 * const flag = {
 *   name: "message",
 *   short: "m",
 *   value: "TEXT",
 *   says: "A text.",
 *   set: (to: typeof settings, text: string) => to.text = text,
 * };
 * assertEquals(takeFlags("pub", [flag], settings, ["-m", "-5"]), "run");
 * assertEquals(settings.text, "-5");
 * ```
 */
export function takeFlags<To>(
  command: string,
  flags: readonly Flag<To>[],
  settings: To,
  args: readonly string[],
  plain?: string[],
): "help" | "help_connect" | "run" {
  const isHost = flags.some(({ short }) => short === "h");
  for (let at = 0; at < args.length;) {
    const [word = "", ...rest] = args.slice(at);
    if (word === "--help" || !isHost && word === "-h") return "help";
    if (word === "--help-connect") return "help_connect";
    at++;
    if (plain === undefined || /^-./.test(word) && word !== "--") {
      at += takeFlag(command, flags, settings, word, rest);
    } else if (word !== "--") plain.push(word);
    else at += plain.push(...rest);
  }
  return "run";
}

/**
 * Whether a command that has a word and no flags is asked what it does: it is
 * by no word, too.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { asksForHelp } from "./flag_words.ts";
 *
 * assert(asksForHelp([]) && asksForHelp(["systemd", "--help"]));
 * assert(!asksForHelp(["systemd"]));
 * ```
 */
export function asksForHelp(args: readonly string[]): boolean {
  return args.length === 0 || args.includes("--help") || args.includes("-h");
}

/** Sets a flag; returns how many words behind it were its own. */
function takeFlag<To>(
  command: string,
  flags: readonly Flag<To>[],
  settings: To,
  word: string,
  rest: readonly string[],
): number {
  const [name = "", inline] = splitWord(word);
  const flag = flags.find(({ alias, name: long, short }) =>
    name === `--${long}` || short && name === `-${short}` ||
    alias && name === `--${alias}`
  );
  if (flag === undefined) throw unknownFlag(command, flags, word);
  const label = `--${flag.name}`;
  if (flag.value === undefined) {
    if (inline !== undefined) throw new UsageError(`${label} takes no value`);
    flag.set(settings, "", []);
    return 0;
  }
  const values = inline === undefined ? rest : [inline, ...rest];
  const count = flag.wordsOf?.(values) ?? 1;
  if (values.length < count) {
    throw new UsageError(`${label} needs a value: ${label} ${flag.value}`);
  }
  flag.set(settings, values[0]!, values.slice(0, count));
  return inline === undefined ? count : count - 1;
}

/** `--name=value` in two; all else is one. */
function splitWord(word: string): [string, string?] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function unknownFlag(
  command: string,
  flags: readonly FlagWord[],
  word: string,
): UsageError {
  const help = `broker ${command} --help shows the flags`;
  const [name] = splitWord(word);
  const guess = suggest(
    name.replace(/^-+/, "").toLowerCase(),
    ["help", ...flags.map((flag) => flag.name)],
  );
  const hint = guess === undefined ? help : `did you mean --${guess}?`;
  return new UsageError(
    word.startsWith("-")
      ? `unknown flag ${quoted(name)}; ${hint}`
      : `${quoted(word)} is not a flag; ${hint}`,
  );
}

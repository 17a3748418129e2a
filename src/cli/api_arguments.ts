/**
 * The arguments of the commands that ask the API of a broker that runs:
 * where it is, what opens it, and the command's own.
 *
 * @module
 */

import type { FlagWord } from "./commands.ts";
import { takeFlags } from "./flag_words.ts";

/** A command. */
export interface ApiCommand {
  /** Its word: `broker NAME`. */
  readonly name: string;
  /** Its own flags. */
  readonly flags: readonly FlagWord[];
}

/** What was given, by the flag's name; a switch has an empty text. */
export type ApiArguments = ReadonlyMap<string, string>;

/** What all of them take. */
const COMMON: readonly FlagWord[] = [
  {
    name: "url",
    value: "URL",
    says: "Where the API is. [http://127.0.0.1:8080]",
  },
  {
    name: "secret-file",
    value: "FILE",
    says: "The secret. [api-secret in the broker's folder]",
  },
];

/**
 * Reads the arguments behind the command's word.
 *
 * @throws {UsageError} When one is unknown, or lacks its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readApiArguments } from "./api_arguments.ts";
 *
 * const command = { name: "x", flags: [{ name: "once", says: "Once." }] };
 * const found = readApiArguments(command, ["--once", "--url", "http://a"]);
 * if (found === "help") throw new Error("help was not asked for");
 * assertEquals([...found], [["once", ""], ["url", "http://a"]]);
 * ```
 */
export function readApiArguments(
  command: ApiCommand,
  args: readonly string[],
): ApiArguments | "help" {
  const given = new Map<string, string>();
  const flags = apiFlags(command).map((flag) => ({
    ...flag,
    set: (to: Map<string, string>, text: string) =>
      void to.set(flag.name, text),
  }));
  const kind = takeFlags(command.name, flags, given, args);
  return kind === "run" ? given : "help";
}

/** All flags of a command, for completions too. */
export function apiFlags({ flags }: ApiCommand): readonly FlagWord[] {
  return [...flags, ...COMMON];
}

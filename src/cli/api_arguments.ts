/**
 * The arguments of the commands that ask the API of a broker that runs:
 * where it is, what opens it, and the command's own.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { suggest } from "../base/suggest.ts";
import type { FlagWord } from "./commands.ts";
import { columns } from "./help_columns.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** A flag with where its text goes, or a switch. */
export interface ApiFlag extends FlagWord {
  /** The name, without dashes. */
  readonly name: string;
}

/** A command. */
export interface ApiCommand {
  /** Its word: `broker NAME`. */
  readonly name: string;
  /** Its own flags. */
  readonly flags: readonly ApiFlag[];
}

/** What was given, by the flag's name; a switch has an empty text. */
export type ApiArguments = ReadonlyMap<string, string>;

const SAYS_COLUMN = 26;

/** What all of them take. */
const COMMON: readonly ApiFlag[] = [
  {
    name: "url",
    value: "URL",
    says: "Where the API is. [http://127.0.0.1:8080]",
  },
  {
    name: "secret-file",
    value: "FILE",
    says: "The secret. [api-secret in the broker's own folder]",
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
  const flags = apiFlags(command);
  const { positionals, tokens } = parseArgs({
    args: [...args],
    strict: false, // for the sentences about mistakes are to be ours
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(flags.map(({ name, value }) => [name, {
        type: value === undefined ? "boolean" as const : "string" as const,
      }])),
    },
  });
  const options = tokens.filter((token) => token.kind === "option");
  if (options.some(({ name }) => name === "help")) return "help";
  const [word] = positionals;
  if (word !== undefined) throw new UsageError(`${quoted(word)} is no flag`);
  const given = new Map<string, string>();
  for (const { name, rawName, value } of options) {
    const flag = flags.find((one) => one.name === name);
    if (flag === undefined) throw unknownFlag(command, rawName);
    const isText = flag.value !== undefined;
    if (isText && (!value || value.startsWith("-"))) {
      throw new UsageError(`--${name} needs a value: --${name} ${flag.value}`);
    }
    if (!isText && value !== undefined) {
      throw new UsageError(`--${name} takes no value`);
    }
    given.set(name, value ?? "");
  }
  return given;
}

/** All flags of a command, for completions too. */
export function apiFlags({ flags }: ApiCommand): readonly ApiFlag[] {
  return [...flags, ...COMMON];
}

/** Its flags as lines of a page of help. */
export function apiFlagLines(command: ApiCommand): string {
  return [...apiFlags(command), { name: "help", says: "Show this page." }]
    .map(({ name, says, value }: ApiFlag) =>
      columns(
        `--${name}${value === undefined ? "" : ` ${value}`}`,
        says,
        SAYS_COLUMN,
      )
    ).join("\n");
}

function unknownFlag(command: ApiCommand, rawName: string): UsageError {
  const bare = rawName.replace(/^-+/, "").toLowerCase();
  const found = suggest(bare, apiFlags(command).map(({ name }) => name));
  const guess = found === undefined
    ? `broker ${command.name} --help shows the flags`
    : `did you mean --${found}?`;
  return new UsageError(`unknown flag ${quoted(rawName)}; ${guess}`);
}

/**
 * From arguments, environment and configuration file to settings: a flag wins
 * over its variable, that over the file, and that over the default. What
 * flags there are is in `cli/flags.ts`; files are read by `cli/config_file.ts`.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { COMMANDS } from "./commands.ts";
import { FLAGS, variableOf } from "./flags.ts";
import { defaultSettings, type Flag, type Settings } from "./settings.ts";
import { suggest } from "../base/suggest.ts";
import { parseSwitch } from "./words.ts";
import { quoted, shown, UsageError } from "./usage_error.ts";

/** Settings, and what the operator should know of how they came about. */
export interface Reading {
  /** What is to be done. */
  readonly settings: Settings;
  /** Sentences about what has no effect. */
  readonly warnings: readonly string[];
  /** What was said for each flag, by its name. */
  readonly given: AllGiven;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text that was given for a flag. */
export interface Given {
  /** The text. */
  readonly text: string;
  /** Under which name: that of the flag, or of its variable. */
  readonly label: string;
  /** `FILE:LINE`; empty where it does not come from a file. */
  readonly where: string;
}

/** What was given, in order, by the flag's name. */
export type AllGiven = ReadonlyMap<string, readonly Given[]>;

/** What a configuration file says. */
export interface FileSettings {
  /** Its settings. */
  readonly given: AllGiven;
  /** What is wrong with it, each with file and line. */
  readonly faults: readonly string[];
  /** What an operator should know. */
  readonly warnings: readonly string[];
}

/** No file. */
export const NO_FILE: FileSettings = {
  given: new Map(),
  faults: [],
  warnings: [],
};

type Tokens = ReturnType<typeof tokensOf>;
type Option = Extract<Tokens[number], { kind: "option" }>;

const FLAG_NAMED: ReadonlyMap<string, Flag> = new Map(
  FLAGS.map((flag) => [flag.name, flag]),
);
const OPTIONS: ParseArgsOptionsConfig = Object.fromEntries(
  FLAGS.map(({ name, short, value }) => [name, {
    type: value === undefined ? "boolean" : "string",
    ...(short === undefined ? {} : { short }),
  }]),
);
const PREFIX = "BROKER_";

/**
 * Kubernetes describes a service named `broker` to every pod near it, with
 * variables that look like ours: `BROKER_PORT=tcp://10.0.0.1:1883`.
 */
const SERVICE_LINK = /^BROKER_(?:SERVICE|PORT_\d+)_/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/**
 * Reads flags and variables, and what a file has said.
 *
 * @throws {UsageError} When one is unknown or has a bad value: all that is
 * wrong is told.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readSettings } from "./read_settings.ts";
 *
 * const env = { BROKER_PORT: "1884", BROKER_LOG_LEVEL: "warn" };
 * const { settings } = readSettings(["--port", "1885"], env);
 * assertEquals([settings.port, settings.logLevel], [1885, "warn"]);
 * ```
 */
export function readSettings(
  args: readonly string[],
  environment: Environment,
  file: FileSettings = NO_FILE,
): Reading {
  const settings = defaultSettings();
  const warnings = [...file.warnings];
  const tokens = tokensOf(args);
  const command = tokens.map(commandOf).find((flag) => flag !== undefined);
  if (command !== undefined) {
    // Who asks for help gets it, whatever else is wrong.
    command.set(settings, "", "");
    return { settings, warnings, given: file.given };
  }
  const given = new Map([
    ...file.given,
    ...givenByEnvironment(environment, warnings),
    ...givenByArguments(tokens),
  ]);
  const faults = [...file.faults];
  for (const flag of FLAGS) {
    const all = given.get(flag.name) ?? [];
    for (const one of flag.repeats ? all : all.slice(-1)) {
      const fault = faultOf(flag, one, given, settings);
      if (fault !== undefined) faults.push(fault);
    }
  }
  if (faults.length > 0) throw new UsageError(faults.join("\n  "));
  return { settings, warnings, given };
}

/**
 * The configuration file that arguments or environment name, and whether it
 * is read leniently; `undefined` when there is none, or none is needed.
 *
 * @throws {UsageError} When an argument is unknown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { namedConfig } from "./read_settings.ts";
 *
 * const named = namedConfig([], { BROKER_CONFIG: "broker.jsonc" });
 * assertEquals(named, { path: "broker.jsonc", lenient: false });
 * ```
 */
export function namedConfig(
  args: readonly string[],
  environment: Environment,
): { readonly path: string; readonly lenient: boolean } | undefined {
  const tokens = tokensOf(args);
  if (tokens.some((token) => commandOf(token) !== undefined)) return undefined;
  const given = new Map([
    ...givenByEnvironment(environment, []),
    ...givenByArguments(tokens),
  ]);
  const path = given.get("config")?.at(-1)?.text;
  if (path === undefined) return undefined;
  const lenient = given.get("lenient")?.at(-1);
  const isLenient = lenient !== undefined &&
    parseSwitch(lenient.text, lenient.label);
  return { path, lenient: isLenient };
}

/** Puts what was given into `settings`, or says what is wrong with it. */
function faultOf(
  flag: Flag,
  { label, text, where }: Given,
  given: AllGiven,
  settings: Settings,
): string | undefined {
  try {
    checkNeed(flag, label, given);
    flag.set(settings, text, label);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return where === "" ? error.message : `${where}: ${error.message}`;
  }
}

/** Who gives a flag counts on it: one without an effect may be a hole. */
function checkNeed({ needs }: Flag, label: string, given: AllGiven): void {
  if (needs === undefined || given.has(needs)) return;
  const value = FLAG_NAMED.get(needs)?.value;
  throw new UsageError(
    `${label} has no use without --${needs} ${value}`,
  );
}

/** Not strict, for the sentences about mistakes are to be ours. */
function tokensOf(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: OPTIONS,
  }).tokens;
}

function commandOf(token: Tokens[number]): Flag | undefined {
  if (token.kind !== "option" || token.value !== undefined) return undefined;
  const flag = FLAG_NAMED.get(token.name);
  // What is to be checked has to be read.
  const isPage = flag?.group === "command" && flag.name !== "check";
  return isPage ? flag : undefined;
}

function givenByArguments(tokens: Tokens): Map<string, Given[]> {
  const given = new Map<string, Given[]>();
  for (const token of tokens) {
    if (token.kind === "option") {
      const flag = FLAG_NAMED.get(token.name);
      if (flag === undefined) throw unknownFlag(token.rawName);
      const label = `--${flag.name}`;
      const one = { text: textOf(token, flag), label, where: "" };
      given.set(flag.name, [...given.get(flag.name) ?? [], one]);
    } else if (token.kind === "positional") {
      throw notAFlag(token.value);
    }
  }
  return given;
}

/** The value of a flag; a switch without one is on. */
function textOf({ value, inlineValue }: Option, flag: Flag): string {
  const label = `--${flag.name}`;
  if (flag.group === "command") {
    if (value === undefined) return "";
    throw new UsageError(`${label} takes no value`);
  }
  if (flag.value === undefined) return value ?? "true";
  const isForgotten = !inlineValue && value?.startsWith("-");
  if (value === undefined || value === "" || isForgotten) {
    throw new UsageError(`${label} needs a value: ${label} ${flag.value}`);
  }
  return value;
}

function unknownFlag(rawName: string): UsageError {
  const guess = suggestFlag(rawName);
  return new UsageError(`unknown flag ${shown(rawName)}; ${guess}`);
}

function notAFlag(word: string): UsageError {
  const names = COMMANDS.map(({ name }) => name);
  const command = suggest(word.toLowerCase(), names) ??
    names.find((name) => word.startsWith(name));
  if (command !== undefined) {
    return new UsageError(
      `${quoted(word)} is no command; did you mean broker ${command}?`,
    );
  }
  const guess = suggestFlag(word);
  return new UsageError(`${quoted(word)} is no command or flag; ${guess}`);
}

function suggestFlag(word: string): string {
  const bare = word.replace(/^-+/, "").replaceAll("_", "-").toLowerCase();
  const name = suggest(bare, FLAGS.map((flag) => flag.name));
  return name === undefined
    ? "--help shows the flags"
    : `did you mean --${name}?`;
}

function givenByEnvironment(
  environment: Environment,
  warnings: string[],
): Map<string, Given[]> {
  const given = new Map<string, Given[]>();
  const flags = FLAGS.filter(({ group }) => group !== "command");
  for (const [label, text] of Object.entries(environment)) {
    if (!label.startsWith(PREFIX) || !text) continue;
    const flag = flags.find(({ name }) => variableOf(name) === label);
    if (flag?.name === "port" && SERVICE_LINK_VALUE.test(text)) {
      warnings.push(
        `${label}=${shown(text)} is ignored: it looks like the link that ` +
          "Kubernetes makes to a service named broker " +
          "(enableServiceLinks: false avoids it)",
      );
    } else if (flag !== undefined) {
      const texts = flag.repeats ? listOf(text) : [text];
      given.set(
        flag.name,
        texts.map((one) => ({ text: one, label, where: "" })),
      );
    } else if (!SERVICE_LINK.test(label)) {
      const names = flags.map(({ name }) => variableOf(name));
      warnings.push(unknownVariable(label, names));
    }
  }
  return given;
}

function listOf(text: string): string[] {
  return text.split(",").filter((part) => part.trim() !== "");
}

function unknownVariable(label: string, names: readonly string[]): string {
  const bare = label.slice(PREFIX.length);
  const known = names.map((name) => name.slice(PREFIX.length));
  const name = suggest(bare, known);
  const hint = name === undefined
    ? "--help shows the flags, each has a variable"
    : `did you mean ${PREFIX}${name}?`;
  return `unknown variable ${shown(label)}; ${hint}`;
}

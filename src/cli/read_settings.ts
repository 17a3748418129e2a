/**
 * From arguments and environment to settings: a flag wins over its variable,
 * and that over the default. What flags there are is in `cli/flags.ts`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { FLAGS, variableOf } from "./flags.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import {
  defaultSettings,
  type Flag,
  type Settings,
  USER_COMMANDS,
} from "./settings.ts";
import { suggest } from "../base/suggest.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** Settings, and what the operator should know of how they came about. */
export interface Reading {
  /** What is to be done. */
  readonly settings: Settings;
  /** Sentences about variables that have no effect. */
  readonly warnings: readonly string[];
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The texts that were given for a flag, and under which name. */
interface Given {
  readonly label: string;
  readonly texts: readonly string[];
}

/** By the flag's name. */
type AllGiven = Map<string, Given>;

type Tokens = ReturnType<typeof tokensOf>;
type Option = Extract<Tokens[number], { kind: "option" }>;

const PREFIX = "BROKER_";
const WORD_CHARS_MAX = 60;

/**
 * Kubernetes describes a service named `broker` to every pod near it, with
 * variables that look like ours: `BROKER_PORT=tcp://10.0.0.1:1883`.
 */
const SERVICE_LINK = /^BROKER_(?:SERVICE|PORT_\d+)_/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/**
 * Reads flags and variables.
 *
 * @throws {UsageError} When one is unknown or has a bad value.
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
): Reading {
  const settings = defaultSettings();
  const warnings: string[] = [];
  const tokens = tokensOf(args);
  const command = tokens.map(commandOf).find((flag) => flag !== undefined);
  if (command !== undefined) {
    // Who asks for help gets it, whatever else is wrong.
    command.set(settings, "", "");
    return { settings, warnings };
  }
  const given = givenByEnvironment(environment, warnings);
  for (const [name, byFlag] of givenByArguments(tokens)) {
    given.set(name, byFlag);
  }
  for (const flag of FLAGS) {
    const { label, texts } = given.get(flag.name) ?? { label: "", texts: [] };
    if (label !== "") checkNeed(flag, label, given);
    for (const text of flag.repeats ? texts : texts.slice(-1)) {
      flag.set(settings, text, label);
    }
  }
  return { settings, warnings };
}

/** Who gives a flag counts on it: one without an effect may be a hole. */
function checkNeed({ needs }: Flag, label: string, given: AllGiven): void {
  if (needs === undefined || given.has(needs)) return;
  const value = FLAGS.find(({ name }) => name === needs)?.value;
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
    options: Object.fromEntries(FLAGS.map(({ name, short, value }) => [name, {
      type: value === undefined ? "boolean" : "string",
      ...(short === undefined ? {} : { short }),
    }])),
  }).tokens;
}

function commandOf(token: Tokens[number]): Flag | undefined {
  if (token.kind !== "option" || token.value !== undefined) return undefined;
  const flag = FLAGS.find(({ name }) => name === token.name);
  return flag?.group === "command" ? flag : undefined;
}

function givenByArguments(tokens: Tokens): AllGiven {
  const given: AllGiven = new Map();
  for (const token of tokens) {
    if (token.kind === "option") {
      const flag = FLAGS.find(({ name }) => name === token.name);
      if (flag === undefined) throw unknownFlag(token.rawName);
      const texts = given.get(flag.name)?.texts ?? [];
      given.set(flag.name, {
        label: `--${flag.name}`,
        texts: [...texts, textOf(token, flag)],
      });
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
  const command = suggest(word.toLowerCase(), USER_COMMANDS);
  if (command !== undefined) {
    return new UsageError(
      `${quoted(word)} is no command; did you mean broker ${command}?`,
    );
  }
  const guess = suggestFlag(word);
  return new UsageError(`${quoted(word)} is not a flag; ${guess}`);
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
): AllGiven {
  const given: AllGiven = new Map();
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
      given.set(flag.name, { label, texts });
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

function shown(word: string): string {
  return escapeControls(cutText(word, WORD_CHARS_MAX));
}

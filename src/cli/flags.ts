/**
 * The one list of all flags. The parser, the environment variables, the help
 * and the README's tables are made from it, so that they can't drift apart.
 * How arguments are taken apart is in `cli/read_settings.ts`.
 *
 * @module
 */

import type { LogLevel } from "../base/logger.ts";
import { LIMITS, type Limits } from "../broker/limits.ts";
import { type Address, parseAddress, parseHost, PORTS } from "./address.ts";
import { formatQuantity, parseQuantity } from "./quantity.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** How a log line looks. */
export type LogFormat = "text" | "json";

/** What is to be done, instead of running, and then to end. */
export type Command = "run" | "help" | "help_limits" | "version";

/** What flags and variables come to. */
export interface Settings {
  /** Run, or print something and end. */
  command: Command;
  /** The one address without a port, if given. */
  host: string | undefined;
  /** The port for `host` and for the default addresses. */
  port: number;
  /** Further addresses. */
  listen: Address[];
  /** Whether anyone may come in from beyond this machine. */
  allowAnonymous: boolean;
  /** The file of users who log in by SCRAM-SHA-256. */
  scramFile: string | undefined;
  /** Whether QoS 0 messages wait for persistent sessions that are away. */
  queueQos0: boolean;
  /** Whether MQTT 3.1's limit of 23 characters for client ids holds. */
  strictClientId: boolean;
  /** How log lines look; `undefined` leaves it to where they go. */
  logFormat: LogFormat | undefined;
  /** The quietest level that is written. */
  logLevel: LogLevel;
  /** The limits that are not at their defaults. */
  limits: Partial<Limits>;
}

/** A flag, described for people and for the parser. */
export interface Flag {
  /** The name, without the two dashes. */
  readonly name: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** Commands have no variable; limits have a help page of their own. */
  readonly group: "setting" | "limit" | "command";
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
  /** Whether it may come several times, or with commas in its variable. */
  readonly repeats?: true;
  /** The default, in words. */
  readonly initial: string;
  /** What it does: a sentence or two. */
  readonly says: string;
  /**
   * Puts the value of `text` into `settings`.
   *
   * @param label The flag or variable, for the sentence about a mistake.
   * @throws {UsageError} When the text is no such value.
   */
  readonly set: (settings: Settings, text: string, label: string) => void;
}

/**
 * Settings at their defaults.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultSettings } from "./flags.ts";
 *
 * assertEquals(defaultSettings().port, 1883);
 * ```
 */
export function defaultSettings(): Settings {
  return {
    command: "run",
    host: undefined,
    port: 1883,
    listen: [],
    allowAnonymous: false,
    scramFile: undefined,
    queueQos0: false,
    strictClientId: false,
    logFormat: undefined,
    logLevel: "info",
    limits: {},
  };
}

const LOG_FORMATS: readonly LogFormat[] = ["text", "json"];
const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];
const YES = ["true", "1", "yes", "on"];
const NO = ["false", "0", "no", "off"];

const SETTINGS: readonly Flag[] = [
  {
    name: "host",
    group: "setting",
    value: "HOST",
    initial: "127.0.0.1 and ::1",
    says: "Listen on this address or name.",
    set: (to, text, label) => to.host = parseHost(text, label),
  },
  {
    name: "port",
    group: "setting",
    value: "PORT",
    initial: "1883",
    says: "Listen on this port; 0 takes a free one.",
    set: (to, text, label) => to.port = parseQuantity(text, PORTS, label),
  },
  {
    name: "listen",
    group: "setting",
    value: "ADDRESS",
    repeats: true,
    initial: "none",
    says: "Listen on host:port or [ipv6]:port too; may be repeated.",
    set: (to, text, label) => to.listen.push(parseAddress(text, label)),
  },
  {
    name: "allow-anonymous",
    group: "setting",
    initial: "no",
    says: "Admit everyone, also from beyond this machine.",
    set: (to, text, label) => to.allowAnonymous = parseSwitch(text, label),
  },
  {
    name: "scram-file",
    group: "setting",
    value: "FILE",
    initial: "none",
    says: "Admit the users in FILE, by SCRAM-SHA-256 of MQTT 5.0.",
    set: (to, text) => to.scramFile = text,
  },
  {
    name: "queue-qos0",
    group: "setting",
    initial: "no",
    says: "Keep QoS 0 messages too for sessions that are away.",
    set: (to, text, label) => to.queueQos0 = parseSwitch(text, label),
  },
  {
    name: "strict-client-id",
    group: "setting",
    initial: "no",
    says: "Refuse MQTT 3.1 client ids of more than 23 characters.",
    set: (to, text, label) => to.strictClientId = parseSwitch(text, label),
  },
  {
    name: "log-format",
    group: "setting",
    value: "FORMAT",
    initial: "text on a terminal, else json",
    says: "Log as text or json.",
    set: (to, text, label) =>
      to.logFormat = parseChoice(text, LOG_FORMATS, label),
  },
  {
    name: "log-level",
    group: "setting",
    value: "LEVEL",
    initial: "info",
    says: "Log this and above: error, warn, info or debug.",
    set: (to, text, label) =>
      to.logLevel = parseChoice(text, LOG_LEVELS, label),
  },
];

const COMMANDS: readonly Flag[] = [
  {
    name: "help",
    short: "h",
    group: "command",
    initial: "",
    says: "Show this page.",
    set: (to) => to.command = "help",
  },
  {
    name: "help-limits",
    group: "command",
    initial: "",
    says: "Show the limits; each has a flag.",
    set: (to) => to.command = "help_limits",
  },
  {
    name: "version",
    group: "command",
    initial: "",
    says: "Show the version.",
    set: (to) => to.command = "version",
  },
];

/** All flags, in the order of the help. */
export const FLAGS: readonly Flag[] = [
  ...SETTINGS,
  ...(Object.keys(LIMITS) as (keyof Limits)[]).map(limitFlag),
  ...COMMANDS,
];

/**
 * The environment variable that stands for a flag.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { variableOf } from "./flags.ts";
 *
 * assertEquals(variableOf("log-level"), "BROKER_LOG_LEVEL");
 * ```
 */
export function variableOf(name: string): string {
  return "BROKER_" + name.replaceAll("-", "_").toUpperCase();
}

/**
 * The flag of a limit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { limitFlagName } from "./flags.ts";
 *
 * assertEquals(limitFlagName("packetBytesMax"), "packet-bytes-max");
 * ```
 */
export function limitFlagName(name: keyof Limits): string {
  return name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
}

function limitFlag(name: keyof Limits): Flag {
  const limit = LIMITS[name];
  return {
    name: limitFlagName(name),
    group: "limit",
    value: "N",
    initial: formatQuantity(limit.value, limit.unit),
    says: limit.says,
    set: (to, text, label) =>
      to.limits[name] = parseQuantity(text, limit, label),
  };
}

function parseSwitch(text: string, label: string): boolean {
  const word = text.trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw new UsageError(`${label} must be true or false, not ${quoted(text)}`);
}

function parseChoice<Word extends string>(
  text: string,
  words: readonly Word[],
  label: string,
): Word {
  const wanted = text.trim().toLowerCase();
  const found = words.find((word) => word === wanted);
  if (found !== undefined) return found;
  const list = words.slice(0, -1).join(", ") + " or " + words.at(-1);
  throw new UsageError(`${label} must be ${list}, not ${quoted(text)}`);
}

/**
 * The one list of all flags. The parser, the environment variables, the help
 * and the README's tables are made from it, so that they can't drift apart.
 * How arguments are taken apart is in `cli/read_settings.ts`.
 *
 * @module
 */

import type { LogLevel } from "../base/logger.ts";
import { LIMITS } from "../broker/limit_table.ts";
import type { Limits } from "../broker/limits.ts";
import { LISTEN_FLAGS } from "./listen_flags.ts";
import { LOGIN_FLAGS } from "./login_flags.ts";
import { MQTT_FLAGS } from "./mqtt_flags.ts";
import { formatQuantity, parseQuantity } from "./quantity.ts";
import type { Flag, LogFormat } from "./settings.ts";
import { STORE_FLAGS } from "./store_flags.ts";
import { WATCH_FLAGS } from "./watch_flags.ts";
import { parseChoice, parseSwitch } from "./words.ts";

const LOG_FORMATS: readonly LogFormat[] = ["text", "json"];
const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

const SETTINGS: readonly Flag[] = [
  ...STORE_FLAGS,
  {
    name: "allow-anonymous",
    group: "setting",
    initial: "no",
    says: "Admit everyone, also from beyond this machine.",
    set: (to, text, label) => to.allowAnonymous = parseSwitch(text, label),
  },
  {
    name: "log-format",
    group: "setting",
    value: "FORMAT",
    words: LOG_FORMATS,
    initial: "text on a terminal, else json",
    says: "Log as text or json.",
    set: (to, text, label) =>
      to.logFormat = parseChoice(text, LOG_FORMATS, label),
  },
  {
    name: "log-level",
    group: "setting",
    value: "LEVEL",
    words: LOG_LEVELS,
    initial: "info",
    says: "Log this and above: error, warn, info or debug.",
    set: (to, text, label) =>
      to.logLevel = parseChoice(text, LOG_LEVELS, label),
  },
];

const CONFIG: readonly Flag[] = [
  {
    name: "config",
    group: "setting",
    inFile: false,
    value: "FILE",
    initial: "none",
    says: "Read settings from a broker.jsonc or mosquitto.conf.",
    set: (to, text) => to.config = text,
  },
  {
    name: "lenient",
    group: "config",
    inFile: false,
    needs: "config",
    initial: "no",
    says: "Leave out what a mosquitto.conf has that this broker has not.",
    set: (to, text, label) => to.lenient = parseSwitch(text, label),
  },
];

const COMMANDS: readonly Flag[] = [
  {
    name: "check",
    group: "command",
    initial: "",
    says: "Only check all settings: exit code 0, or 2.",
    set: (to) => to.command = "check",
  },
  {
    name: "help",
    short: "h",
    group: "command",
    initial: "",
    says: "Show this page.",
    set: (to) => to.command = "help",
  },
  {
    name: "help-listen",
    group: "command",
    initial: "",
    says: "Show how listeners can differ, and TLS.",
    set: (to) => to.command = "help_listen",
  },
  {
    name: "help-login",
    group: "command",
    initial: "",
    says: "Show who can be let in, and what clients may do.",
    set: (to) => to.command = "help_login",
  },
  {
    name: "help-mqtt",
    group: "command",
    initial: "",
    says: "Show what of MQTT can be tuned or switched off.",
    set: (to) => to.command = "help_mqtt",
  },
  {
    name: "help-watch",
    group: "command",
    initial: "",
    says: "Show how the broker can be watched.",
    set: (to) => to.command = "help_watch",
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
  ...CONFIG,
  ...LISTEN_FLAGS,
  ...SETTINGS,
  ...LOGIN_FLAGS,
  ...MQTT_FLAGS,
  ...WATCH_FLAGS,
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

/** The flags that are settings too, and so can stand in a file. */
export const FILE_FLAGS: readonly Flag[] = FLAGS.filter((flag) =>
  flag.group !== "command" && flag.inFile !== false
);

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
    range: limit,
    initial: formatQuantity(limit.value, limit.unit),
    says: limit.says,
    set: (to, text, label) =>
      to.limits[name] = parseQuantity(text, limit, label),
  };
}

/**
 * The README's tables of flags, limits and metrics, made from their lists. A
 * test compares them with the file, between marks such as `<!-- flags -->`
 * and `<!-- /flags -->`.
 *
 * @module
 */

import { LIMITS } from "../broker/limit_table.ts";
import type { Limits } from "../broker/limits.ts";
import { END_CAUSES } from "../metrics/end_cause.ts";
import { LOAD_SPANS } from "../metrics/load_average.ts";
import { sampleName } from "../metrics/metric.ts";
import {
  STATUS_LOADS,
  STATUS_PREFIX,
  STATUS_TOPICS,
} from "../metrics/status_table.ts";
import { METRICS } from "../metrics/table.ts";
import { FLAGS, limitFlagName, variableOf } from "./flags.ts";
import { SPOKEN, type Spoken } from "./listener.ts";
import { LISTENER_OPTIONS } from "./listener_options.ts";
import { formatQuantity, rangeText } from "./quantity.ts";
import type { Flag } from "./settings.ts";

/**
 * The flags that are in the help.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { flagsTable } from "./readme_tables.ts";
 *
 * assert(flagsTable().includes("| `BROKER_PORT` "));
 * ```
 */
export function flagsTable(): string {
  return tableOf(["setting", "config", "command"]);
}

/**
 * The flags that tune MQTT.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { mqttTable } from "./readme_tables.ts";
 *
 * assert(mqttTable().includes("| `--maximum-qos N` "));
 * ```
 */
export function mqttTable(): string {
  return tableOf(["mqtt"]);
}

/**
 * The flags for listening, and below them what can be different at one
 * listener.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { listenTable } from "./readme_tables.ts";
 *
 * assert(listenTable().includes("| `connections=N` "));
 * ```
 */
export function listenTable(): string {
  const rows = LISTENER_OPTIONS.map(({ name, value, at, says }) => [
    code(`${name}=${value}`),
    placesOf(at),
    says,
  ]);
  const options = table(["option of `--listen`", "at", "what it does"], rows);
  return `${tableOf(["listen"])}\n\n${options}`;
}

/** A long list of places is told by those that are not in it. */
function placesOf(at: readonly Spoken[]): string {
  const others = SPOKEN.filter((spoken) => !at.includes(spoken));
  if (others.length === 0) return "all";
  const list = (names: readonly Spoken[]) => names.map(code).join(", ");
  return others.length < at.length ? `all but ${list(others)}` : list(at);
}

/**
 * The flags that say who may connect, and who may do what.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { loginTable } from "./readme_tables.ts";
 *
 * assert(loginTable().includes("| `--password-file FILE` "));
 * ```
 */
export function loginTable(): string {
  return tableOf(["login"]);
}

/**
 * The flags that say how the broker can be watched.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { watchTable } from "./readme_tables.ts";
 *
 * assert(watchTable().includes("| `--sys-interval TIME` "));
 * ```
 */
export function watchTable(): string {
  return tableOf(["watch"]);
}

/**
 * The metrics, by the names that their samples have; below them the causes
 * for which connections end.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { metricsTable } from "./readme_tables.ts";
 *
 * assert(metricsTable().includes("| `mqtt_sent_bytes_total` "));
 * ```
 */
export function metricsTable(): string {
  const rows = METRICS.map((metric) => [
    code(sampleName(metric)),
    metric.type,
    metric.label === undefined ? "" : code(metric.label),
    metric.says,
  ]);
  const causes = Object.entries(END_CAUSES).map(([cause, says]) => [
    code(cause),
    says,
  ]);
  const ends = table(["cause of a disconnect", "what it means"], causes);
  return `${table(["metric", "type", "label", "what it is"], rows)}\n\n${ends}`;
}

/**
 * The topics in which the broker tells of itself.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { sysTable } from "./readme_tables.ts";
 *
 * assert(sysTable().includes("| `uptime` "));
 * ```
 */
export function sysTable(): string {
  const spans = Object.keys(LOAD_SPANS).map(code).join(", ");
  const rows = [
    ...STATUS_TOPICS.map(({ topic, says }) => [code(topic), says]),
    ...STATUS_LOADS.map(({ topic, says }) => [
      code(`${topic}/+`),
      `In a minute, on average over ${spans}: ${says}`,
    ]),
  ];
  return table([`behind ${code(STATUS_PREFIX)}`, "what it is"], rows);
}

function tableOf(groups: readonly Flag["group"][]): string {
  const flags = FLAGS.filter(({ group }) => groups.includes(group));
  const rows = flags.map((flag) => {
    const { name, short, value, group, initial, says } = flag;
    const long = `--${name}${value === undefined ? "" : ` ${value}`}`;
    return [
      short === undefined ? code(long) : `${code(long)}, ${code(`-${short}`)}`,
      group === "command" ? "" : code(variableOf(name)),
      initial,
      says,
    ];
  });
  return table(["flag", "variable", "default", "what it does"], rows);
}

/**
 * The limits, each with its flag.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { limitsTable } from "./readme_tables.ts";
 *
 * assert(limitsTable().includes("| `--packet-bytes-max` "));
 * ```
 */
export function limitsTable(): string {
  const names = Object.keys(LIMITS) as (keyof Limits)[];
  const rows = names.map((name) => {
    const limit = LIMITS[name];
    return [
      code(`--${limitFlagName(name)}`),
      formatQuantity(limit.value, limit.unit),
      rangeText(limit),
      limit.says,
    ];
  });
  const head = ["flag", "default", "range", "what it bounds, what happens"];
  return table(head, rows);
}

/** The generated blocks by the names of their marks. */
const BLOCKS: Readonly<Record<string, () => string>> = {
  flags: flagsTable,
  listen: listenTable,
  login: loginTable,
  mqtt: mqttTable,
  watch: watchTable,
  metrics: metricsTable,
  sys: sysTable,
  limits: limitsTable,
};

/**
 * `readme` with the tables between its marks made anew.
 *
 * @throws {Error} When a pair of marks is not there exactly once.
 *
 * @example
 * ```ts
 * import { assert, assertThrows } from "@std/assert";
 * import { withTables } from "./readme_tables.ts";
 *
 * const names = ["flags", "listen", "login", "mqtt", "watch", "limits"];
 * const empty = [...names, "metrics", "sys"]
 *   .map((name) => `<!-- ${name} -->\n<!-- /${name} -->\n`)
 *   .join("");
 * assert(withTables(empty).includes("--allow-anonymous"));
 * assertThrows(() => withTables("no marks"));
 * ```
 */
export function withTables(readme: string): string {
  let text = readme;
  for (const [name, render] of Object.entries(BLOCKS)) {
    const open = `<!-- ${name} -->`;
    const close = `<!-- /${name} -->`;
    const [before, rest, ...more] = text.split(open);
    const [_old, after, ...others] = rest?.split(close) ?? [];
    if (after === undefined || more.length > 0 || others.length > 0) {
      throw new Error(`README.md must have ${open} and ${close} once each`);
    }
    text = `${before}${open}\n\n${render()}\n\n${close}${after}`;
  }
  return text;
}

/** Cells padded as `deno fmt` pads them. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => row[column]!.length))
  );
  const [first, ...others] = all.map((row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [first, rule, ...others].join("\n");
}

function code(text: string): string {
  return "`" + text + "`";
}

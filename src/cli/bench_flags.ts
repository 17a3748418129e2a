/**
 * The flags of `broker bench`. Where the broker is say those that all
 * clients have.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import { scenarios } from "../load/scenarios.ts";
import type { BenchSettings } from "./bench_settings.ts";
import { parseQos, parseSeconds, parseWhole } from "./client_values.ts";
import { type ClientFlag, CONNECT_FLAGS } from "./connect_flags.ts";
import { parseQuantity } from "./quantity.ts";
import { quoted, UsageError } from "./usage_error.ts";

const CLIENTS = { least: 1, most: 60_000, unit: "" };
const SUBSCRIBERS = { ...CLIENTS, least: 0 };
const COUNT = { least: 1, most: 1e12, unit: "" };
const RATE = { least: 1, most: 1e9, unit: "" };
const TOPICS = { least: 1, most: 1e6, unit: "" };
const WINDOW = { least: 1, most: 65_535, unit: "" };
const RUNS = { least: 1, most: 1000, unit: "" };
/** From a time stamp to what a packet can have. */
const SIZE = { least: 8, most: 268_000_000, unit: "bytes" };

/** The flags that it has for itself, in the order of the help. */
export const BENCH_FLAGS: readonly ClientFlag<BenchSettings>[] = [
  {
    name: "scenario",
    value: "NAMES",
    says: "Loads of the list below, with commas, or all.",
    set: (to, text) => to.scenarios = scenariosNamed(text),
  },
  {
    name: "pubs",
    value: "N",
    says: "A load of your own: how many publish, [1]",
    set: (to, text) => to.publishers = parseWhole(text, CLIENTS, "--pubs"),
  },
  {
    name: "subs",
    value: "N",
    says: "how many subscribe: as many as publish are pairs, " +
      "others get each message. [1]",
    set: (to, text) => to.subscribers = parseWhole(text, SUBSCRIBERS, "--subs"),
  },
  {
    name: "topics",
    value: "N",
    says: "Each publisher goes round N topics; all get all.",
    set: (to, text) => to.loadTopics = parseWhole(text, TOPICS, "--topics"),
  },
  {
    name: "away",
    says: "Subscribers are away until all is sent, then come back; each " +
      "message is for one of them.",
    set: (to) => to.isAway = true,
  },
  {
    name: "persistent",
    says: "Sessions are persistent, and ended at the end.",
    set: (to) => to.isPersistent = true,
  },
  {
    name: "qos",
    short: "q",
    value: "QOS",
    says: "Quality of service: 0, 1 or 2. [0]",
    set: (to, text) => to.loadQos = parseQos(text, "--qos"),
  },
  {
    name: "size",
    value: "BYTES",
    says: "What a payload has: 64, 16KiB, ... [64]",
    set: (to, text) => to.payloadBytes = parseQuantity(text, SIZE, "--size"),
  },
  {
    name: "rate",
    value: "N",
    says: "Messages a second of all publishers. [what goes]",
    set: (to, text) => to.ratePerSecond = parseWhole(text, RATE, "--rate"),
  },
  {
    name: "window",
    value: "N",
    says: "Messages of a publisher under way at QoS 1, 2. [20]",
    set: (to, text) => to.windowMax = parseWhole(text, WINDOW, "--window"),
  },
  {
    name: "count",
    value: "N",
    says: "End after so many messages of each publisher.",
    set: (to, text) => to.messagesEach = parseWhole(text, COUNT, "--count"),
  },
  {
    name: "time",
    value: "SECONDS",
    says: "Send for so long, and wait for what was sent. [5]",
    set: (to, text) => to.sendMs = parseSeconds(text, "--time"),
  },
  {
    name: "runs",
    value: "N",
    says: "How often; the table has medians. [1]",
    set: (to, text) => to.runs = parseWhole(text, RUNS, "--runs"),
  },
  {
    name: "json",
    says: "Print all numbers as JSON instead of a table.",
    set: (to) => to.wantsJson = true,
  },
  {
    name: "svg",
    value: "FILE",
    says: "Write a chart.",
    set: (to, text) => to.svgFile = text,
  },
  {
    name: "quiet",
    says: "Say nothing on the way, nor of what goes wrong.",
    set: (to) => to.isQuiet = true,
  },
];

/** A load has ids, sessions and properties of its own. */
const WITHOUT = [
  "id",
  "keepalive",
  "disable-clean-session",
  "session-expiry-interval",
  "property",
  "will-topic",
  "will-payload",
  "will-qos",
  "will-retain",
  "max-inflight",
];

/** Those that it has in common with other clients. */
export const BENCH_CONNECT_FLAGS: readonly ClientFlag[] = CONNECT_FLAGS
  .filter(({ name }) => !WITHOUT.includes(name));

/** All of them. */
export function benchFlags(): readonly ClientFlag<BenchSettings>[] {
  return [...BENCH_FLAGS, ...BENCH_CONNECT_FLAGS];
}

function scenariosNamed(text: string): BenchSettings["scenarios"] {
  if (text === "all") return scenarios;
  const wanted = text.split(",").map(nameOfScenario);
  return scenarios.filter(({ name }) => wanted.includes(name));
}

/** There are too many of them for a sentence. */
function nameOfScenario(text: string): string {
  const wanted = text.trim().toLowerCase();
  const names = scenarios.map(({ name }) => name);
  const found = names.find((name) => name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const guess = suggest(wanted, names);
  throw new UsageError(
    `--scenario: there is no load ${quoted(text)}; ` +
      (guess === undefined
        ? "broker bench --help lists them"
        : `did you mean ${guess}?`),
  );
}

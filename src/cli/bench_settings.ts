/**
 * What the flags of `broker bench` come to: loads, of the list or of one's
 * own.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { type Dialect, MQTT_4, MQTT_5 } from "../load/dialects.ts";
import type { Load, Scenario } from "../load/scenarios.ts";
import {
  type ClientSettings,
  defaultClientSettings,
} from "./client_settings.ts";
import { UsageError } from "./usage_error.ts";

/** The settings beside those of all clients. */
export interface BenchSettings extends ClientSettings {
  /** Loads of the list; none for one's own. */
  scenarios: readonly Scenario[];
  /** The numbers of a load, where the flags say them. */
  publishers: number | undefined;
  subscribers: number | undefined;
  loadQos: QoS | undefined;
  payloadBytes: number | undefined;
  ratePerSecond: number | undefined;
  messagesEach: number | undefined;
  loadTopics: number | undefined;
  windowMax: number | undefined;
  /** Whether subscribers are away until all is sent. */
  isAway: boolean;
  /** Whether all sessions outlive their connections. */
  isPersistent: boolean;
  /** Nobody sends any more after so long. */
  sendMs: number | undefined;
  /** How often each load is run. */
  runs: number;
  wantsJson: boolean;
  svgFile: string | undefined;
}

/** A load, and how long it goes on, where that is not counted. */
export interface BenchLoad extends Load {
  /** Nobody sends any more after so long. */
  readonly sendMs: number | undefined;
}

const OWN_NAME = "load";
/** How long a load goes on, where nobody says. */
const SEND_MS = 5_000;
/** How many messages wait for who is away, where nobody says. */
const AWAY_MESSAGES = 5_000;
/** More than anybody waits for. */
const ENDLESS = 1e12;

const PLAIN_DIALECTS: readonly Dialect[] = [
  { name: "3", level: 3, properties: {} },
  MQTT_4,
  MQTT_5,
];

/** What holds where no flag is given. */
export function defaultBenchSettings(): BenchSettings {
  return {
    ...defaultClientSettings(),
    scenarios: [],
    publishers: undefined,
    subscribers: undefined,
    loadQos: undefined,
    payloadBytes: undefined,
    ratePerSecond: undefined,
    messagesEach: undefined,
    loadTopics: undefined,
    windowMax: undefined,
    isAway: false,
    isPersistent: false,
    sendMs: undefined,
    runs: 1,
    wantsJson: false,
    svgFile: undefined,
  };
}

/**
 * The loads to be run.
 *
 * @throws {UsageError} When something does not go together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultBenchSettings, loadsOf } from "./bench_settings.ts";
 *
 * const settings = { ...defaultBenchSettings(), publishers: 10 };
 * const [load] = loadsOf(settings);
 * assertEquals(load?.filter, "bench/#"); // one subscriber gets all
 * assertEquals(load?.fanout, 1);
 * ```
 */
export function loadsOf(settings: BenchSettings): BenchLoad[] {
  const { scenarios } = settings;
  if (scenarios.length > 0) refuseShape(settings);
  const named = scenarios.length > 0 ? scenarios : [ownScenario(settings)];
  const loads = named.map((scenario) => loadOf(scenario, settings));
  for (const { sessions, qos } of loads) {
    if (sessions !== "away" || qos > 0) continue;
    throw new UsageError("who is away gets nothing at QoS 0: --qos 1");
  }
  return loads;
}

/** A load of the list has its shape. */
function refuseShape(settings: BenchSettings): void {
  const { isAway, isPersistent } = settings;
  const own = {
    "--pubs": settings.publishers !== undefined,
    "--subs": settings.subscribers !== undefined,
    "--topics": settings.loadTopics !== undefined,
    "--away": isAway,
    "--persistent": isPersistent,
  };
  const [flag] = Object.entries(own).find(([, isGiven]) => isGiven) ?? [];
  if (flag === undefined) return;
  throw new UsageError(`${flag} is for a load without --scenario`);
}

function ownScenario(settings: BenchSettings): Scenario {
  const { publishers = 1, subscribers = 1, isAway, isPersistent } = settings;
  const topics = isAway ? subscribers : settings.loadTopics ?? 0;
  const isEach = isAway || topics === 0 && publishers === subscribers;
  return {
    name: OWN_NAME,
    dialects: PLAIN_DIALECTS,
    publishers,
    subscribers,
    topic: "bench/%d",
    filter: isEach ? "bench/%d" : "bench/#",
    topics,
    fanout: isEach ? 1 : subscribers,
    qos: isAway ? 1 : 0,
    payloadBytes: 64,
    messagesEach: Math.ceil(AWAY_MESSAGES * subscribers / publishers),
    windowMax: 20,
    ratePerSecond: 0,
    idlers: 0,
    sessions: isAway ? "away" : isPersistent ? "kept" : "clean",
  };
}

/** It goes on for a time, unless something is to be counted. */
function loadOf(scenario: Scenario, settings: BenchSettings): BenchLoad {
  const { messagesEach, sendMs } = settings;
  const isCounted = messagesEach !== undefined ||
    sendMs === undefined && scenario.sessions === "away";
  return {
    ...scenario,
    dialect: dialectOf(scenario, settings.level),
    qos: settings.loadQos ?? scenario.qos,
    payloadBytes: settings.payloadBytes ?? scenario.payloadBytes,
    windowMax: settings.windowMax ?? scenario.windowMax,
    ratePerSecond: settings.ratePerSecond ?? scenario.ratePerSecond,
    messagesEach: isCounted ? messagesEach ?? scenario.messagesEach : ENDLESS,
    sendMs: isCounted ? sendMs : sendMs ?? SEND_MS,
  };
}

/** Where a load is about something of 5.0, it is measured with that. */
function dialectOf(
  { name, dialects }: Scenario,
  level: 3 | 4 | 5 | undefined,
): Dialect {
  const [first = MQTT_4] = dialects;
  if (level === undefined) {
    return name === OWN_NAME || first.level < 5 ? MQTT_4 : dialects.at(-1)!;
  }
  if (first.level === 5 && level === 5) return dialects.at(-1)!;
  if (first.level === 5) {
    throw new UsageError(`--scenario ${name} needs MQTT 5.0`);
  }
  return PLAIN_DIALECTS.find((each) => each.level === level)!;
}

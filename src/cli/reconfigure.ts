/**
 * A broker that runs is given other settings: its configuration file has
 * changed. All that can change without losing a client does, or nothing; what
 * can't is told.
 *
 * @module
 */

import type { Logger } from "../base/logger.ts";
import type { Broker } from "../host/broker.ts";
import { FILE_FLAGS, limitFlagName } from "./flags.ts";
import { planListening } from "./listen_plan.ts";
import type { LogWriter } from "./log_writer.ts";
import { type Logins, loginsOf } from "./logins.ts";
import type { WholeReading } from "./read_all.ts";
import type { AllGiven } from "./read_settings.ts";
import type { ServedDoors } from "./served_doors.ts";
import type { Flag, Settings } from "./settings.ts";

/** What a broker consists of that can change. */
export interface Running {
  /** The broker. */
  readonly broker: Broker;
  /** Its listeners. */
  readonly doors: ServedDoors;
  /** Its log. */
  readonly log: LogWriter;
  /** Who may connect. */
  readonly logins: Logins;
  /** The limits that fit this process, made of those that are wanted. */
  readonly fitting: (limits: Settings["limits"]) => Settings["limits"];
}

/** Limits that a broker keeps for good. */
const LASTING_LIMITS: readonly string[] = [
  limitFlagName("topicBytesMax"),
  limitFlagName("topicLevelsMax"),
  limitFlagName("routeCacheMax"),
];

/** Whether a flag can be followed while the broker runs. */
function canChange({ group, name }: Flag, before: AllGiven): boolean {
  switch (group) {
    case "limit":
      return !LASTING_LIMITS.includes(name);
    case "listen":
      return true;
    case "login":
      // Where there was none the broker knows no such method.
      return name !== "scram-file" || before.has(name);
    default:
      return CHANGEABLE.includes(name);
  }
}

/** Of the other groups. */
const CHANGEABLE: readonly string[] = [
  "host",
  "port",
  "listen",
  "one-port",
  "tls-cert",
  "tls-key",
  "allow-anonymous",
  "log-level",
  "queue-overflow",
  "queue-qos0",
  "response-information",
  "server-reference",
  "share-strategy",
  "strict-client-id",
  "sys-interval",
];

/**
 * Reads all that the settings name, and then changes the broker to them.
 *
 * @throws {UsageError} When that is not possible: then all is as it was.
 */
export async function reconfigure(
  { broker, doors, fitting, log, logins }: Running,
  before: AllGiven,
  { given, settings, warnings }: WholeReading,
): Promise<void> {
  const { listeners } = planListening(settings);
  const fresh = await loginsOf(settings, log, { canChange: true });
  const renew = await doors.read(listeners);
  const change = await doors.change(listeners, logins);
  await renew();
  await change();
  // From here on nothing fails.
  logins.become(fresh);
  broker.setLimits(fitting(settings.limits));
  broker.change({
    queueOverflow: settings.queueOverflow,
    queueQos0: settings.queueQos0,
    responseInformation: settings.responseInformation,
    serverReference: settings.serverReference,
    shareStrategy: settings.shareStrategy,
    statusIntervalMs: settings.sysIntervalMs,
    strictClientIdLength: settings.strictClientId,
  });
  broker.renewAccess();
  log.setLevel(settings.logLevel);
  for (const warning of [...warnings, ...fresh.warnings]) {
    log.announce("warn", "configuration", warning, {});
  }
  tellLasting(log, before, given);
}

/** What has changed in the file and not in the broker. */
function tellLasting(log: Logger, before: AllGiven, now: AllGiven): void {
  const textsOf = (given: AllGiven, name: string) =>
    JSON.stringify(given.get(name)?.map(({ text }) => text));
  const names = FILE_FLAGS.filter((flag) =>
    textsOf(before, flag.name) !== textsOf(now, flag.name) &&
    !canChange(flag, before)
  ).map(({ name }) => name);
  if (names.length === 0) return;
  const message = `needs a restart: ${names.join(", ")}`;
  log.log("warn", "restart_needed", message, { settings: names.join(",") });
}

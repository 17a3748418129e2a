/**
 * The flags of `broker pub`, `sub` and `rr` that say what to do: those of
 * Mosquitto's clients. Where the broker is say `cli/connect_flags.ts`.
 *
 * @module
 */

import type {
  ClientCommand,
  ClientSettings,
  PayloadSource,
} from "./client_settings.ts";
import { parseQos, parseSeconds, parseWhole } from "./client_values.ts";
import { type ClientFlag, CONNECT_FLAGS } from "./connect_flags.ts";
import { UsageError } from "./usage_error.ts";

const COUNT = { least: 1, most: 2 ** 31 - 1, unit: "" };

const TOPIC: ClientFlag = {
  name: "topic",
  short: "t",
  value: "TOPIC",
  says: "The topic to publish on.",
  set: (to, text) => to.topics.push(text),
};

const FILTERS: ClientFlag = {
  ...TOPIC,
  says: "A topic filter to subscribe to; may be repeated.",
};

const PAYLOAD: readonly ClientFlag[] = [
  {
    name: "message",
    short: "m",
    value: "TEXT",
    says: "The payload.",
    set: (to, text) => setPayload(to, { kind: "text", text }),
  },
  {
    name: "file",
    short: "f",
    value: "FILE",
    says: "The payload is what is in a file.",
    set: (to, path) => setPayload(to, { kind: "file", path }),
  },
  {
    name: "stdin-file",
    short: "s",
    says: "The payload is all of stdin.",
    set: (to) => setPayload(to, { kind: "stdin" }),
  },
  {
    name: "null-message",
    short: "n",
    says: "No payload; retained, that deletes what is retained.",
    set: (to) => setPayload(to, { kind: "none" }),
  },
];

const LINES: ClientFlag = {
  name: "stdin-line",
  short: "l",
  says: "A message for each line of stdin.",
  set: (to) => setPayload(to, { kind: "lines" }),
};

const QOS: ClientFlag = {
  name: "qos",
  short: "q",
  value: "QOS",
  says: "Quality of service: 0, 1 or 2. [0]",
  set: (to, text) => to.qos = parseQos(text, "--qos"),
};

const RETAIN: ClientFlag = {
  name: "retain",
  short: "r",
  says: "The broker keeps it for later subscribers.",
  set: (to) => to.retain = true,
};

const TIMEOUT: ClientFlag = {
  name: "timeout",
  short: "W",
  value: "SECONDS",
  says: "End after this time, with exit code 27.",
  set: (to, text) => to.timeoutMs = parseSeconds(text, "--timeout"),
};

const OUTPUT: readonly ClientFlag[] = [
  {
    name: "format",
    short: "F",
    value: "FORMAT",
    says: "What to print of a message, see below. [%p]",
    set: (to, text) => to.format = text,
  },
  {
    name: "verbose",
    short: "v",
    says: "Print the topic before the payload.",
    set: (to) => to.isVerbose = true,
  },
  {
    name: "no-eol",
    short: "N",
    says: "Print no end of line behind a message.",
    set: (to) => to.endsLines = false,
  },
  {
    name: "pretty",
    says: "Print JSON (%j, %J) in several lines.",
    set: (to) => to.isPretty = true,
  },
];

const LAST: readonly ClientFlag[] = [
  {
    name: "debug",
    short: "d",
    says: "Tell on stderr which packets go and come.",
    set: (to) => to.isTraced = true,
  },
  {
    name: "quiet",
    says: "Say nothing of what goes wrong.",
    set: (to) => to.isQuiet = true,
  },
];

const PUB: readonly ClientFlag[] = [
  TOPIC,
  ...PAYLOAD,
  LINES,
  QOS,
  RETAIN,
  {
    name: "repeat",
    value: "N",
    says: "Publish it N times.",
    set: (to, text) => to.repeat = parseWhole(text, COUNT, "--repeat"),
  },
  {
    name: "repeat-delay",
    value: "SECONDS",
    says: "Wait in between.",
    set: (to, text) => to.repeatDelayMs = parseSeconds(text, "--repeat-delay"),
  },
  ...LAST,
];

const SUB: readonly ClientFlag[] = [
  FILTERS,
  QOS,
  ...OUTPUT,
  {
    name: "count",
    short: "C",
    value: "N",
    says: "End after N messages.",
    set: (to, text) => to.countMax = parseWhole(text, COUNT, "--count"),
  },
  TIMEOUT,
  {
    name: "subscribed",
    short: "E",
    says: "End when the broker has answered the subscriptions.",
    set: (to) => to.endsWhenSubscribed = true,
  },
  {
    name: "filter-out",
    short: "T",
    value: "FILTER",
    says: "Leave out what this matches; may be repeated.",
    set: (to, text) => to.filtersOut.push(text),
  },
  {
    name: "unsubscribe",
    short: "U",
    value: "FILTER",
    says: "End a subscription of the session; may be repeated.",
    set: (to, text) => to.unsubscribes.push(text),
  },
  {
    name: "no-retained",
    short: "R",
    says: "Leave out what was retained.",
    set: (to) => to.takesRetained = false,
  },
  {
    name: "retained-only",
    says: "End at the first message that was not retained.",
    set: (to) => to.isRetainedOnly = true,
  },
  {
    name: "remove-retained",
    says: "Delete each retained message that comes.",
    set: (to) => to.removesRetained = true,
  },
  ...LAST,
];

const RR: readonly ClientFlag[] = [
  { ...TOPIC, says: "The topic of the request." },
  {
    name: "response-topic",
    short: "e",
    value: "TOPIC",
    says: "Where the answer is to come to.",
    set: (to, text) => to.responseTopic = text,
  },
  ...PAYLOAD,
  QOS,
  RETAIN,
  ...OUTPUT,
  TIMEOUT,
  ...LAST,
];

/** The flags of each command that it has for itself. */
export const OWN_FLAGS: Readonly<Record<ClientCommand, readonly ClientFlag[]>> =
  { pub: PUB, sub: SUB, rr: RR };

/** All flags of a command. */
export function clientFlags(command: ClientCommand): readonly ClientFlag[] {
  return [...OWN_FLAGS[command], ...CONNECT_FLAGS];
}

function setPayload(to: ClientSettings, payload: PayloadSource): void {
  if (to.payload !== undefined) {
    throw new UsageError(
      "a message has one payload: --message, --file, --stdin-file, " +
        "--stdin-line or --null-message",
    );
  }
  to.payload = payload;
}

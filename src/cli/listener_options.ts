/**
 * What can be different at one listener: the options behind the `?` of
 * `--listen`. The parser, the help and the README's table are made from this
 * list.
 *
 * @module
 */

import { parseCidr } from "../net/cidr.ts";
import type { Listener, Spoken } from "./listener.ts";
import { parseQuantity, type Range } from "./quantity.ts";
import { quoted, UsageError } from "./usage_error.ts";
import { parseChoice, parseSwitch } from "./words.ts";

/** An option, described for people and for the parser. */
export interface ListenerOption {
  /** Its name. */
  readonly name: string;
  /** What stands for its value in the help. */
  readonly value: string;
  /** What its value can be, where that is one of a few words. */
  readonly words?: readonly string[];
  /** What its value can be, where that is a number. */
  readonly range?: Range;
  /** Whether it may come several times. */
  readonly repeats?: true;
  /** What it does. */
  readonly says: string;
  /** Where it has a use. */
  readonly at: readonly Spoken[];
  /** Puts the value of `text` into `listener`. */
  readonly set: (listener: Listener, text: string, label: string) => void;
}

const INTERNET: readonly Spoken[] = ["mqtt", "mqtts", "ws", "wss", "any"];
const EVERYWHERE: readonly Spoken[] = [...INTERNET, "unix"];
const TLS: readonly Spoken[] = ["mqtts", "wss", "any"];
const WEB: readonly Spoken[] = ["ws", "wss", "any"];
const UNIX: readonly Spoken[] = ["unix"];

const COUNT_MOST = 1_000_000_000;
const COUNTS = { least: 1, most: COUNT_MOST, unit: "" };
const BYTES = { least: 1, most: 2 ** 40, unit: "bytes" };
const NEEDS = ["required", "optional"] as const;
const TLS_VERSIONS = ["1.2", "1.3"] as const;
const MODE = /^0?[0-7]{3}$/;
const OWNER = /^(?:[^:\s]+|[^:\s]*:[^:\s]+)$/;
/** A topic's beginning. */
const MOUNT_CHARS_MAX = 256;

/** In the order of the help. */
export const LISTENER_OPTIONS: readonly ListenerOption[] = [
  {
    name: "anonymous",
    value: "YES",
    says: "Whether clients may connect without a name.",
    at: EVERYWHERE,
    set: (to, text, label) =>
      to.anonymous = parseSwitch(text, label, "yes or no"),
  },
  file("cert", "certFile", "The certificate, in place of --tls-cert."),
  file("key", "keyFile", "Its key, in place of --tls-key."),
  file(
    "client-ca",
    "clientCaFile",
    "Its authorities, in place of --tls-client-ca.",
  ),
  {
    name: "client-cert",
    value: "NEED",
    words: NEEDS,
    says: "Whether clients need one: required or optional.",
    at: TLS,
    set: (to, text, label) => to.clientCert = parseChoice(text, NEEDS, label),
  },
  {
    name: "tls-version",
    value: "VERSION",
    words: TLS_VERSIONS,
    says: "The oldest version of TLS: 1.2 or 1.3.",
    at: TLS,
    set: (to, text, label) =>
      to.tlsVersion = parseChoice(text, TLS_VERSIONS, label),
  },
  {
    name: "origin",
    value: "ORIGIN",
    repeats: true,
    says: "Web pages of this origin may connect, and no others; may be " +
      "repeated.",
    at: WEB,
    set: (to, text, label) => to.origins.push(parseOrigin(text, label)),
  },
  count("connections", "connectionsMax", COUNTS, "Connections at a time."),
  ranges(
    "allow",
    "allow",
    "From where clients may come: 10.0.0.0/8,::1.",
  ),
  ranges("deny", "deny", "From where clients may not come."),
  ranges(
    "proxy",
    "proxies",
    "From where proxies come, and nobody else: each connection begins with " +
      "a PROXY header, version 1 or 2.",
  ),
  {
    name: "mount",
    value: "PREFIX",
    says: "Put before all topics here, unseen by clients.",
    at: EVERYWHERE,
    set: (to, text, label) => to.mountPoint = parseMount(text, label),
  },
  count(
    "bytes-per-second",
    "bytesPerSecond",
    BYTES,
    "Bytes that all its clients may send together.",
  ),
  count(
    "messages-per-second",
    "messagesPerSecond",
    COUNTS,
    "Messages that all of them may publish.",
  ),
  {
    name: "mode",
    value: "MODE",
    says: "The Unix socket's mode, as in chmod. [600]",
    at: UNIX,
    set: (to, text, label) => to.mode = parseMode(text, label),
  },
  {
    name: "owner",
    value: "USER:GROUP",
    says: "Whose the Unix socket is, by names or numbers.",
    at: UNIX,
    set: (to, text, label) => to.owner = parseOwner(text, label),
  },
];

/** A file of TLS. */
function file(
  name: string,
  field: "certFile" | "keyFile" | "clientCaFile",
  says: string,
): ListenerOption {
  const set = (to: Listener, text: string) => void (to[field] = text);
  return { name, value: "FILE", says, at: TLS, set };
}

/** How much of something all clients of a listener may have. */
function count(
  name: string,
  field: "connectionsMax" | "bytesPerSecond" | "messagesPerSecond",
  range: Range,
  says: string,
): ListenerOption {
  return {
    name,
    value: "N",
    range,
    says,
    at: EVERYWHERE,
    set: (to, text, label) => to[field] = parseQuantity(text, range, label),
  };
}

/** Ranges of addresses. */
function ranges(
  name: string,
  field: "allow" | "deny" | "proxies",
  says: string,
): ListenerOption {
  return {
    name,
    value: "RANGES",
    repeats: true,
    says,
    at: INTERNET,
    set: (to, text, label) => to[field].push(...parseRanges(text, label)),
  };
}

function parseRanges(text: string, label: string): string[] {
  const ranges = text.split(",").map((one) => one.trim());
  for (const range of ranges) {
    try {
      parseCidr(range);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(`${label}: ${error.message}`);
    }
  }
  return ranges;
}

function parseMode(text: string, label: string): number {
  if (MODE.test(text)) return parseInt(text, 8);
  throw new UsageError(`${label} must be like 660, not ${quoted(text)}`);
}

function parseOwner(text: string, label: string): string {
  if (OWNER.test(text)) return text;
  throw new UsageError(
    `${label} must be user, user:group or :group, not ${quoted(text)}`,
  );
}

function parseMount(text: string, label: string): string {
  const isGood = text !== "" && text.length <= MOUNT_CHARS_MAX &&
    !/[+#\0]/.test(text);
  if (isGood) return text;
  throw new UsageError(
    `${label} must be the beginning of topics, without wildcards, not ` +
      quoted(text),
  );
}

function parseOrigin(text: string, label: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood = url !== undefined && url.origin !== "null" &&
    url.href === `${url.origin}/`;
  if (isGood) return url.origin;
  throw new UsageError(
    `${label} must be like https://panel.example, not ${quoted(text)}`,
  );
}

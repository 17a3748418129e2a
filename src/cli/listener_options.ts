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
    says: "Whether clients without a name may come in here, whatever holds " +
      "elsewhere.",
    at: EVERYWHERE,
    set: (to, text, label) =>
      to.anonymous = parseSwitch(text, label, "yes or no"),
  },
  {
    name: "cert",
    value: "FILE",
    says: "The certificate, in place of --tls-cert.",
    at: TLS,
    set: (to, text) => to.certFile = text,
  },
  {
    name: "key",
    value: "FILE",
    says: "Its key, in place of --tls-key.",
    at: TLS,
    set: (to, text) => to.keyFile = text,
  },
  {
    name: "client-ca",
    value: "FILE",
    says: "Its authorities for clients, in place of --tls-client-ca.",
    at: TLS,
    set: (to, text) => to.clientCaFile = text,
  },
  {
    name: "client-cert",
    value: "NEED",
    words: NEEDS,
    says: "Whether clients need a certificate: required or optional.",
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
  {
    name: "connections",
    value: "N",
    range: COUNTS,
    says: "Connections at a time.",
    at: EVERYWHERE,
    set: (to, text, label) =>
      to.connectionsMax = parseQuantity(text, COUNTS, label),
  },
  {
    name: "allow",
    value: "RANGES",
    repeats: true,
    says: "From where clients may come, and nobody else: 10.0.0.0/8,::1.",
    at: INTERNET,
    set: (to, text, label) => to.allow.push(...parseRanges(text, label)),
  },
  {
    name: "deny",
    value: "RANGES",
    repeats: true,
    says: "From where clients may not come.",
    at: INTERNET,
    set: (to, text, label) => to.deny.push(...parseRanges(text, label)),
  },
  {
    name: "proxy",
    value: "RANGES",
    repeats: true,
    says: "From where proxies come, nobody else: each begins with a PROXY " +
      "header, version 1 or 2, that says who the client is.",
    at: INTERNET,
    set: (to, text, label) => to.proxies.push(...parseRanges(text, label)),
  },
  {
    name: "mount",
    value: "PREFIX",
    says: "What stands before all topics of clients here, unseen by them.",
    at: EVERYWHERE,
    set: (to, text, label) => to.mountPoint = parseMount(text, label),
  },
  {
    name: "bytes-per-second",
    value: "N",
    range: BYTES,
    says: "Bytes that all clients here may send together.",
    at: EVERYWHERE,
    set: (to, text, label) =>
      to.bytesPerSecond = parseQuantity(text, BYTES, label),
  },
  {
    name: "messages-per-second",
    value: "N",
    range: COUNTS,
    says: "Messages that all clients here may publish together.",
    at: EVERYWHERE,
    set: (to, text, label) =>
      to.messagesPerSecond = parseQuantity(text, COUNTS, label),
  },
  {
    name: "mode",
    value: "MODE",
    says: "Who may use the Unix socket, as in chmod: 660. [600]",
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

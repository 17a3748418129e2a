/**
 * The flags of `broker pub`, `sub` and `rr` that say where the broker is and
 * who the client is: those of Mosquitto's clients, and a few for what these
 * lack. The others are in `cli/client_flags.ts`.
 *
 * @module
 */

import type { ClientSettings } from "./client_settings.ts";
import { PORTS } from "./address.ts";
import { applyUrl } from "./broker_url.ts";
import type { Flag } from "./flag_words.ts";
import { dressed } from "./property_flag.ts";
import { parseQuantity } from "./quantity.ts";
import { parseQos, parseWhole } from "./client_values.ts";
import { quoted, UsageError } from "./usage_error.ts";
import { parseChoice } from "./words.ts";

/** A flag of a client, which the help leaves out where it says nothing. */
export type ClientFlag<To = ClientSettings> = Flag<To>;

const SECONDS = { least: 0, most: 65_535, unit: "" };
const EXPIRY = { least: 0, most: 0xffffffff, unit: "" };
const INFLIGHT = { least: 1, most: 65_535, unit: "" };
const FOR_EVER = 0xffffffff;
const TLS_VERSIONS = ["1.2", "1.3"] as const;

const VERSIONS: Readonly<Record<string, 3 | 4 | 5>> = {
  mqttv31: 3,
  "31": 3,
  "3.1": 3,
  mqttv311: 4,
  "311": 4,
  "3.1.1": 4,
  mqttv5: 5,
  "5": 5,
  "5.0": 5,
};

const PLACE: readonly ClientFlag[] = [
  {
    name: "url",
    short: "L",
    value: "URL",
    says: "All in one: mqtt[s]://[user[:password]@]host[:port]/topic, " +
      "ws[s]://host[:port]/path, unix:///file.",
    set: (to, text) => applyUrl(to, text),
  },
  {
    name: "host",
    short: "h",
    value: "HOST",
    says: "The broker's host. [localhost]",
    set: (to, text) => to.hostname = text.replace(/^\[(.*)\]$/, "$1"),
  },
  {
    name: "port",
    short: "p",
    value: "PORT",
    says: "Its port. [1883, with TLS 8883]",
    set: (to, text) => to.port = parseQuantity(text, PORTS, "--port"),
  },
  {
    name: "unix",
    value: "FILE",
    says: "Its Unix socket.",
    set: (to, text) => to.file = text,
  },
  {
    name: "bind",
    short: "A",
    value: "ADDRESS",
    says: "The address of this machine to go out from.",
    set: (to, text) => to.localAddress = text,
  },
];

const TLS: readonly ClientFlag[] = [
  {
    name: "cafile",
    value: "FILE",
    says: "TLS, with brokers whose certificate these signed.",
    set: (to, text) => {
      to.caFile = text;
      to.wantsTls = true;
    },
  },
  {
    name: "tls-use-os-certs",
    says: "TLS, with a broker that the runtime trusts.",
    set: (to) => to.wantsTls = true,
  },
  {
    name: "cert",
    value: "FILE",
    says: "The client's certificate.",
    set: (to, text) => {
      to.certFile = text;
      to.wantsTls = true;
    },
  },
  {
    name: "key",
    value: "FILE",
    says: "Its private key.",
    set: (to, text) => {
      to.keyFile = text;
      to.wantsTls = true;
    },
  },
  {
    name: "insecure",
    says: "Take any name in the broker's certificate; without --cafile, " +
      "any certificate.",
    set: (to) => {
      to.isInsecure = true;
      to.wantsTls = true;
    },
  },
  {
    name: "tls-version",
    value: "VERSION",
    says: "tlsv1.2 or tlsv1.3, and no other.",
    set: (to, text) => {
      const bare = text.toLowerCase().replace(/^tlsv/, "");
      to.tlsVersion = parseChoice(bare, TLS_VERSIONS, "--tls-version");
      to.wantsTls = true;
    },
  },
  {
    name: "tls-alpn",
    alias: "alpn",
    value: "NAME",
    says: "The protocol to ask for in TLS, as mqtt.",
    set: (to, text) => {
      to.alpn = text;
      to.wantsTls = true;
    },
  },
];

const LOGIN: readonly ClientFlag[] = [
  {
    name: "username",
    short: "u",
    value: "NAME",
    says: "The user name.",
    set: (to, text) => to.userName = text,
  },
  {
    name: "pw",
    short: "P",
    value: "PASSWORD",
    says: "The password, which all on the machine can see.",
    set: (to, text) => to.password = text,
  },
  {
    name: "password-file",
    value: "FILE",
    says: "The file of the password; - is stdin.",
    set: (to, text) => to.passwordFile = text,
  },
  {
    name: "id",
    short: "i",
    value: "ID",
    says: "The client id. [the broker's choice]",
    set: (to, text) => to.clientId = text,
  },
  {
    name: "id-prefix",
    short: "I",
    value: "PREFIX",
    says: "What it begins with; the rest is chosen.",
    set: (to, text) => to.clientIdPrefix = text,
  },
  {
    name: "protocol-version",
    short: "V",
    value: "VERSION",
    says: "31, 311 or 5. [311, or 5 if needed]",
    set: (to, text) => to.level = levelOf(text),
  },
  {
    name: "keepalive",
    short: "k",
    value: "SECONDS",
    says: "How often to show that it lives; 0 for never. [60]",
    set: (to, text) =>
      to.keepAliveSeconds = parseWhole(text, SECONDS, "--keepalive"),
  },
  {
    name: "disable-clean-session",
    short: "c",
    says: "Go on with the session, and leave it behind.",
    set: (to) => to.cleanSession = false,
  },
  {
    name: "session-expiry-interval",
    short: "x",
    value: "SECONDS",
    says: "How long a session stays (5.0); -1 for ever.",
    set: (to, text) =>
      to.sessionExpirySeconds = text === "-1" || text === "∞"
        ? FOR_EVER
        : parseWhole(text, EXPIRY, "--session-expiry-interval"),
  },
  {
    name: "property",
    short: "D",
    value: "PACKET NAME VALUE",
    says: "A property (5.0) of connect, publish, will, subscribe, " +
      "unsubscribe or disconnect.",
    // A user property has a name and a value of its own.
    wordsOf: (rest) => rest[1] === "user-property" ? 4 : 3,
    set: (to, _, words) => to.properties = dressed(to.properties, words),
  },
];

const WILL: readonly ClientFlag[] = [
  {
    name: "will-topic",
    value: "TOPIC",
    says: "What is published when the client is lost:",
    set: (to, text) => to.willTopic = text,
  },
  {
    name: "will-payload",
    value: "TEXT",
    says: "its payload,",
    set: (to, text) => to.willPayload = text,
  },
  {
    name: "will-qos",
    value: "QOS",
    says: "its QoS,",
    set: (to, text) => to.willQos = parseQos(text, "--will-qos"),
  },
  {
    name: "will-retain",
    says: "and whether it is retained.",
    set: (to) => to.willRetain = true,
  },
];

const MORE: readonly ClientFlag[] = [
  {
    name: "max-inflight",
    short: "M",
    value: "N",
    says: "Messages at QoS 1 and 2 under way. [20]",
    set: (to, text) =>
      to.inflightMax = parseWhole(text, INFLIGHT, "--max-inflight"),
  },
  { name: "nodelay", says: "", set: () => {} },
];

/** The flags that all clients have, in the order of their page. */
export const CONNECT_FLAGS: readonly ClientFlag[] = [
  ...PLACE,
  ...TLS,
  ...LOGIN,
  ...WILL,
  ...MORE,
];

function levelOf(text: string): 3 | 4 | 5 {
  const level = VERSIONS[text.toLowerCase()];
  if (level !== undefined) return level;
  throw new UsageError(
    `--protocol-version must be 31, 311 or 5, not ${quoted(text)}`,
  );
}

/**
 * What the options of a `mosquitto.conf` mean here: those that are settings
 * of ours too. What we have not, and what means nothing here, is in
 * `cli/mosquitto_others.ts`.
 *
 * @module
 */

import { LIMITS } from "../broker/limit_table.ts";
import type { MosquittoDraft } from "./mosquitto_draft.ts";
import type { MosquittoLine } from "./mosquitto_lines.ts";
import { quoted, UsageError } from "./usage_error.ts";
import { parseChoice, parseSwitch } from "./words.ts";

/**
 * Takes a line.
 *
 * @throws {UsageError} When its value is none.
 */
export type TakeLine = (to: MosquittoDraft, line: MosquittoLine) => void;

/** What is added to a payload to bound a packet: topic, properties. */
const AROUND_PAYLOAD_BYTES = 128 * 1024;

const HOUR = 3600;
/** Months and years as Mosquitto counts them. */
const SECONDS: Readonly<Record<string, number>> = {
  h: HOUR,
  d: 24 * HOUR,
  w: 7 * 24 * HOUR,
  m: 30 * 24 * HOUR,
  y: 365 * 24 * HOUR,
};

/** The level of ours that has lines of such a type. */
const LEVELS: Readonly<Record<string, string>> = {
  none: "error",
  error: "error",
  warning: "warn",
  notice: "info",
  information: "info",
  subscribe: "debug",
  unsubscribe: "debug",
  websockets: "info",
  debug: "debug",
  all: "debug",
};
/** From the quietest on. */
const LOUDNESS = ["error", "warn", "info", "debug"];

/** By the option's name. */
export const MOSQUITTO_OPTIONS: Readonly<Record<string, TakeLine>> = {
  // Listeners.
  listener(to, { value, where }) {
    const [port = "", ...address] = value.split(/\s+/);
    to.begin(where, digits(port, "listener"), address.join(" "));
  },
  port(to, line) {
    to.first.port = digits(line.value, "port");
    to.first.isAsked = true;
    to.first.where ||= line.where;
  },
  bind_address(to, line) {
    to.first.address = line.value;
    to.first.isAsked = true;
    to.first.where ||= line.where;
  },
  socket_domain(to, line) {
    const words = ["ipv4", "ipv6"] as const;
    to.door.domain = parseChoice(line.value, words, line.name);
    to.ask(line);
  },
  protocol(to, { name, value }) {
    const words = ["mqtt", "websockets"] as const;
    to.door.isWeb = parseChoice(value, words, name) === "websockets";
  },
  mount_point: (to, { value }) => void to.door.options.set("mount", value),
  max_connections(to, line) {
    if (line.value === "-1") return;
    const count = digits(line.value, line.name);
    to.door.options.set("connections", count);
    to.ask(line);
  },
  max_qos(to, line) {
    to.door.shared.set("maximum-qos", digits(line.value, line.name));
    to.ask(line);
  },
  max_topic_alias(to, { name, value }) {
    to.door.shared.set("topic-alias-max", digits(value, name));
  },

  // TLS.
  certfile: tls((to, value) => to.door.certFile = value),
  keyfile: tls((to, value) => to.door.keyFile = value),
  cafile: tls((to, value) => to.door.caFile = value),
  tls_version(to, { name, value }) {
    const words = ["tlsv1.2", "tlsv1.3"] as const;
    const [, version = ""] = parseChoice(value, words, name).split("v");
    to.door.options.set("tls-version", version);
  },
  require_certificate(to, line) {
    to.door.needsCertificate = isOn(line);
    if (isOn(line)) to.ask(line);
  },
  use_identity_as_username(to, line) {
    if (isOn(line)) to.door.certUser = "cn";
  },
  use_subject_as_username(to, line) {
    if (isOn(line)) to.door.certUser ??= "subject";
  },

  // Who may connect.
  per_listener_settings: (to, line) => void (to.isPerListener = isOn(line)),
  allow_anonymous(to, line) {
    to.rules.anonymous = isOn(line);
    if (to.isPerListener) to.ask(line);
  },
  password_file(to, line) {
    to.rules.passwordFile = { text: filled(line), where: line.where };
    if (to.isPerListener) to.ask(line);
  },
  acl_file(to, line) {
    to.rules.aclFile = { text: filled(line), where: line.where };
    if (to.isPerListener) to.ask(line);
  },

  // Limits and queues.
  max_inflight_messages: orNoLimit("inflight-out-max", LIMITS.inflightOutMax),
  max_queued_messages: orNoLimit(
    "backlog-messages-max",
    LIMITS.backlogMessagesMax,
  ),
  max_queued_bytes: orNoLimit("backlog-bytes-max", LIMITS.backlogBytesMax),
  max_packet_size: orNoLimit("packet-bytes-max", LIMITS.packetBytesMax),
  message_size_limit(to, { name, value, where }) {
    const bytes = Number(digits(value, name));
    if (bytes === 0 || to.given.has("packet-bytes-max")) return;
    const most = Math.min(
      bytes + AROUND_PAYLOAD_BYTES,
      LIMITS.packetBytesMax.most,
    );
    to.set("packet-bytes-max", `${most}`, where);
    to.notes.push(
      `${where}: message_size_limit: a client that sends much more is ` +
        "disconnected",
    );
  },
  max_keepalive(to, { name, value, where }) {
    to.set("keep-alive-seconds-max", digits(value, name), where);
  },
  persistent_client_expiration(to, { name, value, where }) {
    const [, count = "", unit = ""] = /^(\d{1,9})([hdwmy])$/.exec(value) ?? [];
    if (unit === "") {
      throw new UsageError(
        `${name} must be like 2m or 14d, not ${quoted(value)}`,
      );
    }
    const { most } = LIMITS.sessionExpirySecondsMax;
    const seconds = Math.min(Number(count) * SECONDS[unit]!, most);
    to.set("session-expiry-seconds-max", `${seconds}`, where);
  },
  queue_qos0_messages(to, line) {
    to.set("queue-qos0", `${isOn(line)}`, line.where);
  },
  retain_available(to, line) {
    to.set("retain", `${isOn(line)}`, line.where);
  },

  // State.
  persistence: (to, line) => void (to.persistence = isOn(line)),
  persistence_location(to, line) {
    to.folder = { text: filled(line), where: line.where };
  },

  // What is told.
  sys_interval(to, { name, value, where }) {
    to.set("sys-interval", `${digits(value, name)}s`, where);
  },
  log_type(to, { name, value, where }) {
    const words = Object.keys(LEVELS);
    const level = LEVELS[parseChoice(value, words, name)]!;
    const before = to.given.get("log-level")?.[0]?.text ?? level;
    const isLouder = LOUDNESS.indexOf(level) > LOUDNESS.indexOf(before);
    to.set("log-level", isLouder ? level : before, where);
  },
};

/** Files of TLS ask for the listener that they are about. */
function tls(put: (to: MosquittoDraft, value: string) => void): TakeLine {
  return (to, line) => {
    put(to, filled(line));
    to.ask(line);
  };
}

/** A number, of which Mosquitto takes 0 for no limit. */
function orNoLimit(flag: string, { most }: { most: number }): TakeLine {
  return (to, { name, value, where }) => {
    const number = Number(digits(value, name));
    const least = number === 0 ? most : Math.min(number, most);
    to.set(flag, `${least}`, where);
  };
}

function isOn({ name, value }: MosquittoLine): boolean {
  return parseSwitch(value, name);
}

function digits(text: string, name: string): string {
  if (/^\d{1,15}$/.test(text)) return text;
  throw new UsageError(`${name} must be a number, not ${quoted(text)}`);
}

function filled({ name, value }: MosquittoLine): string {
  if (value !== "") return value;
  throw new UsageError(`${name} needs a value`);
}

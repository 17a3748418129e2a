/**
 * The arguments of `broker pub`, `sub` and `rr`, and what of them does not go
 * together.
 *
 * @module
 */

import { topicNameFault } from "../topic/topic.ts";
import { subscriptionFault } from "../topic/shared_filter.ts";
import { clientFlags } from "./client_flags.ts";
import {
  type ClientCommand,
  type ClientSettings,
  defaultClientSettings,
} from "./client_settings.ts";
import { takeFlags } from "./flag_words.ts";
import { formatFault } from "./message_format.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** What is to be done. */
export type ClientOrder =
  | { readonly kind: "help" }
  | { readonly kind: "help_connect" }
  | { readonly kind: "run"; readonly settings: ClientSettings };

/** Beyond what MQTT says a topic has no limits here. */
const NO_LIMITS = { topicBytesMax: 65_535, topicLevelsMax: 65_535 };

/**
 * Reads the arguments behind the command's word.
 *
 * @throws {UsageError} When one is bad, or one is missing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readClientArguments } from "./client_arguments.ts";
 *
 * const order = readClientArguments("pub", ["-t", "room/1", "-m", "-5"]);
 * if (order.kind !== "run") throw new Error("help was not asked for");
 * assertEquals(order.settings.topics, ["room/1"]);
 * assertEquals(order.settings.payload, { kind: "text", text: "-5" });
 * ```
 */
export function readClientArguments(
  command: ClientCommand,
  args: readonly string[],
): ClientOrder {
  const settings = defaultClientSettings();
  const kind = takeFlags(command, clientFlags(command), settings, args);
  if (kind !== "run") return { kind };
  check(command, settings);
  return { kind, settings };
}

/** What is needed, and what does not go together. */
function check(command: ClientCommand, settings: ClientSettings): void {
  if (command === "sub") checkSub(settings);
  else checkPub(command, settings);
  if (command === "rr") checkRr(settings);
  checkSession(settings);
  checkStdin(settings);
  const { format } = settings;
  const fault = format === undefined ? undefined : formatFault(format);
  if (fault !== undefined) throw new UsageError(`--format has ${fault}`);
}

function checkSub({ topics, filtersOut, unsubscribes }: ClientSettings): void {
  if (topics.length + unsubscribes.length === 0) {
    throw new UsageError("a topic is needed: broker sub -t TOPIC");
  }
  for (const filter of [...topics, ...filtersOut, ...unsubscribes]) {
    const fault = subscriptionFault(filter);
    if (fault !== undefined) {
      throw new UsageError(`the topic filter ${quoted(filter)} has ${fault}`);
    }
  }
}

function checkPub(command: "pub" | "rr", settings: ClientSettings): void {
  const { topics, payload, repeat } = settings;
  if (topics.length === 0 || payload === undefined) {
    const more = command === "rr" ? " -e TOPIC" : "";
    throw new UsageError(
      `a topic and a message are needed: broker ${command} ` +
        `-t TOPIC${more} -m TEXT`,
    );
  }
  if (topics.length > 1) {
    throw new UsageError("a message has one topic, and there are several");
  }
  checkTopic("the topic", topics[0]!);
  if (repeat > 1 && payload.kind === "lines") {
    throw new UsageError("--repeat has no use beside --stdin-line");
  }
}

function checkRr({ responseTopic }: ClientSettings): void {
  if (responseTopic === undefined) {
    throw new UsageError(
      "a topic for the answer is needed: broker rr -t TOPIC -e TOPIC -m TEXT",
    );
  }
  checkTopic("--response-topic", responseTopic);
}

function checkTopic(label: string, topic: string): void {
  const fault = topicNameFault(topic, NO_LIMITS);
  if (fault === undefined) return;
  throw new UsageError(`${label} ${quoted(topic)} has ${fault}`);
}

function checkSession(settings: ClientSettings): void {
  const { cleanSession, clientId, clientIdPrefix, level } = settings;
  const isNamed = clientId !== undefined || clientIdPrefix !== undefined;
  if (!cleanSession && !isNamed) {
    throw new UsageError(
      "--disable-clean-session needs --id: the session is the client id's",
    );
  }
  const needs5 = Object.keys(settings.properties).length > 0
    ? "--property"
    : settings.sessionExpirySeconds === undefined
    ? undefined
    : "--session-expiry-interval";
  if (needs5 !== undefined && level !== undefined && level < 5) {
    throw new UsageError(`${needs5} needs MQTT 5.0: --protocol-version 5`);
  }
  const { willTopic, willPayload, willQos, willRetain } = settings;
  const isDressed = willPayload !== undefined || willQos > 0 || willRetain ||
    settings.properties.will !== undefined;
  if (willTopic !== undefined) checkTopic("--will-topic", willTopic);
  else if (isDressed) throw new UsageError("a will needs a --will-topic");
}

/** Stdin holds one thing, and there is one password. */
export function checkStdin(
  { payload, passwordFile, ...others }: ClientSettings,
): void {
  const isTaken = payload?.kind === "stdin" || payload?.kind === "lines";
  if (isTaken && passwordFile === "-") {
    throw new UsageError("stdin can't hold both message and password");
  }
  if (passwordFile !== undefined && others.password !== undefined) {
    throw new UsageError("there is a password beside --password-file");
  }
}

/**
 * The flags that tune MQTT, or switch a part of it off. They are in the list
 * of all flags, `cli/flags.ts`, and have a help page of their own.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { ALL_FEATURES, type Features } from "../broker/options.ts";
import type { QueueOverflow } from "../session/drops.ts";
import type { ShareStrategy } from "../session/shared_group.ts";
import { parseQuantity } from "./quantity.ts";
import type { Flag } from "./settings.ts";
import { parseChoice, parseSwitch, parseText } from "./words.ts";

const STRATEGIES: readonly ShareStrategy[] = [
  "round-robin",
  "least-inflight",
  "hash-client-id",
  "hash-topic",
];

const OVERFLOWS: readonly QueueOverflow[] = [
  "drop-newest",
  "drop-oldest",
  "refuse",
];

const QOS_RANGE = { least: 0, most: 2, unit: "" };

/** In the order of the help. */
export const MQTT_FLAGS: readonly Flag[] = [
  {
    name: "queue-qos0",
    group: "mqtt",
    initial: "no",
    says: "Keep QoS 0 messages too for sessions that are away.",
    set: (to, text, label) => to.queueQos0 = parseSwitch(text, label),
  },
  {
    name: "queue-overflow",
    group: "mqtt",
    value: "POLICY",
    words: OVERFLOWS,
    initial: "drop-newest",
    says: "What a full queue of a session does: drop-newest, drop-oldest, or " +
      "refuse: nobody gets the message, whoever has room, and its " +
      "publisher is told (0x97; before 5.0 it is closed).",
    set: (to, text, label) =>
      to.queueOverflow = parseChoice(text, OVERFLOWS, label),
  },
  {
    name: "strict-client-id",
    group: "mqtt",
    initial: "no",
    says: "Refuse MQTT 3.1 client ids of more than 23 characters.",
    set: (to, text, label) => to.strictClientId = parseSwitch(text, label),
  },
  {
    name: "deliver-each",
    group: "mqtt",
    initial: "no",
    says: "Deliver a message once for each filter of a client that matches " +
      "it, not once in all.",
    set: (to, text, label) => to.deliverEach = parseSwitch(text, label),
  },
  {
    name: "share-strategy",
    group: "mqtt",
    value: "NAME",
    words: STRATEGIES,
    initial: "round-robin",
    says: "Who of a shared subscription gets a message: round-robin, " +
      "least-inflight, hash-client-id (of the publisher) or hash-topic.",
    set: (to, text, label) =>
      to.shareStrategy = parseChoice(text, STRATEGIES, label),
  },
  {
    name: "check-payload-format",
    group: "mqtt",
    initial: "no",
    says: "Refuse a payload that is said to be UTF-8 and is not (0x99).",
    set: (to, text, label) => to.checkPayloadFormat = parseSwitch(text, label),
  },
  {
    name: "response-information",
    group: "mqtt",
    value: "TEXT",
    initial: "none",
    says: "What a client is told that asks where to have answers sent; %c " +
      "is its client id.",
    set: (to, text, label) => to.responseInformation = parseText(text, label),
  },
  {
    name: "server-reference",
    group: "mqtt",
    value: "HOST",
    initial: "none",
    says: "Another server, named to clients when this one is full or stops " +
      "(0x9C).",
    set: (to, text, label) => to.serverReference = parseText(text, label),
  },
  {
    name: "maximum-qos",
    group: "mqtt",
    value: "N",
    range: QOS_RANGE,
    initial: `${ALL_FEATURES.maximumQos}`,
    says: "The greatest QoS of messages: 0, 1 or 2.",
    set: (to, text, label) =>
      to.features = {
        ...to.features,
        maximumQos: parseQuantity(text, QOS_RANGE, label) as QoS,
      },
  },
  feature("retain", "retain", "Whether messages are retained."),
  feature("wildcards", "wildcards", "Whether filters may have wildcards."),
  feature(
    "subscription-ids",
    "subscriptionIds",
    "Whether subscriptions may have identifiers.",
  ),
  feature(
    "shared-subscriptions",
    "sharedSubscriptions",
    "Whether subscriptions may be shared.",
  ),
];

/** A part of MQTT that is there unless it is switched off. */
function feature(
  name: string,
  field: Exclude<keyof Features, "maximumQos">,
  says: string,
): Flag {
  return {
    name,
    group: "mqtt",
    value: "YES",
    initial: "yes",
    says,
    set: (to, text, label) => {
      const isOn = parseSwitch(text, label, "yes or no");
      to.features = { ...to.features, [field]: isOn };
    },
  };
}

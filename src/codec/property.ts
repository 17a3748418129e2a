/**
 * The properties of MQTT 5.0 as a table: section 2.2.2.2, table 2-4. What is
 * done with them is the matter of `codec/properties.ts`.
 *
 * @module
 */

import type { Properties } from "./properties.ts";

/** What may hold properties: a packet, or the will in a CONNECT. */
export type PropertyPacket =
  | "CONNECT"
  | "will"
  | "CONNACK"
  | "PUBLISH"
  | "PUBACK"
  | "PUBREC"
  | "PUBREL"
  | "PUBCOMP"
  | "SUBSCRIBE"
  | "SUBACK"
  | "UNSUBSCRIBE"
  | "UNSUBACK"
  | "DISCONNECT"
  | "AUTH";

/**
 * How a value lies on the wire: sections 1.5.1 to 1.5.7. All bytes are 0 or
 * 1; a `flag` is one that says no or yes.
 */
export type PropertyType =
  | "byte"
  | "flag"
  | "uint16"
  | "uint32"
  | "variable"
  | "text"
  | "binary"
  | "pair";

/** One property. */
export interface Property {
  /** The identifier, its first byte on the wire. */
  readonly id: number;
  /** Its name in the standard. */
  readonly name: string;
  /** Its name in {@linkcode Properties}. */
  readonly field: keyof Properties;
  /** How its value lies on the wire. */
  readonly type: PropertyType;
  /** Where it may stand. */
  readonly packets: readonly PropertyPacket[];
  /** Where it may stand more than once. */
  readonly repeatsIn: readonly PropertyPacket[];
  /** Whether 0 is no value of it. */
  readonly isNeverZero: boolean;
}

/** Its value is 0 or 1. */
export const PAYLOAD_FORMAT_INDICATOR = 1;
/** Seconds. */
export const MESSAGE_EXPIRY_INTERVAL = 2;
/** Text. */
export const CONTENT_TYPE = 3;
/** A topic name. */
export const RESPONSE_TOPIC = 8;
/** Bytes. */
export const CORRELATION_DATA = 9;
/** The one property with a variable byte integer. */
export const SUBSCRIPTION_IDENTIFIER = 11;
/** The number that stands for a topic. */
export const TOPIC_ALIAS = 35;
/** A name and a value. */
export const USER_PROPERTY = 38;

const MESSAGE = ["PUBLISH", "will"] as const;
const LOGIN = ["CONNECT", "CONNACK", "AUTH"] as const;
const GREETING = ["CONNECT", "CONNACK"] as const;
const ANSWERS = [
  "CONNACK",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBACK",
  "UNSUBACK",
  "DISCONNECT",
  "AUTH",
] as const;
const ALL = [
  "CONNECT",
  "PUBLISH",
  "will",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  ...ANSWERS,
] as const;

/** All properties, by identifier. */
export const PROPERTIES: readonly Property[] = [
  of(1, "Payload Format Indicator", "payloadFormat", "byte", MESSAGE),
  of(2, "Message Expiry Interval", "messageExpirySeconds", "uint32", MESSAGE),
  of(3, "Content Type", "contentType", "text", MESSAGE),
  of(8, "Response Topic", "responseTopic", "text", MESSAGE),
  of(9, "Correlation Data", "correlationData", "binary", MESSAGE),
  {
    ...of(11, "Subscription Identifier", "subscriptionIds", "variable", [
      "PUBLISH",
      "SUBSCRIBE",
    ]),
    repeatsIn: ["PUBLISH"],
    isNeverZero: true,
  },
  of(17, "Session Expiry Interval", "sessionExpirySeconds", "uint32", [
    ...GREETING,
    "DISCONNECT",
  ]),
  of(18, "Assigned Client Identifier", "assignedClientId", "text", ["CONNACK"]),
  of(19, "Server Keep Alive", "serverKeepAliveSeconds", "uint16", ["CONNACK"]),
  of(21, "Authentication Method", "authenticationMethod", "text", LOGIN),
  of(22, "Authentication Data", "authenticationData", "binary", LOGIN),
  of(23, "Request Problem Information", "requestProblemInformation", "flag", [
    "CONNECT",
  ]),
  of(24, "Will Delay Interval", "willDelaySeconds", "uint32", ["will"]),
  of(25, "Request Response Information", "requestResponseInformation", "flag", [
    "CONNECT",
  ]),
  of(26, "Response Information", "responseInformation", "text", ["CONNACK"]),
  of(28, "Server Reference", "serverReference", "text", [
    "CONNACK",
    "DISCONNECT",
  ]),
  of(31, "Reason String", "reasonString", "text", ANSWERS),
  {
    ...of(33, "Receive Maximum", "receiveMaximum", "uint16", GREETING),
    isNeverZero: true,
  },
  of(34, "Topic Alias Maximum", "topicAliasMaximum", "uint16", GREETING),
  {
    ...of(35, "Topic Alias", "topicAlias", "uint16", ["PUBLISH"]),
    isNeverZero: true,
  },
  of(36, "Maximum QoS", "maximumQos", "byte", ["CONNACK"]),
  of(37, "Retain Available", "retainAvailable", "flag", ["CONNACK"]),
  {
    ...of(38, "User Property", "userProperties", "pair", ALL),
    repeatsIn: ALL,
  },
  {
    ...of(39, "Maximum Packet Size", "maximumPacketSize", "uint32", GREETING),
    isNeverZero: true,
  },
  of(
    40,
    "Wildcard Subscription Available",
    "wildcardSubscriptionAvailable",
    "flag",
    ["CONNACK"],
  ),
  of(
    41,
    "Subscription Identifier Available",
    "subscriptionIdsAvailable",
    "flag",
    ["CONNACK"],
  ),
  of(
    42,
    "Shared Subscription Available",
    "sharedSubscriptionAvailable",
    "flag",
    ["CONNACK"],
  ),
];

function of(
  id: number,
  name: string,
  field: keyof Properties,
  type: PropertyType,
  packets: readonly PropertyPacket[],
): Property {
  return { id, name, field, type, packets, repeatsIn: [], isNeverZero: false };
}

const BY_ID: readonly (Property | undefined)[] = (() => {
  const all = new Array<Property | undefined>(256).fill(undefined);
  for (const property of PROPERTIES) all[property.id] = property;
  return all;
})();

/**
 * The property with this identifier, if there is one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { propertyOf } from "./property.ts";
 *
 * assertEquals(propertyOf(35)?.name, "Topic Alias");
 * assertEquals(propertyOf(0), undefined);
 * ```
 */
export function propertyOf(id: number): Property | undefined {
  return BY_ID[id];
}

/**
 * The packets that may hold properties, each as the bytes around a property
 * block and as the reader that must take it or refuse it; and table 2-4 of
 * MQTT 5.0, typed in anew: the table in `src/` had no part in it.
 */

import { readAcknowledgement } from "../../src/codec/acknowledgement.ts";
import { readAuth } from "../../src/codec/auth.ts";
import { readConnack } from "../../src/codec/connack.ts";
import { readConnect } from "../../src/codec/connect.ts";
import { readDisconnect } from "../../src/codec/disconnect.ts";
import {
  decodeProperties,
  type Properties,
  readProperties,
} from "../../src/codec/properties.ts";
import type { PropertyPacket } from "../../src/codec/property.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { readSuback, readUnsuback } from "../../src/codec/suback.ts";
import { readSubscribe, readUnsubscribe } from "../../src/codec/subscribe.ts";
import { bytesOf } from "./fixtures.ts";

/** A packet around a block, and its reader. */
export interface Kind {
  readonly packet: PropertyPacket;
  /** What stands before the property length, from the first byte on. */
  readonly before: string;
  /** What stands behind the properties. */
  readonly after: string;
  /** Reads the body, which begins at 2; returns its properties. */
  read(bytes: Uint8Array): Properties;
}

const CONNECT = "1000 0004'MQTT' 05";

export const KINDS: readonly Kind[] = [
  kind(
    "CONNECT",
    `${CONNECT} 02 0000`,
    "0001'c'",
    (bytes) => readConnect(bytes, 2, bytes.length).properties,
  ),
  kind(
    "will",
    `${CONNECT} 06 0000 00 0001'c'`,
    "0001'w' 0000",
    (bytes) => readConnect(bytes, 2, bytes.length).will!.properties,
  ),
  kind(
    "CONNACK",
    "2000 00 00",
    "",
    (bytes) => readConnack(bytes, 2, bytes.length, 5).properties,
  ),
  kind("PUBLISH", "3200 0001'a' 0001", "'load'", readPublishProperties),
  acknowledgement("PUBACK", "4000 0001 10"),
  acknowledgement("PUBREC", "5000 0001 00"),
  acknowledgement("PUBREL", "6200 0001 92"),
  acknowledgement("PUBCOMP", "7000 0001 00"),
  kind(
    "SUBSCRIBE",
    "8200 0001",
    "0001'a' 02",
    (bytes) => readSubscribe(bytes, 2, bytes.length, 5).properties,
  ),
  kind(
    "SUBACK",
    "9000 0001",
    "02",
    (bytes) => readSuback(bytes, 2, bytes.length, 5).properties,
  ),
  kind(
    "UNSUBSCRIBE",
    "a200 0001",
    "0001'a'",
    (bytes) => readUnsubscribe(bytes, 2, bytes.length, 5).properties,
  ),
  kind(
    "UNSUBACK",
    "b000 0001",
    "11",
    (bytes) => readUnsuback(bytes, 2, bytes.length, 5).properties,
  ),
  kind(
    "DISCONNECT",
    "e000 00",
    "",
    (bytes) => readDisconnect(bytes, 2, bytes.length, 5).properties,
  ),
  kind(
    "AUTH",
    "f000 18",
    "",
    (bytes) => readAuth(bytes, 2, bytes.length).properties,
  ),
];

function kind(
  packet: PropertyPacket,
  before: string,
  after: string,
  read: (bytes: Uint8Array) => Properties,
): Kind {
  return { packet, before, after, read };
}

function acknowledgement(packet: PropertyPacket, before: string): Kind {
  return kind(packet, before, "", (bytes) => {
    readAcknowledgement(bytes[0]! >> 4, bytes, 2, bytes.length, 5);
    return readProperties(packet, bytes, 5, bytes.length);
  });
}

/** From a server: only it sends every property that a PUBLISH may have. */
function readPublishProperties(bytes: Uint8Array): Properties {
  const view = new PublishView();
  readPublish(bytes, 0, 2, bytes.length, 5, view, "server");
  const { propertiesAt, payloadAt } = view;
  return decodeProperties("PUBLISH", bytes, propertiesAt, payloadAt);
}

/** One row of the table, with one value as bytes and as itself. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly field: keyof Properties;
  readonly hex: string;
  readonly value: Properties[keyof Properties];
  /** Where it may stand. */
  readonly packets: string;
}

const ANSWER = "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK " +
  "DISCONNECT AUTH";
const EVERY = `CONNECT will PUBLISH SUBSCRIBE UNSUBSCRIBE ${ANSWER}`;
const DATA = Uint8Array.of(0, 255);

// deno-fmt-ignore
export const ROWS: readonly Row[] = ([
  [1, "Payload Format Indicator", "payloadFormat", "01", 1, "PUBLISH will"],
  [2, "Message Expiry Interval", "messageExpirySeconds", "ff000001",
    0xff00_0001, "PUBLISH will"],
  [3, "Content Type", "contentType", "0002 c3a4", "ä", "PUBLISH will"],
  [8, "Response Topic", "responseTopic", "0001'r'", "r", "PUBLISH will"],
  [9, "Correlation Data", "correlationData", "0002 00ff", DATA,
    "PUBLISH will"],
  [11, "Subscription Identifier", "subscriptionIds", "8001", [128],
    "PUBLISH SUBSCRIBE"],
  [17, "Session Expiry Interval", "sessionExpirySeconds", "00000000", 0,
    "CONNECT CONNACK DISCONNECT"],
  [18, "Assigned Client Identifier", "assignedClientId", "0001'i'", "i",
    "CONNACK"],
  [19, "Server Keep Alive", "serverKeepAliveSeconds", "0000", 0, "CONNACK"],
  [21, "Authentication Method", "authenticationMethod", "0001'm'", "m",
    "CONNECT CONNACK AUTH"],
  [22, "Authentication Data", "authenticationData", "0002 00ff", DATA,
    "CONNECT CONNACK AUTH"],
  [23, "Request Problem Information", "requestProblemInformation", "00",
    false, "CONNECT"],
  [24, "Will Delay Interval", "willDelaySeconds", "00000001", 1, "will"],
  [25, "Request Response Information", "requestResponseInformation", "01",
    true, "CONNECT"],
  [26, "Response Information", "responseInformation", "0000", "", "CONNACK"],
  [28, "Server Reference", "serverReference", "0001's'", "s",
    "CONNACK DISCONNECT"],
  [31, "Reason String", "reasonString", "0001'r'", "r", ANSWER],
  [33, "Receive Maximum", "receiveMaximum", "ffff", 65_535,
    "CONNECT CONNACK"],
  [34, "Topic Alias Maximum", "topicAliasMaximum", "0000", 0,
    "CONNECT CONNACK"],
  [35, "Topic Alias", "topicAlias", "0100", 256, "PUBLISH"],
  [36, "Maximum QoS", "maximumQos", "00", 0, "CONNACK"],
  [37, "Retain Available", "retainAvailable", "00", false, "CONNACK"],
  [38, "User Property", "userProperties", "0001'k' 0002 c3a4", [["k", "ä"]],
    EVERY],
  [39, "Maximum Packet Size", "maximumPacketSize", "00000001", 1,
    "CONNECT CONNACK"],
  [40, "Wildcard Subscription Available", "wildcardSubscriptionAvailable",
    "01", true, "CONNACK"],
  [41, "Subscription Identifier Available", "subscriptionIdsAvailable", "00",
    false, "CONNACK"],
  [42, "Shared Subscription Available", "sharedSubscriptionAvailable", "01",
    true, "CONNACK"],
] as const).map(([id, name, field, hex, value, packets]) => (
  { id, name, field, hex, value: value as Row["value"], packets }
));

/** The identifier and a value: the one of the row, or another. */
export function propertyHex({ id, hex }: Row, other: string = hex): string {
  return `${id.toString(16).padStart(2, "0")} ${other}`;
}

/** The packet around a block whose length is told as it is, or otherwise. */
export function packetOf(
  { before, after }: Kind,
  block: Uint8Array,
  length: string = lengthHex(block.length),
): Uint8Array {
  const head = bytesOf(`${before} ${length}`);
  const packet = Uint8Array.of(...head, ...block, ...bytesOf(after));
  packet[1] = packet.length - 2; // nobody looks at it: it is for the reader
  return packet;
}

/** A length below 128 as its one byte. */
export function lengthHex(length: number): string {
  return length.toString(16).padStart(2, "0");
}

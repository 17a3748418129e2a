/**
 * Reads what a server sends in MQTT 5.0 and throws where one packet breaks a
 * rule that one packet can break: flags, properties that have no place in it
 * or come twice, reason codes that are not in its table. Part of the oracle in
 * `wire5.ts`.
 */

import {
  AUTH,
  CONNACK,
  DISCONNECT,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBACK,
  UNSUBACK,
} from "./wire.ts";
import { type Properties, readBlock } from "./wire5_properties.ts";
import { characters, check, measure, Reader } from "./wire_reader.ts";

/** A PUBLISH as it was received. */
export interface PublishPacket {
  type: "publish";
  topic: string;
  /** One character for each byte, so that nothing is lost. */
  payload: string;
  qos: number;
  retain: boolean;
  dup: boolean;
  /** 0 when the packet carries none. */
  packetId: number;
  properties: Properties;
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
export interface AckPacket {
  type: "puback" | "pubrec" | "pubrel" | "pubcomp";
  packetId: number;
  reason: number;
  properties: Properties;
}

/** SUBACK or UNSUBACK. */
export interface ListPacket {
  type: "suback" | "unsuback";
  packetId: number;
  reasons: number[];
  properties: Properties;
}

export interface ConnackPacket {
  type: "connack";
  flags: number;
  reason: number;
  properties: Properties;
}

export interface DisconnectPacket {
  type: "disconnect";
  reason: number;
  properties: Properties;
}

export interface AuthPacket {
  type: "auth";
  reason: number;
  properties: Properties;
}

/** Whatever a server may send. */
export type ServerPacket =
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | ListPacket
  | DisconnectPacket
  | AuthPacket
  | { type: "pingresp" };

type Names = readonly (keyof Properties)[];

const PROBLEM: Names = ["reasonString", "userProperties"];

const CONNACK_NAMES: Names = [
  ...PROBLEM,
  "sessionExpirySeconds",
  "assignedClientId",
  "serverKeepAliveSeconds",
  "authenticationMethod",
  "authenticationData",
  "responseInformation",
  "serverReference",
  "receiveMaximum",
  "topicAliasMaximum",
  "maximumQos",
  "retainAvailable",
  "maximumPacketSize",
  "wildcardSubscriptionAvailable",
  "subscriptionIdsAvailable",
  "sharedSubscriptionAvailable",
];

const PUBLISH_NAMES: Names = [
  "payloadFormat",
  "messageExpirySeconds",
  "contentType",
  "responseTopic",
  "correlationData",
  "subscriptionIds",
  "topicAlias",
  "userProperties",
];

const AUTH_NAMES: Names = [
  ...PROBLEM,
  "authenticationMethod",
  "authenticationData",
];

const RECEIVED = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASED = [0, 0x92];

const ACKS: Record<number, readonly [AckPacket["type"], readonly number[]]> = {
  [PUBACK]: ["puback", RECEIVED],
  [PUBREC]: ["pubrec", RECEIVED],
  [PUBREL]: ["pubrel", RELEASED],
  [PUBCOMP]: ["pubcomp", RELEASED],
};

const LISTS: Record<number, readonly [ListPacket["type"], readonly number[]]> =
  {
    [SUBACK]: [
      "suback",
      [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
    ],
    [UNSUBACK]: ["unsuback", [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91]],
  };

// deno-fmt-ignore
const CONNACK_REASONS = [
  0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c,
  0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
];

/** Of those for a server; 0x8C is in table 2-6 only. */
// deno-fmt-ignore
const DISCONNECT_REASONS = [
  0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90,
  0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
  0xa0, 0xa1, 0xa2,
];

const AUTH_REASONS = [0, 0x18];

/** Reads everything that a server has sent. */
export function decode(bytes: Uint8Array): ServerPacket[] {
  const packets: ServerPacket[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { start, end } = measure(bytes, at);
    const reader = new Reader(bytes.subarray(start, end));
    packets.push(decodeOne(bytes[at]!, reader));
    reader.done();
    at = end;
  }
  return packets;
}

function decodeOne(firstByte: number, reader: Reader): ServerPacket {
  const type = firstByte >> 4;
  if (type === PUBLISH) return decodePublish(firstByte & 15, reader);
  check((firstByte & 15) === (type === PUBREL ? 2 : 0), "reserved flags");
  switch (type) {
    case CONNACK:
      return decodeConnack(reader);
    case PINGRESP:
      return { type: "pingresp" };
    case DISCONNECT:
      return {
        type: "disconnect",
        ...reasonOf(reader, DISCONNECT_REASONS, [
          ...PROBLEM,
          "serverReference",
        ]),
      };
    case AUTH:
      return { type: "auth", ...reasonOf(reader, AUTH_REASONS, AUTH_NAMES) };
  }
  const ack = ACKS[type];
  if (ack !== undefined) {
    const [name, reasons] = ack;
    const packetId = reader.packetId();
    return { type: name, packetId, ...reasonOf(reader, reasons, PROBLEM) };
  }
  return decodeList(type, reader);
}

function decodeConnack(reader: Reader): ConnackPacket {
  const flags = reader.byte();
  check(flags < 2, "reserved connect acknowledge flags");
  const reason = oneOf(CONNACK_REASONS, reader.byte());
  check(reason === 0 || flags === 0, "a refusal with session present");
  const properties = readBlock(reader, CONNACK_NAMES);
  return { type: "connack", flags, reason, properties };
}

function decodePublish(flags: number, reader: Reader): PublishPacket {
  const qos = (flags >> 1) & 3;
  check(qos < 3, "QoS 3");
  const topic = reader.text();
  const packetId = qos > 0 ? reader.packetId() : 0;
  const properties = readBlock(reader, PUBLISH_NAMES);
  check(topic !== "" || "topicAlias" in properties, "neither topic nor alias");
  const dup = (flags & 8) !== 0;
  check(qos > 0 || !dup, "QoS 0 with DUP");
  return {
    type: "publish",
    topic,
    payload: characters(reader.rest()),
    qos,
    retain: (flags & 1) !== 0,
    dup,
    packetId,
    properties,
  };
}

function decodeList(type: number, reader: Reader): ListPacket {
  const list = LISTS[type];
  check(list !== undefined, `a server does not send packet type ${type}`);
  const [name, known] = list;
  const packetId = reader.packetId();
  const properties = readBlock(reader, PROBLEM);
  const reasons = [...reader.rest()].map((reason) => oneOf(known, reason));
  check(reasons.length > 0, "no reason code");
  return { type: name, packetId, reasons, properties };
}

/** A reason code and a property block, both of which may be left out. */
function reasonOf(
  reader: Reader,
  reasons: readonly number[],
  names: Names,
): { reason: number; properties: Properties } {
  if (reader.at === reader.length) return { reason: 0, properties: {} };
  const reason = oneOf(reasons, reader.byte());
  if (reader.at === reader.length) return { reason, properties: {} };
  return { reason, properties: readBlock(reader, names) };
}

function oneOf(reasons: readonly number[], reason: number): number {
  check(reasons.includes(reason), `reason code ${reason} in this packet`);
  return reason;
}

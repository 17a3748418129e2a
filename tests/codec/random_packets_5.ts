/**
 * Random packets of level 5, each well formed, with every property that it
 * may have. The same ones for the same seed.
 */

import type { Acknowledgement } from "../../src/codec/acknowledgement.ts";
import type { Auth } from "../../src/codec/auth.ts";
import type { Connack } from "../../src/codec/connack.ts";
import type { Connect, Will } from "../../src/codec/connect.ts";
import type { Disconnect } from "../../src/codec/disconnect.ts";
import type { Properties } from "../../src/codec/properties.ts";
import {
  PROPERTIES,
  type Property,
  type PropertyPacket,
} from "../../src/codec/property.ts";
import type { Suback } from "../../src/codec/suback.ts";
import type { Subscribe, Unsubscribe } from "../../src/codec/subscribe.ts";
import type { Random } from "../fuzz/random.ts";

const QOS = [0, 1, 2] as const;

/** Some of these take one byte in UTF-8, some four. */
const LETTERS = [..."ab/$ äé€\ufeff\uffff🌍\u0001"];

/** Some text, not empty, that may be a topic. */
export function text(random: Random, most = 40): string {
  return random.list(1, most, () => random.pick(LETTERS)).join("");
}

export function packetId(random: Random): number {
  return random.pick([1, 255, 256, 65_535, random.between(1, 65_535)]);
}

/** Each property that the packet may have is there or not. */
export function randomProperties(
  random: Random,
  packet: PropertyPacket,
): Properties {
  const found: Record<string, unknown> = {};
  const percent = random.pick([0, 20, 90]);
  for (const property of PROPERTIES) {
    if (!property.packets.includes(packet) || !random.chance(percent)) continue;
    found[property.field] = property.repeatsIn.includes(packet)
      ? randomList(random, property)
      : property.type === "variable"
      ? [randomValue(random, property)]
      : randomValue(random, property);
  }
  // Theirs to have: the data never comes without the method.
  if (packet === "AUTH" || found["authenticationData"] !== undefined) {
    found["authenticationMethod"] ??= "SCRAM-SHA-256";
  }
  return found;
}

/** User properties with the same name stand together: see the oracle. */
function randomList(random: Random, property: Property): unknown[] {
  const list = random.list(1, 6, () => randomValue(random, property));
  if (property.type !== "pair") return list;
  return (list as [string, string][]).flatMap(([name, value], index) => {
    const repeats = random.chance(30) ? random.below(4) : 0;
    const unique = `${index}${name}`;
    return [
      [unique, value],
      ...random.list(0, repeats, () => [unique, text(random)]),
    ];
  });
}

function randomValue(random: Random, property: Property): unknown {
  const least = property.isNeverZero ? 1 : 0;
  switch (property.type) {
    case "byte":
      return random.below(2);
    case "flag":
      return random.chance(50);
    case "uint16":
      return random.pick([least, 255, 256, 65_535]);
    case "uint32":
      return random.pick([least, 65_536, 0x7fff_ffff, 0xffff_ffff]);
    case "variable":
      return random.pick([1, 127, 128, 16_383, 16_384, 268_435_455]);
    case "text":
      return text(random, random.pick([1, 30, 300]));
    case "binary":
      return random.bytes(random.below(60));
    case "pair":
      return [text(random), random.chance(10) ? "" : text(random)];
  }
}

export function randomConnect(random: Random): Connect {
  const hasUserName = random.chance(50);
  return {
    level: 5,
    clientId: text(random),
    cleanSession: random.chance(50),
    keepAliveSeconds: random.below(65_536),
    will: random.chance(50) ? randomWill(random) : undefined,
    userName: hasUserName ? text(random) : undefined,
    password: hasUserName && random.chance(70)
      ? random.bytes(random.below(40))
      : undefined,
    properties: randomProperties(random, "CONNECT"),
  };
}

function randomWill(random: Random): Will {
  return {
    topic: text(random),
    payload: random.bytes(random.below(50)),
    qos: random.pick(QOS),
    retain: random.chance(50),
    properties: randomProperties(random, "will"),
  };
}

export function randomConnack(random: Random): Connack {
  const isAccepted = random.chance(70);
  return {
    sessionPresent: isAccepted && random.chance(50),
    reason: isAccepted ? 0 : random.pick([0x81, 0x8a, 0x8c, 0x9f]),
    properties: randomProperties(random, "CONNACK"),
  };
}

export function randomAcknowledgement(random: Random): Acknowledgement {
  const [type, packet, reasons] = random.pick(
    [
      [4, "PUBACK", [0, 0x10, 0x80, 0x99]],
      [5, "PUBREC", [0, 0x10, 0x87, 0x97]],
      [6, "PUBREL", [0, 0x92]],
      [7, "PUBCOMP", [0, 0x92]],
    ] as const,
  );
  return {
    type,
    packetId: packetId(random),
    reason: random.pick<number>(reasons),
    properties: randomProperties(random, packet),
  };
}

export function randomSubscribe(random: Random): Subscribe {
  return {
    packetId: packetId(random),
    entries: random.list(1, 10, () => ({
      filter: text(random),
      qos: random.pick(QOS),
      noLocal: random.chance(50),
      retainAsPublished: random.chance(50),
      retainHandling: random.pick(QOS),
    })),
    properties: randomProperties(random, "SUBSCRIBE"),
  };
}

export function randomUnsubscribe(random: Random): Unsubscribe {
  return {
    packetId: packetId(random),
    filters: random.list(1, 10, () => text(random)),
    properties: randomProperties(random, "UNSUBSCRIBE"),
  };
}

/** A SUBACK or an UNSUBACK. */
export function randomSuback(
  random: Random,
  packet: "SUBACK" | "UNSUBACK",
): Suback {
  const codes = packet === "SUBACK"
    ? [0, 1, 2, 0x80, 0x8f, 0x97, 0xa2]
    : [0, 0x11, 0x80, 0x91];
  return {
    packetId: packetId(random),
    reasonCodes: random.list(1, 200, () => random.pick(codes)),
    properties: randomProperties(random, packet),
  };
}

/** As a server sends it. */
export function randomDisconnect(random: Random): Disconnect {
  const { sessionExpirySeconds: _, ...properties } = randomProperties(
    random,
    "DISCONNECT",
  );
  return { reason: random.pick([0, 0x81, 0x8e, 0x9d, 0xa2]), properties };
}

export function randomAuth(random: Random): Auth {
  return { reason: 0x18, properties: randomProperties(random, "AUTH") };
}

/** A PUBLISH as its parts. */
export interface RandomPublish {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly packetId: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties: Properties;
}

export function randomPublish(random: Random): RandomPublish {
  const qos = random.pick(QOS);
  return {
    topic: text(random),
    payload: random.bytes(random.pick([0, 1, 110, 130, 16_400])),
    qos,
    packetId: qos > 0 ? packetId(random) : 0,
    retain: random.chance(50),
    dup: qos > 0 && random.chance(50),
    properties: randomProperties(random, "PUBLISH"),
  };
}

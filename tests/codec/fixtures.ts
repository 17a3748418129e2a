/**
 * Packets byte by byte, as the tables and figures of MQTT 3.1.1 lay them
 * out, with what they say. Written by hand: no encoder had a part in it.
 */

import type { QoS } from "../../src/base/qos.ts";
import type { Connack } from "../../src/codec/connack.ts";
import type { Connect } from "../../src/codec/connect.ts";
import { NO_PROPERTIES } from "../../src/codec/properties.ts";
import type { Suback } from "../../src/codec/suback.ts";
import type { Subscribe, Unsubscribe } from "../../src/codec/subscribe.ts";

/** Bytes written in hexadecimal; quoted parts are ASCII. */
export function bytesOf(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/'[^']*'|[0-9a-f]{2}/g)) {
    if (!part.startsWith("'")) bytes.push(parseInt(part, 16));
    else for (const char of part.slice(1, -1)) bytes.push(char.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

/** What a SUBSCRIBE of levels 3 and 4 can't say. */
export const OPTIONS = {
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
} as const;

/** A packet's name, its bytes, and what they mean. */
export type Fixture<T> = readonly [name: string, hex: string, meaning: T];

const NOTHING = {
  level: 4,
  clientId: "",
  cleanSession: true,
  keepAliveSeconds: 0,
  will: undefined,
  userName: undefined,
  password: undefined,
  properties: NO_PROPERTIES,
} as const;

export const CONNECTS: readonly Fixture<Connect>[] = [
  [
    "an empty client id",
    "10 0c 0004'MQTT' 04 02 0000 0000",
    { ...NOTHING },
  ],
  [
    "a session to keep, and the longest keep alive",
    "10 0f 0004'MQTT' 04 00 ffff 0003'abc'",
    {
      ...NOTHING,
      clientId: "abc",
      cleanSession: false,
      keepAliveSeconds: 65_535,
    },
  ],
  [
    "every field: figure 3.6 with values of its own",
    "10 20 0004'MQTT' 04 ce 000a 0001'c' 0003'w/t' 0003'bye' " +
    "0002'me' 0003 00ff7f",
    {
      ...NOTHING,
      clientId: "c",
      keepAliveSeconds: 10,
      will: {
        topic: "w/t",
        payload: bytesOf("'bye'"),
        qos: 1,
        retain: false,
        properties: NO_PROPERTIES,
      },
      userName: "me",
      password: Uint8Array.of(0, 255, 127),
    },
  ],
  [
    "a retained will of QoS 2 without payload",
    "10 12 0004'MQTT' 04 36 0000 0001'c' 0001'w' 0000",
    {
      ...NOTHING,
      clientId: "c",
      will: {
        topic: "w",
        payload: new Uint8Array(),
        qos: 2,
        retain: true,
        properties: NO_PROPERTIES,
      },
    },
  ],
  [
    "a user name and no password",
    "10 11 0004'MQTT' 04 82 0000 0001'c' 0002'me'",
    { ...NOTHING, clientId: "c", userName: "me" },
  ],
  [
    "an empty user name and an empty password",
    "10 11 0004'MQTT' 04 c2 0000 0001'c' 0000 0000",
    {
      ...NOTHING,
      clientId: "c",
      userName: "",
      password: new Uint8Array(),
    },
  ],
  [
    "MQTT 3.1",
    "10 10 0006'MQIsdp' 03 02 003c 0002'id'",
    { ...NOTHING, level: 3, clientId: "id", keepAliveSeconds: 60 },
  ],
  [
    "text beyond ASCII",
    "10 15 0004'MQTT' 04 02 0000 0009 c3a4 e282ac f09f8c8d",
    { ...NOTHING, clientId: "ä€🌍" },
  ],
  [
    "[MQTT-1.5.3-3] U+FEFF stays where it is",
    "10 0f 0004'MQTT' 04 02 0000 0003 efbbbf",
    { ...NOTHING, clientId: "\ufeff" },
  ],
];

function connack(sessionPresent: boolean, reason: number): Connack {
  return { sessionPresent, reason, properties: NO_PROPERTIES };
}

export const CONNACKS: readonly Fixture<Connack>[] = [
  ["accepted", "20 02 00 00", connack(false, 0)],
  ["with a session", "20 02 01 00", connack(true, 0)],
  ["refused", "20 02 00 05", connack(false, 0x87)],
];

/** Options that levels 3 and 4 don't have are those which hold there. */
function subscribe(
  packetId: number,
  ...pairs: readonly (readonly [string, QoS])[]
): Subscribe {
  const entries = pairs.map(([filter, qos]) => ({ filter, qos, ...OPTIONS }));
  return { packetId, entries, properties: NO_PROPERTIES };
}

export const SUBSCRIBES: readonly Fixture<Subscribe>[] = [
  [
    "one filter",
    "82 06 0001 0001'a' 02",
    subscribe(1, ["a", 2]),
  ],
  [
    "figure 3.23",
    "82 0e 000a 0003'a/b' 01 0003'c/d' 02",
    subscribe(10, ["a/b", 1], ["c/d", 2]),
  ],
  [
    "the greatest packet id, and an empty filter for the broker to judge",
    "82 05 ffff 0000 00",
    subscribe(65_535, ["", 0]),
  ],
];

function unsubscribe(packetId: number, ...filters: string[]): Unsubscribe {
  return { packetId, filters, properties: NO_PROPERTIES };
}

export const UNSUBSCRIBES: readonly Fixture<Unsubscribe>[] = [
  ["one filter", "a2 05 0001 0001'#'", unsubscribe(1, "#")],
  [
    "figure 3.30",
    "a2 0c 000a 0003'a/b' 0003'c/d'",
    unsubscribe(10, "a/b", "c/d"),
  ],
];

function suback(packetId: number, ...reasonCodes: number[]): Suback {
  return { packetId, reasonCodes, properties: NO_PROPERTIES };
}

export const SUBACKS: readonly Fixture<Suback>[] = [
  ["figure 3.26", "90 05 000a 00 02 80", suback(10, 0, 2, 0x80)],
  ["one code", "90 03 ffff 01", suback(65_535, 1)],
];

/** The packets that are a type and a packet id. */
export const ACKNOWLEDGEMENTS: readonly Fixture<[number, number]>[] = [
  ["PUBACK", "40 02 0001", [4, 1]],
  ["PUBREC", "50 02 00ff", [5, 255]],
  ["PUBREL", "62 02 0100", [6, 256]],
  ["PUBCOMP", "70 02 ffff", [7, 65_535]],
  ["UNSUBACK", "b0 02 1234", [11, 0x1234]],
];

/** The packets that are a type. */
export const BODILESS: readonly Fixture<number>[] = [
  ["PINGREQ", "c0 00", 12],
  ["PINGRESP", "d0 00", 13],
  ["DISCONNECT", "e0 00", 14],
];

/** A PUBLISH as its parts. */
export interface PublishParts {
  topic: string;
  payload: string;
  qos: number;
  packetId: number;
  retain: boolean;
  dup: boolean;
}

const PLAIN = { qos: 0, packetId: 0, retain: false, dup: false };

export const PUBLISHES: readonly Fixture<PublishParts>[] = [
  ["QoS 0", "30 04 0001'a' 'x'", { topic: "a", payload: "x", ...PLAIN }],
  ["no payload", "30 05 0003'a/b'", { topic: "a/b", payload: "", ...PLAIN }],
  [
    "figure 3.11",
    "32 07 0003'a/b' 000a",
    { ...PLAIN, topic: "a/b", payload: "", qos: 1, packetId: 10 },
  ],
  [
    "QoS 1, sent again, retained",
    "3b 08 0001'a' ffff 'xyz'",
    {
      topic: "a",
      payload: "xyz",
      qos: 1,
      packetId: 65_535,
      retain: true,
      dup: true,
    },
  ],
  [
    "QoS 2",
    "34 06 0001'a' 0100 'x'",
    { ...PLAIN, topic: "a", payload: "x", qos: 2, packetId: 256 },
  ],
  [
    "retained QoS 0",
    "31 04 0001'a' 'x'",
    { ...PLAIN, topic: "a", payload: "x", retain: true },
  ],
];

/** Every fixture as bytes. */
export const ALL_FRAMES: readonly Uint8Array[] = [
  ...CONNECTS,
  ...CONNACKS,
  ...SUBSCRIBES,
  ...UNSUBSCRIBES,
  ...SUBACKS,
  ...ACKNOWLEDGEMENTS,
  ...BODILESS,
  ...PUBLISHES,
].map(([, hex]) => bytesOf(hex));

/**
 * What MQTT 5.0 calls malformed or a protocol error beside its properties,
 * decoder by decoder: each with its reason code, and a sentence that says
 * which rule was broken.
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeAcknowledgement5,
  readAcknowledgement,
} from "../../src/codec/acknowledgement.ts";
import { readAuth } from "../../src/codec/auth.ts";
import { encodeConnack, readConnack } from "../../src/codec/connack.ts";
import { readConnect } from "../../src/codec/connect.ts";
import { readDisconnect } from "../../src/codec/disconnect.ts";
import {
  AUTH,
  FIRST_BYTE_VALID,
  FIRST_BYTE_VALID_5,
  PACKET_NAMES,
  type Sender,
} from "../../src/codec/packet_type.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
} from "../../src/codec/reason_code.ts";
import {
  encodeSuback,
  encodeUnsuback,
  readSuback,
  readUnsuback,
} from "../../src/codec/suback.ts";
import { readSubscribe, readUnsubscribe } from "../../src/codec/subscribe.ts";
import { bytesOf } from "./fixtures.ts";

type Read = (
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
) => unknown;
type Broken = readonly [
  what: string,
  reason: number,
  hex: string,
  says: string,
];

const BAD = MALFORMED_PACKET;
const WRONG = PROTOCOL_ERROR;

function checkBroken(name: string, read: Read, all: readonly Broken[]): void {
  for (const [what, reason, hex, says] of all) {
    Deno.test(`${name} of level 5: ${what}`, () => {
      const bytes = bytesOf(hex);
      const run = () => read(bytes, 0, bytes.length, 5);
      assertEquals(assertThrows(run, ProtocolError, says).reason, reason);
    });
  }
}

const MQTT = "0004'MQTT' 05";
const NO_FLAG = "will QoS or will retain without a will";

checkBroken("CONNECT", readConnect, [
  ["no properties", BAD, `${MQTT} 02 0000`, "property length"],
  ["no client id", BAD, `${MQTT} 02 0000 00`, "too early"],
  ["the reserved flag", BAD, `${MQTT} 03 0000 00 0000`, "reserved connect"],
  ["will QoS alone", BAD, `${MQTT} 0a 0000 00 0000`, NO_FLAG],
  ["will retain alone", BAD, `${MQTT} 22 0000 00 0000`, NO_FLAG],
  [
    "will QoS 3",
    BAD,
    `${MQTT} 1e 0000 00 0000 00 0001'w' 0000`,
    "will QoS 3",
  ],
  [
    "a will without properties",
    BAD,
    `${MQTT} 06 0000 00 0000`,
    "property length",
  ],
  ["a password that is cut", BAD, `${MQTT} 42 0000 00 0000 0001`, "too early"],
  ["bytes behind all", BAD, `${MQTT} 02 0000 00 0000 00`, "last field"],
]);

checkBroken("CONNACK", readConnack, [
  ["no properties", BAD, "00 00", "property length"],
  ["no reason code", BAD, "00", "malformed CONNACK"],
  ["reserved flags", BAD, "02 00 00", "malformed CONNACK"],
  ["a refusal with a session", WRONG, "01 87 00", "a session is present"],
  ["bytes behind all", BAD, "00 00 00 00", "malformed CONNACK"],
  ["a return code of 3.1.1", WRONG, "00 05 00", "reason code 5"],
]);

checkBroken("SUBSCRIBE", readSubscribe, [
  ["packet id 0", BAD, "0000 00 0001'a' 00", "packet id 0"],
  ["no filter", WRONG, "0001 00", "without a topic filter"],
  ["no options", BAD, "0001 00 0001'a'", "without options"],
  ["bit 6", BAD, "0001 00 0001'a' 40", "reserved"],
  ["bit 7", BAD, "0001 00 0001'a' 80", "reserved"],
  ["QoS 3", WRONG, "0001 00 0001'a' 03", "invalid QoS"],
  ["retain handling 3", WRONG, "0001 00 0001'a' 30", "retain handling"],
]);

checkBroken("UNSUBSCRIBE", readUnsubscribe, [
  ["packet id 0", BAD, "0000 00 0001'a'", "packet id 0"],
  ["no filter", WRONG, "0001 00", "without a topic filter"],
  ["half a length", BAD, "0001 00 0001'a' 00", "too early"],
]);

checkBroken("SUBACK", readSuback, [
  ["no reason code", BAD, "0001 00", "SUBACK without a reason code"],
  ["a reserved code", WRONG, "0001 00 03", "reason code 3"],
]);

checkBroken("UNSUBACK", readUnsuback, [
  ["no reason code", BAD, "0001 00", "UNSUBACK without a reason code"],
  ["a code of SUBACK", WRONG, "0001 00 01", "reason code 1"],
]);

checkBroken(
  "PUBACK",
  (bytes, at, end, level) => readAcknowledgement(4, bytes, at, end, level),
  [
    ["packet id 0", BAD, "0000 00 00", "PUBACK without a valid packet id"],
    ["a byte too few", BAD, "01", "PUBACK without a valid packet id"],
    ["bytes behind all", BAD, "0001 00 00 00", "bytes after its properties"],
    ["a code of PUBREL", WRONG, "0001 92", "reason code 146"],
  ],
);

checkBroken("DISCONNECT", readDisconnect, [
  ["bytes behind all", BAD, "00 00 00", "bytes after its properties"],
  ["a code of a server", WRONG, "8e", "reason code 142"],
]);

checkBroken(
  "DISCONNECT from a server",
  (bytes, at, end, level) => readDisconnect(bytes, at, end, level, "server"),
  [
    ["a code of a client", WRONG, "04", "reason code 4"],
    ["[MQTT-3.14.2-2]", WRONG, "00 05 11 00000001", "Session Expiry"],
  ],
);

checkBroken("AUTH", (bytes, at, end) => readAuth(bytes, at, end), [
  ["success, which a server says", WRONG, "", "reason code 0"],
  ["no properties", BAD, "18", "property length"],
  ["no method", WRONG, "18 00", "without an Authentication Method"],
  ["bytes behind all", BAD, "18 04 15 0001'm' 00", "after its properties"],
]);

checkBroken(
  "PUBLISH",
  (bytes, at, end, level) =>
    readPublish(bytes, at, at + 2, end, level, new PublishView()),
  [
    ["no property length", BAD, "30 03 0001'a'", "property length"],
    ["no topic, no alias", WRONG, "30 03 0000 00", "empty topic"],
    ["packet id 0", BAD, "32 06 0001'a' 0000 00", "packet id 0"],
    ["half a packet id", BAD, "32 04 0001'a' 00", "too early"],
  ],
);

/** By packet type and sender: tables 3-1 and 3-4 to 3-11. */
const REASONS: readonly [type: number, sender: Sender, codes: string][] = [
  [
    2,
    "server",
    "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f",
  ],
  [4, "client", "00 10 80 83 87 90 91 97 99"],
  [5, "client", "00 10 80 83 87 90 91 97 99"],
  [6, "client", "00 92"],
  [7, "client", "00 92"],
  [9, "server", "00 01 02 80 83 87 8f 91 97 9e a1 a2"],
  [11, "server", "00 11 80 83 87 8f 91"],
  [14, "client", "00 04 80 81 82 83 90 93 94 95 96 97 98 99"],
  [
    14,
    "server",
    "00 80 81 82 83 87 89 8b 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e" +
    "9f a0 a1 a2",
  ],
  [15, "client", "18 19"],
  [15, "server", "00 18"],
];

/** Reads a packet of `type` with `reason`. */
function readWith(type: number, sender: Sender, reason: number): void {
  const properties = {};
  const packetId = 1;
  const reasonCodes = [reason];
  switch (type) {
    case 2: {
      const connack = { sessionPresent: false, reason, properties };
      const bytes = encodeConnack(connack, 5);
      readConnack(bytes, 2, bytes.length, 5);
      return;
    }
    case 9: {
      const bytes = encodeSuback({ packetId, reasonCodes, properties }, 5);
      readSuback(bytes, 2, bytes.length, 5);
      return;
    }
    case 11: {
      const bytes = encodeUnsuback({ packetId, reasonCodes, properties }, 5);
      readUnsuback(bytes, 2, bytes.length, 5);
      return;
    }
    case 14:
      readDisconnect(Uint8Array.of(0xe0, 1, reason), 2, 3, 5, sender);
      return;
    case 15: {
      const bytes = bytesOf("f0 06 00 04 15 0001'm'");
      bytes[2] = reason;
      readAuth(bytes, 2, bytes.length, sender);
      return;
    }
    default: {
      const packet = { type, packetId, reason, properties };
      const bytes = encodeAcknowledgement5(packet);
      readAcknowledgement(type, bytes, 2, bytes.length, 5);
    }
  }
}

for (const [type, sender, codes] of REASONS) {
  const name = PACKET_NAMES[type]!;
  Deno.test(`256 reason codes of ${name} from a ${sender}`, () => {
    const allowed = bytesOf(codes);
    for (let reason = 0; reason < 256; reason++) {
      const read = () => readWith(type, sender, reason);
      if (allowed.includes(reason)) read();
      else {
        const error = assertThrows(read, ProtocolError, `${reason}`);
        assertEquals(error.reason, PROTOCOL_ERROR, `${reason}`);
      }
    }
  });
}

Deno.test("[MQTT-2.1.3-1] 5.0 has one first byte more: AUTH", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isValid = FIRST_BYTE_VALID[byte] === 1 || byte === AUTH << 4;
    assertEquals(FIRST_BYTE_VALID_5[byte] === 1, isValid, `${byte}`);
  }
});

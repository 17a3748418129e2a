/**
 * Every malformed form that MQTT 3.1.1 names, decoder by decoder: each must
 * be refused with a sentence that says which rule was broken.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { readAcknowledgement } from "../../src/codec/acknowledgement.ts";
import { readConnack } from "../../src/codec/connack.ts";
import { readConnect } from "../../src/codec/connect.ts";
import { FIRST_BYTE_VALID } from "../../src/codec/packet_type.ts";
import { FIRST_BYTE_VALID_3_1 } from "../../src/codec/packet_type.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { UNSUPPORTED_PROTOCOL_VERSION } from "../../src/codec/reason_code.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { readSuback } from "../../src/codec/suback.ts";
import { readSubscribe, readUnsubscribe } from "../../src/codec/subscribe.ts";
import { decodeText } from "../../src/codec/text.ts";
import { ILL_FORMED } from "../support/ill_formed.ts";
import { bytesOf } from "./fixtures.ts";

type Read = (bytes: Uint8Array, at: number, end: number) => unknown;
type Broken = readonly [what: string, hex: string, says: string];

/** Reads as on a connection of level 4. */
function at4(
  read: (bytes: Uint8Array, at: number, end: number, level: number) => unknown,
): Read {
  return (bytes, at, end) => read(bytes, at, end, 4);
}

function checkBroken(name: string, read: Read, all: readonly Broken[]): void {
  for (const [what, hex, says] of all) {
    Deno.test(`${name}: ${what}`, () => {
      const bytes = bytesOf(hex);
      assertThrows(() => read(bytes, 0, bytes.length), ProtocolError, says);
    });
  }
}

const MQTT = "0004'MQTT' 04";
const NO_FLAG = "will QoS or will retain without a will";

checkBroken("CONNECT", readConnect, [
  ["no bytes at all", "", "ends too early"],
  ["an unknown name", "0004'MQTX' 04 02 0000 0000", "protocol name"],
  ["a name in lower case", "0004'mqtt' 04 02 0000 0000", "protocol name"],
  ["an empty name", "0000 04 02 0000 0000", "protocol name"],
  ["the reserved flag", `${MQTT} 03 0000 0000`, "reserved connect flag"],
  ["will QoS without will", `${MQTT} 0a 0000 0000`, NO_FLAG],
  ["will retain without will", `${MQTT} 22 0000 0000`, NO_FLAG],
  ["will QoS 3", `${MQTT} 1e 0000 0001'c' 0001'w' 0000`, "will QoS 3"],
  ["a password alone", `${MQTT} 42 0000 0000 0000`, "without a user name"],
  ["bytes behind the last field", `${MQTT} 02 0000 0000 00`, "last field"],
  ["a will that is not there", `${MQTT} 06 0000 0000`, "too early"],
  ["a user name that is not there", `${MQTT} 82 0000 0000`, "too early"],
  ["a password that is not there", `${MQTT} c2 0000 0000 0000`, "too early"],
  ["U+0000 in the client id", `${MQTT} 02 0000 0001 00`, "U+0000"],
  ["U+0000 in the user name", `${MQTT} 82 0000 0000 0001 00`, "U+0000"],
  ["U+0000 in the will topic", `${MQTT} 06 0000 0000 0001 00 0000`, "U+0000"],
]);

checkBroken("CONNACK", at4(readConnack), [
  ["a byte too few", "00", "malformed CONNACK"],
  ["a byte too many", "00 00 00", "malformed CONNACK"],
  ["reserved flags", "02 00", "malformed CONNACK"],
  ["a refusal with a session", "01 05", "a session is present"],
]);

checkBroken("SUBSCRIBE", at4(readSubscribe), [
  ["packet id 0", "0000 0001'a' 00", "packet id 0"],
  ["no filter", "0001", "without a topic filter"],
  ["QoS 3", "0001 0001'a' 03", "invalid QoS"],
  ["reserved bits", "0001 0001'a' 04", "invalid QoS"],
  ["no QoS", "0001 0001'a'", "invalid QoS"],
  ["a second filter that is cut", "0001 0001'a' 00 0005'b'", "too early"],
  ["a filter that is no UTF-8", "0001 0001 ff 00", "not UTF-8"],
]);

checkBroken("UNSUBSCRIBE", at4(readUnsubscribe), [
  ["packet id 0", "0000 0001'a'", "packet id 0"],
  ["no filter", "0001", "without a topic filter"],
  ["a filter that is cut", "0001 0002'a'", "too early"],
  ["half a length", "0001 0001'a' 00", "too early"],
]);

checkBroken("SUBACK", at4(readSuback), [
  ["no packet id", "00", "too early"],
  ["a reserved code", "0001 03", "reserved code"],
]);

checkBroken(
  "PUBACK",
  (bytes, at, end) => readAcknowledgement(4, bytes, at, end, 4),
  [
    ["packet id 0", "0000", "PUBACK without a valid packet id"],
    ["a byte too few", "01", "PUBACK without a valid packet id"],
    ["a byte too many", "0001 00", "PUBACK without a valid packet id"],
  ],
);

function readFrame(bytes: Uint8Array, at: number, end: number): void {
  readPublish(bytes, at, at + 2, end, 4, new PublishView());
}

checkBroken("PUBLISH", readFrame, [
  ["no topic length", "30 01 00", "too early"],
  ["an empty topic", "30 02 0000", "empty topic"],
  ["a topic that is cut", "30 03 0002'a'", "too early"],
  ["packet id 0", "32 05 0001'a' 0000", "packet id 0"],
  ["no packet id", "32 03 0001'a'", "too early"],
  ["half a packet id", "32 04 0001'a' 00", "too early"],
]);

Deno.test("[MQTT-1.5.3-1] text that is not UTF-8 is refused", () => {
  for (const [what, bytes] of ILL_FORMED) {
    for (const before of [0, 80]) {
      // Short and long texts are decoded in two ways.
      const text = new Uint8Array(before + bytes.length).fill(0x61);
      text.set(bytes, before);
      const read = () => decodeText(text, 0, text.length);
      assertThrows(read, ProtocolError, "not UTF-8", what);
    }
  }
});

Deno.test("[MQTT-1.5.3-2] U+0000 is refused, wherever it stands", () => {
  for (const length of [1, 64, 65, 300]) {
    for (const at of [0, length >> 1, length - 1]) {
      const text = new Uint8Array(length).fill(0x61);
      text[at] = 0;
      const read = () => decodeText(text, 0, length);
      assertThrows(read, ProtocolError, "U+0000");
    }
  }
});

Deno.test("all other text comes as it is", () => {
  for (const text of ["", "a", "\u0001\u007f\u0080\uffff", "🌍", "\ufeffa"]) {
    for (const padding of ["", "x".repeat(64)]) {
      const bytes = new TextEncoder().encode(text + padding);
      assertEquals(decodeText(bytes, 0, bytes.length), text + padding);
    }
  }
});

/** Valid first bytes by type, as table 2.2 has them. */
const VALID: Readonly<Record<number, readonly number[]>> = {
  1: [0],
  2: [0],
  3: [0, 1, 2, 3, 4, 5, 10, 11, 12, 13],
  4: [0],
  5: [0],
  6: [2],
  7: [0],
  8: [2],
  9: [0],
  10: [2],
  11: [0],
  12: [0],
  13: [0],
  14: [0],
};

Deno.test("[MQTT-2.2.2-2] 256 first bytes, each right or wrong", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isValid = VALID[byte >> 4]?.includes(byte & 15) ?? false;
    assertEquals(FIRST_BYTE_VALID[byte] === 1, isValid, `${byte}`);
    const repeats = [0x6a, 0x8a, 0xaa].includes(byte);
    assertEquals(FIRST_BYTE_VALID_3_1[byte] === 1, isValid || repeats);
  }
});

Deno.test("in MQTT 3.1 flagged login fields may be missing", () => {
  const read = (hex: string) => {
    const bytes = bytesOf(hex);
    return readConnect(bytes, 0, bytes.length);
  };
  const head = "0006'MQIsdp' 03 c2 0000 0001'c'";
  assertEquals(read(head).userName, undefined);
  const login = read(`${head} 0002'me'`);
  assertEquals([login.userName, login.password], ["me", undefined]);
  assertThrows(() => read(`${head} 0003'me'`), ProtocolError, "too early");
});

Deno.test("a level that goes by another name is not served", () => {
  for (const start of ["0004'MQTT' 03", "0006'MQIsdp' 04", "0006'MQIsdp' 05"]) {
    const bytes = bytesOf(`${start} 02 0000 0001'a'`);
    assertThrows(() => readConnect(bytes, 0, bytes.length), ProtocolError);
  }
});

Deno.test("of an unknown version only the level is read", () => {
  const versions = [
    ["MQTT", "00"],
    ["MQTT", "02"],
    ["MQTT", "03"],
    ["MQTT", "06"],
    ["MQTT", "84"],
    ["MQTT", "ff"],
    ["MQIsdp", "02"],
    ["MQIsdp", "04"],
    ["MQIsdp", "05"],
  ] as const;
  for (const [name, level] of versions) {
    const bytes = bytesOf(`000${name.length}'${name}' ${level} ff ffff ff`);
    const read = () => readConnect(bytes, 0, bytes.length);
    const error = assertThrows(read, ProtocolError);
    assertEquals(error.reason, UNSUPPORTED_PROTOCOL_VERSION);
  }
});

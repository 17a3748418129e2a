/**
 * Each packet type, bytes to packet and back, from the table of fixtures;
 * and every packet cut at every point: it is malformed, and nothing else.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  readAcknowledgement,
  readBodiless,
  writeAcknowledgement,
  writeBodiless,
} from "../../src/codec/acknowledgement.ts";
import {
  readConnack,
  returnCodeOf,
  writeConnack,
} from "../../src/codec/connack.ts";
import { encodeConnect, readConnect } from "../../src/codec/connect.ts";
import {
  copyMessage,
  makeMessage,
  viewMessage,
} from "../../src/codec/message.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import {
  publishFirstByte,
  publishSize,
  PublishView,
  readPublish,
  writePublishHead,
} from "../../src/codec/publish.ts";
import { MALFORMED_PACKET } from "../../src/codec/reason_code.ts";
import { encodeSuback, readSuback } from "../../src/codec/suback.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
  readSubscribe,
  readUnsubscribe,
} from "../../src/codec/subscribe.ts";
import {
  ACKNOWLEDGEMENTS,
  BODILESS,
  bytesOf,
  CONNACKS,
  CONNECTS,
  type Fixture,
  PUBLISHES,
  type PublishParts,
  SUBACKS,
  SUBSCRIBES,
  UNSUBSCRIBES,
} from "./fixtures.ts";

type Read<T> = (bytes: Uint8Array, at: number, end: number) => T;

/** Reads where the bytes are not alone, and cut short at every point. */
function checkRead<T>(
  name: string,
  fixtures: readonly Fixture<T>[],
  read: Read<T>,
  mayEndEarly: (bytes: Uint8Array, end: number) => boolean = () => false,
): void {
  for (const [what, hex, meaning] of fixtures) {
    Deno.test(`${name} is read: ${what}`, () => {
      const bytes = bytesOf(hex);
      assertEquals(read(bytes, 2, bytes.length), meaning);
      const among = new Uint8Array(bytes.length + 40).fill(0xff);
      among.set(bytes, 17);
      assertEquals(read(among, 19, 17 + bytes.length), meaning);
    });
    Deno.test(`${name} cut at any point is malformed: ${what}`, () => {
      const bytes = bytesOf(hex);
      for (let end = 2; end < bytes.length; end++) {
        if (mayEndEarly(bytes, end)) continue;
        const cut = () => read(bytes, 2, end);
        assertThrows(cut, ProtocolError, undefined, `cut at ${end}`);
      }
    });
  }
}

function checkWrite<T>(
  name: string,
  fixtures: readonly Fixture<T>[],
  write: (meaning: T) => Uint8Array,
): void {
  for (const [what, hex, meaning] of fixtures) {
    Deno.test(`${name} is written: ${what}`, () => {
      assertEquals(write(meaning), bytesOf(hex));
    });
  }
}

/** What a function writes into memory that is not its own. */
function written(
  length: number,
  write: (out: Uint8Array, at: number) => number,
): Uint8Array {
  const out = new Uint8Array(length + 6).fill(0xaa);
  assertEquals(write(out, 3), 3 + length);
  for (const at of [0, 1, 2, length + 3, length + 4, length + 5]) {
    assertEquals(out[at], 0xaa, "written out of its bounds");
  }
  return out.slice(3, 3 + length);
}

checkRead("CONNECT", CONNECTS, readConnect);
checkWrite("CONNECT", CONNECTS, encodeConnect);

checkRead("CONNACK", CONNACKS, readConnack);
checkWrite(
  "CONNACK",
  CONNACKS,
  (connack) => written(4, (out, at) => writeConnack(out, at, connack)),
);

Deno.test("[MQTT-3.2.2-4] no refusal says that a session is present", () => {
  const connack = { sessionPresent: true, returnCode: 2 };
  const bytes = written(4, (out, at) => writeConnack(out, at, connack));
  assertEquals(bytes, bytesOf("20 02 00 02"));
});

Deno.test("each reason has a return code of 3.1.1", () => {
  const codes = [0x00, 0x84, 0x85, 0x88, 0x86, 0x87].map(returnCodeOf);
  assertEquals(codes, [0, 1, 2, 3, 4, 5]);
  assertEquals(returnCodeOf(0x97), 3);
});

// A filter that ends where the packet is cut leaves a whole SUBSCRIBE.
checkRead("SUBSCRIBE", SUBSCRIBES, readSubscribe, (_, end) => end === 10);
checkWrite("SUBSCRIBE", SUBSCRIBES, encodeSubscribe);

checkRead("UNSUBSCRIBE", UNSUBSCRIBES, readUnsubscribe, (_, end) => end === 9);
checkWrite("UNSUBSCRIBE", UNSUBSCRIBES, encodeUnsubscribe);

// Return codes are what is left: any number of them is well formed.
checkRead("SUBACK", SUBACKS, readSuback, (_, end) => end >= 4);
checkWrite("SUBACK", SUBACKS, encodeSuback);

checkRead("acknowledgement", ACKNOWLEDGEMENTS, (bytes, at, end) => {
  const type = bytes[at - 2]! >> 4;
  return [type, readAcknowledgement(type, bytes, at, end)];
});
checkWrite(
  "acknowledgement",
  ACKNOWLEDGEMENTS,
  ([type, packetId]) =>
    written(4, (out, at) => writeAcknowledgement(out, at, type, packetId)),
);

checkWrite(
  "a packet without body",
  BODILESS,
  (type) => written(2, (out, at) => writeBodiless(out, at, type)),
);

Deno.test("a packet without body must have none", () => {
  for (const [, , type] of BODILESS) {
    readBodiless(type, 2, 2);
    assertThrows(() => readBodiless(type, 2, 3), ProtocolError, "with a body");
  }
});

function readPublishParts(
  bytes: Uint8Array,
  at: number,
  end: number,
): PublishParts {
  const view = new PublishView();
  readPublish(bytes, at - 2, at, end, view);
  assertEquals([view.frameAt, view.topicAt, view.end], [at - 2, at, end]);
  const text = new TextDecoder();
  return {
    topic: text.decode(bytes.subarray(view.topicAt + 2, view.topicEnd)),
    payload: text.decode(bytes.subarray(view.payloadAt, view.end)),
    qos: view.qos,
    packetId: view.packetId,
    retain: view.retain,
    dup: view.dup,
  };
}

// A payload may be shorter: only what stands before it must be whole.
checkRead("PUBLISH", PUBLISHES, readPublishParts, (bytes, end) => {
  const head = 4 + bytes[3]! + ((bytes[0]! & 6) > 0 ? 2 : 0);
  return end >= head;
});

checkWrite("PUBLISH", PUBLISHES, (parts) => {
  const { topic, payload, qos, packetId, retain, dup } = parts;
  const message = makeMessage(topic, bytesOf(`'${payload}'`), 0);
  const level = qos as 0 | 1 | 2;
  const flags = (retain ? 1 : 0) | (dup ? 8 : 0);
  const size = publishSize(level, topic.length, payload.length);
  return written(size, (out, at) => {
    const payloadAt = writePublishHead(
      out,
      at,
      publishFirstByte(level, flags),
      message.bytes,
      0,
      message.topicEnd,
      packetId,
      payload.length,
    );
    out.set(message.payload, payloadAt);
    return payloadAt + payload.length;
  });
});

Deno.test("a copy of a message is the message, and its own", () => {
  for (const [, hex, { topic, payload, qos }] of PUBLISHES) {
    const bytes = bytesOf(hex);
    const view = new PublishView();
    readPublish(bytes, 0, 2, bytes.length, view);
    const copy = copyMessage(view);
    bytes.fill(0);
    assertEquals(copy.topic, topic);
    assertEquals(copy.payload, bytesOf(`'${payload}'`));
    assertEquals(copy.qos, qos);
    assert(copy.size >= topic.length + payload.length);
    const again = new PublishView();
    viewMessage(copy, again);
    assertEquals(copyMessage(again), copy);
  }
});

Deno.test("a topic that no packet can hold makes no message", () => {
  const most = "a".repeat(65_535);
  assertEquals(makeMessage(most, new Uint8Array(), 0).topic, most);
  const tooLong = () => makeMessage(most + "a", new Uint8Array(), 0);
  assertThrows(tooLong, ProtocolError, "65,535");
});

Deno.test("what was wrong is named with its reason code", () => {
  const cut = () => readConnect(new Uint8Array(1), 0, 1);
  assertEquals(assertThrows(cut, ProtocolError).reason, MALFORMED_PACKET);
});

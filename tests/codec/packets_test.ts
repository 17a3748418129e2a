/**
 * Each packet type, bytes to packet and back, from the table of fixtures;
 * and every packet cut at every point: it is malformed, and nothing else.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { QoS } from "../../src/base/qos.ts";
import {
  readAcknowledgement,
  readBodiless,
  writeAcknowledgement,
  writeBodiless,
} from "../../src/codec/acknowledgement.ts";
import {
  encodeConnack,
  readConnack,
  returnCodeOf,
} from "../../src/codec/connack.ts";
import { encodeConnect, readConnect } from "../../src/codec/connect.ts";
import {
  copyMessage,
  makeMessage,
  viewMessage,
} from "../../src/codec/message.ts";
import { NO_PROPERTIES } from "../../src/codec/properties.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import {
  CLIENT_ID_INVALID,
  MALFORMED_PACKET,
} from "../../src/codec/reason_code.ts";
import {
  encodeSuback,
  encodeUnsuback,
  readSuback,
  readUnsuback,
} from "../../src/codec/suback.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
  readSubscribe,
  readUnsubscribe,
} from "../../src/codec/subscribe.ts";
import { at4, checkRead, checkWrite } from "./checks.ts";
import { outgoingOf, viewOf, writePublish } from "./encode_publish.ts";
import {
  ACKNOWLEDGEMENTS,
  BODILESS,
  bytesOf,
  CONNACKS,
  CONNECTS,
  PUBLISHES,
  type PublishParts,
  SUBACKS,
  SUBSCRIBES,
  UNSUBSCRIBES,
} from "./fixtures.ts";
import { written } from "./written.ts";

checkRead("CONNECT", CONNECTS, readConnect);
checkWrite("CONNECT", CONNECTS, encodeConnect);

checkRead("CONNACK", CONNACKS, at4(readConnack));
checkWrite("CONNACK", CONNACKS, (connack) => encodeConnack(connack, 4));

Deno.test("[MQTT-3.2.2-4] no refusal says that a session is present", () => {
  const refusal = {
    sessionPresent: true,
    reason: CLIENT_ID_INVALID,
    properties: NO_PROPERTIES,
  };
  assertEquals(encodeConnack(refusal, 4), bytesOf("20 02 00 02"));
  assertEquals(encodeConnack(refusal, 5), bytesOf("20 03 00 85 00"));
});

Deno.test("each reason has a return code of 3.1.1", () => {
  const codes = [0x00, 0x84, 0x85, 0x88, 0x86, 0x87].map(returnCodeOf);
  assertEquals(codes, [0, 1, 2, 3, 4, 5]);
  assertEquals(returnCodeOf(0x97), 3);
});

// A filter that ends where the packet is cut leaves a whole SUBSCRIBE.
checkRead("SUBSCRIBE", SUBSCRIBES, at4(readSubscribe), (_, end) => end === 10);
checkWrite("SUBSCRIBE", SUBSCRIBES, (packet) => encodeSubscribe(packet, 4));

checkRead(
  "UNSUBSCRIBE",
  UNSUBSCRIBES,
  at4(readUnsubscribe),
  (_, end) => end === 9,
);
checkWrite(
  "UNSUBSCRIBE",
  UNSUBSCRIBES,
  (packet) => encodeUnsubscribe(packet, 4),
);

// Return codes are what is left: any number of them is well formed.
checkRead("SUBACK", SUBACKS, at4(readSuback), (_, end) => end >= 4);
checkWrite("SUBACK", SUBACKS, (packet) => encodeSuback(packet, 4));

Deno.test("below 5.0 a filter is refused with 0x80, for all reasons", () => {
  const reasonCodes = [0, 2, 0x80, 0x87, 0xa2];
  const packet = { packetId: 1, reasonCodes, properties: NO_PROPERTIES };
  assertEquals(encodeSuback(packet, 4), bytesOf("90 07 0001 00 02 80 80 80"));
});

Deno.test("below 5.0 an UNSUBACK is a packet id", () => {
  const reasonCodes = [0, 0x11];
  const packet = { packetId: 258, reasonCodes, properties: NO_PROPERTIES };
  const bytes = encodeUnsuback(packet, 4);
  assertEquals(bytes, bytesOf("b0 02 0102"));
  assertEquals(readUnsuback(bytes, 2, 4, 4), { ...packet, reasonCodes: [] });
  const longer = () => readUnsuback(new Uint8Array(5), 0, 5, 4);
  assertThrows(longer, ProtocolError, "with a payload");
});

checkRead("acknowledgement", ACKNOWLEDGEMENTS, (bytes, at, end) => {
  const type = bytes[at - 2]! >> 4;
  return [type, readAcknowledgement(type, bytes, at, end, 4)];
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
  readPublish(bytes, at - 2, at, end, 4, view);
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
  const packet = {
    ...parts,
    payload: bytesOf(`'${parts.payload}'`),
    qos: parts.qos as QoS,
    properties: NO_PROPERTIES,
  };
  const outgoing = outgoingOf(packet, 4);
  const view = viewOf(packet);
  return written(
    outgoing.measure(view),
    (out, at) => writePublish(outgoing, out, at, view),
  );
});

Deno.test("a copy of a message is the message, and its own", () => {
  for (const [, hex, { topic, payload, qos }] of PUBLISHES) {
    const bytes = bytesOf(hex);
    const view = new PublishView();
    readPublish(bytes, 0, 2, bytes.length, 4, view);
    const copy = copyMessage(view, 0);
    bytes.fill(0);
    assertEquals(copy.topic, topic);
    assertEquals(copy.payload, bytesOf(`'${payload}'`));
    assertEquals(copy.qos, qos);
    assert(copy.size >= topic.length + payload.length);
    const again = new PublishView();
    viewMessage(copy, again);
    assertEquals(copyMessage(again, 0), copy);
  }
});

Deno.test("a topic that no packet can hold makes no message", () => {
  const most = "a".repeat(65_535);
  assertEquals(makeMessage(most, new Uint8Array(), 0).topic, most);
  const tooLong = () => makeMessage(most + "a", new Uint8Array(), 0);
  assertThrows(tooLong, ProtocolError, "65,535");
});

Deno.test("a payload that no packet can hold makes no message", () => {
  // Five bytes of remaining length are none [MQTT5-1.5.5-1].
  for (const length of [268_435_455, 300_000_000]) {
    const tooLarge = () => makeMessage("a", new Uint8Array(length), 0);
    assertThrows(tooLarge, ProtocolError, "too large");
  }
});

Deno.test("what was wrong is named with its reason code", () => {
  const cut = () => readConnect(new Uint8Array(1), 0, 1);
  assertEquals(assertThrows(cut, ProtocolError).reason, MALFORMED_PACKET);
});

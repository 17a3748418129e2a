/**
 * Each packet type at level 5, bytes to packet and back, from the table of
 * fixtures: whole, byte by byte and cut at every point.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  encodeAcknowledgement5,
  packetIdOf,
  readAcknowledgement,
  reasonOf,
} from "../../src/codec/acknowledgement.ts";
import { encodeAuth, readAuth } from "../../src/codec/auth.ts";
import { encodeConnack, readConnack } from "../../src/codec/connack.ts";
import { encodeConnect, readConnect } from "../../src/codec/connect.ts";
import {
  encodeDisconnect,
  readDisconnect,
} from "../../src/codec/disconnect.ts";
import {
  copyMessage,
  makeMessage,
  Message,
  viewMessage,
} from "../../src/codec/message.ts";
import {
  decodeProperties,
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  readProperties,
} from "../../src/codec/properties.ts";
import type { PropertyPacket } from "../../src/codec/property.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
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
import { checkRead, checkWrite, framesOf, type Read } from "./checks.ts";
import { outgoingOf, viewOf, writePublish } from "./encode_publish.ts";
import { bytesOf } from "./fixtures.ts";
import * as fixtures from "./fixtures_5.ts";
import { written } from "./written.ts";

/** Reads as on a connection of level 5. */
function at5<T>(
  read: (bytes: Uint8Array, at: number, end: number, level: number) => T,
): Read<T> {
  return (bytes, at, end) => read(bytes, at, end, 5);
}

checkRead("CONNECT", fixtures.CONNECTS_5, readConnect);
checkWrite("CONNECT", fixtures.CONNECTS_5, encodeConnect);

checkRead("CONNACK", fixtures.CONNACKS_5, at5(readConnack));
checkWrite("CONNACK", fixtures.CONNACKS_5, (it) => encodeConnack(it, 5));

/** A packet that is cut between two filters is whole. */
function isBetweenFilters(bytes: Uint8Array, end: number): boolean {
  const optionsBytes = bytes[0] === 0x82 ? 1 : 0;
  let at = 5 + bytes[4]!;
  while (at < bytes.length) {
    at += 2 + bytes[at + 1]! + optionsBytes;
    if (at === end) return true;
  }
  return false;
}

checkRead(
  "SUBSCRIBE",
  fixtures.SUBSCRIBES_5,
  at5(readSubscribe),
  isBetweenFilters,
);
checkWrite("SUBSCRIBE", fixtures.SUBSCRIBES_5, (it) => encodeSubscribe(it, 5));

checkRead(
  "UNSUBSCRIBE",
  fixtures.UNSUBSCRIBES_5,
  at5(readUnsubscribe),
  isBetweenFilters,
);
checkWrite(
  "UNSUBSCRIBE",
  fixtures.UNSUBSCRIBES_5,
  (it) => encodeUnsubscribe(it, 5),
);

/** Reason codes are what is left: one at least. */
function hasReasonCode(bytes: Uint8Array, end: number): boolean {
  return end > 5 + bytes[4]!;
}

checkRead("SUBACK", fixtures.SUBACKS_5, at5(readSuback), hasReasonCode);
checkWrite("SUBACK", fixtures.SUBACKS_5, (it) => encodeSuback(it, 5));

checkRead("UNSUBACK", fixtures.UNSUBACKS_5, at5(readUnsuback), hasReasonCode);
checkWrite("UNSUBACK", fixtures.UNSUBACKS_5, (it) => encodeUnsuback(it, 5));

checkRead(
  "acknowledgement",
  fixtures.ACKNOWLEDGEMENTS_5,
  (bytes, at, end) => {
    const type = bytes[at - 2]! >> 4;
    const value = readAcknowledgement(type, bytes, at, end, 5);
    const name = ["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"][type - 4];
    const properties = end - at > 3
      ? readProperties(name as PropertyPacket, bytes, at + 3, end)
      : NO_PROPERTIES;
    return {
      type,
      packetId: packetIdOf(value),
      reason: reasonOf(value),
      properties,
    };
  },
  // A reason code, and then properties, may be left out.
  (_, end) => end === 4 || end === 5,
);
checkWrite(
  "acknowledgement",
  fixtures.ACKNOWLEDGEMENTS_5,
  encodeAcknowledgement5,
);

for (const fixture of fixtures.DISCONNECTS_5) {
  const { sender } = fixture[2];
  checkRead(
    "DISCONNECT",
    [fixture],
    (bytes, at, end) => ({
      sender,
      ...readDisconnect(bytes, at, end, 5, sender),
    }),
    (_, end) => end === 2 || end === 3,
  );
}
checkWrite("DISCONNECT", fixtures.DISCONNECTS_5, encodeDisconnect);

for (const fixture of fixtures.AUTHS_5) {
  const { sender } = fixture[2];
  checkRead(
    "AUTH",
    [fixture],
    (bytes, at, end) => ({ sender, ...readAuth(bytes, at, end, sender) }),
  );
}
checkWrite("AUTH", fixtures.AUTHS_5, encodeAuth);

function readParts(
  bytes: Uint8Array,
  at: number,
  end: number,
  sender: "client" | "server",
): fixtures.PublishParts5 {
  const view = new PublishView();
  readPublish(bytes, at - 2, at, end, 5, view, sender);
  const { topicAt, topicEnd, propertiesAt, payloadAt } = view;
  assertEquals([view.frameAt, topicAt, view.end], [at - 2, at, end]);
  const properties = decodeProperties(
    "PUBLISH",
    bytes,
    propertiesAt,
    payloadAt,
  );
  checkFindings(view, properties);
  const text = new TextDecoder();
  return {
    topic: text.decode(bytes.subarray(topicAt + 2, topicEnd)),
    payload: text.decode(bytes.subarray(payloadAt, end)),
    qos: view.qos,
    packetId: view.packetId,
    properties,
  };
}

/** What the walk found, beside what is there. */
function checkFindings(view: PublishView, properties: Properties): void {
  const { bytes } = view;
  assertEquals(view.topicAlias, properties.topicAlias ?? 0);
  assertEquals(view.isUtf8Payload, properties.payloadFormat === 1);
  const { messageExpirySeconds, topicAlias } = properties;
  if (topicAlias === undefined) assertEquals(view.topicAliasAt, 0);
  else assertEquals(bytes[view.topicAliasAt], 35);
  if (messageExpirySeconds === undefined) assertEquals(view.expiryAt, 0);
  else assertEquals(bytes[view.expiryAt - 1], 2);
}

/** A payload may be shorter: only what stands before it must be whole. */
function isPayloadCut(bytes: Uint8Array, end: number): boolean {
  const lengthAt = 4 + bytes[3]! + ((bytes[0]! & 6) > 0 ? 2 : 0);
  return end >= propertiesEnd(bytes, lengthAt, bytes.length);
}

for (
  const [sender, table] of [
    ["client", fixtures.PUBLISHES_5],
    ["server", fixtures.PUBLISHES_5],
    ["server", fixtures.SERVER_PUBLISHES_5],
  ] as const
) {
  checkRead(
    `PUBLISH from a ${sender}`,
    table,
    (bytes, at, end) => readParts(bytes, at, end, sender),
    isPayloadCut,
  );
}

checkWrite(
  "PUBLISH",
  [...fixtures.PUBLISHES_5, ...fixtures.SERVER_PUBLISHES_5],
  (parts) => {
    const payload = bytesOf(`'${parts.payload}'`);
    const packet = { ...parts, payload, retain: false, dup: false };
    const outgoing = outgoingOf(packet, 5);
    const view = viewOf(packet);
    return written(
      outgoing.measure(view),
      (out, at) => writePublish(outgoing, out, at, view),
    );
  },
);

Deno.test("what a view found in one packet is forgotten in the next", () => {
  const view = new PublishView();
  const [, hex] = fixtures.PUBLISHES_5.at(-1)!;
  const bytes = bytesOf(hex);
  readPublish(bytes, 0, 2, bytes.length, 5, view);
  assert(view.topicAlias > 0 && view.isUtf8Payload && view.expiryAt > 0);
  for (const [level, next] of [[5, "30 04 0001'a' 00"], [4, "30 03 0001'a'"]]) {
    readPublish(bytes, 0, 2, bytes.length, 5, view);
    const plain = bytesOf(`${next}`);
    readPublish(plain, 0, 2, plain.length, Number(level), view);
    const { topicAlias, topicAliasAt, expiryAt, isUtf8Payload } = view;
    assertEquals([topicAlias, topicAliasAt, expiryAt], [0, 0, 0]);
    assertEquals(isUtf8Payload, false);
    assertEquals(view.propertiesAt, view.payloadAt);
  }
});

Deno.test("every frame of level 5 comes out of every split", () => {
  const all = fixtures.ALL_FRAMES_5;
  const stream = bytesOf(
    all.map((frame) =>
      [...frame].map((byte) => byte.toString(16).padStart(2, "0")).join("")
    ).join(""),
  );
  const single = [...stream].map((byte) => Uint8Array.of(byte));
  const expected = all.map((frame) => ({ frame, body: 2 }));
  assertEquals(framesOf([stream]), expected);
  assertEquals(framesOf(single), expected);
  for (let cut = 1; cut < stream.length; cut++) {
    const pieces = [stream.slice(0, cut), stream.slice(cut)];
    assertEquals(framesOf(pieces), expected, `cut at ${cut}`);
  }
});

const FORWARDED: Properties = {
  payloadFormat: 1,
  messageExpirySeconds: 10,
  contentType: "ä",
  responseTopic: "r",
  correlationData: Uint8Array.of(0),
  userProperties: [["k", "v"], ["k", "ä"]],
};

/** A PUBLISH of QoS 1 with these properties in this order. */
function publishWith(...properties: string[]): Uint8Array {
  const block = bytesOf(properties.join(""));
  const hex = block.length.toString(16).padStart(2, "0");
  const body = bytesOf(`0003'a/b' 0007 ${hex} ${properties.join("")} 'load'`);
  return Uint8Array.of(0x32, body.length, ...body);
}

Deno.test("a copy keeps what is forwarded, wherever the alias stood", () => {
  const alias = "23 0005";
  const expiry = "02 0000000a";
  const rest = "26 0001'k' 0001'v'";
  for (
    const order of [
      [alias, expiry, rest],
      [expiry, alias, rest],
      [expiry, rest, alias],
      [rest, alias],
      [alias],
      [rest, expiry],
      [],
    ]
  ) {
    const frame = publishWith(...order);
    const view = new PublishView();
    readPublish(frame, 0, 2, frame.length, 5, view);
    const copy = copyMessage(view, 1000);
    frame.fill(0);
    const hasExpiry = order.includes(expiry);
    assertEquals(copy.properties, {
      ...(hasExpiry ? { messageExpirySeconds: 10 } : {}),
      ...(order.includes(rest) ? { userProperties: [["k", "v"]] } : {}),
    });
    assertEquals([copy.topic, copy.qos], ["a/b", 1]);
    assertEquals(copy.payload, bytesOf("'load'"));
    assertEquals(copy.expiresAtMs, hasExpiry ? 11_000 : Infinity);
    assertEquals(copy.expiryAt > 0, hasExpiry);
    if (hasExpiry) assertEquals(copy.bytes[copy.expiryAt + 3], 10);
    const again = new PublishView();
    viewMessage(copy, again);
    assertEquals([again.topicAlias, again.expiryAt], [0, copy.expiryAt]);
    assertEquals(copyMessage(again, 1000), copy);
  }
});

Deno.test("a message takes the properties that are passed on", () => {
  const foreign = { topicAlias: 5, subscriptionIds: [1], reasonString: "r" };
  const payload = bytesOf("'xyz'");
  const message = makeMessage("a", payload, 1, { ...FORWARDED, ...foreign }, 7);
  assertEquals(message.properties, FORWARDED);
  assertEquals(message.payload, payload);
  assertEquals(message.expiresAtMs, 10_007);
  assertEquals(message.bytes[message.expiryAt + 3], 10);
  const view = new PublishView();
  viewMessage(message, view);
  assert(view.isUtf8Payload);
  assertEquals(copyMessage(view, 7), message);
  const plain = makeMessage("a", payload, 1, foreign);
  assertEquals(plain, makeMessage("a", payload, 1));
  assertEquals(plain, new Message(plain.bytes, 3, 1));
  assertEquals(plain.properties, NO_PROPERTIES);
});

Deno.test("a property that no packet can hold makes no message", () => {
  const contentType = "a".repeat(65_536);
  const tooLong = () => makeMessage("a", new Uint8Array(), 0, { contentType });
  assertThrows(tooLong, ProtocolError, "Content Type of more than 65,535");
});

/**
 * Random packets of level 5: what is written is read back the same. Random
 * bytes make the decoders throw a ProtocolError or nothing. Runs under Deno
 * and Bun.
 */

import { utf8Length } from "../../src/base/utf8.ts";
import {
  encodeAcknowledgement5,
  readAcknowledgement,
} from "../../src/codec/acknowledgement.ts";
import { encodeAuth, readAuth } from "../../src/codec/auth.ts";
import { encodeConnack, readConnack } from "../../src/codec/connack.ts";
import { encodeConnect, readConnect } from "../../src/codec/connect.ts";
import {
  encodeDisconnect,
  readDisconnect,
} from "../../src/codec/disconnect.ts";
import { copyMessage, makeMessage } from "../../src/codec/message.ts";
import {
  encodeProperties,
  type Properties,
  propertiesEnd,
  propertiesSize,
  propertiesStart,
  readProperties,
  writeProperties,
} from "../../src/codec/properties.ts";
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
import {
  decodeText,
  encodeText,
  isText,
  writeText,
} from "../../src/codec/text.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { ILL_FORMED } from "../support/ill_formed.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { encodePublish } from "./encode_publish.ts";
import { ALL_FRAMES_5 } from "./fixtures_5.ts";
import { KINDS, lengthHex, packetOf } from "./property_kinds.ts";
import * as packets from "./random_packets_5.ts";
import {
  bodyAt,
  read,
  readWholeAcknowledgement,
  readWholePublish,
} from "./wire_5.ts";

test("packets of level 5 survive the wire", () => {
  forSeeds(400, (random) => {
    const connect = packets.randomConnect(random);
    assertEquals(read(encodeConnect(connect), readConnect), connect);
    const connack = packets.randomConnack(random);
    assertEquals(read(encodeConnack(connack, 5), readConnack), connack);
    const subscribe = packets.randomSubscribe(random);
    assertEquals(read(encodeSubscribe(subscribe, 5), readSubscribe), subscribe);
    const suback = packets.randomSuback(random, "SUBACK");
    assertEquals(read(encodeSuback(suback, 5), readSuback), suback);
    const unsubscribe = packets.randomUnsubscribe(random);
    const frame = encodeUnsubscribe(unsubscribe, 5);
    assertEquals(read(frame, readUnsubscribe), unsubscribe);
    const unsuback = packets.randomSuback(random, "UNSUBACK");
    assertEquals(read(encodeUnsuback(unsuback, 5), readUnsuback), unsuback);
    const acknowledgement = packets.randomAcknowledgement(random);
    const answer = encodeAcknowledgement5(acknowledgement);
    assertEquals(readWholeAcknowledgement(answer), acknowledgement);
    const disconnect = packets.randomDisconnect(random);
    const last = encodeDisconnect(disconnect);
    assertEquals(
      readDisconnect(last, bodyAt(last), last.length, 5, "server"),
      disconnect,
    );
    const auth = packets.randomAuth(random);
    const step = encodeAuth(auth);
    assertEquals(readAuth(step, bodyAt(step), step.length), auth);
  });
});

/** What of a message's properties is passed on. */
function forwarded(properties: Properties): Properties {
  const { topicAlias: _, subscriptionIds: __, ...rest } = properties;
  return rest;
}

test("a PUBLISH of level 5 survives the wire, and a copy of it", () => {
  forSeeds(1000, (random) => {
    const drawn = packets.randomPublish(random);
    const { subscriptionIds: _, ...ofClient } = drawn.properties;
    const packet = random.chance(50)
      ? drawn
      : { ...drawn, properties: ofClient };
    const frame = encodePublish(packet, 5);
    assertEquals(readWholePublish(frame), packet);
    if (packet === drawn && "subscriptionIds" in drawn.properties) return;
    const view = new PublishView();
    readPublish(frame, 0, bodyAt(frame), frame.length, 5, view);
    const copy = copyMessage(view, 7);
    const { topic, payload, qos, properties } = packet;
    assertEquals(copy, makeMessage(topic, payload, qos, properties, 7));
    assertEquals(copy.properties, forwarded(properties));
    assertEquals([copy.topic, copy.payload], [topic, payload]);
  });
});

test("a block is as long as it is said to be, and ends there", () => {
  forSeeds(1000, (random) => {
    const { packet } = random.pick(KINDS);
    const properties = packets.randomProperties(random, packet);
    const size = propertiesSize(properties);
    const out = new Uint8Array(size + 6).fill(0xaa);
    assertEquals(writeProperties(out, 3, properties), 3 + size);
    for (const at of [0, 1, 2, size + 3, size + 4, size + 5]) {
      assertEquals(out[at], 0xaa, "written out of its bounds");
    }
    assertEquals(propertiesEnd(out, 3, out.length), 3 + size);
    const block = out.slice(propertiesStart(out, 3), 3 + size);
    assertEquals(encodeProperties(properties), block);
    assertEquals(readProperties(packet, out, 3, out.length), properties);
  });
});

test("text is as long as it is said to be, half pairs too", () => {
  const halves = ["\ud83c", "\udf0d", "a", "ä", "€", "🌍"];
  forSeeds(1000, (random) => {
    const text = random.list(0, 12, () => random.pick(halves)).join("");
    const bytes = encodeText(text);
    assertEquals(utf8Length(text), bytes.length);
    const out = new Uint8Array(2 + bytes.length);
    assertEquals(writeText(out, 0, text), out.length);
    assertEquals(out.slice(2), bytes);
  });
});

test("what is text is told alike with and without making it", () => {
  const parts = [
    ...ILL_FORMED.map(([, bytes]) => bytes),
    Uint8Array.of(0),
    ...["a", "abcd", "ä", "€", "🌍", "\uffff"].map(encodeText),
  ];
  forSeeds(4000, (random) => {
    const pieces = random.list(
      0,
      8,
      () =>
        random.chance(90)
          ? random.pick(parts.slice(-6))
          : random.pick([...parts, random.bytes(2)]),
    );
    const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    let isGood = true;
    try {
      decodeText(bytes, 0, bytes.length);
    } catch {
      isGood = false;
    }
    assertEquals(isText(bytes, 0, bytes.length), isGood, bytes.join());
  });
});

const DECODERS: readonly ((
  bytes: Uint8Array,
  at: number,
  end: number,
) => unknown)[] = [
  readConnect,
  (bytes, at, end) => readConnack(bytes, at, end, 5),
  (bytes, at, end) => readSubscribe(bytes, at, end, 5),
  (bytes, at, end) => readUnsubscribe(bytes, at, end, 5),
  (bytes, at, end) => readSuback(bytes, at, end, 5),
  (bytes, at, end) => readUnsuback(bytes, at, end, 5),
  (bytes, at, end) => readDisconnect(bytes, at, end, 5),
  (bytes, at, end) => readDisconnect(bytes, at, end, 5, "server"),
  (bytes, at, end) => readAuth(bytes, at, end),
  (bytes, at, end) => readAcknowledgement(4, bytes, at, end, 5),
  (bytes, at, end) => readAcknowledgement(6, bytes, at, end, 5),
  (bytes, at, end) => readPublish(bytes, 0, at, end, 5, new PublishView()),
  ...KINDS.map(({ packet }) => (bytes: Uint8Array, at: number, end: number) =>
    readProperties(packet, bytes, at, end)
  ),
];

function expectCalm(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    assert(error instanceof ProtocolError, String(error));
  }
}

test("random bytes make no decoder throw anything of its own", () => {
  forSeeds(3000, (random) => {
    const bytes = random.bytes(random.below(60));
    const at = Math.min(random.below(3), bytes.length);
    for (const decode of DECODERS) {
      expectCalm(() => decode(bytes, at, bytes.length));
    }
  });
});

test("packets with a few bytes changed neither", () => {
  forSeeds(4000, (random) => {
    const bytes = random.pick(ALL_FRAMES_5).slice();
    const changes = random.between(1, 4);
    for (let i = 0; i < changes; i++) {
      const value = random.pick([0, 1, 3, 38, 127, 128, 255]);
      bytes[random.below(bytes.length)] = value;
    }
    const end = random.chance(80) ? bytes.length : random.below(bytes.length);
    for (const decode of DECODERS) {
      expectCalm(() => decode(bytes, Math.min(2, end), end));
    }
  });
});

/** The walk through a PUBLISH says the same as its properties' reader. */
function expectSameFault(block: Uint8Array): number {
  const kind = KINDS.find(({ packet }) => packet === "PUBLISH")!;
  const { length } = block;
  const told = length < 128
    ? lengthHex(length)
    : lengthHex(length & 127 | 128) + lengthHex(length >> 7);
  const frame = packetOf(kind, block, told);
  const { length: end } = frame;
  const view = new PublishView();
  const reason = reasonFor(() =>
    readPublish(frame, 0, 2, end, 5, view, "server")
  );
  const expected = reasonFor(() => readProperties("PUBLISH", frame, 7, end));
  assertEquals(reason, expected, block.join());
  return reason;
}

test("a walk through a PUBLISH finds the faults that its object has", () => {
  forSeeds(6000, (random) => {
    const properties = packets.randomProperties(random, "PUBLISH");
    const block = encodeProperties(properties);
    const changes = block.length === 0 ? 0 : random.below(3);
    for (let i = 0; i < changes; i++) {
      const value = random.pick([0, 1, 2, 35, 38, 127, 128, random.below(256)]);
      block[random.below(block.length)] = value;
    }
    expectSameFault(block);
  });
});

test("user properties of ASCII are checked together, and as well", () => {
  const letters = ["a", "z", "/", "\u0001", "\u007f"];
  const word = (random: Random, most: number) =>
    random.list(0, most, () => random.pick(letters)).join("");
  let refused = 0;
  forSeeds(4000, (random) => {
    const most = random.pick([3, 12, 12, 90, 300]);
    const userProperties = random.list(
      1,
      6,
      () => [word(random, most), word(random, most)] as const,
    );
    const block = encodeProperties({ userProperties });
    assertEquals(expectSameFault(block), 0);
    // One byte of text, or of a length, becomes what it must not be.
    const broken = block.slice();
    const at = random.below(block.length);
    broken[at] = random.pick([0, 0x80, 0xc3, 0xff, broken[at]! + 1]);
    if (expectSameFault(broken) > 0) refused++;
    const cut = block.slice(0, block.length - 1);
    expectSameFault(cut);
  });
  assert(refused > 2000);
});

function reasonFor(run: () => unknown): number {
  try {
    run();
    return 0;
  } catch (error) {
    assert(error instanceof ProtocolError, String(error));
    return error.reason;
  }
}

/**
 * Random packets: what is written is read back the same, and what this
 * codec writes is what the tests' own encoder writes. Random bytes make the
 * decoders throw a ProtocolError or nothing. Runs under Deno and Bun.
 */

import { readAcknowledgement } from "../../src/codec/acknowledgement.ts";
import { readConnack } from "../../src/codec/connack.ts";
import {
  type Connect,
  encodeConnect,
  readConnect,
} from "../../src/codec/connect.ts";
import { copyMessage, makeMessage } from "../../src/codec/message.ts";
import { NO_PROPERTIES } from "../../src/codec/properties.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { encodeSuback, readSuback } from "../../src/codec/suback.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
  readSubscribe,
  readUnsubscribe,
} from "../../src/codec/subscribe.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import * as wire from "../support/wire.ts";
import { encodePublish } from "./encode_publish.ts";
import { ALL_FRAMES, OPTIONS } from "./fixtures.ts";

const QOS = [0, 1, 2] as const;

/** Some of these take one byte in UTF-8, some four. */
const LETTERS = [..."ab/+#$ äé€\ufeff\uffff🌍\u0001"];

function text(random: Random, most = 40): string {
  return random.list(0, most, () => random.pick(LETTERS)).join("");
}

function packetId(random: Random): number {
  return random.pick([1, 255, 256, 65_535, random.between(1, 65_535)]);
}

/** Where the body begins, as any reader of a whole frame would find it. */
function bodyAt(frame: Uint8Array): number {
  let at = 1;
  while (frame[at]! >= 128) at++;
  return at + 1;
}

/** Reads as on a connection of level 4. */
function at4<T>(
  reader: (bytes: Uint8Array, at: number, end: number, level: number) => T,
): (bytes: Uint8Array, at: number, end: number) => T {
  return (bytes, at, end) => reader(bytes, at, end, 4);
}

function read<T>(
  frame: Uint8Array,
  reader: (bytes: Uint8Array, at: number, end: number) => T,
): T {
  return reader(frame, bodyAt(frame), frame.length);
}

function randomConnect(random: Random): Connect {
  const hasUserName = random.chance(50);
  const will = {
    topic: text(random),
    payload: random.bytes(random.below(50)),
    qos: random.pick(QOS),
    retain: random.chance(50),
    properties: NO_PROPERTIES,
  };
  return {
    level: random.pick([3, 4]),
    clientId: text(random),
    cleanSession: random.chance(50),
    keepAliveSeconds: random.below(65_536),
    will: random.chance(50) ? will : undefined,
    userName: hasUserName ? text(random) : undefined,
    password: hasUserName && random.chance(70)
      ? random.bytes(random.below(40))
      : undefined,
    properties: NO_PROPERTIES,
  };
}

test("a CONNECT survives the wire", () => {
  forSeeds(2000, (random) => {
    const packet = randomConnect(random);
    const frame = encodeConnect(packet);
    assertEquals(read(frame, readConnect), packet);
    const { keepAliveSeconds, will, userName, password, ...rest } = packet;
    const theirs = wire.connect({
      ...rest,
      keepAliveS: keepAliveSeconds,
      ...(will === undefined ? {} : { will }),
      ...(userName === undefined ? {} : { userName }),
      ...(password === undefined ? {} : { password }),
    });
    assertEquals(frame, theirs);
  });
});

test("a SUBSCRIBE and its SUBACK survive the wire", () => {
  forSeeds(1000, (random) => {
    const entry = () => ({
      filter: text(random),
      qos: random.pick(QOS),
      ...OPTIONS,
    });
    const entries = random.list(1, 10, entry);
    const properties = NO_PROPERTIES;
    const packet = { packetId: packetId(random), entries, properties };
    const frame = encodeSubscribe(packet, 4);
    assertEquals(read(frame, at4(readSubscribe)), packet);
    const pairs = entries.map(({ filter, qos }) => [filter, qos] as const);
    assertEquals(frame, wire.subscribe(packet.packetId, ...pairs));
    const returnCodes = random.list(1, 200, () => random.pick([...QOS, 0x80]));
    const { packetId: id } = packet;
    const answer = { packetId: id, reasonCodes: returnCodes, properties };
    const suback = encodeSuback(answer, 4);
    assertEquals(read(suback, at4(readSuback)), answer);
    const told = { type: "suback" as const, packetId: id, returnCodes };
    assertEquals(wire.decode(suback), [told]);
  });
});

test("an UNSUBSCRIBE survives the wire", () => {
  forSeeds(1000, (random) => {
    const filters = random.list(1, 10, () => text(random));
    const properties = NO_PROPERTIES;
    const packet = { packetId: packetId(random), filters, properties };
    const frame = encodeUnsubscribe(packet, 4);
    assertEquals(read(frame, at4(readUnsubscribe)), packet);
    assertEquals(frame, wire.unsubscribe(packet.packetId, ...filters));
  });
});

/** What a 3.x client does not get to see. */
const DROPPED = {
  contentType: "text",
  messageExpirySeconds: 5,
  subscriptionIds: [1],
};

test("a PUBLISH survives the wire", () => {
  forSeeds(2000, (random) => {
    const qos = random.pick(QOS);
    const topic = `a${text(random)}`;
    const payload = random.bytes(random.pick([0, 1, 110, 130, 16_400]));
    const id = qos > 0 ? packetId(random) : 0;
    const retain = random.chance(50);
    const dup = qos > 0 && random.chance(50);
    const message = makeMessage(topic, payload, qos);
    const fields = { topic, payload, qos, retain, dup, packetId: id };
    const properties = random.chance(50) ? NO_PROPERTIES : DROPPED;
    const frame = encodePublish({ ...fields, properties }, 4);
    assertEquals(frame, wire.publish(fields));
    const view = new PublishView();
    readPublish(frame, 0, bodyAt(frame), frame.length, 4, view);
    assertEquals(
      [view.qos, view.packetId, view.retain, view.dup],
      [qos, id, retain, dup],
    );
    assertEquals(copyMessage(view, 0), message);
  });
});

const DECODERS: readonly ((
  bytes: Uint8Array,
  at: number,
  end: number,
) => unknown)[] = [
  readConnect,
  at4(readConnack),
  at4(readSubscribe),
  at4(readUnsubscribe),
  at4(readSuback),
  (bytes, at, end) => readAcknowledgement(4, bytes, at, end, 4),
  (bytes, at, end) => readPublish(bytes, 0, at, end, 4, new PublishView()),
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
  forSeeds(3000, (random) => {
    const bytes = random.pick(ALL_FRAMES).slice();
    const changes = random.between(1, 4);
    for (let i = 0; i < changes; i++) {
      bytes[random.below(bytes.length)] = random.pick([0, 1, 127, 128, 255]);
    }
    const end = random.chance(80) ? bytes.length : random.below(bytes.length);
    for (const decode of DECODERS) {
      expectCalm(() => decode(bytes, Math.min(2, end), end));
    }
  });
});

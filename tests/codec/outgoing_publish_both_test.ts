/**
 * The PUBLISH that a receiver gets, beside what the oracles of
 * `support/wire.ts` and `support/wire5.ts` write: what came, less what
 * belonged to the sender's connection, and what belongs to the receiver's.
 * Runs under Deno and Bun.
 */

import type { QoS } from "../../src/base/qos.ts";
import { OutgoingPublish } from "../../src/codec/outgoing_publish.ts";
import { expandAlias, expandedSize } from "../../src/codec/expand_alias.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import * as wire from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";
import { flagsOf, viewOf, writePublish } from "./encode_publish.ts";
import * as packets from "./random_packets_5.ts";
import { bodyAt } from "./wire_5.ts";
import { written } from "./written.ts";

type Properties = wire5.Properties;

/** Something to forward. */
const SENT = { topic: "a/b", payload: "load" };
const ALIAS: Properties = { topicAlias: 5 };
const EXPIRY: Properties = { messageExpirySeconds: 10 };
const TYPE: Properties = { contentType: "ä" };
const PAIRS: Properties = { userProperties: [["k", "v"], ["k", ""]] };
/** The least and the most of each length. */
const IDS = [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];

/** What came from a client of `level`, where it does not lie alone. */
function arrived(frame: Uint8Array, level: number): PublishView {
  const bytes = new Uint8Array(frame.length + 9).fill(0xbb);
  bytes.set(frame, 5);
  const view = new PublishView();
  const end = 5 + frame.length;
  readPublish(bytes, 5, 5 + bodyAt(frame), end, level, view);
  return view;
}

/** The same with its topic in the place of an alias, as the broker has it. */
function from5(
  fields: wire5.PublishFields,
  topic: wire.Text = fields.topic,
): PublishView {
  const view = arrived(wire5.publish(fields), 5);
  return view.topicAlias > 0 ? expanded(view, wire.field(topic)) : view;
}

/** What is written is as it was measured, wherever it is put. */
function expanded(view: PublishView, topic: Uint8Array): PublishView {
  const size = expandedSize(view, topic.length, true);
  const out = new Uint8Array(size + 12).fill(0xcc);
  expandAlias(view, topic, true, out, new DataView(out.buffer), 7);
  assertEquals([view.bytes === out, view.frameAt], [true, 7]);
  assertEquals([view.end, view.topicAlias], [7 + size, 0]);
  const borders = [...out.subarray(0, 7), ...out.subarray(view.end)];
  assertEquals(borders, Array(12).fill(0xcc));
  return view;
}

/** For a receiver of `level`, at QoS 0 unless `qos` says otherwise. */
function sentTo(level: number, qos: QoS = 0, packetId = 0): OutgoingPublish {
  const outgoing = new OutgoingPublish();
  outgoing.begin(level === 5, qos, packetId, 0);
  return outgoing;
}

/** What is written is as it was measured, and the message is left alone. */
function check(
  outgoing: OutgoingPublish,
  view: PublishView,
  expected: Uint8Array,
): void {
  const before = view.bytes.slice();
  const size = outgoing.measure(view);
  const frame = written(
    size,
    (out, at) => writePublish(outgoing, out, at, view),
  );
  assertEquals(frame, expected);
  assertEquals(view.bytes, before);
}

/** Some of `items`, none or all of them, in each order. */
function arrangements<T>(items: readonly T[]): T[][] {
  return [
    [],
    ...items.flatMap((item) =>
      arrangements(items.filter((other) => other !== item))
        .map((rest) => [item, ...rest])
    ),
  ];
}

/** Properties in an order: that of their names. */
function joined(list: readonly Properties[]): Properties {
  return Object.assign({}, ...list);
}

/** The same, where an alias that came and the receiver's make a difference. */
function forAliases(
  run: (
    arrangement: Properties[],
    rest: Properties[],
    topicAlias: number,
    omitsTopic: boolean,
  ) => void,
): void {
  for (const arrangement of arrangements([ALIAS, EXPIRY, TYPE, PAIRS])) {
    const rest = arrangement.filter((properties) => properties !== ALIAS);
    run(arrangement, rest, 0, false);
    run(arrangement, rest, 258, false);
    run(arrangement, rest, 258, true);
  }
}

const QOS_AND_IDS = [
  [0, 0],
  [1, 1],
  [1, 255],
  [2, 256],
  [2, 65_535],
] as const;

test("flags, QoS and packet id are those of the receiver", () => {
  const view = from5({ ...SENT, qos: 2, packetId: 77, retain: true });
  for (const flags of [0, 1, 8, 9]) {
    const retain = (flags & 1) > 0;
    const dup = (flags & 8) > 0;
    for (const [qos, packetId] of QOS_AND_IDS) {
      const outgoing = new OutgoingPublish();
      const fields = { ...SENT, qos, packetId, retain, dup };
      outgoing.begin(false, qos, packetId, flags);
      check(outgoing, view, wire.publish(fields));
      outgoing.begin(true, qos, packetId, flags);
      check(outgoing, view, wire5.publish(fields));
    }
  }
});

test("an alias that came is taken out, and the receiver's put in", () => {
  forAliases((arrangement, rest, topicAlias, omitsTopic) => {
    const view = from5({ ...SENT, properties: joined(arrangement) });
    const outgoing = sentTo(5, 1, 9);
    outgoing.topicAlias = topicAlias;
    outgoing.omitsTopic = omitsTopic;
    const own = topicAlias > 0 ? [{ topicAlias }] : [];
    const topic = omitsTopic ? "" : SENT.topic;
    const properties = joined([...rest, ...own]);
    const fields = { ...SENT, topic, qos: 1 as const, packetId: 9, properties };
    check(outgoing, view, wire5.publish(fields));
  });
});

test("[MQTT5-3.3.2-6] the expiry becomes what is left of it", () => {
  forAliases((arrangement, rest, topicAlias) => {
    const view = from5({ ...SENT, properties: joined(arrangement) });
    for (const seconds of [0, 1, 0x01020304, 0xffffffff]) {
      const left = rest.map((properties) =>
        properties === EXPIRY ? { messageExpirySeconds: seconds } : properties
      );
      const outgoing = sentTo(5);
      outgoing.expirySeconds = seconds;
      outgoing.topicAlias = topicAlias;
      const own = topicAlias > 0 ? [{ topicAlias }] : [];
      const properties = joined([...left, ...own]);
      check(outgoing, view, wire5.publish({ ...SENT, properties }));
    }
  });
});

test("subscription identifiers follow, each as short as it can be", () => {
  const lists = [...IDS.map((id) => [id]), IDS, Array(100).fill(300)];
  for (const subscriptionIds of lists) {
    for (const topicAlias of [0, 65_535]) {
      for (const sent of [[], [ALIAS], [EXPIRY, ALIAS, PAIRS]]) {
        const view = from5({ ...SENT, properties: joined(sent) });
        const outgoing = sentTo(5);
        outgoing.subscriptionIds = subscriptionIds;
        outgoing.topicAlias = topicAlias;
        const properties = joined([
          ...sent.filter((properties) => properties !== ALIAS),
          ...(topicAlias > 0 ? [{ topicAlias }] : []),
          { subscriptionIds },
        ]);
        check(outgoing, view, wire5.publish({ ...SENT, properties }));
      }
    }
  }
});

/** Lengths around those where a length takes a byte more. */
const LENGTHS = [127, 16_383].flatMap((most) =>
  Array.from({ length: 12 }, (_, index) => most - 5 + index)
);

test("a remaining length of any size is written right", () => {
  for (const length of LENGTHS) {
    for (const qos of [0, 1] as const) {
      const packetId = qos;
      const before = 2 + SENT.topic.length + 2 * qos;
      const payload = new Uint8Array(length - before).fill(0x70);
      const old = { ...SENT, payload, qos, packetId };
      const frame = wire.publish(old);
      assertEquals(frame.length - bodyAt(frame), length);
      check(sentTo(4, qos, packetId), arrived(frame, 4), frame);
      const new5 = { ...old, payload: payload.subarray(1) };
      const frame5 = wire5.publish(new5);
      assertEquals(frame5.length - bodyAt(frame5), length);
      check(sentTo(5, qos, packetId), arrived(frame5, 5), frame5);
    }
  }
});

/** User properties that take `length` bytes. */
function pairsOf(length: number): Properties {
  return { userProperties: [["key", "v".repeat(length - 8)]] };
}

test("a property length of any size is written right, when it shrinks", () => {
  for (const length of LENGTHS) {
    for (const sent of [[], [ALIAS]]) {
      const properties = pairsOf(length - 3 * sent.length);
      const all = joined([...sent, properties]);
      assertEquals(wire5.encode(all).length, length);
      const view = from5({ ...SENT, properties: all });
      check(sentTo(5), view, wire5.publish({ ...SENT, properties }));
    }
  }
});

test("a property length of any size is written right, when it grows", () => {
  const own = { topicAlias: 7, subscriptionIds: [200] };
  for (const length of LENGTHS) {
    for (const sent of [[], [ALIAS]]) {
      const pairs = pairsOf(length - 6);
      const properties = joined([pairs, own]);
      assertEquals(wire5.encode(properties).length, length);
      const view = from5({ ...SENT, properties: joined([...sent, pairs]) });
      const outgoing = Object.assign(sentTo(5), own);
      check(outgoing, view, wire5.publish({ ...SENT, properties }));
    }
  }
});

test("level 4 gets nothing of what is new in level 5", () => {
  const qos = 2;
  for (const arrangement of arrangements([ALIAS, EXPIRY, TYPE, PAIRS])) {
    const view = from5({ ...SENT, properties: joined(arrangement) });
    const outgoing = sentTo(4, qos, 513);
    outgoing.subscriptionIds = [1, 128];
    outgoing.expirySeconds = 3;
    const expected = wire.publish({ ...SENT, qos, packetId: 513 });
    check(outgoing, view, expected);
  }
});

test("what came in level 4 has no properties but the receiver's", () => {
  for (const level of [3, 4]) {
    const qos = 1;
    const view = arrived(wire.publish({ ...SENT, qos, packetId: 5 }), level);
    const outgoing = sentTo(5, qos, 6);
    const fields = { ...SENT, qos, packetId: 6 } as const;
    check(outgoing, view, wire5.publish(fields));
    outgoing.expirySeconds = 3;
    check(outgoing, view, wire5.publish(fields));
    outgoing.topicAlias = 1;
    outgoing.subscriptionIds = [127, 128];
    const properties = { topicAlias: 1, subscriptionIds: [127, 128] };
    check(outgoing, view, wire5.publish({ ...fields, properties }));
  }
});

test("an alias becomes the topic for which it stands", () => {
  for (const letters of [1, 29, 30, 31, 32, 200, 65_535]) {
    const topic = "t".repeat(letters);
    for (const came of ["", "a", "b".repeat(40)]) {
      for (const payload of ["", "load", "p".repeat(256), "p".repeat(257)]) {
        for (const properties of [ALIAS, { ...EXPIRY, ...ALIAS, ...TYPE }]) {
          const sent = { topic: came, payload, properties };
          const { topicAlias: _, ...rest } = sent.properties;
          const view = from5(sent, topic);
          check(sentTo(4), view, wire.publish({ topic, payload }));
          const expected = { topic, payload, properties: rest };
          check(sentTo(5), view, wire5.publish(expected));
          const qos = { qos: 2, packetId: 0x0102 } as const;
          const view2 = from5({ ...sent, ...qos }, topic);
          const outgoing = sentTo(5, 2, 0x0102);
          check(outgoing, view2, wire5.publish({ ...expected, ...qos }));
        }
      }
    }
  }
});

test("what was said of one packet is forgotten in the next", () => {
  const outgoing = new OutgoingPublish();
  const view = from5({ ...SENT, properties: EXPIRY });
  for (const level of [4, 5]) {
    outgoing.begin(true, 2, 9, 9);
    outgoing.topicAlias = 3;
    outgoing.omitsTopic = true;
    outgoing.subscriptionIds = IDS;
    outgoing.expirySeconds = 3;
    outgoing.measure(view);
    outgoing.begin(level === 5, 0, 0, 0);
    const expected = level === 5
      ? wire5.publish({ ...SENT, properties: EXPIRY })
      : wire.publish(SENT);
    check(outgoing, view, expected);
  }
});

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const rest = items.slice();
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}

/** A message that came at level 4 or 5, or that the broker kept. */
function randomMessage(
  random: Random,
): Pick<wire5.PublishFields, "topic" | "payload"> & {
  view: PublishView;
  properties: Properties;
} {
  const packet = packets.randomPublish(random);
  const { topic, payload, qos, packetId } = packet;
  const fields = { topic, payload, qos, packetId };
  if (random.chance(20)) {
    const view = arrived(wire.publish(fields), 4);
    return { topic, payload, view, properties: {} };
  }
  const isKept = random.chance(30);
  const { subscriptionIds: _, ...ofClient } = packet.properties;
  const entries = Object.entries(ofClient);
  const order = isKept ? entries : shuffled(random, entries);
  const sent: Properties = Object.fromEntries(order);
  const { topicAlias: __, ...properties } = sent;
  const view = isKept ? viewOf(packet) : from5({ ...fields, properties: sent });
  return { topic, payload, view, properties };
}

test("any message reaches any receiver as it should", () => {
  forSeeds(2000, (random) => {
    const { view, properties, ...message } = randomMessage(random);
    const qos = random.pick([0, 1, 2] as const);
    const packetId = qos > 0 ? packets.packetId(random) : 0;
    const retain = random.chance(50);
    const dup = qos > 0 && random.chance(50);
    const fields = { ...message, qos, packetId, retain, dup };
    const outgoing = new OutgoingPublish();
    const isV5 = random.chance(75);
    outgoing.begin(isV5, qos, packetId, flagsOf(fields));
    if (random.chance(50)) {
      const seconds = random.pick([0, 255, 256, 0xffffffff]);
      outgoing.expirySeconds = seconds;
      if (properties.messageExpirySeconds !== undefined) {
        properties.messageExpirySeconds = seconds;
      }
    }
    if (isV5 && random.chance(50)) {
      properties.topicAlias = outgoing.topicAlias = packets.packetId(random);
      outgoing.omitsTopic = random.chance(50);
      if (outgoing.omitsTopic) fields.topic = "";
    }
    if (random.chance(50)) {
      properties.subscriptionIds = random.list(1, 5, () => random.pick(IDS));
      outgoing.subscriptionIds = properties.subscriptionIds;
    }
    const expected = isV5
      ? wire5.publish({ ...fields, properties })
      : wire.publish(fields);
    check(outgoing, view, expected);
  });
});

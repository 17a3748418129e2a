/**
 * Messages in one chunk that are alike are taken together. Whatever is in a
 * chunk, subscribers of both versions get what they get when each packet
 * comes alone.
 */

import { assert, assertEquals } from "@std/assert";

import { dial as dial3, listen as listen3 } from "../conformance/talk.ts";
import { dial, listen } from "../conformance/talk5.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { TestBroker } from "../support/test_broker.ts";
import { join, publish as publish3 } from "../support/wire.ts";
import { decode, type Properties, publish } from "../support/wire5.ts";

const USER_PROPERTIES: Properties = {
  userProperties: Array.from({ length: 5 }, (_, i) => [`name${i}`, "value"]),
};

/** Packets of a client of 5.0: many like the one before, some not. */
function stream5(random: Random): Uint8Array[] {
  const known = new Set<number>();
  const packets: Uint8Array[] = [];
  while (packets.length < 60) {
    const alias = random.pick([0, 0, 1, 2]);
    const isTold = alias > 0 && known.has(alias) && random.chance(80);
    const topic = isTold ? "" : random.pick(["t/a", "t/b", "t/longer/one"]);
    if (alias > 0) known.add(alias);
    const properties: Properties = {
      ...(alias > 0 && { topicAlias: alias }),
      ...random.pick<Properties>([
        {},
        {},
        { messageExpirySeconds: 100 },
        USER_PROPERTIES,
      ]),
    };
    const length = random.pick([0, 1, 7, 64, 65, 255, 256, 257, 400]);
    for (let more = random.pick([1, 1, 2, 10]); more > 0; more--) {
      const payload = random.bytes(length);
      packets.push(publish({ topic, payload, properties }));
    }
  }
  return packets;
}

function stream3(random: Random): Uint8Array[] {
  const packets: Uint8Array[] = [];
  while (packets.length < 60) {
    const topic = random.pick(["t/a", "t/b", "t/longer/one"]);
    const length = random.pick([0, 1, 64, 300]);
    const retain = random.chance(10);
    for (let more = random.pick([1, 1, 2, 10]); more > 0; more--) {
      packets.push(publish3({ topic, payload: random.bytes(length), retain }));
    }
  }
  return packets;
}

/** What two subscribers get of packets that come in these chunks. */
function heard(isV5: boolean, chunks: readonly Uint8Array[]) {
  const broker = new TestBroker();
  const old = dial3(broker, { clientId: "old" });
  listen3(old, "t/#", 0);
  const young = dial(broker, { clientId: "young" });
  listen(young, "t/#", 0);
  const teller = isV5
    ? dial(broker, { clientId: "teller" })
    : dial3(broker, { clientId: "teller" });
  for (const chunk of chunks) teller.send(chunk);
  assert(!teller.closed, teller.closeReason);
  broker.checkInvariants();
  const { packetsReceived, publishReceived, publishSent } =
    broker.core.counters;
  const counted = [packetsReceived, publishReceived, publishSent];
  const [oldBytes, youngBytes] = [old.bytes(), young.bytes()];
  assertEquals(decode(youngBytes).length, publishReceived);
  return { oldBytes, youngBytes, counted };
}

function pairs(random: Random, packets: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < packets.length;) {
    const count = random.between(1, 30);
    chunks.push(join(...packets.slice(at, at + count)));
    at += count;
  }
  return chunks;
}

Deno.test("messages that come together go as those that come alone", () => {
  forSeeds(60, (random) => {
    const isV5 = random.chance(70);
    const packets = isV5 ? stream5(random) : stream3(random);
    const alone = heard(isV5, packets);
    assertEquals(heard(isV5, [join(...packets)]), alone);
    assertEquals(heard(isV5, pairs(random, packets)), alone);
  });
});

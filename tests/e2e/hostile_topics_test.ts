/**
 * Topics and filters as nobody means them well: 65,535 levels, wildcards in
 * the wrong place, a topic a message, 100,000 filters that all match one
 * topic, and more retained messages than there is room for.
 */

import { assert, assertEquals } from "@std/assert";
import { Attacker } from "../support/attacker.ts";
import { within } from "../support/deadline.ts";
import { testBroker } from "../support/e2e.ts";
import { beside, MIB, SCALE } from "../support/healthy.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  connect,
  join,
  pingreq,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";

const DEEP = "/".repeat(65_534);
const DEEP_WILD = "+/".repeat(32_767);
const TOPICS = Math.round(300_000 * SCALE);
const BATCH = 1000;
const ROUNDS = Math.round(20 * SCALE);
const BOMBERS = 11;
const FILTERS_EACH = 10_000;
/** 2^17 filters match one topic. */
const BOMB_LEVELS = 17;
const BOMB_MESSAGES = Math.round(20 * SCALE);
const RETAINED = Math.round(40_000 * SCALE);
const RETAINED_MAX = 20_000;
const RESUBSCRIBES = Math.round(2000 * SCALE);
const ATTACK_MS_MAX = 60_000 * Math.max(1, SCALE);
/**
 * Messages that are in one chunk are routed in one turn, and each of them
 * takes some 60 ms where it matches 110,000 filters: 20 of them are a wait.
 */
const BOMB_WAIT_MS_MAX = 3_000;

const DEEP_ALLOWED = [
  ...["--topic-levels-max", "65535"],
  ...["--topic-bytes-max", "65535"],
];

testBroker("a topic of 65,535 levels is refused", async (broker) => {
  await beside(broker, async () => {
    using subscriber = await RawClient.connected(broker.port, {});
    for (const filter of [DEEP, DEEP_WILD, `${DEEP_WILD}#`]) {
      await subscriber.send(subscribe(1, [filter, 0]));
      const { returnCodes } = await subscriber.packet("suback");
      assertEquals(returnCodes, [0x80]);
    }
    await subscriber.send(publish({ topic: DEEP }));
    await subscriber.untilClosed();
  });
});

testBroker("a topic of 65,535 levels is served if allowed", async (broker) => {
  await beside(broker, async () => {
    using client = await RawClient.connected(broker.port, {});
    const filters = [DEEP, DEEP_WILD, `${DEEP_WILD}#`];
    for (let round = 0; round < ROUNDS; round++) {
      await client.send(
        publish({ topic: DEEP, retain: true, payload: "deep" }),
        subscribe(1, ...filters.map((filter) => [filter, 0] as const)),
      );
      // What was on its way in the round before may come before that.
      let answer = await client.anyPacket();
      while (answer.type === "publish") answer = await client.anyPacket();
      assert(answer.type === "suback", answer.type);
      assertEquals(answer.returnCodes, [0, 0, 0]);
      await client.send(publish({ topic: DEEP, payload: "again" }));
      await client.send(unsubscribe(2, ...filters));
      for (;;) if ((await client.anyPacket()).type === "unsuback") break;
      await client.send(publish({ topic: DEEP, retain: true }));
    }
    // A node a level, three trees of them a round: garbage, and no more.
  }, { growthBytesMax: 448 * MIB });
}, { args: DEEP_ALLOWED });

const ILL_FILTERS = ["#/#/#", "#/a", "a/#/#", "a#", "+a/b", "a/+b", "++", ""];

testBroker("wildcards in the wrong place", async (broker) => {
  await beside(broker, async () => {
    for (const filter of ILL_FILTERS) {
      using client = await RawClient.connected(broker.port, {});
      await client.send(subscribe(1, [filter, 0]));
      assertEquals((await client.untilClosed()).length, 0, filter);
    }
  });
});

/** So many messages, each to a topic that nobody has used before. */
function distinct(from: number, count: number): Uint8Array {
  const encoder = new TextEncoder();
  const messages = Array.from({ length: count }, (_, i) => {
    const topic = encoder.encode(`distinct/${from + i}/${(from + i) % 7}`);
    const size = 2 + topic.length + 1;
    return [0x30, size, 0, topic.length, ...topic, 0x78];
  });
  return Uint8Array.from(messages.flat());
}

testBroker("a topic a message", async (broker) => {
  await beside(broker, async () => {
    using reader = await Attacker.open(broker.port);
    await reader.send(join(
      connect({ clientId: "reader" }),
      subscribe(1, ["distinct/#", 0], ["+/+/3", 0]),
    ));
    using attacker = await Attacker.open(broker.port);
    await attacker.send(connect({ clientId: "distinct" }));
    // It reads along: what it is sent is what was published, byte by byte.
    const batches = Array.from(
      { length: Math.ceil(TOPICS / BATCH) },
      (_, index) => distinct(index * BATCH, BATCH),
    );
    const totalBytes = batches.reduce((sum, { length }) => sum + length, 0);
    const reading = reader.swallow(totalBytes);
    const sending = (async () => {
      for (const batch of batches) await attacker.send(batch);
    })();
    const giveUp = () => reader.close();
    const work = Promise.all([reading, sending]);
    await within(work, "all messages", giveUp, ATTACK_MS_MAX);
    assert(reader.receivedBytes >= totalBytes, "the reader was hung up on");
  }, { growthBytesMax: 160 * MIB });
});

/** One of the filters that all match the topic `a/a/…`, by its number. */
function bombFilter(number: number): string {
  const levels = Array.from(
    { length: BOMB_LEVELS },
    (_, level) => number >> level & 1 ? "+" : "a",
  );
  return `${levels.join("/")}/#`;
}

/** Subscribes to its share of the filters. */
async function bomber(port: number, index: number): Promise<RawClient> {
  const client = await RawClient.connected(port, { clientId: `bomb ${index}` });
  const first = index * FILTERS_EACH;
  for (let at = first; at < first + FILTERS_EACH; at += BATCH) {
    const filters = Array.from(
      { length: BATCH },
      (_, i) => [bombFilter(at + i), 0] as const,
    );
    await client.send(subscribe(1, ...filters));
    const { returnCodes } = await client.packet("suback");
    assertEquals(returnCodes.every((code) => code === 0), true);
  }
  return client;
}

testBroker("a subscription bomb", async (broker) => {
  await beside(broker, async () => {
    using bombers = new DisposableStack();
    const clients: RawClient[] = [];
    for (let index = 0; index < BOMBERS; index++) {
      clients.push(bombers.use(await bomber(broker.port, index)));
    }
    await clients[0]!.send(subscribe(1, ["one/too/many", 0]));
    const { returnCodes } = await clients[0]!.packet("suback");
    assertEquals(returnCodes, [0x80]);
    const topic = "a/".repeat(BOMB_LEVELS);
    // Each to a topic of its own, so that no route is known.
    const messages = Array.from(
      { length: BOMB_MESSAGES },
      (_, i) => publish({ topic: topic + i, payload: `${i}` }),
    );
    await clients[0]!.send(...messages);
    for (const client of clients) {
      for (let i = 0; i < BOMB_MESSAGES; i++) {
        assertEquals((await client.packet("publish")).payload, `${i}`);
      }
      assertEquals(await client.packetsBeforePong(), []);
    }
  }, { growthBytesMax: 320 * MIB, waitMsMax: BOMB_WAIT_MS_MAX });
});

testBroker("retained messages beyond all limits", async (broker) => {
  await beside(broker, async () => {
    using attacker = await RawClient.connected(broker.port, {});
    const payload = new Uint8Array(1000);
    for (let at = 0; at < RETAINED; at += BATCH) {
      const messages = Array.from(
        { length: BATCH },
        (_, i) => publish({ topic: `r/${at + i}`, payload, retain: true }),
      );
      for (const message of messages) await attacker.send(message);
    }
    assertEquals(await attacker.packetsBeforePong(), []);
    await broker.logged("retained_full");
    // All of them, asked for over and over again by somebody who is slow.
    using greedy = await Attacker.open(broker.port);
    await greedy.send(connect({ clientId: "greedy" }));
    for (let i = 0; i < RESUBSCRIBES; i++) {
      await greedy.send(subscribe(1, ["#", 0], ["+/+", 0], ["r/#", 1]));
    }
    await greedy.swallow(10 * MIB);
    await greedy.send(pingreq());
    // They are no more than there is room for.
    using reader = await RawClient.connected(broker.port, { clientId: "r" });
    await reader.send(subscribe(1, ["r/#", 0]));
    const retained = await reader.packetsBeforePong();
    assert(retained.length <= RETAINED_MAX + 1, `${retained.length} retained`);
  }, { growthBytesMax: 256 * MIB });
}, { args: ["--retained-max", `${RETAINED_MAX}`] });

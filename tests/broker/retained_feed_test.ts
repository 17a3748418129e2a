/**
 * Retained messages on their way to a client that reads slowly: in order,
 * never stale, never ahead of the window, and with a bound on the memory
 * that they hold.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  ask,
  asPublish,
  dial,
  dialStored,
  greet,
  listen,
  messages,
  payloads,
  read,
} from "../conformance/talk.ts";
import { TestBroker } from "../support/test_broker.ts";
import { puback, publish, type Qos, subscribe } from "../support/wire.ts";
import { concat, sessionOf } from "./setting.ts";

const HIGH = 1024;

/** A broker of which `count` topics retain 200 bytes each. */
function retaining(count: number, qos: Qos = 0) {
  const broker = new TestBroker({
    writeQueueHighBytes: HIGH,
    inflightOutMax: 2,
  });
  const teller = dial(broker, { clientId: "teller" });
  for (let i = 0; i < count; i++) {
    const payload = `${i}:`.padEnd(200, ".");
    const topic = `t/${i}`;
    teller.send(publish({ topic, payload, retain: true, qos, packetId: 1 }));
    if (qos > 0) teller.bytes();
  }
  return { broker, teller };
}

Deno.test("a slow reader has no more queued than its mark", () => {
  const { broker } = retaining(100);
  const slow = dial(broker, { clientId: "slow" });
  slow.reading = false;
  slow.send(subscribe(1, ["t/+", 0]));
  assertLessOrEqual(slow.connection!.queue.bytes, HIGH + 300);
  assertEquals(sessionOf(broker, "slow").feedLength, 1);
  slow.take(500);
  assertLessOrEqual(slow.connection!.queue.bytes, HIGH + 300);
  slow.reading = true;
  slow.take(1_000_000);
  const got = read(slow).slice(1).map(asPublish);
  assertEquals(new Set(got.map(({ topic }) => topic)).size, 100);
  assert(got.every(({ retain }) => retain));
  assertEquals(broker.core.totals.retainedPending, 0);
  broker.checkInvariants();
});

Deno.test("what was replaced meanwhile is not sent stale", () => {
  const { broker, teller } = retaining(20);
  const slow = dial(broker, { clientId: "slow" });
  slow.reading = false;
  slow.send(subscribe(1, ["t/+", 0]));
  teller.send(publish({ topic: "t/19", payload: "new", retain: true }));
  teller.send(publish({ topic: "t/18", payload: "", retain: true }));
  broker.advance(1000);
  slow.reading = true;
  slow.take(1_000_000);
  const got = read(slow).slice(1).map(asPublish);
  const of = (topic: string) =>
    got.filter((packet) => packet.topic === topic)
      .map(({ payload, retain }) => [payload, retain]);
  assertEquals(of("t/18").filter(([, retain]) => retain), []);
  assertEquals(of("t/19").filter(([, retain]) => retain), []);
  assertEquals(got.filter(({ retain }) => retain).length, 18);
});

Deno.test("the window holds retained messages back as well", () => {
  const { broker } = retaining(10, 1);
  const client = dial(broker, { clientId: "reader" });
  const first = listen(client, "t/+", 1);
  assertEquals(first.length, 2);
  let open = first.slice();
  const seen = open.map(({ topic }) => topic);
  while (open.length > 0) {
    client.send(puback(open.shift()!.packetId));
    const more = messages(client);
    seen.push(...more.map(({ topic }) => topic));
    open = [...open, ...more];
    assertLessOrEqual(open.length, 2);
  }
  assertEquals(new Set(seen).size, 10);
});

Deno.test("live messages wait behind retained ones of their QoS", () => {
  const { broker, teller } = retaining(5, 1);
  const client = dial(broker, { clientId: "reader" });
  let open = listen(client, "t/+", 1);
  teller.send(publish({ topic: "t/4", payload: "live", qos: 1 }));
  const seen = open.map(({ payload }) => payload);
  while (open.length > 0) {
    client.send(concat(open.map(({ packetId }) => puback(packetId))));
    open = messages(client);
    seen.push(...open.map(({ payload }) => payload));
  }
  assertEquals(seen.at(-1), "live");
  assertEquals(seen.length, 6);
});

Deno.test("a persistent session gets the rest when it comes back", () => {
  const { broker } = retaining(10, 1);
  const client = dialStored(broker, "stored");
  const first = listen(client, "t/+", 1);
  client.drop();
  assertEquals(broker.core.totals.retainedPending, 1);
  const back = greet(broker, { clientId: "stored", cleanSession: false });
  let open = back.packets.map(asPublish);
  assertEquals(open.map(({ dup }) => dup), [true, true]);
  assert(open.every(({ retain }) => retain));
  const seen = new Set(first.map(({ topic }) => topic));
  while (open.length > 0) {
    back.client.send(concat(open.map(({ packetId }) => puback(packetId))));
    open = messages(back.client);
    for (const { topic } of open) seen.add(topic);
  }
  assertEquals(seen.size, 10);
});

Deno.test("a clean session that goes leaves nothing pending", () => {
  const { broker } = retaining(50);
  const slow = dial(broker, { clientId: "slow" });
  slow.reading = false;
  slow.send(subscribe(1, ["#", 0]));
  assert(broker.core.totals.retainedPending > 0);
  slow.drop();
  assertEquals(broker.core.totals.retainedPending, 0);
  broker.checkInvariants();
});

Deno.test("each filter of a SUBSCRIBE feeds what it matches", () => {
  const { broker } = retaining(3);
  const client = dial(broker, { clientId: "reader" });
  const packets = ask(client, subscribe(1, ["t/1", 0], ["t/+", 0], ["t/1", 0]));
  const topics = packets.slice(1).map(asPublish).map(({ topic }) => topic);
  assertEquals(topics, ["t/1", "t/0", "t/1", "t/2", "t/1"]);
  assertEquals(payloads(client), []);
});

Deno.test("replaced messages are not held for who does not read", () => {
  const bytesMax = 200_000;
  const broker = new TestBroker({
    retainedBytesMax: bytesMax,
    backlogBytesMax: bytesMax,
    writeQueueHighBytes: HIGH,
  });
  const teller = dial(broker, { clientId: "teller" });
  const slow = dial(broker, { clientId: "slow" });
  slow.reading = false;
  const payload = new Uint8Array(10_000);
  for (let round = 0; round < 200; round++) {
    teller.send(publish({ topic: "t", payload, retain: true }));
    slow.send(subscribe(1, ["t", 0]));
    broker.advance(1000);
  }
  // One place in the tree, of the last SUBSCRIBE.
  assertEquals(sessionOf(broker, "slow").feedLength, 1);
  slow.reading = true;
  slow.take(1_000_000);
  const last = read(slow).map(({ type }) => type).slice(-3);
  assertEquals(last, ["suback", "suback", "publish"]);
});

Deno.test("a packet full of # does not ask for all again and again", () => {
  const { broker } = retaining(200);
  const greedy = dial(broker, { clientId: "greedy" });
  greedy.reading = false;
  const all: [string, Qos][] = Array.from({ length: 500 }, () => ["#", 0]);
  greedy.send(subscribe(1, ...all));
  assertEquals(sessionOf(broker, "greedy").feedLength, 1);
  assertLessOrEqual(greedy.connection!.queue.bytes, HIGH + 500 + 300);
  broker.checkInvariants();
});

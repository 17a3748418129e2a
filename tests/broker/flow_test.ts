/**
 * Back-pressure with a virtual clock: what happens to publishers, to the
 * messages and to everybody else while one subscriber does not read.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  dial,
  dialStored,
  expectAlive,
  greet,
  listen,
  messages,
  payloads,
  read,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import { pingreq, puback, publish, pubrec } from "../support/wire.ts";
import { concat, flood, logged, sessionOf } from "./setting.ts";

const HIGH = 4096;
const MOST = 65_536;
const LIMITS = {
  writeQueueHighBytes: HIGH,
  writeQueueBytesMax: MOST,
  publisherPauseMs: 1000,
};

interface Stage {
  broker: TestBroker;
  /** Subscribed to `slow`; does not read. */
  slow: TestClient;
  /** Subscribed to `slow` and `fast`; reads. */
  fast: TestClient;
  teller: TestClient;
}

function stage(limits: ConstructorParameters<typeof TestBroker>[0] = {}) {
  const broker = new TestBroker({ ...LIMITS, ...limits });
  const slow = dial(broker, { clientId: "slow" });
  listen(slow, "slow", 2);
  const fast = dial(broker, { clientId: "fast" });
  listen(fast, "slow");
  listen(fast, "fast");
  const teller = dial(broker, { clientId: "teller" });
  slow.reading = false;
  return { broker, slow, fast, teller };
}

/** Sends QoS 0 until the slow client is above its high-water mark. */
function congest({ slow, teller }: Stage): void {
  // One by one, so that the one that reads is never above its own.
  for (let i = 0; i < 5; i++) teller.send(flood("slow", 0, 1, 1000));
  assert(slow.connection!.queue.bytes >= HIGH);
}

Deno.test("a publisher waits for a slow subscriber, and goes on", () => {
  const all = stage();
  congest(all);
  assert(all.teller.paused);
  assertEquals(all.broker.core.counters.publisherPauses, 1);
  all.slow.reading = true;
  all.slow.take(MOST);
  assert(!all.teller.paused);
  assertEquals(payloads(all.slow).length, 5);
  assertEquals(logged(all.broker, "slow_client"), []);
  all.broker.checkInvariants();
});

Deno.test("it goes on only when half of the mark is left", () => {
  const all = stage();
  congest(all);
  const { bytes } = all.slow.connection!.queue;
  all.slow.take(bytes - HIGH / 2 - 1);
  assert(all.teller.paused);
  all.slow.take(1);
  assert(!all.teller.paused);
});

Deno.test("after publisherPauseMs QoS 0 is lost and counted", () => {
  const all = stage();
  congest(all);
  all.broker.advance(999);
  assert(all.teller.paused);
  all.broker.advance(1);
  assert(!all.teller.paused);
  const lines = logged(all.broker, "slow_client");
  assertEquals(lines.map(({ fields }) => fields["client_id"]), ["slow"]);
  const queued = all.slow.connection!.queue.bytes;
  all.teller.send(flood("slow", 0, 3, 1000));
  all.teller.send(publish({ topic: "slow", retain: true, payload: "x" }));
  assertEquals(all.broker.core.counters.droppedSlowClient, 4);
  assertEquals(all.slow.connection!.queue.bytes, queued);
  assert(!all.teller.paused);
  assertEquals(payloads(all.fast).length, 9);
});

Deno.test("a slow client that has caught up loses nothing more", () => {
  const all = stage();
  congest(all);
  all.broker.advance(1000);
  all.teller.send(flood("slow", 0, 3, 10));
  all.slow.reading = true;
  all.slow.take(MOST);
  all.teller.send(publish({ topic: "slow", payload: "again" }));
  assertEquals(payloads(all.slow).at(-1), "again");
  assertEquals(all.broker.core.counters.droppedSlowClient, 3);
});

Deno.test("publisherPauseMs 0: nobody ever waits", () => {
  const all = stage({ publisherPauseMs: 0 });
  congest(all);
  assert(!all.teller.paused);
  assertEquals(logged(all.broker, "slow_client").length, 1);
  all.teller.send(flood("slow", 0, 3, 1000));
  assertEquals(all.broker.core.counters.droppedSlowClient, 3);
  assertEquals(all.broker.core.counters.publisherPauses, 0);
});

Deno.test("each publisher waits by itself; others are not stopped", () => {
  const all = stage();
  congest(all);
  const second = dial(all.broker, { clientId: "second" });
  second.send(publish({ topic: "fast", payload: "1" }));
  assert(!second.paused);
  second.send(publish({ topic: "slow", payload: "2" }));
  assert(second.paused);
  assertEquals(all.broker.core.counters.publisherPauses, 2);
  const third = dial(all.broker, { clientId: "third" });
  third.send(publish({ topic: "fast", payload: "3" }));
  assertEquals(payloads(all.fast).slice(-3), ["1", "2", "3"]);
  all.broker.advance(1000);
  assert(!second.paused && !all.teller.paused);
  all.broker.checkInvariants();
});

Deno.test("a publisher waits for several slow clients", () => {
  const all = stage();
  const other = dial(all.broker, { clientId: "slow-2" });
  listen(other, "slow");
  other.reading = false;
  congest(all);
  all.slow.take(MOST);
  assert(all.teller.paused, "the other one is still slow");
  other.take(MOST);
  assert(!all.teller.paused);
});

Deno.test("a slow client that goes away lets publishers go on", () => {
  const all = stage();
  congest(all);
  all.slow.drop();
  assert(!all.teller.paused);
  assertEquals(all.broker.core.pool.queuedBytes, 0);
  all.broker.checkInvariants();
});

Deno.test("a publisher that leaves while it waits is forgotten", () => {
  const all = stage();
  congest(all);
  all.teller.drop();
  all.broker.checkInvariants();
  all.broker.advance(2000);
  all.slow.take(MOST);
  all.broker.checkInvariants();
  assertEquals(all.broker.core.connections.size, 2);
});

Deno.test("a client that waits for itself is let go", () => {
  const broker = new TestBroker(LIMITS);
  const client = dial(broker, { clientId: "echo" });
  listen(client, "own");
  client.reading = false;
  client.send(flood("own", 0, 5, 1000));
  assert(client.paused);
  broker.checkInvariants();
  broker.advance(1000);
  assert(!client.paused);
  client.drop();
  broker.checkInvariants();
});

Deno.test("the time of a pause is not the publisher's silence", () => {
  const all = stage({ publisherPauseMs: 10_000 });
  const teller = dial(all.broker, { clientId: "lively", keepAliveS: 2 });
  teller.send(flood("slow", 0, 5, 1000));
  assert(teller.paused);
  all.broker.advance(9999);
  assert(!teller.closed, teller.closeReason);
  all.broker.advance(1 + 2999);
  assert(!teller.closed, teller.closeReason);
  all.broker.advance(1);
  assert(teller.closed);
});

Deno.test("QoS 1 and 2 wait in the session, in order", () => {
  const all = stage();
  all.teller.send(concat([
    flood("slow", 1, 10, 1000),
    flood("slow", 2, 10, 1000, 11),
  ]));
  const { queue } = all.slow.connection!;
  assertLessOrEqual(queue.bytes, HIGH + 1100);
  const session = sessionOf(all.broker, "slow");
  assertEquals(session.backlogLength + session.inflightSize, 20);
  all.slow.reading = true;
  all.slow.take(MOST);
  const got = messages(all.slow);
  assertEquals(got.map(({ qos }) => qos), [
    ...new Array(10).fill(1),
    ...new Array(10).fill(2),
  ]);
  assertEquals(session.backlogLength, 0);
  all.broker.checkInvariants();
});

Deno.test("a full backlog loses the newest, counted and logged", () => {
  const all = stage({ backlogMessagesMax: 10 });
  for (let id = 1; id <= 40; id++) {
    all.teller.send(flood("slow", 1, 1, 1000, id));
    if (all.teller.paused) all.broker.advance(1000);
  }
  const session = sessionOf(all.broker, "slow");
  assertEquals(session.backlogLength, 10);
  const lost = 40 - session.backlogLength - session.inflightSize;
  assertEquals(all.broker.core.counters.droppedBacklogFull, lost);
  assertEquals(logged(all.broker, "backlog_full").length, lost);
  assertEquals(read(all.teller).length, 40, "all are acknowledged");
  assertEquals(payloads(all.fast).length, 40);
  assertLessOrEqual(all.broker.core.totals.backlogBytes, 10 * 1200);
});

Deno.test("a publisher waits for a half-full backlog as well", () => {
  const all = stage({ backlogMessagesMax: 10, inflightOutMax: 1 });
  all.slow.reading = true;
  for (let id = 1; id <= 5; id++) all.teller.send(flood("slow", 1, 1, 1, id));
  assert(!all.teller.paused);
  all.teller.send(flood("slow", 1, 1, 1, 6));
  assert(all.teller.paused);
  let open = messages(all.slow);
  for (let i = 0; i < 3; i++) {
    assert(all.teller.paused);
    all.slow.send(puback(open[0]!.packetId));
    open = messages(all.slow);
  }
  assert(!all.teller.paused, "two of ten wait");
  all.broker.checkInvariants();
});

Deno.test("a session that is away holds no publisher up", () => {
  const broker = new TestBroker({ ...LIMITS, backlogMessagesMax: 4 });
  const stored = dialStored(broker, "stored");
  listen(stored, "slow", 1);
  stored.drop();
  const teller = dial(broker, { clientId: "teller" });
  teller.send(flood("slow", 1, 10, 10));
  assert(!teller.paused);
  assertEquals(broker.core.counters.droppedBacklogFull, 6);
  const back = greet(broker, { clientId: "stored", cleanSession: false });
  assertEquals(back.packets.length, 4);
});

Deno.test("a queue holds no more than writeQueueBytesMax and a chunk", () => {
  const all = stage({ publisherPauseMs: 1_000_000 });
  for (let i = 0; i < 100; i++) {
    // Publishers of their own: each one sends once and is paused then.
    const teller = dial(all.broker, { clientId: `t${i}` });
    teller.send(flood("slow", 0, 10, 1000));
  }
  const { queue } = all.slow.connection!;
  assertLessOrEqual(queue.bytes, MOST + 10 * 1100);
  assert(all.broker.core.counters.droppedSlowClient > 0);
  assertEquals(all.broker.core.pool.queuedBytes, queue.bytes);
});

Deno.test("above writeQueueTotalBytesMax those above their mark lose", () => {
  const all = stage({
    publisherPauseMs: 1_000_000,
    writeQueueBytesMax: 1_000_000,
    writeQueueTotalBytesMax: 65_536,
  });
  const other = dial(all.broker, { clientId: "slow-2" });
  listen(other, "slow");
  other.reading = false;
  for (let i = 0; i < 50; i++) {
    const teller = dial(all.broker, { clientId: `t${i}` });
    teller.send(flood("slow", 0, 10, 1000));
  }
  assertLessOrEqual(all.broker.core.pool.queuedBytes, 65_536 + 20 * 1100);
  assert(all.broker.core.counters.droppedSlowClient > 0);
  const small = dial(all.broker, { clientId: "small" });
  listen(small, "slow");
  small.reading = false;
  dial(all.broker, { clientId: "last" }).send(publish({ topic: "slow" }));
  assert(small.connection!.queue.bytes > 0, "it is below its own mark");
});

Deno.test("who does not read his answers is not read from", () => {
  const broker = new TestBroker(LIMITS);
  const client = dial(broker, { clientId: "deaf" });
  const other = dial(broker, { clientId: "other" });
  client.reading = false;
  const pings = concat(Array.from({ length: 1024 }, pingreq));
  let chunks = 0;
  while (!client.paused && chunks < 1000) {
    client.send(pings);
    chunks++;
  }
  assert(client.paused);
  assertLessOrEqual(client.connection!.queue.bytes, MOST + 2048);
  expectAlive(other);
  client.take(MOST - HIGH - 1);
  assert(client.paused);
  client.take(HIGH + 2048);
  assert(!client.paused);
  assertEquals(read(client).length, chunks * 1024);
  broker.checkInvariants();
});

Deno.test("acknowledgements are never dropped, whatever the flow", () => {
  const all = stage();
  congest(all);
  all.broker.advance(1000);
  const from = all.slow.connection!.queue.bytes;
  all.slow.send(concat([
    publish({ topic: "x", qos: 1, packetId: 1 }),
    publish({ topic: "x", qos: 2, packetId: 2 }),
    pubrec(9),
    pingreq(),
  ]));
  assertEquals(all.slow.connection!.queue.bytes - from, 4 + 4 + 4 + 2);
});

Deno.test("a stuck subscriber stops nobody for longer than the pause", () => {
  const all = stage();
  for (let round = 0; round < 20; round++) {
    if (round === 0) congest(all);
    else all.teller.send(flood("slow", 0, 3, 1000));
    if (all.teller.paused) all.broker.advance(1000);
    assert(!all.teller.paused);
    all.teller.send(publish({ topic: "fast", payload: `${round}` }));
    assertEquals(payloads(all.fast).at(-1), `${round}`);
  }
  assertEquals(all.broker.core.counters.publisherPauses, 1);
  assertLessOrEqual(all.slow.connection!.queue.bytes, HIGH + 1100);
});

/**
 * Every limit of `src/broker/limits.ts` at its edge: the last one that is
 * allowed, the first one that is not, and what is counted, logged or
 * answered then. Those of time are in `timeout_test.ts`, those of slow
 * clients in `flow_test.ts`.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { LIMITS } from "../../src/broker/limit_table.ts";
import { type Limits, limitsWith } from "../../src/broker/limits.ts";
import {
  ask,
  dial,
  dialStored,
  expectAlive,
  expectRefusal,
  greet,
  listen,
  messages,
  read,
  tell,
} from "../conformance/talk.ts";
import { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  puback,
  publish,
  subscribe,
} from "../support/wire.ts";
import { concat, logged, sessionOf } from "./setting.ts";

const NAMES = Object.keys(LIMITS) as (keyof Limits)[];

Deno.test("defaults lie in their ranges, and every limit is explained", () => {
  const limits = limitsWith({});
  for (const name of NAMES) {
    const { value, least, most, unit, says } = LIMITS[name];
    assert(least <= value && value <= most, name);
    assert(unit !== "" && says.endsWith("."), name);
    assertEquals(limits[name], value);
  }
});

Deno.test("a limit outside of its range is refused by name", () => {
  for (const name of NAMES) {
    const { least, most } = LIMITS[name];
    for (const good of [least, most]) {
      assertEquals(limitsWith({ [name]: good })[name], good);
    }
    for (const bad of [least - 1, most + 1, least + 0.5, NaN, Infinity]) {
      assertThrows(() => limitsWith({ [name]: bad }), RangeError, name);
    }
  }
});

Deno.test("connectionsMax", () => {
  const broker = new TestBroker({ connectionsMax: 2 });
  const first = dial(broker, { clientId: "1" });
  dial(broker, { clientId: "2" });
  assert(broker.open().closed);
  assertEquals(broker.core.counters.connectionsRefused, 1);
  assertEquals(logged(broker, "connection_refused").length, 1);
  expectAlive(first);
  first.drop();
  dial(broker, { clientId: "3" });
  const { connectionsOpened, connectionsClosed } = broker.core.counters;
  assertEquals([connectionsOpened, connectionsClosed], [3, 1]);
});

Deno.test("sessionsMax: refused with 0x03, those who are known are not", () => {
  const broker = new TestBroker({ sessionsMax: 2 });
  dialStored(broker, "stored").drop();
  const clean = dial(broker, { clientId: "clean" });
  expectRefusal(broker, connect({ clientId: "third" }), 3);
  assertEquals(broker.core.counters.loginsRefused, 1);
  assert(greet(broker, { clientId: "stored", cleanSession: false }).client);
  const again = dial(broker, { clientId: "clean" });
  assert(clean.closed && !again.closed);
  again.drop();
  dial(broker, { clientId: "third" });
  broker.checkInvariants();
});

Deno.test("connectPacketBytesMax, before CONNECT is accepted only", () => {
  const broker = new TestBroker({ connectPacketBytesMax: 100 });
  const fits = connect({ clientId: "c".repeat(100 - 14) });
  assertEquals(fits.length, 100);
  const client = broker.open();
  client.send(fits);
  assertEquals(read(client).length, 1);
  tell(client, { topic: "a", qos: 1, payload: "x".repeat(1000) });
  const other = broker.open();
  other.send(connect({ clientId: "c".repeat(101 - 14) }));
  assert(other.closed);
  assertEquals(logged(broker, "protocol_error").length, 1);
});

Deno.test("packetBytesMax", () => {
  const broker = new TestBroker({ packetBytesMax: 100 });
  const client = dial(broker);
  const fits = publish({ topic: "a", payload: "x".repeat(100 - 5) });
  assertEquals(fits.length, 100);
  client.send(fits);
  expectAlive(client);
  client.send(publish({ topic: "a", payload: "x".repeat(100 - 4) }));
  assert(client.closed);
  assertEquals(broker.core.counters.protocolErrors, 1);
});

Deno.test("partialBytesMax: who holds the most is closed", () => {
  const broker = new TestBroker({ partialBytesMax: 65_536 });
  const half = publish({ topic: "a", payload: new Uint8Array(40_000) });
  const first = dial(broker, { clientId: "1" });
  first.send(half.subarray(0, 30_000));
  const kept = broker.core.partialBytes;
  assert(kept >= 30_000 && kept < 65_536);
  const second = dial(broker, { clientId: "2" });
  second.send(half.subarray(0, 36_000));
  assert(second.closed);
  assertEquals(logged(broker, "protocol_error").length, 1);
  assertEquals(broker.core.partialBytes, kept);
  first.send(half.subarray(30_000));
  assertEquals(broker.core.partialBytes, 0);
  expectAlive(first);
  broker.checkInvariants();
});

Deno.test("partialBytesMax: first those who are not connected", () => {
  const broker = new TestBroker({ partialBytesMax: 120_000 });
  const half = publish({ topic: "a", payload: new Uint8Array(40_000) });
  const watcher = dial(broker, { clientId: "w" });
  listen(watcher, "#");
  const strangers = [25_000, 20_000, 15_000].map((length) => {
    const stranger = broker.open();
    stranger.send(
      connect({ clientId: "s".repeat(30_000) }).subarray(0, length),
    );
    return stranger;
  });
  const client = dial(broker, { clientId: "c" });
  // What came before goes out before anybody is closed.
  client.send(
    concat([publish({ topic: "b", payload: "1" }), half.subarray(0, 30_000)]),
  );
  assertEquals(strangers.map(({ closed }) => closed), [true, false, false]);
  client.send(half.subarray(30_000));
  assertEquals(messages(watcher).length, 2);
  expectAlive(client);
  broker.checkInvariants();
});

Deno.test("clientIdBytesMax: refused with 0x02", () => {
  const broker = new TestBroker({ clientIdBytesMax: 24 });
  dial(broker, { clientId: "€".repeat(8) });
  expectRefusal(broker, connect({ clientId: "€".repeat(8) + "a" }), 2);
  assertEquals(broker.core.counters.loginsRefused, 1);
});

Deno.test("topicBytesMax: a topic closes, a filter is refused", () => {
  const broker = new TestBroker({ topicBytesMax: 4 });
  const client = dial(broker);
  listen(client, "ä/b");
  client.send(publish({ topic: "ä/b", payload: "x" }));
  assertEquals(messages(client).length, 1);
  const refusal = { type: "suback", packetId: 2, returnCodes: [0x80] };
  assertEquals<unknown>(ask(client, subscribe(2, ["abcde", 0])), [refusal]);
  assertEquals(logged(broker, "subscription_refused").length, 1);
  client.send(publish({ topic: "abcde" }));
  assert(client.closed);
});

Deno.test("topicLevelsMax: a topic closes, a filter is refused", () => {
  const broker = new TestBroker({ topicLevelsMax: 3 });
  const client = dial(broker);
  listen(client, "a/+/#");
  client.send(publish({ topic: "a/b/c", payload: "x" }));
  assertEquals(messages(client).length, 1);
  const refusal = { type: "suback", packetId: 2, returnCodes: [0x80] };
  assertEquals<unknown>(ask(client, subscribe(2, ["a/b/c/#", 0])), [refusal]);
  client.send(publish({ topic: "a/b/c/d" }));
  assert(client.closed);
});

Deno.test("the topic of a will is held to the same limits", () => {
  const broker = new TestBroker({ topicBytesMax: 4, topicLevelsMax: 2 });
  for (const topic of ["abcde", "a/b/"]) {
    const client = broker.open();
    client.send(connect({ will: { topic } }));
    assert(client.closed, topic);
  }
  assertEquals(broker.core.sessions.size, 0);
});

Deno.test("subscriptionsMax: a further one is refused, old ones change", () => {
  const broker = new TestBroker({ subscriptionsMax: 2 });
  const client = dial(broker);
  const answer = ask(client, subscribe(1, ["a", 0], ["b", 0], ["c", 0]));
  const codes = [0, 0, 0x80];
  assertEquals(answer, [{ type: "suback", packetId: 1, returnCodes: codes }]);
  listen(client, "b", 2);
  assertEquals(logged(broker, "subscription_refused").length, 1);
  const other = dial(broker, { clientId: "other" });
  listen(other, "c");
  broker.checkInvariants();
});

Deno.test("subscriptionsTotalMax", () => {
  const broker = new TestBroker({ subscriptionsTotalMax: 2 });
  listen(dial(broker, { clientId: "1" }), "a");
  const client = dial(broker, { clientId: "2" });
  const [answer] = ask(client, subscribe(1, ["a", 0], ["b", 0]));
  assertEquals<unknown>(answer, {
    type: "suback",
    packetId: 1,
    returnCodes: [0, 0x80],
  });
  assertEquals(broker.core.router.size, 2);
});

Deno.test("inflightOutMax: further messages wait", () => {
  const broker = new TestBroker({ inflightOutMax: 2 });
  const client = dial(broker, { clientId: "reader" });
  listen(client, "a", 2);
  const teller = dial(broker, { clientId: "teller" });
  for (let id = 1; id <= 5; id++) {
    tell(teller, { topic: "a", qos: 1, packetId: id, payload: `${id}` });
  }
  assertEquals(messages(client).length, 2);
  assertEquals(sessionOf(broker, "reader").backlogLength, 3);
});

Deno.test("inflightInMax: one more QoS 2 message closes", () => {
  const broker = new TestBroker({ inflightInMax: 2 });
  const client = dial(broker);
  client.send(publish({ topic: "a", qos: 2, packetId: 1 }));
  client.send(publish({ topic: "a", qos: 2, packetId: 2 }));
  client.send(publish({ topic: "a", qos: 2, packetId: 2, dup: true }));
  assertEquals(read(client).length, 3);
  client.send(publish({ topic: "a", qos: 1, packetId: 3 }));
  assert(!client.closed);
  client.send(publish({ topic: "a", qos: 2, packetId: 4 }));
  assert(client.closed);
  assertEquals(broker.core.counters.protocolErrors, 1);
});

/** A persistent session that is away, and a client that publishes to it. */
function away(limits: Partial<Limits>) {
  const broker = new TestBroker(limits);
  for (const clientId of ["away-1", "away-2"]) {
    const client = dialStored(broker, clientId);
    listen(client, clientId, 1);
    client.drop();
  }
  return { broker, teller: dial(broker, { clientId: "teller" }) };
}

Deno.test("backlogMessagesMax: the newest is dropped", () => {
  const { broker, teller } = away({ backlogMessagesMax: 2 });
  for (const payload of ["1", "2", "3"]) {
    tell(teller, { topic: "away-1", qos: 1, payload });
  }
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  assertEquals(logged(broker, "backlog_full").length, 1);
  const back = greet(broker, { clientId: "away-1", cleanSession: false });
  assertEquals(back.packets.length, 2);
});

Deno.test("backlogBytesMax", () => {
  const { broker, teller } = away({ backlogBytesMax: 1000 });
  tell(teller, { topic: "away-1", qos: 1, payload: "x".repeat(600) });
  tell(teller, { topic: "away-1", qos: 1, payload: "x".repeat(400) });
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  tell(teller, { topic: "away-1", qos: 1, payload: "x" });
  assertEquals(sessionOf(broker, "away-1").backlogLength, 2);
  assert(sessionOf(broker, "away-1").backlogBytes <= 1000);
});

Deno.test("backlogBytesMax bounds what is in flight as well", () => {
  const broker = new TestBroker({ backlogBytesMax: 2000 });
  const teller = dial(broker, { clientId: "teller" });
  const client = dialStored(broker, "stored");
  listen(client, "a", 1);
  const payload = "x".repeat(900);
  for (let id = 1; id <= 6; id++) {
    teller.send(publish({ topic: "a", qos: 1, packetId: id, payload }));
  }
  const session = sessionOf(broker, "stored");
  assertEquals([session.inflightSize, session.backlogLength], [3, 2]);
  assert(session.inflightBytes < 2000 + 1000);
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  const [first] = messages(client);
  client.send(puback(first!.packetId));
  assertEquals([session.inflightSize, session.backlogLength], [3, 1]);
  client.send(disconnect());
  broker.checkInvariants();
  greet(broker, { clientId: "stored" }); // clean: nothing is left
  assertEquals(broker.core.totals.backlogBytes, 0);
  broker.checkInvariants();
});

Deno.test("backlogTotalBytesMax: for all sessions together", () => {
  const { broker, teller } = away({ backlogTotalBytesMax: 1000 });
  tell(teller, { topic: "away-1", qos: 1, payload: "x".repeat(500) });
  tell(teller, { topic: "away-2", qos: 1, payload: "x".repeat(500) });
  assertEquals(sessionOf(broker, "away-2").backlogLength, 0);
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  assert(broker.core.totals.backlogBytes <= 1000);
});

Deno.test("retainedMax: delivered and not retained", () => {
  const broker = new TestBroker({ retainedMax: 1 });
  const client = dial(broker);
  listen(client, "#");
  client.send(publish({ topic: "a", payload: "1", retain: true }));
  client.send(publish({ topic: "b", payload: "2", retain: true }));
  assertEquals(messages(client).length, 2);
  assertEquals(broker.core.counters.retainedRefused, 1);
  assertEquals(logged(broker, "retained_full").length, 1);
  const got = listen(dial(broker, { clientId: "late" }), "#");
  assertEquals(got.map(({ topic }) => topic), ["a"]);
});

Deno.test("retainedMax 0: nothing is retained", () => {
  const broker = new TestBroker({ retainedMax: 0 });
  dial(broker).send(publish({ topic: "a", payload: "1", retain: true }));
  assertEquals(broker.core.retained.size, 0);
});

Deno.test("retainedBytesMax", () => {
  const broker = new TestBroker({ retainedBytesMax: 1000 });
  const client = dial(broker);
  for (const topic of ["a", "b", "c"]) {
    client.send(publish({ topic, payload: "x".repeat(350), retain: true }));
  }
  assertEquals(broker.core.retained.size, 2);
  assert(broker.core.retained.bytes <= 1000);
  assertEquals(broker.core.counters.retainedRefused, 1);
});

Deno.test("retainedPendingMax: a further one gets none, and counts", () => {
  const broker = new TestBroker({ retainedPendingMax: 1, inflightOutMax: 1 });
  const teller = dial(broker);
  for (const topic of ["a", "b"]) {
    teller.send(publish({ topic, payload: "x", retain: true, qos: 1 }));
  }
  assertEquals(listen(dial(broker, { clientId: "first" }), "#", 1).length, 1);
  assertEquals(broker.core.totals.retainedPending, 1);
  const late = dial(broker, { clientId: "late" });
  assertEquals(listen(late, "#", 1).length, 0);
  assertEquals(broker.core.counters.retainedPendingDropped, 1);
});

Deno.test("routeCacheMax bounds what is kept", () => {
  const broker = new TestBroker({ routeCacheMax: 64 });
  const client = dial(broker);
  const all = Array.from(
    { length: 1000 },
    (_, i) => publish({ topic: `${i}` }),
  );
  client.send(concat([...all, ...all]));
  assert(broker.core.router.cachedRoutes <= 64);
  expectAlive(client);
});

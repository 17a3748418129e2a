/**
 * `queueOverflow`: which message a full queue loses, or that its publisher is
 * told before anybody has got it; counted by session and by cause.
 */

import { assert, assertEquals } from "@std/assert";
import {
  dial,
  dialStored,
  greet,
  listen,
  messages,
  payloads,
} from "../conformance/talk.ts";
import { InlineStore } from "../store/inline_store.ts";
import {
  TestBroker,
  type TestBrokerOptions,
  type TestClient,
} from "../support/test_broker.ts";
import {
  decode,
  disconnect,
  puback,
  publish,
  type PublishPacket,
} from "../support/wire.ts";
import {
  connect as connect5,
  decode as decode5,
  publish as publish5,
  type PublishFields,
} from "../support/wire5.ts";
import { sessionOf } from "./setting.ts";

const QUOTA_EXCEEDED = 0x97;

/** Sessions that are away, with these filters. */
function away(
  options: TestBrokerOptions,
  filters: Readonly<Record<string, string>> = { stored: "t" },
): { broker: TestBroker; teller: TestClient } {
  const broker = new TestBroker(options);
  for (const [clientId, filter] of Object.entries(filters)) {
    const client = dialStored(broker, clientId);
    listen(client, filter, 1);
    client.drop();
  }
  const teller = broker.open();
  teller.send(connect5({ clientId: "teller" }));
  teller.bytes();
  return { broker, teller };
}

/** The reason code of the answer. */
function tell(teller: TestClient, fields: Partial<PublishFields> = {}): number {
  teller.send(publish5({ topic: "t", qos: 1, packetId: 1, ...fields }));
  const [answer] = decode5(teller.bytes());
  assert(answer?.type === "puback" || answer?.type === "pubrec");
  return answer.reason;
}

function tellAll(teller: TestClient, from: number, to: number): void {
  for (let i = from; i <= to; i++) {
    assertEquals(tell(teller, { payload: `${i}` }), 0);
  }
}

/** What comes for a session, all of it acknowledged. */
function drain(broker: TestBroker, clientId: string): string[] {
  const got: string[] = [];
  const { client, packets } = greet(broker, { clientId, cleanSession: false });
  for (let next = packets; next.length > 0; next = decode(client.bytes())) {
    for (const one of next as PublishPacket[]) {
      got.push(one.payload);
      client.send(puback(one.packetId));
    }
  }
  client.send(disconnect());
  return got;
}

function causes({ core }: TestBroker): number[] {
  const { droppedBacklogFull, droppedBacklogOldest, backlogRefused } =
    core.counters;
  return [droppedBacklogFull, droppedBacklogOldest, backlogRefused];
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
}

Deno.test("drop-newest is what happens unless it is said", () => {
  const { broker, teller } = away({ backlogMessagesMax: 2 });
  tellAll(teller, 1, 4);
  assertEquals(causes(broker), [2, 0, 0]);
  assertEquals(sessionOf(broker, "stored").drops, { backlog_full: 2 });
  assertEquals(drain(broker, "stored"), ["1", "2"]);
});

Deno.test("drop-oldest keeps those that came last, in order", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 2,
    queueOverflow: "drop-oldest",
  });
  tellAll(teller, 1, 5);
  assertEquals(causes(broker), [0, 3, 0]);
  assertEquals(sessionOf(broker, "stored").drops, { backlog_oldest: 3 });
  const lines = broker.logs.filter(({ event }) => event === "backlog_full");
  assertEquals(lines.map(({ fields }) => fields["dropped"]), [1, 2, 3]);
  broker.checkInvariants();
  assertEquals(drain(broker, "stored"), ["4", "5"]);
});

for (const how of ["as it runs", "after a start"]) {
  Deno.test(`so it is on disk, where most of a queue is, ${how}`, () => {
    const options: TestBrokerOptions = {
      backlogMessagesMax: 300,
      queueOverflow: "drop-oldest",
      store: new InlineStore(),
    };
    const { broker, teller } = away(options);
    tellAll(teller, 1, 300);
    assert(sessionOf(broker, "stored").backlog.onDisk > 200);
    tellAll(teller, 301, 700);
    assertEquals(causes(broker), [0, 400, 0]);
    assertEquals(sessionOf(broker, "stored").backlogLength, 300);
    broker.checkInvariants();
    const reader = how === "as it runs" ? broker : new TestBroker(options);
    assertEquals(drain(reader, "stored"), range(401, 700));
    assertEquals(reader.core.totals.backlogBytes, 0);
    reader.checkInvariants();
  });
}

Deno.test("what is guessed of those on disk is put right", () => {
  const store = new InlineStore();
  const { broker, teller } = away({
    backlogMessagesMax: 100,
    queueOverflow: "drop-oldest",
    store,
  });
  tellAll(teller, 1, 99);
  const large = "x".repeat(1_000_000);
  assertEquals(tell(teller, { payload: large }), 0);
  tellAll(teller, 101, 190);
  assert(sessionOf(broker, "stored").backlogBytes >= 0);
  broker.checkInvariants();
  assertEquals(drain(broker, "stored"), [
    ...range(91, 99),
    large,
    ...range(101, 190),
  ]);
  assertEquals(broker.core.totals.backlogBytes, 0);
});

Deno.test("drop-oldest makes room by bytes, and not in vain", () => {
  const { broker, teller } = away({
    backlogBytesMax: 1000,
    queueOverflow: "drop-oldest",
  });
  for (const payload of ["1".repeat(200), "2".repeat(200), "3".repeat(200)]) {
    assertEquals(tell(teller, { payload }), 0);
  }
  assertEquals(causes(broker), [0, 0, 0]);
  assertEquals(tell(teller, { payload: "4".repeat(500) }), 0);
  assertEquals(causes(broker), [0, 2, 0]);
  assertEquals(tell(teller, { payload: "5".repeat(1000) }), 0);
  assertEquals(causes(broker), [1, 2, 0]);
  const got = drain(broker, "stored").map((payload) => payload[0]);
  assertEquals(got, ["3", "4"]);
});

Deno.test("refuse: a 5.0 client is told, and nobody has got it", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 1,
    queueOverflow: "refuse",
  });
  const live = dial(broker, { clientId: "live" });
  listen(live, "t", 1);
  assertEquals(tell(teller), 0);
  assertEquals(messages(live).length, 1);
  for (const qos of [1, 2] as const) {
    teller.send(publish5({ topic: "t", qos, packetId: 7, retain: true }));
    const [answer] = decode5(teller.bytes());
    assert(answer?.type === (qos === 1 ? "puback" : "pubrec"));
    assertEquals(answer.reason, QUOTA_EXCEEDED);
    assertEquals(
      answer.properties.reasonString,
      "the queue of a receiver is full",
    );
  }
  assertEquals(messages(live), []);
  assertEquals(broker.core.retained.size, 0);
  assertEquals(causes(broker), [0, 0, 2]);
  assertEquals(sessionOf(broker, "stored").drops, { backlog_refused: 2 });
  // It is over by itself.
  assertEquals(drain(broker, "stored").length, 1);
  assertEquals(tell(teller), 0);
});

Deno.test("refuse: an older client is closed, and nobody has got it", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 1,
    queueOverflow: "refuse",
  });
  assertEquals(tell(teller), 0);
  const live = dial(broker, { clientId: "live" });
  listen(live, "t", 1);
  const old = dial(broker, { clientId: "old" });
  old.send(publish({ topic: "t", qos: 1 }));
  assert(old.closed);
  assertEquals(old.bytes().length, 0);
  assertEquals(messages(live), []);
  assertEquals(broker.core.counters.ends.queue_full, 1);
});

Deno.test("refuse: QoS 0, and who reads at QoS 0, refuse nothing", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 1,
    queueOverflow: "refuse",
  });
  const live = dial(broker, { clientId: "live" });
  listen(live, "#", 0);
  assertEquals(tell(teller, { payload: "1" }), 0);
  teller.send(publish5({ topic: "t", payload: "2" }));
  assertEquals(tell(teller, { topic: "u", payload: "3" }), 0);
  assertEquals(payloads(live), ["1", "2", "3"]);
});

Deno.test("refuse: a repetition of QoS 2 is no new message", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 1,
    queueOverflow: "refuse",
  });
  assertEquals(tell(teller, { qos: 2, packetId: 5 }), 0);
  assertEquals(tell(teller, { qos: 2, packetId: 5, dup: true }), 0);
  assertEquals(tell(teller, { qos: 2, packetId: 6 }), QUOTA_EXCEEDED);
  assertEquals(sessionOf(broker, "stored").backlogLength, 1);
});

Deno.test("refuse: there has to be room for all receivers together", () => {
  const { broker, teller } = away({
    backlogTotalBytesMax: 1000,
    queueOverflow: "refuse",
  }, { one: "t", two: "t" });
  const payload = "x".repeat(500);
  assertEquals(tell(teller, { payload }), QUOTA_EXCEEDED);
  assertEquals(broker.core.totals.backlogBytes, 0);
  assertEquals(tell(teller, { payload: "x" }), 0);
  assertEquals(sessionOf(broker, "two").backlogLength, 1);
});

Deno.test("refuse: a client may get a message more than once", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 3,
    queueOverflow: "refuse",
    deliversEach: true,
  });
  const again = dialStored(broker, "stored");
  listen(again, "#", 1);
  again.drop();
  assertEquals(tell(teller), 0);
  assertEquals(tell(teller), QUOTA_EXCEEDED);
  assertEquals(sessionOf(broker, "stored").backlogLength, 2);
});

Deno.test("refuse: a shared subscription is full when all members are", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 2,
    queueOverflow: "refuse",
  }, { one: "$share/g/t", two: "$share/g/t", alone: "u" });
  // Three for two members that hold two each.
  for (let i = 0; i < 4; i++) assertEquals(tell(teller), 0);
  assertEquals(
    ["one", "two"].map((name) => sessionOf(broker, name).backlogLength),
    [2, 2],
  );
  assertEquals(tell(teller), QUOTA_EXCEEDED);
  assertEquals(drain(broker, "two").length, 2);
  assertEquals(tell(teller), 0);
  assertEquals(tell(teller), 0);
  assertEquals(sessionOf(broker, "two").backlogLength, 2);
  assertEquals(causes(broker), [0, 0, 1]);
});

Deno.test("refuse: a will has nobody to tell, and is dropped", () => {
  const { broker, teller } = away({
    backlogMessagesMax: 1,
    queueOverflow: "refuse",
  });
  assertEquals(tell(teller, { payload: "1" }), 0);
  const client = broker.open();
  const will = { topic: "t", payload: "will", qos: 1 as const };
  client.send(connect5({ clientId: "mortal", will }));
  client.drop();
  assertEquals(causes(broker), [1, 0, 0]);
  assertEquals(drain(broker, "stored"), ["1"]);
});

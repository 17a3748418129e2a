/**
 * Shared subscriptions beyond what the standard says: the strategies, members
 * inside of the process, and messages that expire where a backlog is full.
 */

import { assert, assertEquals } from "@std/assert";
import { subscribeLocal } from "../../src/broker/local.ts";
import { takeShared } from "../../src/broker/share.ts";
import type { ShareStrategy } from "../../src/session/shared_group.ts";
import {
  dial,
  greet,
  listen,
  payloads,
  STORED,
  tell,
} from "../conformance/talk5.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";

const NAMES = ["a", "b", "c"];

/** A broker, three workers of one group, and a publisher. */
function workshop(shareStrategy: ShareStrategy, inflightOutMax = 100) {
  const broker = new TestBroker({ shareStrategy, inflightOutMax });
  const workers = NAMES.map((clientId) => {
    const client = dial(broker, { clientId });
    listen(client, "$share/g/job/#", 1);
    return client;
  });
  return { broker, workers, teller: dial(broker, { clientId: "teller" }) };
}

/** How many messages each worker got; none acknowledges. */
function counts(workers: readonly TestClient[]): number[] {
  return workers.map((worker) => payloads(worker).length);
}

Deno.test("round-robin: each member in turn, unless it is busy", () => {
  const { broker, workers, teller } = workshop("round-robin", 4);
  for (let i = 0; i < 6; i++) tell(teller, { topic: "job/1", qos: 1 });
  assertEquals(counts(workers), [2, 2, 2]);
  for (let i = 0; i < 6; i++) tell(teller, { topic: "job/1", qos: 1 });
  assertEquals(counts(workers), [2, 2, 2]);
  // All windows are full now: what comes waits, in turn.
  for (let i = 0; i < 6; i++) tell(teller, { topic: "job/1", qos: 1 });
  assertEquals(counts(workers), [0, 0, 0]);
  broker.checkInvariants();
});

Deno.test("least-inflight: who has the least in hand", () => {
  const { workers, teller } = workshop("least-inflight");
  const spare = workers[1]!;
  listen(workers[0]!, "other", 1);
  listen(workers[2]!, "other", 1);
  for (let i = 0; i < 3; i++) tell(teller, { topic: "other", qos: 1 });
  for (const worker of workers) payloads(worker);
  for (let i = 0; i < 3; i++) tell(teller, { topic: "job/1", qos: 1 });
  assertEquals(payloads(spare).length, 3);
});

Deno.test("hash-topic: a topic has its member", () => {
  const { workers, teller } = workshop("hash-topic");
  const owners = new Set<number>();
  for (let topic = 0; topic < 20; topic++) {
    for (let i = 0; i < 3; i++) tell(teller, { topic: `job/${topic}` });
    const got = counts(workers);
    assertEquals(got.toSorted(), [0, 0, 3]);
    owners.add(got.indexOf(3));
  }
  assertEquals(owners.size, 3, "the topics are spread");
});

Deno.test("hash-client-id: a publisher has its member", () => {
  const { broker, workers } = workshop("hash-client-id");
  const owners = new Set<number>();
  for (let client = 0; client < 20; client++) {
    const teller = dial(broker, { clientId: `teller-${client}` });
    for (let i = 0; i < 3; i++) tell(teller, { topic: `job/${i}` });
    const got = counts(workers);
    assertEquals(got.toSorted(), [0, 0, 3]);
    owners.add(got.indexOf(3));
  }
  assertEquals(owners.size, 3, "the publishers are spread");
});

Deno.test("the process may be a member, and gets no retained message", () => {
  const broker = new TestBroker();
  const teller = dial(broker, { clientId: "teller" });
  tell(teller, { topic: "job/0", retain: true, payload: "old" });
  const got: string[] = [];
  subscribeLocal(broker.core, "\0l", "$share/g/job/#", ({ topic }) => {
    got.push(topic);
  });
  const worker = dial(broker, { clientId: "worker" });
  listen(worker, "$share/g/job/#", 1);
  for (let i = 1; i <= 4; i++) tell(teller, { topic: `job/${i}` });
  assertEquals(got.length, 2);
  assertEquals(payloads(worker).length, 2);
  broker.checkInvariants();
});

Deno.test("who leaves a large group asks each member once", () => {
  const broker = new TestBroker({ inflightOutMax: 5 });
  const worker = dial(broker, { clientId: "worker" });
  listen(worker, "$share/g/a", 1);
  const teller = dial(broker, { clientId: "teller" });
  for (let i = 0; i < 50; i++) tell(teller, { topic: "a", qos: 1 });
  for (const clientId of NAMES) {
    const away = dial(broker, { ...STORED, clientId });
    listen(away, "$share/g/a", 1);
    away.drop();
  }
  const session = broker.core.sessions.get("worker")!;
  let asked = 0;
  const taken = takeShared(broker.core, session, () => {
    asked++;
    return false;
  });
  assertEquals([taken.length, asked], [0, NAMES.length]);
  assertEquals(session.inflightSize + session.backlogLength, 50);
});

Deno.test("what has expired in the hands of a member goes to no other", () => {
  const { broker, workers, teller } = workshop("round-robin");
  const brief = { properties: { messageExpirySeconds: 10 } };
  tell(teller, { topic: "job/1", qos: 1, payload: "1", ...brief });
  tell(teller, { topic: "job/1", qos: 1, payload: "2" });
  assertEquals(counts(workers), [1, 1, 0]);
  broker.advance(10_000);
  workers[0]!.drop();
  workers[1]!.drop();
  assertEquals(payloads(workers[2]!), ["2"]);
  assertEquals(broker.core.counters.droppedExpired, 1);
});

Deno.test("a full backlog lets go of what has expired first", () => {
  const broker = new TestBroker({ backlogMessagesMax: 3 });
  const client = dial(broker, STORED);
  listen(client, "a", 1);
  client.drop();
  const teller = dial(broker, { clientId: "teller" });
  const brief = { properties: { messageExpirySeconds: 10 } };
  tell(teller, { topic: "a", qos: 1, payload: "1", ...brief });
  tell(teller, { topic: "a", qos: 1, payload: "2", ...brief });
  tell(teller, { topic: "a", qos: 1, payload: "3" });
  tell(teller, { topic: "a", qos: 1, payload: "lost" });
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  broker.advance(10_000);
  tell(teller, { topic: "a", qos: 1, payload: "4" });
  assertEquals(broker.core.counters.droppedExpired, 2);
  const { client: back, packets } = greet(broker, STORED);
  const got = packets.map((packet) =>
    packet.type === "publish" ? packet.payload : packet.type
  );
  assertEquals(got, ["3", "4"]);
  assert(!back.closed);
  broker.checkInvariants();
});

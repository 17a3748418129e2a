/**
 * Take-over of a client id: who is closed, which will is published, what
 * becomes of the session and of what is under way.
 */

import { assert, assertEquals } from "@std/assert";
import {
  asPublish,
  dial,
  dialStored,
  expectAlive,
  greet,
  listen,
  listener,
  messages,
  payloads,
} from "../conformance/talk.ts";
import { RecordingStore } from "../store/recording_store.ts";
import { TestBroker } from "../support/test_broker.ts";
import { connect, join, publish, subscribe } from "../support/wire.ts";
import { flood, sessionOf } from "./setting.ts";

const STORED = { clientId: "same", cleanSession: false };

Deno.test("the old connection is closed, its will is published", () => {
  const broker = new TestBroker();
  const watcher = listener(broker, "will");
  const will = { topic: "will", payload: "lost" };
  const old = dial(broker, { clientId: "same", will });
  const fresh = dial(broker, { clientId: "same" });
  assert(old.closed && !fresh.closed);
  assertEquals(old.closeReason, "another connection took over this client id");
  assertEquals(payloads(watcher), ["lost"]);
  assertEquals(broker.core.counters.takeOvers, 1);
  assertEquals(broker.core.connections.size, 2);
  broker.checkInvariants();
});

Deno.test("clean over clean: nothing is left of the old session", () => {
  const broker = new TestBroker();
  const old = dial(broker, { clientId: "same" });
  listen(old, "a", 1);
  const fresh = dial(broker, { clientId: "same" });
  dial(broker, { clientId: "teller" }).send(publish({ topic: "a" }));
  assertEquals(messages(fresh), []);
  assertEquals(broker.core.router.size, 0);
});

Deno.test("clean over stored ends what was stored", () => {
  const broker = new TestBroker();
  const old = dialStored(broker, "same");
  listen(old, "a", 1);
  const { sessionPresent } = greet(broker, { clientId: "same" });
  assert(!sessionPresent && old.closed);
  assertEquals(broker.core.router.size, 0);
  assert(!sessionOf(broker, "same").persistent);
  broker.checkInvariants();
});

Deno.test("stored over stored goes on, with what is in flight", () => {
  const broker = new TestBroker({ inflightOutMax: 2 });
  const old = dialStored(broker, "same");
  listen(old, "a", 1);
  const teller = dial(broker, { clientId: "teller" });
  for (let id = 1; id <= 3; id++) {
    teller.send(
      publish({ topic: "a", qos: 1, packetId: id, payload: `${id}` }),
    );
  }
  assertEquals(payloads(old), ["1", "2"]);
  const { sessionPresent, packets } = greet(broker, STORED);
  assert(sessionPresent && old.closed);
  const again = packets.map(asPublish);
  assertEquals(again.map(({ payload, dup }) => [payload, dup]), [
    ["1", true],
    ["2", true],
  ]);
  broker.checkInvariants();
});

Deno.test("stored over clean begins anew", () => {
  const broker = new TestBroker();
  listen(dial(broker, { clientId: "same" }), "a", 1);
  const { sessionPresent } = greet(broker, STORED);
  assert(!sessionPresent);
  assertEquals(broker.core.router.size, 0);
  broker.checkInvariants();
});

Deno.test("bytes of the old connection that come late are ignored", () => {
  const broker = new TestBroker();
  const old = dial(broker, { clientId: "same" });
  old.reading = false;
  old.send(join(subscribe(1, ["a", 0]), publish({ topic: "x" }).slice(0, 3)));
  const fresh = dial(broker, { clientId: "same" });
  assert(!old.closed, "what it did not read is still to be sent");
  old.send(publish({ topic: "a", retain: true, payload: "late" }));
  assertEquals(broker.core.retained.size, 0);
  old.drop();
  expectAlive(fresh);
  assertEquals(sessionOf(broker, "same").connection, fresh.connection);
  broker.checkInvariants();
});

Deno.test("a paused publisher and a congested reader can be taken over", () => {
  const broker = new TestBroker({ writeQueueHighBytes: 1024 });
  const slow = dial(broker, { clientId: "slow" });
  listen(slow, "a");
  slow.reading = false;
  const teller = dial(broker, { clientId: "teller" });
  teller.send(flood("a", 0, 2, 1000));
  assert(teller.paused);
  const second = dial(broker, { clientId: "teller" });
  assert(!second.paused);
  broker.checkInvariants();
  dial(broker, { clientId: "slow" });
  broker.checkInvariants();
  broker.advance(5000);
  second.send(publish({ topic: "a" }));
  assert(!second.paused);
  broker.checkInvariants();
});

Deno.test("a take-over happens only when the login is accepted", () => {
  const broker = new TestBroker({
    authenticator: {
      authenticate: ({ userName }, answer) =>
        answer({ result: userName === "eve" ? "not_authorized" : "allow" }),
    },
  });
  const old = dial(broker, { clientId: "same" });
  const eve = broker.open();
  eve.send(connect({ clientId: "same", userName: "eve" }));
  assert(eve.closed && !old.closed);
  expectAlive(old);
});

Deno.test("a will that its own client would get goes to the new one", () => {
  const broker = new TestBroker();
  const will = { topic: "own", payload: "lost", qos: 1 } as const;
  const old = dial(broker, { ...STORED, will });
  listen(old, "own", 1);
  const { packets } = greet(broker, STORED);
  assertEquals(packets.map(asPublish).map(({ payload }) => payload), ["lost"]);
  broker.checkInvariants();
});

Deno.test("what a user has left behind is not for another with its id", () => {
  const users: { userName?: string }[] = [
    {},
    { userName: "" },
    { userName: "ada" },
    { userName: "eve" },
  ];
  for (const before of users) {
    for (const after of users) {
      const broker = new TestBroker();
      const old = dial(broker, { ...STORED, ...before });
      listen(old, "a", 1);
      old.drop();
      const teller = dial(broker, { clientId: "teller" });
      teller.send(publish({ topic: "a", qos: 1, packetId: 1 }));
      const back = greet(broker, { ...STORED, ...after });
      const isSame = (before.userName ?? "") === (after.userName ?? "");
      const what = `${before.userName}, then ${after.userName}`;
      assertEquals(back.sessionPresent, isSame, what);
      assertEquals(back.packets.length, isSame ? 1 : 0, what);
      assertEquals(broker.core.router.size, isSame ? 1 : 0, what);
      broker.checkInvariants();
    }
  }
});

Deno.test("nor is what it has while it is there, and its will goes out", () => {
  const broker = new TestBroker();
  const watcher = listener(broker, "will");
  const will = { topic: "will", payload: "lost" };
  const old = dial(broker, { ...STORED, userName: "ada", will });
  listen(old, "a", 1);
  const eve = greet(broker, { ...STORED, userName: "eve" });
  assert(old.closed && !eve.sessionPresent);
  assertEquals(payloads(watcher), ["lost"]);
  assertEquals(sessionOf(broker, "same").subscriptions.size, 0);
  broker.checkInvariants();
});

Deno.test("a session knows its user after a start from the store", () => {
  const store = new RecordingStore();
  const first = new TestBroker({ store });
  listen(dial(first, { ...STORED, userName: "ada" }), "a", 1);
  for (const [userName, isIn] of [["ada", true], ["eve", false]] as const) {
    const broker = new TestBroker({ store });
    const { sessionPresent } = greet(broker, { ...STORED, userName });
    assertEquals(sessionPresent, isIn, userName);
    broker.checkInvariants();
  }
});

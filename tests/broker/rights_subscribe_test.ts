/**
 * What clients may not read: subscriptions that are refused, and those of
 * which only a part is delivered.
 */

import { assertEquals } from "@std/assert";
import * as talk from "../conformance/talk.ts";
import {
  asPublish,
  dial,
  expectAlive,
  hear,
  listen,
  messages,
  payloads,
  read,
  tell,
} from "../conformance/talk5.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import {
  connect,
  publish,
  subscribe,
  type Subscription,
} from "../support/wire5.ts";
import { concat, logged } from "./setting.ts";
import { Rulebook } from "./rulebook.ts";

/** A broker of which "sub" may read below `open/`, but not `open/no/…`. */
function guarded(rules: Record<string, readonly string[]> = {}): TestBroker {
  const sub = ["readwrite open/#", "deny read open/no/#", "write shut"];
  return new TestBroker({ authorizer: new Rulebook({ sub, ...rules }) });
}

/** An admin says these topics; each message names its topic. */
function sayAll(broker: TestBroker, ...topics: string[]): void {
  const admin = dial(broker, { clientId: "admin" });
  admin.send(concat(topics.map((topic) => publish({ topic, payload: topic }))));
  admin.drop();
}

Deno.test("a filter of which nothing may be read is refused", () => {
  const broker = guarded();
  const filters = ["shut", "open/no/#", "open/a", "$share/g/shut", "+/no/a"];
  const entries = filters.map((filter) => ({ filter, qos: 1 }));
  const client = dial(broker, { clientId: "sub" });
  const suback = "suback 5 87 87 01 87 87";
  assertEquals(hear(client, subscribe(5, entries)), [suback]);
  const old = talk.dial(broker, { clientId: "sub" });
  const pairs = filters.map((filter) => [filter, 1] as const);
  const answers = talk.ask(old, wire.subscribe(5, ...pairs));
  const returnCodes = [0x80, 0x80, 1, 0x80, 0x80];
  assertEquals(answers, [{ type: "suback", packetId: 5, returnCodes }]);
  assertEquals(broker.core.counters.subscribeDenied, 8);
  assertEquals(broker.core.router.size, 1);
  assertEquals(logged(broker, "subscription_refused").length, 8);
  broker.checkInvariants();
});

Deno.test("5.0: a refused subscription is told why", () => {
  const client = dial(guarded(), { clientId: "sub" });
  client.send(subscribe(1, [{ filter: "shut" }]));
  const [answer] = read(client);
  assertEquals(answer, {
    type: "suback",
    packetId: 1,
    reasons: [0x87],
    properties: { reasonString: "no right to read what this filter matches" },
  });
});

Deno.test("a wildcard delivers what may be read, and no more", () => {
  const broker = guarded();
  const topics = ["open", "open/a", "open/no", "open/no/b", "shut", "open/c"];
  for (const filter of ["#", "open/#", "+/#"]) {
    const client = dial(broker, { clientId: "sub" });
    listen(client, filter);
    sayAll(broker, ...topics, ...topics);
    const heard = ["open", "open/a", "open/c"];
    assertEquals(payloads(client), [...heard, ...heard], filter);
    broker.checkInvariants();
  }
});

Deno.test("of several filters that match, none lets through too much", () => {
  for (const deliversEach of [false, true]) {
    const authorizer = new Rulebook({ sub: ["read a/+", "deny read a/b"] });
    const broker = new TestBroker({ authorizer, deliversEach });
    const client = dial(broker, { clientId: "sub" });
    hear(client, subscribe(1, [{ filter: "#" }, { filter: "a/+", qos: 1 }]));
    sayAll(broker, "a/b", "a/c", "a/c/d");
    assertEquals(payloads(client), deliversEach ? ["a/c", "a/c"] : ["a/c"]);
    broker.checkInvariants();
  }
});

Deno.test("other subscribers of a filter get all of it", () => {
  const broker = guarded({ blind: ["read open/no/#"] });
  const names = ["sub", "other", "blind"];
  const clients = names.map((clientId) => dial(broker, { clientId }));
  for (const client of clients) listen(client, "open/#");
  sayAll(broker, "open/a", "open/no/b");
  assertEquals(clients.map(payloads), [
    ["open/a"],
    ["open/a", "open/no/b"],
    ["open/no/b"],
  ]);
  // One leaves, another comes: the list of the filter is made anew.
  clients[1]!.drop();
  sayAll(broker, "open/a", "open/no/b");
  const late = dial(broker, { clientId: "late" });
  listen(late, "open/#");
  sayAll(broker, "open/a", "open/no/b");
  assertEquals([...clients, late].map(payloads), [
    ["open/a", "open/a"],
    [],
    ["open/no/b", "open/no/b"],
    ["open/a", "open/no/b"],
  ]);
  broker.checkInvariants();
});

Deno.test("No Local and subscription ids hold for what may be read", () => {
  const broker = guarded();
  const client = dial(broker, { clientId: "sub" });
  const wanted: Subscription[] = [
    { filter: "#", noLocal: true, qos: 1 },
    { filter: "open/+", qos: 1 },
  ];
  for (const [at, one] of wanted.entries()) {
    hear(client, subscribe(1, [one], { subscriptionIds: [at + 1] }));
  }
  sayAll(broker, "open/a", "open/no", "shut");
  const [only, ...more] = messages(client);
  assertEquals(more, []);
  assertEquals(only!.properties.subscriptionIds, [1, 2]);
  // Its own: only the filter without No Local counts.
  client.send(publish({ topic: "open/b", payload: "own" }));
  client.send(publish({ topic: "shut", payload: "own" }));
  const own = messages(client);
  assertEquals(own.map(({ topic }) => topic), ["open/b"]);
  assertEquals(own[0]!.properties.subscriptionIds, [2]);
});

/** Three workers of one group, "a" of which may read job/1 only. */
function workers(broker: TestBroker): Record<string, TestClient> {
  const clients = ["a", "b", "c"].map((clientId) => {
    const client = dial(broker, { clientId });
    listen(client, "$share/g/job/#", 1);
    return [clientId, client] as const;
  });
  return Object.fromEntries(clients);
}

Deno.test("of a group, only who may read a message gets it", () => {
  for (
    const shareStrategy of [
      "round-robin",
      "least-inflight",
      "hash-client-id",
      "hash-topic",
    ] as const
  ) {
    const authorizer = new Rulebook({
      a: ["read job/1"],
      b: ["read job/2"],
      c: ["read job/1", "read job/2"],
    });
    const broker = new TestBroker({ authorizer, shareStrategy });
    const { a, b, c } = workers(broker);
    for (let i = 0; i < 6; i++) sayAll(broker, "job/1", "job/2", "job/3");
    const [one, two, both] = [a, b, c].map((client) => payloads(client!));
    assertEquals(one!.length + two!.length + both!.length, 12);
    assertEquals(one!.every((topic) => topic === "job/1"), true);
    assertEquals(two!.every((topic) => topic === "job/2"), true);
    const heard = both!.concat(one!, two!);
    for (const topic of ["job/1", "job/2"]) {
      assertEquals(heard.filter((each) => each === topic).length, 6);
    }
    // Nobody may read job/3.
    assertEquals(broker.core.counters.droppedOffline, 6);
    broker.checkInvariants();
  }
});

Deno.test("what a member leaves stays where no other may read it", () => {
  const authorizer = new Rulebook({ b: ["read job/1"], c: ["read job/1"] });
  const broker = new TestBroker({ authorizer });
  const fields = {
    clientId: "a",
    cleanStart: false,
    properties: { sessionExpirySeconds: 100 },
  };
  const a = dial(broker, fields);
  listen(a, "$share/g/job/#", 1);
  const admin = dial(broker, { clientId: "admin" });
  tell(admin, { topic: "job/1", qos: 1, payload: "for all" });
  tell(admin, { topic: "job/2", qos: 1, payload: "for a" });
  const b = dial(broker, { clientId: "b" });
  listen(b, "$share/g/job/#", 1);
  a.drop();
  assertEquals(payloads(b), ["for all"]);
  const back = broker.open();
  back.send(connect(fields));
  const [, ...packets] = read(back);
  // The one that it had: sent again, not anew.
  const again = packets.map(asPublish);
  assertEquals(again.map(({ payload, dup }) => [payload, dup]), [
    ["for a", true],
  ]);
  broker.checkInvariants();
});

Deno.test("retained messages come as far as they may be read", () => {
  const broker = guarded();
  const admin = dial(broker, { clientId: "admin" });
  for (const topic of ["open/a", "open/no/b", "shut", "open/c"]) {
    tell(admin, { topic, payload: topic, retain: true });
  }
  for (const filter of ["#", "open/+", "open/a"]) {
    const client = dial(broker, { clientId: "sub" });
    const got = listen(client, filter).map(({ topic }) => topic).sort();
    assertEquals(got, filter === "open/a" ? ["open/a"] : ["open/a", "open/c"]);
    expectAlive(client);
  }
});

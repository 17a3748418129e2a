/**
 * Rights that change: at a login, when the rules are read again, while a
 * client is away; and wills, which come when their client is gone.
 */

import { assert, assertEquals } from "@std/assert";
import type { Authenticator } from "../../src/auth/authenticator.ts";
import * as talk from "../conformance/talk.ts";
import {
  asPublish,
  dial,
  expectAlive,
  expectConnack,
  expectGone,
  greet,
  hear,
  listen,
  listener,
  messages,
  payloads,
  read,
  STORED,
  tell,
} from "../conformance/talk5.ts";
import { RecordingStore } from "../store/recording_store.ts";
import { TestBroker } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import { connect, puback, publish, subscribe } from "../support/wire5.ts";
import { flood, logged, renew, sessionOf } from "./setting.ts";
import { rightsBy, Rulebook } from "./rulebook.ts";

/** A broker and its rules, which may change. */
function ruled(rules: Record<string, readonly string[]>) {
  const book = new Rulebook(rules);
  return { book, broker: new TestBroker({ authorizer: book }) };
}

/** An admin says these topics at QoS 1; each message names its topic. */
function sayAll(broker: TestBroker, ...topics: string[]): void {
  const admin = dial(broker, { clientId: "admin" });
  for (const topic of topics) tell(admin, { topic, qos: 1, payload: topic });
  admin.drop();
}

Deno.test("a will that may not be published is refused with CONNECT", () => {
  const { broker } = ruled({ client: ["write open"] });
  const will = { topic: "shut", payload: "gone" };
  const { reasonString } = expectConnack(broker, connect({ will }), 0x87);
  assertEquals(reasonString, "no right to publish the will");
  talk.expectRefusal(broker, wire.connect({ will }), 5);
  assertEquals(broker.core.sessions.size, 0);
  assertEquals(broker.core.counters.willsPublished, 0);
  // Whoever is there under this client id stays.
  const there = dial(broker);
  expectConnack(broker, connect({ will }), 0x87);
  expectAlive(there);
  broker.checkInvariants();
});

Deno.test("a will that may not be published any more is not", () => {
  const { book, broker } = ruled({ a: ["write w"], b: ["write w"] });
  const ear = listener(broker, "w");
  const will = (payload: string, willDelaySeconds = 0) => ({
    topic: "w",
    payload,
    properties: { willDelaySeconds },
  });
  const a = dial(broker, { clientId: "a", will: will("a") });
  const b = dial(broker, { ...STORED, clientId: "b", will: will("b", 10) });
  const c = dial(broker, { clientId: "c", will: will("c") });
  b.drop();
  book.change("a", "write other");
  book.change("b", "write other");
  renew(broker);
  for (const client of [a, c]) client.drop();
  assertEquals(payloads(ear), ["c"]);
  broker.advance(20_000);
  assertEquals(payloads(ear), []);
  const { publishDenied, willsPublished } = broker.core.counters;
  assertEquals([publishDenied, willsPublished], [2, 1]);
  // A right that comes back in time: the will is published after all.
  dial(broker, { clientId: "a" }).drop();
  book.change("a", "write w");
  const late = dial(broker, { ...STORED, clientId: "a", will: will("d", 10) });
  late.drop();
  book.change("a");
  renew(broker);
  book.change("a", "write w");
  renew(broker);
  broker.advance(20_000);
  assertEquals(payloads(ear), ["d"]);
});

Deno.test("rules that change hold for subscriptions that there are", () => {
  const { book, broker } = ruled({ sub: ["read a", "read b"] });
  const client = dial(broker, { clientId: "sub" });
  hear(client, subscribe(1, [{ filter: "#", qos: 1 }, { filter: "a" }]));
  const steps: [rules: string[], heard: string[]][] = [
    [["read a"], ["a"]],
    [[], []],
    [["read #"], ["a", "b", "c"]],
    [["read #", "deny read a"], ["b", "c"]],
    [["read c"], ["c"]],
  ];
  sayAll(broker, "a", "b", "c");
  assertEquals(payloads(client), ["a", "b"]);
  for (const [rules, heard] of steps) {
    book.change("sub", ...rules);
    renew(broker);
    broker.checkInvariants();
    sayAll(broker, "a", "b", "c");
    assertEquals(payloads(client), heard, `${rules}`);
    assertEquals(sessionOf(broker, "sub").subscriptions.size, 2);
  }
});

Deno.test("rules that change hold for the members of a group", () => {
  const { book, broker } = ruled({ a: ["read job"], b: ["read job"] });
  const [a, b] = ["a", "b"].map((clientId) => {
    const client = dial(broker, { clientId });
    listen(client, "$share/g/job");
    return client;
  });
  sayAll(broker, "job", "job");
  assertEquals([a, b].map((each) => payloads(each!).length), [1, 1]);
  book.change("a", "read other");
  renew(broker);
  sayAll(broker, "job", "job");
  assertEquals([a, b].map((each) => payloads(each!).length), [0, 2]);
  book.change("a", "read #");
  book.change("b");
  renew(broker);
  sayAll(broker, "job", "job");
  assertEquals([a, b].map((each) => payloads(each!).length), [2, 0]);
});

Deno.test("what is published under new rules is published at once", () => {
  const { book, broker } = ruled({ pub: ["write a"] });
  const ear = listener(broker, "#");
  const client = dial(broker, { clientId: "pub" });
  for (const [rules, heard] of [["a", "a"], ["b", ""], ["a", "a"]] as const) {
    book.change("pub", `write ${rules}`);
    renew(broker);
    client.send(publish({ topic: "a", payload: "a" }));
    assertEquals(payloads(ear).join(), heard);
  }
});

Deno.test("while a client is away, only what it may read waits for it", () => {
  const { book, broker } = ruled({ stored: ["read a", "read b"] });
  const client = dial(broker, STORED);
  listen(client, "#", 1);
  client.drop();
  sayAll(broker, "a", "b", "c");
  assertEquals(sessionOf(broker, "stored").backlogLength, 2);
  book.change("stored", "read b", "read c");
  renew(broker);
  sayAll(broker, "a", "b", "c");
  // Nothing that waits goes before the client is back: rules may be mended.
  assertEquals(sessionOf(broker, "stored").backlogLength, 4);
  const { packets } = greet(broker, STORED);
  const topics = packets.map((packet) => asPublish(packet).topic);
  assertEquals(topics, ["b", "b", "c"]);
  assertEquals(broker.core.counters.droppedDenied, 1);
  broker.checkInvariants();
});

Deno.test("rights that a login brings hold for a session that was away", () => {
  const { book, broker } = ruled({ stored: ["read a"] });
  const client = dial(broker, STORED);
  hear(client, subscribe(1, [{ filter: "+", qos: 1 }]));
  sayAll(broker, "a", "b");
  assertEquals(payloads(client), ["a"]);
  client.drop();
  book.change("stored", "read b"); // and nobody has told the broker
  const { client: back } = greet(broker, STORED);
  read(back);
  sayAll(broker, "a", "b");
  assertEquals(payloads(back), ["b"]);
  broker.checkInvariants();
});

Deno.test("what waits for a busy client goes when its right does", () => {
  const { book, broker } = ruled({ sub: ["read #"] });
  const fields = { clientId: "sub", properties: { receiveMaximum: 1 } };
  const client = dial(broker, fields);
  listen(client, "#", 1);
  sayAll(broker, "a", "a", "b", "a", "b");
  const [first] = messages(client);
  book.change("sub", "read b");
  renew(broker);
  const heard: string[] = [];
  for (let { packetId } = first!;;) {
    client.send(puback(packetId));
    const [next] = messages(client);
    if (next === undefined) break;
    heard.push(next.topic);
    packetId = next.packetId;
  }
  assertEquals(heard, ["b", "b"]);
  broker.checkInvariants();
});

Deno.test("retained messages on their way go when the right does", () => {
  const { book, broker } = ruled({ sub: ["read #"] });
  const admin = dial(broker, { clientId: "admin" });
  for (const topic of ["a", "b", "c"]) {
    tell(admin, { topic, payload: topic, qos: 1, retain: true });
  }
  const fields = { clientId: "sub", properties: { receiveMaximum: 1 } };
  const client = dial(broker, fields);
  const [first, ...more] = listen(client, "#", 1);
  assertEquals(more, []);
  const others = ["a", "b", "c"].filter((topic) => topic !== first!.topic);
  book.change("sub", `read ${first!.topic}`, `read ${others[1]}`);
  renew(broker);
  client.send(puback(first!.packetId));
  assertEquals(messages(client).map(({ topic }) => topic), [others[1]!]);
  client.send(puback(2));
  assertEquals(broker.core.totals.retainedPending, 0);
  broker.checkInvariants();
});

Deno.test("a shared message goes to another when its member may not", () => {
  const { book, broker } = ruled({ a: ["read job"], b: ["read job"] });
  const fields = { clientId: "a", properties: { receiveMaximum: 1 } };
  const a = dial(broker, fields);
  listen(a, "$share/g/job", 1);
  sayAll(broker, "job", "job", "job");
  assertEquals(payloads(a).length, 1);
  const b = dial(broker, { clientId: "b" });
  listen(b, "$share/g/job", 1);
  book.change("a");
  renew(broker);
  assertEquals(payloads(b).length, 2);
  assertEquals(broker.core.counters.droppedDenied, 0);
  broker.checkInvariants();
});

Deno.test("after a restart a session has the rights of its user", () => {
  const store = new RecordingStore();
  const before = new TestBroker({ store });
  const client = dial(before, STORED);
  listen(client, "#", 1);
  client.drop();
  sayAll(before, "a", "b");
  const book = new Rulebook({ stored: ["read a"] });
  const broker = new TestBroker({ authorizer: book, store });
  // While it is away what waits already stays: rights may come back.
  renew(broker);
  sayAll(broker, "a", "b");
  assertEquals(sessionOf(broker, "stored").backlogLength, 3);
  const { client: back, packets } = greet(broker, STORED);
  const got = packets.map(asPublish);
  assertEquals(got.map(({ topic }) => topic), ["a", "a"]);
  for (const { packetId } of got) back.send(puback(packetId));
  const [kept] = store.load().sessions;
  assertEquals([kept!.waiting, kept!.inflight], [[], []]);
  book.change("stored", "read b");
  renew(broker);
  assertEquals(sessionOf(broker, "stored").rights.mayRead("a"), false);
  broker.checkInvariants();
});

/** Lets everybody in, with a proof; those on the list may not stay. */
class Guests implements Authenticator {
  readonly unwanted = new Set<string>();

  authenticate(
    { clientId }: Parameters<Authenticator["authenticate"]>[0],
    answer: Parameters<Authenticator["authenticate"]>[1],
  ): void {
    const rights = clientId.startsWith("own")
      ? rightsBy(["read a", "write w"])
      : undefined;
    answer({ result: "allow", proof: clientId, rights });
  }

  stillAdmits(proof: unknown): boolean {
    return !this.unwanted.has(proof as string);
  }
}

Deno.test("rights that came with a login come with the next one", () => {
  const store = new RecordingStore();
  const authenticator = new Guests();
  const own = { ...STORED, clientId: "own" };
  const will = {
    topic: "w",
    payload: "gone",
    qos: 1,
    properties: { willDelaySeconds: 1 },
  } as const;
  const before = new TestBroker({ store, authenticator });
  const ear = { ...STORED, clientId: "ear" };
  listen(dial(before, ear), "w", 1);
  const client = dial(before, { ...own, will });
  listen(client, "#", 1);
  const authorizer = new Rulebook({ admin: ["write #"], ear: ["read #"] });
  const broker = new TestBroker({ store, authenticator, authorizer });
  // Until then nobody knows them: what it has subscribed to waits for it.
  sayAll(broker, "a", "b");
  assertEquals(sessionOf(broker, "own").backlogLength, 2);
  broker.advance(2_000);
  const { packets } = greet(broker, own);
  assertEquals(packets.map((each) => asPublish(each).topic), ["a"]);
  // And its will could be left by who has had the right to it.
  const heard = greet(broker, ear).packets;
  assertEquals(heard.map((each) => asPublish(each).payload), ["gone"]);
  broker.checkInvariants();
});

Deno.test("who may not be here any more is told and disconnected", () => {
  const authenticator = new Guests();
  const book = new Rulebook({});
  const broker = new TestBroker({ authenticator, authorizer: book });
  const ear = listener(broker, "w/+", 0, { clientId: "ear" });
  const will = (topic: string) => ({ topic, payload: "gone" });
  const a = dial(broker, { clientId: "a", will: will("w/a") });
  const b = talk.dial(broker, { clientId: "b", will: will("w/b") });
  const c = dial(broker, { clientId: "c", will: will("w/c") });
  authenticator.unwanted.add("a").add("b");
  book.change("b", "write other");
  renew(broker);
  const { properties } = expectGone(a, 0x87);
  const { reasonString } = properties;
  assertEquals(reasonString, "the right to connect was taken away");
  assert(b.closed);
  assertEquals(talk.read(b), []);
  expectAlive(c);
  // Their wills are subject to the new rules.
  assertEquals(messages(ear).map(({ topic }) => topic), ["w/a"]);
  const reasons = logged(broker, "client_disconnected")
    .map(({ fields }) => [fields["client_id"], fields["reason"]]);
  assertEquals(reasons, [["a", reasonString], ["b", reasonString]]);
  broker.checkInvariants();
});

Deno.test("rights that come with a login stay when rules change", () => {
  const authenticator = new Guests();
  const book = new Rulebook({ own: ["read b"], other: ["read b"] });
  const broker = new TestBroker({ authenticator, authorizer: book });
  const [own, other] = ["own", "other"].map((clientId) => {
    const client = dial(broker, { ...STORED, clientId });
    listen(client, "#", 1);
    return client;
  });
  const heard = () => [own, other].map((client) => payloads(client!));
  sayAll(broker, "a", "b", "c");
  assertEquals(heard(), [["a"], ["b"]]);
  book.change("own", "read c");
  book.change("other", "read c");
  renew(broker);
  sayAll(broker, "a", "b", "c");
  assertEquals(heard(), [["a"], ["c"]]);
  own!.drop();
  renew(broker);
  sayAll(broker, "a", "c");
  assertEquals(sessionOf(broker, "own").backlogLength, 1);
});

Deno.test("a login that is being checked is no matter of new rules", () => {
  const waiting: (() => void)[] = [];
  const broker = new TestBroker({
    authenticator: {
      authenticate: (_request, answer) =>
        waiting.push(() => answer({ result: "allow", proof: 1 })),
      stillAdmits: () => false,
    },
  });
  const client = broker.open();
  client.send(connect());
  renew(broker);
  assertEquals(read(client), []);
  waiting.pop()!();
  assertEquals(read(client).map(({ type }) => type), ["connack"]);
  renew(broker);
  expectGone(client, 0x87);
});

Deno.test("a flood to a client whose right goes is not delivered late", () => {
  const { book, broker } = ruled({ sub: ["read a"] });
  const client = dial(broker, { clientId: "sub" });
  listen(client, "a");
  const admin = dial(broker, { clientId: "admin" });
  const bytes = flood("a", 0, 10, 50);
  // A property length makes them packets of 5.0.
  const old = talk.dial(broker, { clientId: "old" });
  old.send(bytes);
  assertEquals(payloads(client).length, 10);
  book.change("sub", "read b");
  renew(broker);
  old.send(bytes);
  tell(admin, { topic: "a", qos: 1 });
  assertEquals(payloads(client), []);
});

/**
 * What it costs to look for retained messages, in nodes of the tree and not
 * in time: no packet makes others wait for more than a short while, and who
 * asks for much waits for it.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  ask,
  dial,
  dialStored,
  greet,
  listen,
  messages,
  read,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import { publish, type Qos, subscribe, unsubscribe } from "../support/wire.ts";
import { RetainedMessages } from "../../src/router/retained.ts";
import { sessionOf } from "./setting.ts";

/** Nodes a millisecond, those of the last turn and of exact names included. */
const NODES_MAX = 13_000;
const TOPICS = 50_000;

/** A broker that retains `a/0`, `a/1`, and so on. */
function retaining(count: number) {
  const broker = new TestBroker();
  const teller = dial(broker, { clientId: "teller" });
  for (let i = 0; i < count; i++) {
    teller.send(publish({ topic: `a/${i}`, payload: `${i}`, retain: true }));
  }
  return { broker, teller };
}

/** Counts the nodes with retained messages that are looked at. */
function counting({ core: { retained } }: TestBroker) {
  let nodes = 0;
  retained.walk = (filter) => {
    const walk = RetainedMessages.prototype.walk.call(retained, filter);
    const next = walk.next.bind(walk);
    walk.next = (budget) => {
      const before = budget.nodesLeft;
      const slot = next(budget);
      nodes += before - budget.nodesLeft;
      return slot;
    };
    return walk;
  };
  /** How many are looked at while `run` runs. */
  return (run: () => void): number => {
    nodes = 0;
    run();
    return nodes;
  };
}

function many(count: number, filter: (i: number) => string): [string, Qos][] {
  return Array.from({ length: count }, (_, i) => [filter(i), 0]);
}

Deno.test("filters that match nothing cost a bounded number of nodes", () => {
  const { broker } = retaining(TOPICS);
  const nodesOf = counting(broker);
  const client = dial(broker, { clientId: "attacker" });
  const packet = subscribe(1, ...many(200, (i) => `+/+/${i}`));
  assertLessOrEqual(nodesOf(() => client.send(packet)), NODES_MAX);
  assertEquals(read(client).map(({ type }) => type), ["suback"]);
  for (let i = 0; i < 50; i++) {
    const nodes = nodesOf(() => broker.advance(1));
    assertLessOrEqual(nodes, NODES_MAX);
    assert(nodes > 0, "it goes on");
  }
  for (let i = 0; i < 100; i++) {
    const single = subscribe(1, [`+/+/${i}`, 0]);
    assertEquals(nodesOf(() => client.send(single)), 0);
  }
});

Deno.test("many clients that ask at once share the nodes", () => {
  const { broker } = retaining(TOPICS);
  const nodesOf = counting(broker);
  let nodes = 0;
  for (let i = 0; i < 100; i++) {
    const client = dial(broker, { clientId: `c${i}` });
    nodes += nodesOf(() => client.send(subscribe(1, ["+/+/x", 0])));
  }
  assertLessOrEqual(nodes, NODES_MAX);
  assertLessOrEqual(nodesOf(() => broker.advance(1)), NODES_MAX);
});

Deno.test("who asks for much waits for it, and others do not", () => {
  const { broker } = retaining(TOPICS);
  const attacker = dial(broker, { clientId: "attacker" });
  attacker.send(subscribe(1, ...many(500, (i) => `+/+/${i}`)));
  const honest = dial(broker, { clientId: "honest" });
  const first = ask(honest, subscribe(1, ["a/7", 0]));
  assertEquals(first.map(({ type }) => type), ["suback", "publish"]);
  honest.send(subscribe(2, ["+/7", 0], ["a/#", 0]));
  read(honest);
  broker.advance(60);
  assertEquals(messages(honest).length, TOPICS + 1);
  assert(sessionOf(broker, "attacker").feedLength > 480);
  broker.checkInvariants();
});

Deno.test("few matches come with the SUBACK", () => {
  const { broker } = retaining(500);
  const client = dial(broker, { clientId: "reader" });
  assertEquals(listen(client, "#").length, 500);
  assertEquals(broker.core.retainedTurns.length, 0);
});

/** All topics of `packets`, with their payloads. */
function texts(client: TestClient): string[] {
  return messages(client).map(({ topic, payload }) => `${topic}=${payload}`);
}

Deno.test("what changes while it is looked for comes once", () => {
  const { broker, teller } = retaining(TOPICS);
  const client = dial(broker, { clientId: "reader" });
  const got = listen(client, "a/#").map(({ topic, payload }) =>
    `${topic}=${payload}`
  );
  assert(got.length < TOPICS);
  const live: string[] = [];
  for (let i = 0; i < TOPICS; i += 100) {
    const isGone = i % 200 === 0;
    const payload = isGone ? "" : "new";
    teller.send(publish({ topic: `a/${i}`, payload, retain: true }));
    live.push(`a/${i}=${payload}`);
    if (i % 5000 === 0) broker.advance(1);
    got.push(...texts(client));
  }
  broker.advance(100);
  got.push(...texts(client));
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const [place, each] of got.entries()) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
    if (!places.has(each)) places.set(each, place);
  }
  const placeOf = (each: string) => places.get(each) ?? Infinity;
  for (const each of live) assertEquals(counts.get(each), 1, each);
  for (let i = 0; i < TOPICS; i++) {
    const most = counts.get(`a/${i}=${i}`) ?? 0;
    assertLessOrEqual(most, 1);
    if (i % 100 > 0) assertEquals(most, 1, `a/${i}`);
    if (most === 0 || i % 100 > 0) continue;
    // Never the old one after the new one.
    const now = Math.min(placeOf(`a/${i}=`), placeOf(`a/${i}=new`));
    assert(placeOf(`a/${i}=${i}`) < now, `a/${i}`);
  }
});

Deno.test("[MQTT-3.10.4-2] nothing more is found after UNSUBSCRIBE", () => {
  const { broker } = retaining(TOPICS);
  const client = dial(broker, { clientId: "reader" });
  listen(client, "a/#");
  const [unsuback] = ask(client, unsubscribe(2, "a/#"));
  assertEquals(unsuback?.type, "unsuback");
  broker.advance(100);
  assertEquals(messages(client), []);
  assertEquals(broker.core.totals.retainedPending, 0);
});

Deno.test("a session that is kept goes on where it was; others end", () => {
  const { broker } = retaining(TOPICS);
  const nodesOf = counting(broker);
  const kept = dialStored(broker, "kept");
  const gone = dial(broker, { clientId: "gone" });
  const before = listen(kept, "a/#").length;
  gone.send(subscribe(1, ["a/#", 0]));
  kept.drop();
  gone.drop();
  assertEquals(broker.core.retainedTurns.length, 0);
  assertEquals(broker.core.totals.retainedPending, 1);
  assertEquals(nodesOf(() => broker.advance(100)), 0);
  const back = greet(broker, { clientId: "kept", cleanSession: false });
  broker.advance(100);
  const after = back.packets.length + messages(back.client).length;
  assertEquals(before + after, TOPICS);
  broker.checkInvariants();
});

Deno.test("a live message waits for the retained one of its topic only", () => {
  const { broker, teller } = retaining(TOPICS);
  const client = dial(broker, { clientId: "reader" });
  const last = `a/${TOPICS - 1}`;
  listen(client, "#");
  for (const payload of ["new", "newer"]) {
    teller.send(publish({ topic: last, payload }));
  }
  teller.send(publish({ topic: "a/0", payload: "behind" }));
  assertEquals(texts(client), []);
  broker.advance(100);
  const got = texts(client);
  const live = [`${last}=new`, `${last}=newer`, "a/0=behind"];
  assertEquals(got.slice(-3), live);
  assert(got.includes(`${last}=${TOPICS - 1}`));
});

Deno.test("a live message of a topic without retained ones passes", () => {
  const { broker, teller } = retaining(TOPICS);
  const client = dial(broker, { clientId: "reader" });
  listen(client, "#");
  teller.send(publish({ topic: "b", payload: "live" }));
  assertEquals(texts(client), ["b=live"]);
  broker.advance(100);
  assertEquals(sessionOf(broker, "reader").feedLength, 0);
});

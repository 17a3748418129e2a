/**
 * The parts of a session one by one: received ids, the backlog, the feed of
 * retained messages, the subscriptions, and that they add up.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { InternalError } from "../../src/base/assert.ts";
import { makeMessage, type Message } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import { Backlog } from "../../src/session/backlog.ts";
import { PUBACK_DUE } from "../../src/session/inflight.ts";
import { ReceivedIds } from "../../src/session/received_ids.ts";
import { RetainedMessages } from "../../src/router/retained.ts";
import { Session } from "../../src/session/session.ts";
import { Router } from "../../src/router/router.ts";
import { PLAIN_GRANTS } from "../../src/topic/subscription.ts";
import { forSeeds } from "../fuzz/random.ts";

const SMALL_ROUTER = {
  topicBytesMax: 100,
  topicLevelsMax: 8,
  routeCacheMax: 64,
  hashSeed: 1,
  deliversEach: false,
};

function message(topic: string, qos: 0 | 1 | 2 = 1): Message {
  return makeMessage(topic, new Uint8Array(10), qos);
}

Deno.test("received ids do what a set does", () => {
  forSeeds(100, (random) => {
    const ids = new ReceivedIds();
    const model = new Set<number>();
    const most = random.pick([20, 2000, 65_535]);
    for (let i = 0; i < 300; i++) {
      const id = random.between(1, most);
      assertEquals(ids.has(id), model.has(id));
      if (random.chance(60) && !model.has(id)) {
        ids.add(id);
        model.add(id);
      } else {
        assertEquals(ids.delete(id), model.delete(id));
      }
      assertEquals(ids.size, model.size);
    }
    assertEquals(ids.values(), [...model].sort((a, b) => a - b));
  });
});

Deno.test("all 65,535 ids can be received at once", () => {
  const ids = new ReceivedIds();
  for (let id = 65_535; id >= 1; id--) ids.add(id);
  assertEquals(ids.size, 65_535);
  assertEquals(ids.values().length, 65_535);
  for (let id = 1; id <= 65_535; id++) assert(ids.delete(id));
  assertEquals([ids.size, ids.has(1), ids.has(0)], [0, false, false]);
});

Deno.test("backlogs count their bytes, alone and together", () => {
  const total = { backlogBytes: 0 };
  const [a, b] = [new Backlog(total), new Backlog(total)];
  const [one, two] = [message("one"), message("two-two")];
  a.push(new Delivery(one, 1));
  a.push(new Delivery(two, 2));
  b.push(new Delivery(one, 0));
  assertEquals([a.length, a.bytes], [2, one.size + two.size]);
  assertEquals(total.backlogBytes, 2 * one.size + two.size);
  assertEquals(a.peek(), new Delivery(one, 1));
  assertEquals(a.at(1), new Delivery(two, 2));
  assertEquals(a.shift()?.message, one);
  assertEquals([a.bytes, total.backlogBytes], [two.size, one.size + two.size]);
  a.clear();
  assertEquals([a.length, a.bytes, total.backlogBytes], [0, 0, one.size]);
  assertEquals(a.shift(), undefined);
  b.shift();
  assertEquals([b.bytes, total.backlogBytes], [0, 0]);
});

const FAR = { nodesLeft: 1000 };

/** Retained messages, and a session that subscribes. */
function feeding(...given: Message[]) {
  const retained = new RetainedMessages({
    retainedMax: 100,
    retainedBytesMax: 1_000_000,
  });
  for (const each of given) retained.set(each.topic, each);
  const router = new Router<Session<string>>(SMALL_ROUTER);
  const totals = { backlogBytes: 0, retainedPending: 0 };
  const one = new Session<string>("client", undefined, Infinity, totals);
  const ask = (filter: string, qos: 0 | 1 | 2) => {
    const made = router.subscribe(one, filter, PLAIN_GRANTS[qos]);
    one.feed.push(made, retained);
    return made;
  };
  /** What comes, and at which QoS. */
  const take = (): [string, number] | undefined => {
    const next = one.feed.peek(retained, { ...FAR });
    if (next === undefined) return undefined;
    one.feed.shift();
    return [next.message.topic, next.qos];
  };
  return { retained, one, totals, ask, take };
}

Deno.test("[MQTT-3.8.4-6] the feed lowers the QoS, in order", () => {
  const { one, totals, ask, take } = feeding(
    message("a", 0),
    message("b", 2),
    message("c/d", 1),
  );
  ask("none", 2);
  ask("+", 1);
  ask("c/#", 2);
  assertEquals([one.feed.length, totals.retainedPending], [3, 3]);
  assertEquals([take(), take(), take()], [["a", 0], ["b", 1], ["c/d", 1]]);
  assertEquals([take(), totals.retainedPending], [undefined, 0]);
  ask("+/d", 0);
  ask("#", 0);
  one.feed.clear();
  assertEquals([one.feed.length, totals.retainedPending], [0, 0]);
  assertEquals(take(), undefined);
});

Deno.test("the feed passes over what changed after it was asked for", () => {
  const given = ["a", "b", "c", "d"].map((topic) => message(topic));
  const { retained, ask, take } = feeding(...given);
  ask("#", 1);
  assertEquals(take(), ["a", 1]);
  retained.set("b", message("b", 2));
  retained.delete("c");
  retained.set("e", message("e"));
  assertEquals([take(), take()], [["d", 1], undefined]);
});

Deno.test("what is peeked at and then changes is not taken", () => {
  const { retained, one, ask } = feeding(message("a"), message("b"));
  ask("#", 1);
  assertEquals(one.feed.peek(retained, { ...FAR })?.message.topic, "a");
  retained.set("a", message("a", 2));
  assertEquals(one.feed.peek(retained, { ...FAR })?.message.topic, "b");
});

Deno.test("who asks again gets all again; who leaves gets no more", () => {
  const { one, totals, retained, ask, take } = feeding(
    message("a"),
    message("b"),
  );
  const all = ask("#", 1);
  assertEquals(take(), ["a", 1]);
  one.feed.push(all, retained);
  assertEquals([take(), take(), take()], [["a", 1], ["b", 1], undefined]);
  one.feed.push(all, retained);
  assertEquals(take(), ["a", 1]);
  one.feed.drop(all);
  one.feed.drop(all);
  assertEquals([take(), totals.retainedPending], [undefined, 0]);
});

Deno.test("a feed goes as far as its budget, and then on", () => {
  const topics = Array.from({ length: 50 }, (_, i) => message(`t/${i}`));
  const { retained, one, ask } = feeding(...topics);
  ask("+/+/x", 1);
  ask("#", 1);
  let rounds = 0;
  const budget = { nodesLeft: 0 };
  while (one.feed.peek(retained, budget) === undefined) {
    assert(budget.nodesLeft >= -2, "little more than it may");
    budget.nodesLeft = 10;
    rounds++;
  }
  assertEquals(rounds, 11);
});

function session(): Session<string> {
  const totals = { backlogBytes: 0, retainedPending: 0 };
  return new Session<string>("client", undefined, Infinity, totals);
}

Deno.test("a session that is asked has nothing and makes nothing", () => {
  const { backlogLength, backlogBytes, feedLength, inflightSize, hasWaiting } =
    session();
  assertEquals(
    [backlogLength, backlogBytes, feedLength, inflightSize, hasWaiting],
    [0, 0, 0, 0, false],
  );
});

Deno.test("a session without its messages keeps its subscriptions", () => {
  const one = session();
  one.inflight.add(PUBACK_DUE, new Delivery(message("a"), 1));
  one.backlog.push(new Delivery(message("b"), 1));
  one.feed.push(
    new Router<Session<string>>(SMALL_ROUTER)
      .subscribe(one, "c", PLAIN_GRANTS[1]),
    new RetainedMessages({ retainedMax: 0, retainedBytesMax: 0 }),
  );
  one.received.add(7);
  assert(one.hasWaiting);
  one.checkInvariants(1);
  assertThrows(() => one.checkInvariants(0), InternalError, "window");
  one.clearMessages();
  assertEquals([one.hasWaiting, one.inflightSize], [false, 0]);
  assert(!one.received.has(7));
  one.checkInvariants(0);
});

Deno.test("subscriptions are found by filter, one or many", () => {
  forSeeds(50, (random) => {
    const one = session();
    const router = new Router<Session<string>>(SMALL_ROUTER);
    const model = new Map<string, unknown>();
    for (let i = 0; i < 60; i++) {
      const filter = `f/${random.below(4)}`;
      assertEquals(one.subscriptions.get(filter), model.get(filter));
      const known = one.subscriptions.get(filter);
      if (known === undefined) {
        const made = router.subscribe(one, filter, PLAIN_GRANTS[1]);
        one.subscriptions.add(made);
        model.set(filter, made);
      } else if (random.chance(60)) {
        router.unsubscribe(known);
        one.subscriptions.delete(filter);
        model.delete(filter);
      }
      assertEquals(one.subscriptions.size, model.size);
      assertEquals([...one.subscriptions.values()], [...model.values()]);
      one.checkInvariants(1);
    }
    one.subscriptions.clear();
    assertEquals([...one.subscriptions.values()], []);
  });
});

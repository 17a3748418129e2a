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
import { RetainedFeed } from "../../src/session/retained_feed.ts";
import { Session } from "../../src/session/session.ts";
import { Router } from "../../src/router/router.ts";
import { PLAIN_GRANTS } from "../../src/topic/subscription.ts";
import { forSeeds } from "../fuzz/random.ts";

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

Deno.test("[MQTT-3.8.4-6] the feed lowers the QoS, in order", () => {
  const total = { retainedPending: 0, backlogBytes: 0 };
  const feed = new RetainedFeed(total);
  feed.push([], PLAIN_GRANTS[2], 0);
  assertEquals(feed.length, 0);
  const [a, b, c] = [message("a", 0), message("b", 2), message("c", 1)];
  feed.push([a, b].map(slot), PLAIN_GRANTS[1], 0);
  feed.push([slot(c)], PLAIN_GRANTS[2], 0);
  assertEquals([feed.length, total.retainedPending], [3, 3]);
  const got: [string, number][] = [];
  while (feed.length > 0) {
    const { message, qos } = feed.peek()!;
    got.push([message.topic, qos]);
    feed.shift();
  }
  assertEquals(got, [["a", 0], ["b", 1], ["c", 1]]);
  assertEquals(total.retainedPending, 0);
  feed.push([a, b].map(slot), PLAIN_GRANTS[0], 0);
  feed.shift();
  feed.clear();
  assertEquals([feed.length, total.retainedPending], [0, 0]);
});

/** A topic's place, as the retained messages have it. */
function slot(message: Message) {
  return { message, version: 0 };
}

Deno.test("the feed passes over what changed after it was asked for", () => {
  const feed = new RetainedFeed({ retainedPending: 0 });
  const [a, b] = [message("a"), message("b")];
  const places = [
    { message: a, version: 5 },
    { message: undefined, version: 1 },
    { message: b, version: 4 },
  ];
  feed.push(places, PLAIN_GRANTS[1], 4);
  assertEquals([feed.peek()?.message, feed.length], [b, 1]);
  feed.shift();
  assertEquals([feed.peek(), feed.length], [undefined, 0]);
});

function session(): Session<string> {
  const totals = { backlogBytes: 0, retainedPending: 0 };
  return new Session<string>("client", Infinity, totals);
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
  one.feed.push([slot(message("c"))], PLAIN_GRANTS[1], 0);
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
    const router = new Router<Session<string>>({
      topicBytesMax: 100,
      topicLevelsMax: 8,
      routeCacheMax: 64,
      hashSeed: 1,
      deliversEach: false,
    });
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

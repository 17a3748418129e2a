/**
 * Filters and topics as only an attacker has them: their cost goes with their
 * number, in time and in memory. None of this measures: what is quadratic
 * takes minutes. Runs under Deno and Bun.
 */

import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import { makeMessage } from "../../src/codec/message.ts";
import { RetainedMessages } from "../../src/router/retained.ts";
import { Router } from "../../src/router/router.ts";
import { TopicTree } from "../../src/router/topic_tree.ts";
import { TopicWalk } from "../../src/router/topic_walk.ts";
import {
  type Grant,
  PLAIN_GRANTS,
  type Subscriber,
} from "../../src/topic/subscription.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
} from "../support/std_assert.ts";

const LEVELS = 14;
const FILTERS = 2 ** LEVELS;
const TOPIC = new Array(LEVELS).fill("a").join("/");
const PATIENCE_MS = 10_000;

/** One of the 16,384 filters that all match the topic `a/a/…`. */
function filterOf(number: number): string {
  const levels = Array.from(
    { length: LEVELS },
    (_, level) => number >> level & 1 ? "+" : "a",
  );
  return levels.join("/");
}

function newRouter(): Router<Subscriber> {
  return new Router<Subscriber>({
    topicBytesMax: 1000,
    topicLevelsMax: 100,
    routeCacheMax: 4096,
    hashSeed: 1,
    deliversEach: false,
  });
}

function newSubscriber(): Subscriber {
  return { wantsEach: false, rights: ALL_RIGHTS, routeMark: 0, routeIndex: 0 };
}

function inTime(work: () => void): void {
  const startMs = performance.now();
  work();
  assertLess(performance.now() - startMs, PATIENCE_MS);
}

function grant(number: number, noLocal = false): Grant {
  return {
    qos: 1,
    noLocal,
    retainAsPublished: false,
    subscriptionIds: [number],
  };
}

test("filters that all match join into one target", () => {
  const router = newRouter();
  const one = newSubscriber();
  inTime(() => {
    for (let number = 0; number < FILTERS; number++) {
      const isOther = number % 2 === 1;
      router.subscribe(one, filterOf(number), grant(number, isOther));
    }
    for (let i = 0; i < 20; i++) router.routeOf(TOPIC);
  });
  const { targets } = router.routeOf(TOPIC);
  assertEquals(targets.length, 1);
  const [target] = targets;
  const idsOf = ({ subscriptionIds }: Grant) =>
    subscriptionIds.toSorted((a, b) => a - b);
  assertEquals(idsOf(target!.grant).length, FILTERS);
  const own = idsOf(target!.own!.grant);
  assertEquals(own.length, FILTERS / 2);
  assert(own.every((id) => id % 2 === 0));
});

test("filters that match all cached topics don't multiply with them", () => {
  const router = newRouter();
  const one = newSubscriber();
  const topicOf = (i: number) => `${TOPIC}/${i}`;
  inTime(() => {
    for (let i = 0; i < 1500; i++) router.routeOf(topicOf(i));
    for (let number = 0; number < FILTERS; number++) {
      router.subscribe(one, `${filterOf(number)}/+`, PLAIN_GRANTS[0]);
    }
  });
  assertEquals(router.cachedRoutes, 0);
  assertEquals(router.routeOf(topicOf(1)).filters.length, FILTERS);
  assertEquals(router.cachedRoutes, 0);
});

test("filters that come and go leave nothing in a route", () => {
  const router = newRouter();
  const one = newSubscriber();
  const route = router.routeOf(TOPIC);
  for (let number = 0; number < FILTERS; number++) {
    const filter = filterOf(number);
    router.unsubscribe(router.subscribe(one, filter, PLAIN_GRANTS[0]));
  }
  assert(route.filters.length < 1000);
  assertEquals(router.routeOf(TOPIC).filters, []);
});

test("a filter that changes a million times tells its routes once", () => {
  const router = newRouter();
  const one = newSubscriber();
  const all = router.subscribe(one, "#", PLAIN_GRANTS[0]);
  for (let i = 0; i < 4096; i++) router.routeOf(`t/${i}`);
  assert(router.cachedRoutes > 3000);
  inTime(() => {
    for (let i = 0; i < 3_000_000; i++) {
      router.regrant(all, PLAIN_GRANTS[i & 1 ? 1 : 2]);
    }
  });
  assertEquals(router.routeOf("t/1").targets[0]!.grant.qos, 1);
  router.regrant(all, PLAIN_GRANTS[0]);
  for (const topic of ["t/1", "t/2"]) {
    assertEquals(router.routeOf(topic).targets[0]!.grant.qos, 0);
  }
});

test("a tree counts its levels", () => {
  forSeeds(100, (random) => {
    const tree = new TopicTree<number>();
    const topics = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const levels = random.list(1, 5, () => random.pick(["", "a", "b"]));
      const topic = levels.join("/");
      if (random.chance(50)) {
        tree.set(topic, i);
        topics.add(topic);
      } else {
        tree.delete(topic);
        topics.delete(topic);
      }
      const kept = [...topics].flatMap((topic) => {
        const parts = topic.split("/");
        return parts.map((_, at) => parts.slice(0, at + 1).join("/") + "/");
      });
      assertEquals(tree.nodes, new Set(kept).size);
    }
    tree.clear();
    assertEquals(tree.nodes, 0);
  });
});

test("retained messages count the levels that lead to them", () => {
  const limits = { retainedMax: 1000, retainedBytesMax: 100_000 };
  const retained = new RetainedMessages(limits);
  const deep = (i: number) => `${i}${"/".repeat(99)}`;
  const message = (topic: string) =>
    makeMessage(topic, Uint8Array.of(1), 0, {});
  let kept = 0;
  for (let i = 0; i < 100; i++) {
    if (retained.set(deep(i), message(deep(i)))) kept++;
  }
  assertEquals([kept, retained.size], [2, 2]);
  assert(retained.set("flat", message("flat")));
  assert(retained.delete(deep(0)) && retained.delete(deep(1)));
  assertEquals(retained.bytes, message("flat").size);
});

/** How many nodes of trees of topics are looked at while `run` runs. */
function nodesOf(run: () => void): number {
  const { next } = TopicWalk.prototype;
  let nodes = 0;
  TopicWalk.prototype.next = function (budget) {
    const before = budget.nodesLeft;
    const value = next.call(this, budget);
    nodes += before - budget.nodesLeft;
    return value;
  };
  try {
    run();
  } finally {
    TopicWalk.prototype.next = next;
  }
  return nodes;
}

test("filters that match no known topic do not look at all each time", () => {
  const router = newRouter();
  for (let i = 0; i < 4096; i++) router.routeOf(`a/${i}`);
  const known = router.cachedRoutes;
  assert(known > 3000);
  const nodes = nodesOf(() => {
    for (let i = 0; i < 2000; i++) {
      router.subscribe(newSubscriber(), `+/+/${i}`, PLAIN_GRANTS[0]);
    }
  });
  assertLessOrEqual(nodes, 10 * known);
});

test("filters that are found by name take nothing from the cache", () => {
  const router = newRouter();
  for (let i = 0; i < 100; i++) router.routeOf(`a/${i}`);
  for (let i = 0; i < 2000; i++) {
    router.subscribe(newSubscriber(), `b/${i}`, PLAIN_GRANTS[0]);
    router.subscribe(newSubscriber(), `a/x${i}/#`, PLAIN_GRANTS[0]);
  }
  assertEquals(router.cachedRoutes, 100);
});

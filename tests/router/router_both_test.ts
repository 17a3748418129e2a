/**
 * The router (trie, cache and all) against the naive model: 100,000 random
 * topics, with subscriptions that come, change and go in between, so that a
 * route that is out of date would show. Runs under Deno and Bun.
 */

import type { QoS } from "../../src/base/qos.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { Router } from "../../src/router/router.ts";
import type { Subscription } from "../../src/topic/subscription.ts";
import { matches } from "../../src/topic/topic.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertThrows,
} from "../support/std_assert.ts";
import { isMatch, randomFilter, randomTopic } from "./model.ts";

interface Reader {
  name: number;
  routeMark: number;
  routeIndex: number;
}

const LIMITS = { topicBytesMax: 65_535, topicLevelsMax: 65_535, hashSeed: 3 };

function newRouter(routeCacheMax: number): Router<Reader> {
  return new Router<Reader>({ ...LIMITS, routeCacheMax });
}

function reader(name: number): Reader {
  return { name, routeMark: 0, routeIndex: 0 };
}

/** Who gets a message on `topic`, and with which QoS at most. */
function targetsOf(router: Router<Reader>, topic: string): string[] {
  const { targets } = router.routeOf(topic);
  return targets.map(({ subscriber, qos }) => `${subscriber.name}:${qos}`)
    .sort();
}

/** Subscriptions in a list, matched one by one. */
class Model {
  readonly router: Router<Reader>;
  readonly readers: Reader[];
  all: Subscription<Reader>[] = [];
  readonly #random: Random;

  constructor(random: Random, routeCacheMax: number) {
    this.#random = random;
    this.router = newRouter(routeCacheMax);
    this.readers = Array.from({ length: 8 }, (_, i) => reader(i));
  }

  change(): void {
    const random = this.#random;
    const act = random.below(10);
    if (act < 5) this.#subscribe();
    else if (act < 6 && this.all.length > 0) {
      this.router.regrant(random.pick(this.all), random.below(3) as QoS);
    } else if (this.all.length > 0) {
      const gone = random.pick(this.all);
      this.router.unsubscribe(gone);
      this.all = this.all.filter((one) => one !== gone);
    }
    assertEquals(this.router.size, this.all.length);
  }

  check(topic: string): void {
    const best = new Map<number, number>();
    for (const { subscriber, filter, qos } of this.all) {
      const isHit = isMatch(filter, topic);
      assertEquals(matches(filter, topic), isHit, `${filter} on ${topic}`);
      if (!isHit) continue;
      best.set(subscriber.name, Math.max(best.get(subscriber.name) ?? 0, qos));
    }
    const wanted = [...best].map(([name, qos]) => `${name}:${qos}`).sort();
    assertEquals(targetsOf(this.router, topic), wanted, topic);
  }

  #subscribe(): void {
    const subscriber = this.#random.pick(this.readers);
    const filter = randomFilter(this.#random);
    const isKnown = this.all.some((one) =>
      one.subscriber === subscriber && one.filter === filter
    );
    if (isKnown) return;
    const qos = this.#random.below(3) as QoS;
    this.all.push(this.router.subscribe(subscriber, filter, qos));
  }
}

test("100,000 topics go where the model says", () => {
  let cases = 0;
  forSeeds(100, (random) => {
    const model = new Model(random, random.pick([64, 1024]));
    const topics = random.list(20, 120, () => randomTopic(random));
    for (let round = 0; round < 200; round++) {
      for (let i = random.below(3); i > 0; i--) model.change();
      for (let i = 0; i < 5; i++) {
        // Mostly known topics: their routes are in the cache.
        const isNew = random.chance(10);
        model.check(isNew ? randomTopic(random) : random.pick(topics));
        cases++;
      }
    }
    for (const topic of topics) model.check(topic);
  });
  assert(cases >= 100_000);
});

test("when all have gone, nothing is left", () => {
  forSeeds(50, (random) => {
    const model = new Model(random, 64);
    for (let i = 0; i < 100; i++) {
      model.change();
      model.check(randomTopic(random));
    }
    for (const one of model.all) model.router.unsubscribe(one);
    model.all = [];
    assertEquals(model.router.size, 0);
    for (let i = 0; i < 20; i++) model.check(randomTopic(random));
  });
});

test("a topic that comes again is found in the cache", () => {
  const router = newRouter(64);
  router.subscribe(reader(1), "a/+", 1);
  targetsOf(router, "a/b");
  assertEquals([router.hits, router.misses], [0, 1]);
  targetsOf(router, "a/b");
  assertEquals([router.hits, router.misses], [1, 1]);
});

test("a subscription touches the routes that it matches only", () => {
  const router = newRouter(1024);
  const topics = Array.from({ length: 50 }, (_, i) => `t/${i}`);
  for (const topic of topics) targetsOf(router, topic);
  const own = router.subscribe(reader(1), "t/7", 0);
  assertEquals(router.cachedRoutes, 49);
  targetsOf(router, "t/7");
  router.regrant(own, 0);
  assertEquals(router.cachedRoutes, 50, "the same grant changes nothing");
  router.regrant(own, 2);
  assertEquals(router.cachedRoutes, 49);
  targetsOf(router, "t/7");
  router.unsubscribe(own);
  assertEquals(router.cachedRoutes, 49);
  router.subscribe(reader(2), "#", 0);
  assertEquals(router.cachedRoutes, 0);
});

test("a filter that touches very many routes empties the cache", () => {
  const router = newRouter(8192);
  for (let i = 0; i < 3000; i++) targetsOf(router, `many/${i}`);
  router.subscribe(reader(1), "many/#", 1);
  for (let i = 0; i < 3000; i++) {
    assertEquals(targetsOf(router, `many/${i}`), ["1:1"]);
  }
});

test("a flood of topics does not evict what is hot", () => {
  const router = newRouter(1024);
  const hot = Array.from({ length: 50 }, (_, i) => `hot/${i}`);
  for (let round = 0; round < 3; round++) {
    for (const topic of hot) targetsOf(router, topic);
  }
  for (let i = 0; i < 50_000; i++) {
    router.routeOf(`flood/${i}`);
    if (i % 100 === 0) { for (const topic of hot) router.routeOf(topic); }
  }
  assert(router.cachedRoutes <= 1024);
  const { misses } = router;
  for (const topic of hot) targetsOf(router, topic);
  assertEquals(router.misses - misses, 0, "hot topics were evicted");
});

test("topics that never come again are not let into a full cache", () => {
  const router = newRouter(64);
  const topics = Array.from({ length: 1000 }, (_, i) => `t/${i}`);
  for (const topic of topics) router.routeOf(topic);
  assertEquals(router.cachedRoutes, 64);
  const kept = topics.filter((topic) => {
    const { hits } = router;
    router.routeOf(topic);
    return router.hits > hits;
  });
  assert(kept.length > 30, `${kept.length} of 64 were kept`);
  for (let i = 0; i < 20_000; i++) router.routeOf(`flood/${i}`);
  const { misses } = router;
  for (const topic of kept) router.routeOf(topic);
  assertEquals(router.misses, misses);
});

test("a malformed topic is refused and leaves no route", () => {
  const router = newRouter(64);
  for (const topic of ["", "a/#", "+", "a\0"]) {
    assertThrows(() => router.routeOf(topic), ProtocolError);
  }
  assertEquals(router.cachedRoutes, 0);
});

test("topics of the same length differ by every byte", () => {
  const router = newRouter(64);
  router.subscribe(reader(1), "abcdef", 0);
  for (const topic of ["abcdef", "abcdeg", "bbcdef", "abcdef"]) {
    const wanted = topic === "abcdef" ? ["1:0"] : [];
    assertEquals(targetsOf(router, topic), wanted);
  }
});

test("65,535 levels neither recurse nor take long", () => {
  const router = newRouter(64);
  const deep = "/".repeat(65_534);
  const filters = [
    deep,
    "+" + "/+".repeat(65_534),
    "/".repeat(65_533) + "#",
    "/".repeat(65_000) + "#",
  ];
  const startMs = performance.now();
  const all = filters.map((filter, i) =>
    router.subscribe(reader(i), filter, 1)
  );
  assertEquals(targetsOf(router, deep), ["0:1", "1:1", "2:1", "3:1"]);
  for (const one of all) router.unsubscribe(one);
  assertEquals(targetsOf(router, deep), []);
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

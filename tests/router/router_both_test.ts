/**
 * The router (trie, cache and all) against the naive model: 100,000 random
 * topics, with subscriptions that come, change and go in between, so that a
 * route that is out of date would show. Runs under Deno and Bun.
 */

import { ALL_RIGHTS, type Rights } from "../../src/topic/rights.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { Router } from "../../src/router/router.ts";
import {
  type Grant,
  PLAIN_GRANTS,
  type Subscription,
  type Target,
} from "../../src/topic/subscription.ts";
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
  wantsEach: boolean;
  rights: Rights;
  routeMark: number;
  routeIndex: number;
}

const LIMITS = { topicBytesMax: 65_535, topicLevelsMax: 65_535, hashSeed: 3 };

function newRouter(
  routeCacheMax: number,
  options = { deliversEach: false },
): Router<Reader> {
  return new Router<Reader>({ ...LIMITS, ...options, routeCacheMax });
}

function reader(name: number): Reader {
  return {
    name,
    wantsEach: false,
    rights: ALL_RIGHTS,
    routeMark: 0,
    routeIndex: 0,
  };
}

/** Who gets a message on `topic`, and with which QoS at most. */
function targetsOf(router: Router<Reader>, topic: string): string[] {
  const { targets } = router.routeOf(topic);
  return targets.map(({ subscriber, grant }) =>
    `${subscriber.name}:${grant.qos}`
  ).sort();
}

/** A target in words: what others' messages meet, and what own ones do. */
function words({ subscriber, grant, own }: Target<Reader>): string {
  const ownGrant = own === null ? "none" : grantWords(own.grant);
  return `${subscriber.name}: ${grantWords(grant)}, own ${ownGrant}`;
}

function grantWords(grant: Grant): string {
  const ids = grant.subscriptionIds.toSorted((a, b) => a - b);
  return `${grant.qos}${grant.retainAsPublished ? "r" : ""}[${ids}]`;
}

function randomGrant(random: Random): Grant {
  const qos = random.pick([0, 1, 2] as const);
  if (random.chance(60)) return PLAIN_GRANTS[qos];
  return {
    qos,
    noLocal: random.chance(50),
    retainAsPublished: random.chance(50),
    subscriptionIds: random.chance(50) ? [1 + random.below(200)] : [],
  };
}

/** One grant for what several filters of a subscriber grant. */
function together(grants: readonly Grant[]): Grant {
  return {
    qos: Math.max(...grants.map(({ qos }) => qos)) as Grant["qos"],
    noLocal: false,
    retainAsPublished: grants.some((one) => one.retainAsPublished),
    subscriptionIds: grants.flatMap((one) => one.subscriptionIds),
  };
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
      this.router.regrant(random.pick(this.all), randomGrant(random));
    } else if (this.all.length > 0) {
      const gone = random.pick(this.all);
      this.router.unsubscribe(gone);
      this.all = this.all.filter((one) => one !== gone);
    }
    assertEquals(this.router.size, this.all.length);
  }

  check(topic: string): void {
    const grants = new Map<number, Grant[]>();
    for (const { subscriber, filter, grant } of this.all) {
      const isHit = isMatch(filter, topic);
      assertEquals(matches(filter, topic), isHit, `${filter} on ${topic}`);
      if (!isHit) continue;
      grants.set(subscriber.name, [
        ...grants.get(subscriber.name) ?? [],
        grant,
      ]);
    }
    const wanted = [...grants].map(([name, of]) => {
      const own = of.filter(({ noLocal }) => !noLocal);
      return `${name}: ${grantWords(together(of))}, own ${
        own.length === 0 ? "none" : grantWords(together(own))
      }`;
    });
    const { targets } = this.router.routeOf(topic);
    assertEquals(targets.map(words).sort(), wanted.sort(), topic);
  }

  #subscribe(): void {
    const subscriber = this.#random.pick(this.readers);
    const filter = randomFilter(this.#random);
    const isKnown = this.all.some((one) =>
      one.subscriber === subscriber && one.filter === filter
    );
    if (isKnown) return;
    const grant = randomGrant(this.#random);
    this.all.push(this.router.subscribe(subscriber, filter, grant));
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
    assertEquals([model.router.size, model.router.filterBytes], [0, 0]);
    for (let i = 0; i < 20; i++) model.check(randomTopic(random));
  });
});

test("a topic that comes again is found in the cache", () => {
  const router = newRouter(64);
  router.subscribe(reader(1), "a/+", PLAIN_GRANTS[1]);
  targetsOf(router, "a/b");
  assertEquals([router.hits, router.misses], [0, 1]);
  targetsOf(router, "a/b");
  assertEquals([router.hits, router.misses], [1, 1]);
});

test("a filter that comes and goes drops no route", () => {
  const router = newRouter(1024);
  const topics = Array.from({ length: 50 }, (_, i) => `t/${i}`);
  for (const topic of topics) targetsOf(router, topic);
  const { misses } = router;
  for (const filter of ["t/7", "t/+", "#"]) {
    for (let round = 0; round < 3; round++) {
      const made = router.subscribe(reader(1), filter, PLAIN_GRANTS[0]);
      assertEquals(targetsOf(router, "t/7"), ["1:0"]);
      assertEquals(targetsOf(router, "t/8").length, filter === "t/7" ? 0 : 1);
      router.unsubscribe(made);
      assertEquals(targetsOf(router, "t/7"), []);
    }
  }
  assertEquals(router.misses, misses);
});

test("what changes at a filter that is known drops no route", () => {
  const router = newRouter(1024);
  const topics = Array.from({ length: 50 }, (_, i) => `t/${i}`);
  const first = router.subscribe(reader(1), "t/+", PLAIN_GRANTS[0]);
  router.subscribe(reader(9), "t/9", PLAIN_GRANTS[0]);
  for (const topic of topics) targetsOf(router, topic);
  const { misses } = router;
  const check = (...wanted: string[]) => {
    for (const topic of topics) {
      const nine = topic === "t/9" ? ["9:0"] : [];
      assertEquals(targetsOf(router, topic), [...wanted, ...nine]);
    }
  };
  const second = router.subscribe(reader(2), "t/+", PLAIN_GRANTS[1]);
  check("1:0", "2:1");
  router.regrant(first, PLAIN_GRANTS[2]);
  check("1:2", "2:1");
  router.unsubscribe(first);
  check("2:1");
  router.unsubscribe(second);
  check();
  router.subscribe(reader(3), "t/+", PLAIN_GRANTS[0]);
  check("3:0");
  assertEquals(router.misses, misses);
});

test("topics with the same audience share one list", () => {
  const router = newRouter(1024);
  router.subscribe(reader(1), "t/+", PLAIN_GRANTS[0]);
  const one = router.routeOf("t/1").targets;
  assert(router.routeOf("t/2").targets === one);
  router.subscribe(reader(2), "#", PLAIN_GRANTS[0]);
  assert(router.routeOf("t/1").targets !== one);
  assert(router.routeOf("t/2").targets === router.routeOf("t/1").targets);
});

test("with deliversEach a subscriber is a target for each filter", () => {
  const router = newRouter(64, { deliversEach: true });
  const one = reader(1);
  router.subscribe(one, "a/+", PLAIN_GRANTS[0]);
  router.subscribe(one, "a/b", PLAIN_GRANTS[2]);
  assertEquals(targetsOf(router, "a/b"), ["1:0", "1:2"]);
});

test("a filter that touches very many routes empties the cache", () => {
  const router = newRouter(8192);
  for (let i = 0; i < 3000; i++) targetsOf(router, `many/${i}`);
  router.subscribe(reader(1), "many/#", PLAIN_GRANTS[1]);
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
  router.subscribe(reader(1), "abcdef", PLAIN_GRANTS[0]);
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
    router.subscribe(reader(i), filter, PLAIN_GRANTS[1])
  );
  assertEquals(targetsOf(router, deep), ["0:1", "1:1", "2:1", "3:1"]);
  for (const one of all) router.unsubscribe(one);
  assertEquals(targetsOf(router, deep), []);
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

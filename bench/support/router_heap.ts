/**
 * What a subscription takes in memory: started by `bench/router.ts` in a
 * process of its own, prints its findings as JSON.
 *
 * Counted is what lives on after a collection, filter text included,
 * divided by the number of subscriptions; subscribers, which belong to
 * sessions, are there before. Our route cache has a fixed part, which is in
 * the figures, and routes, which are counted apart.
 */

import process from "node:process";
import type { Subscriber } from "../../src/topic/subscription.ts";
import { type Heap, openHeap } from "./heap.ts";
import {
  type Matcher,
  newSubscriber,
  QlobberMatcher,
  RouterMatcher,
  type Value,
} from "./matchers.ts";
import { loadQlobber } from "./oracles.ts";
import { type FilterKind, fresh, Population, topicsOf } from "./populations.ts";
import { Random } from "../../tests/fuzz/random.ts";

export interface Footprint {
  /** Bytes for each subscription; 0 where it could not be measured. */
  readonly subscriptionBytes: number;
  /** Bytes for each cached route; 0 for what has no cache. */
  readonly routeBytes: number;
}

const SEED = 7;
const ROUTED_TOPICS = 100_000;

async function main(
  who: string,
  kind: FilterKind,
  count: number,
): Promise<Footprint> {
  const heap = await openHeap();
  const population = new Population(kind, count);
  const subscribers = Array.from({ length: count }, newSubscriber);
  if (who === "ours") {
    const ours = new RouterMatcher();
    return {
      subscriptionBytes: fill(heap, ours, population, subscribers) / count,
      routeBytes: cache(heap, ours, population),
    };
  }
  const newTrie = await loadQlobber();
  if (newTrie === undefined) return { subscriptionBytes: 0, routeBytes: 0 };
  const theirs = new QlobberMatcher(newTrie<Value>());
  const bytes = fill(heap, theirs, population, subscribers);
  return { subscriptionBytes: bytes / count, routeBytes: 0 };
}

/** Adds the subscriptions; returns by how much the heap has grown. */
function fill<H>(
  heap: Heap,
  matcher: Matcher<H>,
  population: Population,
  subscribers: readonly Subscriber[],
): number {
  const random = new Random(SEED);
  heap.collect();
  const before = heap.aliveBytes();
  for (const [index, subscriber] of subscribers.entries()) {
    matcher.add(fresh(population.filterAt(index, random)), subscriber);
  }
  heap.collect();
  const after = heap.aliveBytes();
  // Still needed here: nothing of it may be collected before.
  matcher.match(topicsOf([population.topicAt(0)]), 0, 1);
  return after - before;
}

function cache(
  heap: Heap,
  matcher: RouterMatcher,
  population: Population,
): number {
  const texts = population.distinctTopics(ROUTED_TOPICS, SEED);
  const topics = topicsOf(texts);
  matcher.forgetRoutes();
  heap.collect();
  const before = heap.aliveBytes();
  matcher.match(topics, 0, texts.length);
  heap.collect();
  const grown = heap.aliveBytes() - before;
  return grown / matcher.router.cachedRoutes;
}

if (import.meta.main) {
  const [, , who = "ours", kind, count] = process.argv;
  const known = kind === "exact" ? "exact" : "wildcard";
  console.log(JSON.stringify(await main(who, known, Number(count))));
}

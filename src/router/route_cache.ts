/**
 * Compiled routes by the bytes of their topic, so that a message on a known
 * topic is routed without a string, a walk or an allocation.
 *
 * An 8-way set-associative cache: a topic's hash names a set, in which it
 * may lie in one of eight places. A full set takes a topic only when it
 * comes a second time (the `#seen` hashes), and then in the place of one
 * that was not used since the last look: a flood of topics that never
 * repeat evicts nothing that is hot.
 *
 * @module
 */

import { type Route, sameBytes } from "./route.ts";
import { FilterUsers } from "./filter_users.ts";
import type { SubscribedFilter, Subscriber } from "../topic/subscription.ts";
import { TopicTree } from "./topic_tree.ts";
import type { TopicWalk } from "./topic_walk.ts";

const WAYS = 8;
const SEEN_WAYS = 4;
/** A new filter that touches this many routes empties the cache instead. */
const TOUCHED_MAX = 2048;
/**
 * Levels of topics that a new filter may look at in search of those that it
 * matches. What it looks at beyond takes from what each route brings that is
 * put in; when that is used up, the cache is emptied instead.
 */
const LOOKS_FREE = 64;
const LOOKS_EACH = 8;
/**
 * A route of more filters is not kept: a client may have thousands that all
 * match, and the cache thousands of routes. Nobody does so in good faith.
 */
const FILTERS_MAX = 128;

/** The cache. */
export class RouteCache<S extends Subscriber> {
  /** How many routes were put in. */
  admitted = 0;
  readonly #sets: number;
  readonly #routes: (Route<S> | null)[];
  readonly #hashes: Int32Array;
  /** The place in each set that is looked at next for eviction. */
  readonly #hands: Uint8Array;
  readonly #seen: Int32Array;
  readonly #index = new TopicTree<Route<S>>();
  readonly #looksMax: number;
  /** What new filters may look at beyond what is free. */
  #looks = 0;
  readonly #users = new FilterUsers<S>();

  /** @param routesMax How many routes at most, rounded up to 8 × 2^n. */
  constructor(routesMax: number) {
    let sets = 1;
    while (sets * WAYS < routesMax) sets *= 2;
    this.#sets = sets;
    this.#looksMax = LOOKS_EACH * sets * WAYS;
    this.#routes = new Array(sets * WAYS).fill(null);
    this.#hashes = new Int32Array(sets * WAYS);
    this.#hands = new Uint8Array(sets);
    this.#seen = new Int32Array(sets * SEEN_WAYS);
  }

  /** How many routes are kept. */
  get size(): number {
    return this.#index.size;
  }

  /** A walk to the routes of all topics that `filter` matches. */
  walk(filter: string): TopicWalk<Route<S>> {
    return this.#index.walk(filter);
  }

  /** The route of the topic `bytes[at, end)`, whose hash is `hash`. */
  find(
    hash: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): Route<S> | undefined {
    const first = (hash & (this.#sets - 1)) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#hashes[place] !== hash) continue;
      const route = this.#routes[place]!;
      if (route !== null && sameBytes(route.bytes, bytes, at, end)) {
        route.used = true;
        return route;
      }
    }
    return undefined;
  }

  /** Offers a route that was not found; whether it was taken in. */
  offer(route: Route<S>): boolean {
    if (route.filters.length > FILTERS_MAX) return false;
    const set = route.hash & (this.#sets - 1);
    const place = this.#freePlace(set) ?? this.#evictFor(route, set);
    if (place === undefined) return false;
    this.#routes[place] = route;
    this.#hashes[place] = route.hash;
    route.place = place;
    route.isCached = true;
    for (const filter of route.filters) this.#users.add(filter, route);
    this.#index.set(route.topic, route);
    this.#looks = Math.min(this.#looks + LOOKS_EACH, this.#looksMax);
    this.admitted++;
    return true;
  }

  /**
   * The routes of all topics that `filter` matches. Where they are very many,
   * or hard to find, it forgets all routes instead: they cost less to make
   * anew, one by one.
   */
  #touchedBy(filter: string): readonly Route<S>[] {
    if (this.#index.size === 0) return [];
    const walk = this.#index.walk(filter);
    const budget = { nodesLeft: this.#looks + LOOKS_FREE };
    const touched: Route<S>[] = [];
    while (touched.length < TOUCHED_MAX) {
      const route = walk.next(budget);
      if (route === undefined) break;
      touched.push(route);
    }
    this.#looks = Math.max(0, Math.min(this.#looks, budget.nodesLeft));
    if (walk.isDone) return touched;
    this.clear();
    return [];
  }

  /** A filter that is new, made known to the routes that it matches. */
  addFilter(added: SubscribedFilter<S>): void {
    for (const route of this.#touchedBy(added.filter)) {
      if (route.filters.length === FILTERS_MAX) {
        this.#drop(route);
        continue;
      }
      route.filters.push(added);
      this.#users.add(added, route);
    }
  }

  /** A filter that has lost its last subscription. */
  removeFilter(removed: SubscribedFilter<S>): void {
    this.#users.forget(removed);
  }

  /** Subscriptions of `filter` have changed: routes that know it are stale. */
  markStale(filter: SubscribedFilter<S>): void {
    this.#users.markStale(filter);
  }

  /** Forgets all routes. */
  clear(): void {
    for (const route of this.#routes) {
      if (route !== null) route.isCached = false;
    }
    this.#users.clear();
    this.#routes.fill(null);
    this.#index.clear();
  }

  #freePlace(set: number): number | undefined {
    for (let way = 0; way < WAYS; way++) {
      if (this.#routes[set * WAYS + way] === null) return set * WAYS + way;
    }
    return undefined;
  }

  #evictFor(route: Route<S>, set: number): number | undefined {
    if (!this.#seenBefore(route.hash, set)) return undefined;
    for (let looked = 0; looked < WAYS; looked++) {
      const place = set * WAYS + this.#hands[set]!;
      this.#hands[set] = (this.#hands[set]! + 1) % WAYS;
      const old = this.#routes[place]!;
      if (!old.used) {
        this.#drop(old);
        return place;
      }
      old.used = false;
    }
    return undefined;
  }

  /** Whether this hash was turned away before; remembers it if not. */
  #seenBefore(hash: number, set: number): boolean {
    const first = set * SEEN_WAYS;
    for (let i = first; i < first + SEEN_WAYS; i++) {
      if (this.#seen[i] === hash) return true;
    }
    this.#seen.copyWithin(first + 1, first, first + SEEN_WAYS - 1);
    this.#seen[first] = hash;
    return false;
  }

  #drop(route: Route<S>): void {
    this.#routes[route.place] = null;
    route.isCached = false;
    this.#users.remove(route);
    this.#index.delete(route.topic);
  }
}

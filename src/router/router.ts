/**
 * The router: from a topic's bytes to those who subscribed to it. A cache of
 * compiled routes in front of the trie of filters.
 *
 * @module
 */

import { decodeText, encodeText } from "../codec/text.ts";
import type { TopicLimits } from "../topic/topic.ts";
import { Audiences } from "./audiences.ts";
import { FilterTrie } from "./filter_trie.ts";
import { mergeTargets } from "./merged_target.ts";
import {
  hashTopic,
  Route,
  sameBytes,
  takesRuns,
  type Targets,
} from "./route.ts";
import { RouteCache } from "./route_cache.ts";
import { checkTopicName } from "./topic_name.ts";
import type { TopicWalk } from "./topic_walk.ts";
import {
  type Grant,
  type SubscribedFilter,
  type Subscriber,
  Subscription,
  type Target,
} from "../topic/subscription.ts";

/** What a router is made with. */
export interface RouterOptions extends TopicLimits {
  /** How many compiled routes are kept. */
  readonly routeCacheMax: number;
  /** Any number; one that a peer can't guess makes collisions hard. */
  readonly hashSeed: number;
  /**
   * Whether a subscriber of which several filters match is a target once for
   * each; else one target stands for all of them.
   */
  readonly deliversEach: boolean;
}

/**
 * Subscriptions in, routes out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ALL_RIGHTS } from "../topic/rights.ts";
 * import { PLAIN_GRANTS, type Subscriber } from "../topic/subscription.ts";
 * import { Router } from "./router.ts";
 *
 * const router = new Router<Subscriber>({
 *   topicBytesMax: 100,
 *   topicLevelsMax: 8,
 *   routeCacheMax: 64,
 *   hashSeed: 1,
 *   deliversEach: false,
 * });
 * const rights = ALL_RIGHTS;
 * const ada = { wantsEach: false, rights, routeMark: 0, routeIndex: 0 };
 * router.subscribe(ada, "room/+", PLAIN_GRANTS[1]);
 * assertEquals(router.routeOf("room/1").targets[0]?.subscriber, ada);
 * ```
 */
export class Router<S extends Subscriber> {
  /** Messages whose route was in the cache. */
  hits = 0;
  /** Messages whose route was compiled. */
  misses = 0;
  /** Nodes of filters, and subscriptions, that routes were made from. */
  looks = 0;
  readonly #options: RouterOptions;
  readonly #trie = new FilterTrie<S>();
  readonly #cache: RouteCache<S>;
  readonly #audiences = new Audiences<S>();
  #mark = 0;
  #lastId = 0;
  #size = 0;

  /** A router without subscriptions. */
  constructor(options: RouterOptions) {
    this.#options = options;
    this.#cache = new RouteCache(options.routeCacheMax);
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#size;
  }

  /** What the filters of all subscriptions take, bytes. */
  get filterBytes(): number {
    return this.#trie.bytes;
  }

  /** What a subscription to `filter` would add to that, at most. */
  filterBytesFor(filter: string): number {
    return this.#trie.bytesFor(filter);
  }

  /** How many compiled routes are kept. */
  get cachedRoutes(): number {
    return this.#cache.size;
  }

  /** A walk to the compiled routes of all topics that `filter` matches. */
  walkRoutes(filter: string): TopicWalk<Route<S>> {
    return this.#cache.walk(filter);
  }

  /** Forgets all compiled routes, which are then compiled anew. */
  forgetRoutes(): void {
    this.#cache.clear();
  }

  /**
   * Adds a subscription; the caller has made sure that this subscriber has
   * none with this filter, and that the filter is valid.
   */
  subscribe(subscriber: S, filter: string, grant: Grant): Subscription<S> {
    this.#lastId = (this.#lastId + 1) | 0;
    const subscribed = this.#trie.get(filter) ?? this.#addFilter(filter);
    const subscription = new Subscription(
      this.#lastId,
      subscriber,
      subscribed,
      grant,
      subscriber.rights.reach(filter) !== "all",
    );
    subscribed.link(subscription);
    this.#changed(subscribed);
    this.#size++;
    return subscription;
  }

  /** Changes what is granted to a subscription. */
  regrant(subscription: Subscription<S>, grant: Grant): void {
    if (subscription.grant === grant) return;
    subscription.grant = grant;
    this.#changed(subscription.subscribed);
  }

  /** The subscriber of a subscription has other rights than before. */
  recheck(subscription: Subscription<S>): void {
    const { subscribed, subscriber } = subscription;
    const isChecked = subscriber.rights.reach(subscribed.filter) !== "all";
    if (isChecked !== subscription.isChecked) {
      subscribed.checked += isChecked ? 1 : -1;
      subscription.isChecked = isChecked;
    } else if (!isChecked) return;
    this.#changed(subscribed);
  }

  /** Removes a subscription. */
  unsubscribe(subscription: Subscription<S>): void {
    const { subscribed } = subscription;
    subscribed.unlink(subscription);
    this.#changed(subscribed);
    if (subscribed.first === null) {
      this.#trie.remove(subscribed.filter);
      this.#cache.removeFilter(subscribed);
    }
    this.#audiences.clear();
    this.#size--;
  }

  /**
   * The route of the topic in `bytes[at, end)`. A topic is looked at only
   * when its route is not in the cache: what is in there is valid.
   *
   * @param guess A route that is still good, of the message before, say.
   * @throws {ProtocolError} When the topic name is malformed or above a
   * limit.
   */
  route(
    bytes: Uint8Array,
    at: number,
    end: number,
    guess: Route<S> | null,
  ): Route<S> {
    if (guess !== null && sameBytes(guess.bytes, bytes, at, end)) {
      this.hits++;
      return guess;
    }
    const hash = hashTopic(this.#options.hashSeed, bytes, at, end);
    const cached = this.#cache.find(hash, bytes, at, end);
    if (cached !== undefined) {
      this.hits++;
      if (cached.isStale) this.#refresh(cached);
      return cached;
    }
    this.misses++;
    const route = this.#compile(hash, bytes, at, end);
    this.#cache.offer(route);
    return route;
  }

  /** The same for a topic in a string. */
  routeOf(topic: string): Route<S> {
    const bytes = encodeText(topic);
    return this.route(bytes, 0, bytes.length, null);
  }

  #compile(
    hash: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): Route<S> {
    const topic = decodeText(bytes, at, end);
    checkTopicName(topic, this.#options);
    const filters: SubscribedFilter<S>[] = [];
    const found = (filter: SubscribedFilter<S>) => filters.push(filter);
    this.looks += this.#trie.match(topic, found);
    return new Route(
      hash,
      bytes.slice(at, end),
      topic,
      filters,
      this.#targetsOf(filters, topic),
    );
  }

  /** A new filter, made known to the routes that it matches. */
  #addFilter(filter: string): SubscribedFilter<S> {
    const added = this.#trie.add(filter);
    this.#cache.addFilter(added);
    return added;
  }

  /**
   * Subscriptions of `filter` have changed. The routes that know the filter
   * make their targets anew when they are used next.
   */
  #changed(filter: SubscribedFilter<S>): void {
    filter.targets = null;
    this.#cache.markStale(filter);
  }

  /** Brings the targets up to date: a filter of the route has changed. */
  #refresh(route: Route<S>): void {
    route.isStale = false;
    for (const filter of route.filters) filter.hasTold = false;
    // One without subscribers is out of the trie, and another takes its place.
    route.filters = route.filters.filter(({ first }) => first !== null);
    route.targets = this.#targetsOf(route.filters, route.topic);
    route.takesRuns = route.targets.every(takesRuns);
  }

  #targetsOf(
    filters: readonly SubscribedFilter<S>[],
    topic: string,
  ): Targets<S> {
    const [only] = filters;
    if (filters.length !== 1 || only!.checked > 0) {
      return this.#audiences.share(this.#merge(filters, topic));
    }
    return only!.targets ??= this.#merge(filters, topic);
  }

  /**
   * All subscriptions of `filters` whose subscribers may read `topic`, those
   * of one subscriber in one target.
   */
  #merge(
    filters: readonly SubscribedFilter<S>[],
    topic: string,
  ): Targets<S> {
    const targets: Target<S>[] = [];
    const mark = ++this.#mark;
    for (const { first } of filters) {
      for (let each = first; each !== null; each = each.next) {
        this.looks++;
        const { subscriber } = each;
        if (each.isChecked && !subscriber.rights.mayRead(topic)) continue;
        if (subscriber.routeMark !== mark || this.#options.deliversEach) {
          subscriber.routeMark = mark;
          subscriber.routeIndex = targets.length;
          targets.push(each);
        } else {
          const index = subscriber.routeIndex;
          targets[index] = mergeTargets(targets[index]!, each);
        }
      }
    }
    return targets;
  }
}

/**
 * The router: from a topic's bytes to those who subscribed to it. A cache of
 * compiled routes in front of the trie of filters.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { TOPIC_NAME_INVALID } from "../codec/reason_code.ts";
import { decodeText, encodeText } from "../codec/text.ts";
import { type TopicLimits, topicNameFault } from "../topic/topic.ts";
import { Audiences } from "./audiences.ts";
import { FilterTrie } from "./filter_trie.ts";
import { hashTopic, Route, sameBytes } from "./route.ts";
import { RouteCache } from "./route_cache.ts";
import { type Subscriber, Subscription } from "../topic/subscription.ts";

/** What a router is made with. */
export interface RouterOptions extends TopicLimits {
  /** How many compiled routes are kept. */
  readonly routeCacheMax: number;
  /** Any number; one that a peer can't guess makes collisions hard. */
  readonly hashSeed: number;
}

/**
 * Subscriptions in, routes out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Router } from "./router.ts";
 *
 * const router = new Router<{ routeMark: number; routeIndex: number }>({
 *   topicBytesMax: 100,
 *   topicLevelsMax: 8,
 *   routeCacheMax: 64,
 *   hashSeed: 1,
 * });
 * const ada = { routeMark: 0, routeIndex: 0 };
 * router.subscribe(ada, "room/+", 1);
 * assertEquals(router.routeOf("room/1").targets[0]?.subscriber, ada);
 * ```
 */
export class Router<S extends Subscriber> {
  /** Messages whose route was in the cache. */
  hits = 0;
  /** Messages whose route was compiled. */
  misses = 0;
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

  /** How many compiled routes are kept. */
  get cachedRoutes(): number {
    return this.#cache.size;
  }

  /**
   * Adds a subscription; the caller has made sure that this subscriber has
   * none with this filter, and that the filter is valid.
   */
  subscribe(subscriber: S, filter: string, qos: QoS): Subscription<S> {
    this.#lastId = (this.#lastId + 1) | 0;
    const subscription = new Subscription(
      this.#lastId,
      subscriber,
      filter,
      qos,
    );
    this.#trie.add(subscription);
    this.#cache.invalidate(filter);
    this.#size++;
    return subscription;
  }

  /** Changes the granted QoS of a subscription. */
  regrant(subscription: Subscription<S>, qos: QoS): void {
    if (subscription.qos === qos) return;
    subscription.qos = qos;
    this.#cache.invalidate(subscription.filter);
  }

  /** Removes a subscription. */
  unsubscribe(subscription: Subscription<S>): void {
    this.#trie.remove(subscription);
    this.#audiences.clear();
    this.#cache.invalidate(subscription.filter);
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
    const fault = topicNameFault(topic, this.#options);
    if (fault !== undefined) throw new ProtocolError(TOPIC_NAME_INVALID, fault);
    const targets: Subscription<S>[] = [];
    const mark = ++this.#mark;
    this.#trie.match(topic, (head) => {
      for (
        let each: Subscription<S> | null = head;
        each !== null;
        each = each.next
      ) {
        const { subscriber } = each;
        if (subscriber.routeMark !== mark) {
          subscriber.routeMark = mark;
          subscriber.routeIndex = targets.length;
          targets.push(each);
        } else if (each.qos > targets[subscriber.routeIndex]!.qos) {
          targets[subscriber.routeIndex] = each;
        }
      }
    });
    return new Route(
      hash,
      bytes.slice(at, end),
      topic,
      this.#audiences.share(targets),
    );
  }
}

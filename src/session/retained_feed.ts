/**
 * Retained messages on their way to a session that has subscribed. They are
 * looked for as the socket drains, and a bounded way at a time: so that `#`
 * over a million retained messages costs a place in the tree and no more,
 * and neither does a filter that looks at a million and finds none.
 *
 * @module
 */

import type { Subscriber, Subscription } from "../topic/subscription.ts";
import type { Message } from "../codec/message.ts";
import { Delivery } from "./delivery.ts";

/** What all sessions of a broker have pending together. */
export interface RetainedPending {
  /** Subscriptions for which retained messages are looked for. */
  retainedPending: number;
}

/** A topic's place among the retained messages: see `router/retained.ts`. */
export interface FeedSlot {
  /** The message; `undefined` once the topic has none. */
  readonly message: Message | undefined;
  /** The client that has published it, if that is known. */
  readonly from: string | undefined;
  /** When it changed last. */
  readonly version: number;
}

/** How far a feed may go now. */
export interface FeedBudget {
  /** Nodes of the tree of topics that may be looked at. */
  nodesLeft: number;
}

/** A walk along a filter: see `router/topic_walk.ts`. */
export interface FeedWalk {
  /** Whether there is nothing more to find. */
  readonly isDone: boolean;
  /** The next place, unless the budget or the walk is over. */
  next(budget: FeedBudget): FeedSlot | undefined;
}

/** Where they come from. */
export interface FeedSource {
  /** Counts the changes. */
  readonly version: number;
  /** A walk to the places of all topics that `filter` matches. */
  walk(filter: string): FeedWalk;
}

/** Whoever gets them. */
interface Reader extends Subscriber {
  /** The client identifier. */
  readonly clientId: string;
}

/** What asking the rules costs, in nodes. */
const CHECK_NODES = 20;

/** One session's pending retained messages, in order of subscription. */
export class RetainedFeed<S extends Reader> {
  /** The latest for which messages were asked for. */
  version = 0;
  readonly #total: RetainedPending;
  /**
   * By subscription: what changes in the source after this version reaches
   * the client as it is published.
   */
  readonly #versions = new Map<Subscription<S>, number>();
  /** Of the first; made when it is its turn. */
  #walk: FeedWalk | undefined;
  /** What it has found and was not taken off yet. */
  #slot: FeedSlot | undefined;

  /** An empty one. */
  constructor(total: RetainedPending) {
    this.#total = total;
  }

  /** For how many subscriptions messages are pending, or may be. */
  get length(): number {
    return this.#versions.size;
  }

  /** The subscription whose messages are next; there is one. */
  get first(): Subscription<S> {
    return this.#versions.keys().next().value!;
  }

  /**
   * Appends what the subscription's filter matches in `source` now. If it is
   * in already, then from the beginning: [MQTT-3.8.4-3].
   */
  push(subscription: Subscription<S>, { version }: FeedSource): void {
    this.drop(subscription);
    this.#versions.set(subscription, version);
    this.version = version;
    this.#total.retainedPending++;
  }

  /** Drops what is pending for a subscription, if anything is. */
  drop(subscription: Subscription<S>): void {
    if (!this.#versions.has(subscription)) return;
    if (this.first === subscription) this.#walk = this.#slot = undefined;
    this.#versions.delete(subscription);
    this.#total.retainedPending--;
  }

  /**
   * The first that was not replaced since and that the client may read, with
   * what is granted now; `undefined` when none is left, or the budget is used
   * up before one is found.
   */
  peek(source: FeedSource, budget: FeedBudget): Delivery | undefined {
    while (this.#versions.size > 0) {
      const [subscription, version] = this.#versions.entries().next().value!;
      this.#walk ??= source.walk(subscription.filter);
      this.#slot ??= this.#walk.next(budget);
      if (this.#slot === undefined) {
        if (!this.#walk.isDone) return undefined;
        this.drop(subscription);
        continue;
      }
      const { message, from, version: changed } = this.#slot;
      const isDue = message !== undefined && changed <= version &&
        !isKeptBack(subscription, from) &&
        mayRead(subscription, message, budget);
      if (!isDue) {
        this.#slot = undefined;
        continue;
      }
      const { qos: most, subscriptionIds } = subscription.grant;
      // [MQTT-3.8.4-6]: the lower of what was published and granted.
      const qos = message.qos < most ? message.qos : most;
      return new Delivery(message, qos, true, subscriptionIds);
    }
    return undefined;
  }

  /** Takes off what {@linkcode peek} has returned. */
  shift(): void {
    this.#slot = undefined;
  }

  /** Drops all. */
  clear(): void {
    this.#walk = this.#slot = undefined;
    this.#total.retainedPending -= this.#versions.size;
    this.#versions.clear();
  }
}

/** [MQTT5-3.8.3-3]: with No Local what the client has published itself. */
function isKeptBack<S extends Reader>(
  { grant, subscriber }: Subscription<S>,
  from: string | undefined,
): boolean {
  return grant.noLocal && from === subscriber.clientId;
}

function mayRead<S extends Subscriber>(
  { isChecked, subscriber }: Subscription<S>,
  { topic }: Message,
  budget: FeedBudget,
): boolean {
  if (!isChecked) return true;
  budget.nodesLeft -= CHECK_NODES;
  return subscriber.rights.mayRead(topic);
}

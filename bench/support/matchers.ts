/**
 * Our router and `qlobber`'s trie behind one interface: subscriptions in and
 * out, and how many of them a stream of topics reaches.
 *
 * Each subscription has a subscriber of its own, so both find the same
 * number. Ours is given bytes, as they come from a socket; theirs is given
 * text that is ready, which the parser in front of it has paid for.
 */

import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import type { QoS } from "../../src/base/qos.ts";
import { limitsWith } from "../../src/broker/limits.ts";
import { Router } from "../../src/router/router.ts";
import {
  PLAIN_GRANTS,
  type Subscriber,
  type Subscription,
} from "../../src/topic/subscription.ts";
import type { Qlobber } from "./oracles.ts";
import type { Topics } from "./populations.ts";

/** `H` stands for a subscription. */
export interface Matcher<H> {
  add(filter: string, subscriber: Subscriber): H;
  remove(handle: H): void;
  /** How many subscriptions the topics from `first` to `last` reach. */
  match(topics: Topics, first: number, last: number): number;
}

/** What a broker has to know of a subscription, for a trie of any values. */
export interface Value {
  readonly filter: string;
  readonly subscriber: Subscriber;
  readonly qos: QoS;
}

export class RouterMatcher implements Matcher<Subscription<Subscriber>> {
  /** With the limits that a broker has. */
  readonly router: Router<Subscriber> = new Router<Subscriber>({
    ...limitsWith({}),
    hashSeed: 1,
    deliversEach: false,
  });

  add(filter: string, subscriber: Subscriber): Subscription<Subscriber> {
    return this.router.subscribe(subscriber, filter, PLAIN_GRANTS[1]);
  }

  remove(handle: Subscription<Subscriber>): void {
    this.router.unsubscribe(handle);
  }

  match({ bytes, ends }: Topics, first: number, last: number): number {
    let found = 0;
    for (let i = first; i < last; i++) {
      const route = this.router.route(bytes, ends[i]!, ends[i + 1]!, null);
      found += route.targets.length;
    }
    return found;
  }

  /** Makes the router forget all routes. */
  forgetRoutes(): void {
    this.router.forgetRoutes();
  }
}

export class QlobberMatcher implements Matcher<Value> {
  readonly #trie: Qlobber<Value>;

  constructor(trie: Qlobber<Value>) {
    this.#trie = trie;
  }

  add(filter: string, subscriber: Subscriber): Value {
    const value: Value = { filter, subscriber, qos: 1 };
    this.#trie.add(filter, value);
    return value;
  }

  remove(value: Value): void {
    this.#trie.remove(value.filter, value);
  }

  match({ texts }: Topics, first: number, last: number): number {
    let found = 0;
    for (let i = first; i < last; i++) {
      found += this.#trie.match(texts[i]!).length;
    }
    return found;
  }
}

export function newSubscriber(): Subscriber {
  return { wantsEach: false, rights: ALL_RIGHTS, routeMark: 0, routeIndex: 0 };
}

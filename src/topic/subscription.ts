/**
 * Subscriptions, the filters that they share, and what the router knows of
 * a subscriber. It does not know sessions: whoever subscribes is a
 * {@linkcode Subscriber}.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Rights } from "./rights.ts";

/** Whoever can subscribe. */
export interface Subscriber {
  /** Whether each message is to be looked at on its own for this one. */
  readonly wantsEach: boolean;
  /** What it may receive: asked where a subscription `isChecked`. */
  readonly rights: Pick<Rights, "mayRead" | "reach">;
  /** The router's: the last compilation that met this subscriber. */
  routeMark: number;
  /** The router's: its place among the targets of that compilation. */
  routeIndex: number;
}

/** What was granted: MQTT 5.0 section 3.8.3.1. It does not change. */
export interface Grant {
  /** The greatest QoS. */
  readonly qos: QoS;
  /** Whether the subscriber's own messages are left out. */
  readonly noLocal: boolean;
  /** Whether RETAIN goes out as it came in. */
  readonly retainAsPublished: boolean;
  /** What the subscriber calls it: at most one, several once merged. */
  readonly subscriptionIds: readonly number[];
}

const NO_IDS: readonly number[] = [];

/** The grants without options, by QoS: all that 3.1 and 3.1.1 know. */
export const PLAIN_GRANTS: readonly [Grant, Grant, Grant] = [
  plainGrant(0),
  plainGrant(1),
  plainGrant(2),
];

function plainGrant(qos: QoS): Grant {
  return {
    qos,
    noLocal: false,
    retainAsPublished: false,
    subscriptionIds: NO_IDS,
  };
}

/** A receiver of the messages of a route, and how it gets them. */
export interface Target<S extends Subscriber> {
  /** Who receives. */
  readonly subscriber: S;
  /** How. */
  readonly grant: Grant;
  /** What counts for the subscriber's own messages: null for none. */
  readonly own: Target<S> | null;
  /** Tells it from others, within 32 bits. */
  readonly id: number;
}

/**
 * One subscription. Those of one filter form a list through `previous` and
 * `next`, so that each comes and goes in constant time.
 */
export class Subscription<S extends Subscriber> implements Target<S> {
  /** Who receives. */
  readonly subscriber: S;
  /** To what, with whom. */
  readonly subscribed: SubscribedFilter<S>;
  /** How; it changes when the client subscribes again. */
  grant: Grant;
  /** Whether the subscriber may not read all that the filter matches. */
  isChecked: boolean;
  /** The one before in the filter's list. */
  previous: Subscription<S> | null = null;
  /** The one behind in the filter's list. */
  next: Subscription<S> | null = null;
  /** Tells it from others, within 32 bits. */
  readonly id: number;

  /** Made by `Router.subscribe`. */
  constructor(
    id: number,
    subscriber: S,
    subscribed: SubscribedFilter<S>,
    grant: Grant,
    isChecked: boolean,
  ) {
    this.id = id;
    this.subscriber = subscriber;
    this.subscribed = subscribed;
    this.grant = grant;
    this.isChecked = isChecked;
  }

  /** The filter as sent. */
  get filter(): string {
    return this.subscribed.filter;
  }

  /** [MQTT5-3.8.3-3]: with No Local the own messages are left out. */
  get own(): Target<S> | null {
    return this.grant.noLocal ? null : this;
  }
}

/** A filter and all who subscribe to it. */
export class SubscribedFilter<S extends Subscriber> {
  /** The topic filter. */
  readonly filter: string;
  /** The first in the list of subscriptions. */
  first: Subscription<S> | null = null;
  /** The list as an array that does not change; null when it is out of date. */
  targets: readonly Target<S>[] | null = null;
  /** How many of the subscriptions are checked, topic by topic. */
  checked = 0;
  /** The router's: all cached routes that know it have been told already. */
  hasTold = false;

  /** One without subscriptions. */
  constructor(filter: string) {
    this.filter = filter;
  }

  /** Puts `added` in front. */
  link(added: Subscription<S>): void {
    added.next = this.first;
    if (this.first !== null) this.first.previous = added;
    this.first = added;
    if (added.isChecked) this.checked++;
  }

  /** Takes `removed` out. */
  unlink(removed: Subscription<S>): void {
    const { previous, next } = removed;
    if (previous !== null) previous.next = next;
    else this.first = next;
    if (next !== null) next.previous = previous;
    removed.previous = removed.next = null;
    if (removed.isChecked) this.checked--;
  }
}

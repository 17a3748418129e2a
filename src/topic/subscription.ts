/**
 * A subscription, and what the router knows of a subscriber. It does not
 * know sessions: whoever subscribes is a {@linkcode Subscriber}.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";

/** Whoever can subscribe. The two fields belong to the router. */
export interface Subscriber {
  /** The last compilation that met this subscriber. */
  routeMark: number;
  /** Its place among the targets of that compilation. */
  routeIndex: number;
}

/**
 * One subscription. Those of one filter form a list through `previous` and
 * `next`, so that each comes and goes in constant time.
 */
export class Subscription<S extends Subscriber> {
  /** Who receives. */
  readonly subscriber: S;
  /** The filter as sent. */
  readonly filter: string;
  /** The QoS granted; it changes when the client subscribes again. */
  qos: QoS;
  /** The one before in the filter's list. */
  previous: Subscription<S> | null = null;
  /** The one behind in the filter's list. */
  next: Subscription<S> | null = null;

  /** Tells it from others, within 32 bits. */
  readonly id: number;

  /** Made by `Router.subscribe`. */
  constructor(id: number, subscriber: S, filter: string, qos: QoS) {
    this.id = id;
    this.subscriber = subscriber;
    this.filter = filter;
    this.qos = qos;
  }
}

/** Puts `added` before `head`; returns the new head. */
export function linkFirst<S extends Subscriber>(
  head: Subscription<S> | null,
  added: Subscription<S>,
): Subscription<S> {
  added.next = head;
  if (head !== null) head.previous = added;
  return added;
}

/** Takes `removed` out of the list at `head`; returns the new head. */
export function unlink<S extends Subscriber>(
  head: Subscription<S> | null,
  removed: Subscription<S>,
): Subscription<S> | null {
  const { previous, next } = removed;
  if (previous !== null) previous.next = next;
  if (next !== null) next.previous = previous;
  removed.previous = removed.next = null;
  return previous === null ? next : head;
}

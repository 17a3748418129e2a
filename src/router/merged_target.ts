/**
 * One receiver for several subscriptions of a subscriber that match the same
 * topic: it gets the message once, with the greatest QoS of them
 * [MQTT-3.3.5-1] and all their subscription identifiers [MQTT5-3.3.4-4].
 *
 * @module
 */

import type { Grant, Subscriber, Target } from "../topic/subscription.ts";

/**
 * What both stand for, of one subscriber: one of them where that says all.
 * `a` may be what an earlier call has given; then it is that one no more.
 */
export function mergeTargets<S extends Subscriber>(
  a: Target<S>,
  b: Target<S>,
): Target<S> {
  if (isPlain(a) && isPlain(b)) {
    return b.grant.qos > a.grant.qos ? b : a;
  }
  const merged = a instanceof MergedTarget ? a : new MergedTarget(a);
  merged.add(b);
  return merged;
}

/** Whether there is nothing about it but a QoS. */
function isPlain<S extends Subscriber>(target: Target<S>): boolean {
  const { grant, own } = target;
  return own === target && !grant.retainAsPublished &&
    grant.subscriptionIds.length === 0;
}

/** It takes in one after the other, for there may be thousands. */
class MergedTarget<S extends Subscriber> implements Target<S> {
  readonly subscriber: S;
  readonly grant: { -readonly [K in keyof Grant]: Grant[K] };
  readonly #subscriptionIds: number[];
  #own: Target<S> | null;
  #id: number;

  /** One that stands for `first` alone. */
  constructor(first: Target<S>) {
    const { subscriber, grant, own, id } = first;
    this.subscriber = subscriber;
    this.#subscriptionIds = [...grant.subscriptionIds];
    this.grant = { ...grant, subscriptionIds: this.#subscriptionIds };
    this.#own = own === first ? this : own;
    this.#id = id;
  }

  get own(): Target<S> | null {
    return this.#own;
  }

  get id(): number {
    return this.#id;
  }

  /** Stands for `target` too. */
  add(target: Target<S>): void {
    // First, while this is still without it.
    this.#own = this.#ownWith(target);
    const { grant } = this;
    const { qos, noLocal, retainAsPublished, subscriptionIds } = target.grant;
    if (qos > grant.qos) grant.qos = qos;
    grant.noLocal &&= noLocal;
    grant.retainAsPublished ||= retainAsPublished;
    for (const id of subscriptionIds) this.#subscriptionIds.push(id);
    this.#id = Math.imul(this.#id, 31) ^ target.id;
  }

  /** A subscription without No Local gets the own messages all the same. */
  #ownWith(target: Target<S>): Target<S> | null {
    const own = this.#own;
    if (own === this && target.own === target) return this;
    if (own === null) return target.own;
    // From here on the two are not the same any more.
    const apart = own === this ? new MergedTarget<S>(this) : own;
    return target.own === null ? apart : mergeTargets(apart, target.own);
  }
}

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
 */
export function mergeTargets<S extends Subscriber>(
  a: Target<S>,
  b: Target<S>,
): Target<S> {
  if (isPlain(a) && isPlain(b)) {
    return b.grant.qos > a.grant.qos ? b : a;
  }
  return new MergedTarget(a, b);
}

/** Whether there is nothing about it but a QoS. */
function isPlain<S extends Subscriber>(target: Target<S>): boolean {
  const { grant, own } = target;
  return own === target && !grant.retainAsPublished &&
    grant.subscriptionIds.length === 0;
}

class MergedTarget<S extends Subscriber> implements Target<S> {
  readonly subscriber: S;
  readonly grant: Grant;
  readonly own: Target<S> | null;
  readonly id: number;

  constructor(a: Target<S>, b: Target<S>) {
    this.subscriber = a.subscriber;
    this.grant = {
      qos: a.grant.qos > b.grant.qos ? a.grant.qos : b.grant.qos,
      noLocal: a.grant.noLocal && b.grant.noLocal,
      retainAsPublished: a.grant.retainAsPublished ||
        b.grant.retainAsPublished,
      subscriptionIds: [
        ...a.grant.subscriptionIds,
        ...b.grant.subscriptionIds,
      ],
    };
    this.id = Math.imul(a.id, 31) ^ b.id;
    // A subscription without No Local gets the own messages all the same.
    if (a.own === a && b.own === b) this.own = this;
    else if (a.own === null || b.own === null) this.own = a.own ?? b.own;
    else this.own = mergeTargets(a.own, b.own);
  }
}

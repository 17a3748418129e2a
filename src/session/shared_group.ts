/**
 * A shared subscription, MQTT 5.0 section 4.8.2: sessions that subscribe to
 * `$share/{name}/{filter}`, of which one gets each message.
 *
 * Among the router's subscribers a group is one: a session that has members
 * in place of a connection.
 *
 * @module
 */

import {
  type Grant,
  SubscribedFilter,
  Subscription,
} from "../topic/subscription.ts";
import type { Session } from "./session.ts";

/** How a group chooses who gets a message. */
export type ShareStrategy =
  | "round-robin"
  | "least-inflight"
  | "hash-client-id"
  | "hash-topic";

/** A subscription of one member. */
export type Member<C> = Subscription<Session<C>>;

/** The members of one shared subscription. */
export class SharedGroup<C> {
  /** The whole filter, `$share/{name}/{filter}`. */
  readonly filter: string;
  /** In the order in which they came. */
  readonly members: Member<C>[] = [];
  /** The group's own subscription to the filter without `$share/{name}/`. */
  readonly subscription: Member<C>;
  readonly #subscribed: SubscribedFilter<Session<C>>;
  #next = 0;
  #lastId = 0;

  /** A group without members. */
  constructor(filter: string, subscription: Member<C>) {
    this.filter = filter;
    this.subscription = subscription;
    this.#subscribed = new SubscribedFilter(filter);
  }

  /** Adds a member; the caller has made sure that it is none yet. */
  join(session: Session<C>, grant: Grant): Member<C> {
    const member = new Subscription(
      ++this.#lastId,
      session,
      this.#subscribed,
      grant,
      session.rights.reach(this.subscription.filter) !== "all",
    );
    this.members.push(member);
    return member;
  }

  /** A member has other rights than before. */
  recheck(member: Member<C>): void {
    const { rights } = member.subscriber;
    member.isChecked = rights.reach(this.subscription.filter) !== "all";
  }

  /** Removes a member. */
  leave(member: Member<C>): void {
    const index = this.members.indexOf(member);
    this.members.splice(index, 1);
    if (index < this.#next) this.#next--;
  }

  /**
   * The best member: the one for which `costOf` is least. Of several it is
   * the next one, all around, or that from place `first` on; `undefined` when
   * none is below `Infinity`.
   */
  choose(
    costOf: (member: Member<C>) => number,
    first: number = this.#next,
  ): Member<C> | undefined {
    const { length } = this.members;
    let best: Member<C> | undefined;
    let bestCost = Infinity;
    let bestAt = 0;
    for (let i = 0; i < length && bestCost > 0; i++) {
      const at = (first + i) % length;
      const member = this.members[at]!;
      const cost = costOf(member);
      if (cost >= bestCost) continue;
      best = member;
      bestCost = cost;
      bestAt = at;
    }
    if (best !== undefined) this.#next = (bestAt + 1) % length;
    return best;
  }
}

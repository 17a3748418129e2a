/**
 * Retained messages on their way to a session that has subscribed. They are
 * taken as the socket drains, so that `#` over a million retained messages
 * costs a list of references and no more. What waits are the topics' places,
 * so that a message which is replaced meanwhile is not kept alive.
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import type { Grant } from "../topic/subscription.ts";
import { Delivery } from "./delivery.ts";

/** What all sessions of a broker have pending together. */
export interface RetainedPending {
  /** Messages. */
  retainedPending: number;
}

/** A topic's place among the retained messages: see `router/retained.ts`. */
export interface FeedSlot {
  /** The message; `undefined` once the topic has none. */
  readonly message: Message | undefined;
  /** When it changed last. */
  readonly version: number;
}

interface Portion {
  readonly slots: readonly FeedSlot[];
  readonly grant: Grant;
  /** What changed after this has reached the client as it was published. */
  readonly version: number;
}

/** One session's pending retained messages, in order of subscription. */
export class RetainedFeed {
  readonly #total: RetainedPending;
  #portions: Portion[] = [];
  /** The place in the first portion. */
  #at = 0;
  #length = 0;

  /** An empty one. */
  constructor(total: RetainedPending) {
    this.#total = total;
  }

  /** How many messages are pending, those that were replaced included. */
  get length(): number {
    return this.#length;
  }

  /** Appends `slots` as of `version`; they go out as `grant` says. */
  push(slots: readonly FeedSlot[], grant: Grant, version: number): void {
    if (slots.length === 0) return;
    this.#portions.push({ slots, grant, version });
    this.#count(slots.length);
  }

  /** The first that was not replaced since; `undefined` when none is left. */
  peek(): Delivery | undefined {
    while (this.#length > 0) {
      const { slots, grant, version } = this.#portions[0]!;
      const { message, version: changed } = slots[this.#at]!;
      if (changed <= version && message !== undefined) {
        // [MQTT-3.8.4-6]: the lower of what was published and granted.
        const qos = message.qos < grant.qos ? message.qos : grant.qos;
        return new Delivery(message, qos, true, grant.subscriptionIds);
      }
      this.shift();
    }
    return undefined;
  }

  /** Takes the first off; there is one. */
  shift(): void {
    this.#at++;
    if (this.#at === this.#portions[0]!.slots.length) {
      this.#portions.shift();
      this.#at = 0;
    }
    this.#count(-1);
  }

  /** Drops those for which `isWanted` does not hold. */
  keep(isWanted: (message: Message) => boolean): void {
    const portions = this.#portions;
    const at = this.#at;
    this.clear();
    for (const [index, { slots, grant, version }] of portions.entries()) {
      const left = index === 0 ? slots.slice(at) : slots;
      const kept = left.filter(({ message }) =>
        message !== undefined && isWanted(message)
      );
      this.push(kept, grant, version);
    }
  }

  /** Drops all. */
  clear(): void {
    this.#portions = [];
    this.#at = 0;
    this.#count(-this.#length);
  }

  #count(messages: number): void {
    this.#length += messages;
    this.#total.retainedPending += messages;
  }
}

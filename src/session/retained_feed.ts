/**
 * Retained messages on their way to a session that has subscribed. They are
 * taken as the socket drains, so that `#` over a million retained messages
 * costs a list of references and no more.
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";

/** What all sessions of a broker have pending together. */
export interface RetainedPending {
  /** Messages. */
  retainedPending: number;
}

interface Portion {
  readonly messages: readonly Message[];
  readonly qosMax: QoS;
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

  /** How many messages are pending. */
  get length(): number {
    return this.#length;
  }

  /** The QoS with which the first goes out: [MQTT-3.8.4-6]. */
  get qos(): QoS {
    const { messages, qosMax } = this.#portions[0]!;
    const { qos } = messages[this.#at]!;
    return qos < qosMax ? qos : qosMax;
  }

  /** Appends `messages`, which go out with `qosMax` at most. */
  push(messages: readonly Message[], qosMax: QoS): void {
    if (messages.length === 0) return;
    this.#portions.push({ messages, qosMax });
    this.#count(messages.length);
  }

  /** Takes the first; there is one. */
  shift(): Message {
    const { messages } = this.#portions[0]!;
    const message = messages[this.#at++]!;
    if (this.#at === messages.length) {
      this.#portions.shift();
      this.#at = 0;
    }
    this.#count(-1);
    return message;
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

/**
 * Retained messages: the last of each topic that was published with RETAIN
 * (MQTT 3.1.1 section 3.3.1.3).
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import { hasWildcard } from "../topic/topic.ts";
import { TopicTree } from "./topic_tree.ts";

/** The limits of {@linkcode RetainedMessages}. */
export interface RetainedLimits {
  /** How many messages at most. */
  readonly retainedMax: number;
  /** How many bytes they may take. */
  readonly retainedBytesMax: number;
}

/** The retained messages of a broker. */
export class RetainedMessages {
  readonly #limits: RetainedLimits;
  readonly #tree = new TopicTree<Message>();
  #bytes = 0;

  /** A store without messages. */
  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#tree.size;
  }

  /** What they take, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps `message` in the place of what `topic` had. False when a limit
   * would be passed; then the topic has none: the old one is not the last
   * known value any more [MQTT-3.3.1-7].
   */
  set(topic: string, message: Message): boolean {
    const before = this.#tree.get(topic);
    const bytes = this.#bytes + message.size - (before?.size ?? 0);
    const count = this.#tree.size + (before === undefined ? 1 : 0);
    if (
      count > this.#limits.retainedMax ||
      bytes > this.#limits.retainedBytesMax
    ) {
      this.delete(topic);
      return false;
    }
    this.#tree.set(topic, message);
    this.#bytes = bytes;
    return true;
  }

  /** Forgets what `topic` has: [MQTT-3.3.1-10]. Whether there was any. */
  delete(topic: string): boolean {
    const before = this.#tree.delete(topic);
    if (before === undefined) return false;
    this.#bytes -= before.size;
    return true;
  }

  /** Whether `message` is still the one that its topic has. */
  isCurrent(message: Message): boolean {
    return this.#tree.get(message.topic) === message;
  }

  /** The messages of all topics that `filter` matches. */
  match(filter: string): Message[] {
    if (hasWildcard(filter)) return this.#tree.match(filter);
    const message = this.#tree.get(filter);
    return message === undefined ? [] : [message];
  }
}

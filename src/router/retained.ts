/**
 * Retained messages: the last of each topic that was published with RETAIN
 * (MQTT 3.1.1 section 3.3.1.3).
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import { isBridgeState, isSystemTopic } from "../topic/topic.ts";
import { TopicTree } from "./topic_tree.ts";
import type { TopicWalk } from "./topic_walk.ts";

/** Memory that a level takes which has no message itself, bytes, about. */
const LEVEL_BYTES = 400;

/** The limits of {@linkcode RetainedMessages}. */
export interface RetainedLimits {
  /** How many messages at most. */
  readonly retainedMax: number;
  /** How many bytes they may take. */
  readonly retainedBytesMax: number;
}

/** A topic's place: who waits for its message holds this, not the message. */
export interface RetainedSlot {
  /** The message; `undefined` once the topic has none. */
  message: Message | undefined;
  /** The client that has published it; unknown after a restart. */
  from: string | undefined;
  /** Counts the changes of all topics: when this one changed last. */
  version: number;
}

/** The retained messages of a broker. */
export class RetainedMessages {
  /** Counts the changes. */
  version = 0;
  readonly #limits: RetainedLimits;
  readonly #tree = new TopicTree<RetainedSlot>();
  /** What the broker tells of itself, without a limit; and bridges. */
  readonly #status = new TopicTree<RetainedSlot>();
  /** How many bridges tell of themselves. */
  #bridges = 0;
  #bytes = 0;

  /** A store without messages. */
  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  /** Whether there is none, not even of the broker's own. */
  get isEmpty(): boolean {
    return this.#tree.size === 0 && this.#status.size === 0;
  }

  /** How many there are, without the broker's own in `$SYS`. */
  get size(): number {
    return this.#tree.size + this.#bridges;
  }

  /** What they take, bytes, with the levels that lead to them. */
  get bytes(): number {
    const { nodes, size } = this.#tree;
    return this.#bytes + (nodes - size + this.#bridges) * LEVEL_BYTES;
  }

  /**
   * Keeps `message` in the place of what `topic` had. False when a limit
   * would be passed; then the topic has none: the old one is not the last
   * known value any more [MQTT-3.3.1-7].
   */
  set(topic: string, message: Message, from?: string): boolean {
    const tree = this.#treeOf(topic);
    const slot = tree.get(topic) ?? place(tree, topic);
    const before = slot.message;
    slot.message = message;
    slot.from = from;
    slot.version = ++this.version;
    if (isOwn(topic)) return true;
    this.#bytes += message.size - (before?.size ?? 0);
    if (tree === this.#status && before === undefined) this.#bridges++;
    // How much the topic takes is known when it is in.
    const isTooMuch = this.size > this.#limits.retainedMax ||
      this.bytes > this.#limits.retainedBytesMax;
    if (isTooMuch) this.delete(topic);
    return !isTooMuch;
  }

  /** Forgets what `topic` has: [MQTT-3.3.1-10]. Whether there was any. */
  delete(topic: string): boolean {
    const tree = this.#treeOf(topic);
    const slot = tree.delete(topic);
    if (slot === undefined) return false;
    if (!isOwn(topic)) {
      this.#bytes -= slot.message!.size;
      if (tree === this.#status) this.#bridges--;
    }
    slot.message = undefined;
    this.version++;
    return true;
  }

  /** What `topic` has; `undefined` for nothing. */
  get(topic: string): Message | undefined {
    return this.#treeOf(topic).get(topic)?.message;
  }

  /** The version with which `topic` got its message; without, `Infinity`. */
  versionOf(topic: string): number {
    return this.#treeOf(topic).get(topic)?.version ?? Infinity;
  }

  /** A walk to the places of all topics that `filter` matches. */
  walk(filter: string): TopicWalk<RetainedSlot> {
    return this.#treeOf(filter).walk(filter);
  }

  /** The messages of all topics that `filter` matches. */
  match(filter: string): Message[] {
    return this.#treeOf(filter).match(filter).map(({ message }) => message!);
  }

  /** Where the topics are that a filter may match, or a topic is. */
  #treeOf(filter: string): TopicTree<RetainedSlot> {
    return isSystemTopic(filter) ? this.#status : this.#tree;
  }
}

/** Whether the broker tells it of itself. */
function isOwn(topic: string): boolean {
  return isSystemTopic(topic) && !isBridgeState(topic);
}

function place(tree: TopicTree<RetainedSlot>, topic: string): RetainedSlot {
  const slot = { message: undefined, from: undefined, version: 0 };
  tree.set(topic, slot);
  return slot;
}

/**
 * Retained messages as they are published, and as they expire. They lie in
 * `router/retained.ts`; how they reach a new subscriber is
 * `session/retained_feed.ts`, from `broker/handle_subscribe.ts` on.
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import { isSystemTopic } from "../topic/topic.ts";
import type { Core } from "./core.ts";
import type { Publication } from "./publication.ts";
import { isStoreFull } from "./store_trouble.ts";
import type { Timed } from "./timed.ts";

/**
 * [MQTT-3.3.1-5], [MQTT-3.3.1-10], [MQTT-3.3.1-11].
 *
 * @param from The client that has published it, if one has.
 */
export function keepRetained(
  core: Core,
  publication: Publication,
  topic: string,
  from: string | undefined,
): void {
  if (isSystemTopic(topic)) {
    // Made anew by each start, or as a bridge comes back: not kept beyond one.
    if (publication.payloadLength === 0) core.retained.delete(topic);
    else if (!core.retained.set(topic, publication.message, from)) {
      tellRefused(core, topic);
    }
    return;
  }
  core.retainedExpiries.get(topic)?.cancel();
  if (publication.payloadLength === 0) {
    if (core.retained.delete(topic)) core.journal?.retainedCleared(topic);
    return;
  }
  const { message } = publication;
  const hasRoom = core.options.store.journal === undefined ||
    !isStoreFull(core);
  if (!hasRoom) core.retained.delete(topic);
  if (hasRoom && core.retained.set(topic, message, from)) {
    core.journal?.retained(topic, message);
    watchExpiry(core, topic, message);
    return;
  }
  core.journal?.retainedCleared(topic);
  tellRefused(core, topic);
}

function tellRefused(core: Core, topic: string): void {
  core.counters.retainedRefused++;
  core.log("warn", "retained_full", "a message is not retained", {
    topic,
    retained: core.retained.size,
    retained_bytes: core.retained.bytes,
  });
}

/** Forgets what a topic has, and tells nobody; false when it has nothing. */
export function forgetRetained(core: Core, topic: string): boolean {
  core.retainedExpiries.get(topic)?.cancel();
  const isGone = core.retained.delete(topic);
  if (isGone && !isSystemTopic(topic)) core.journal?.retainedCleared(topic);
  return isGone;
}

/** Lets go of a retained message when its life is over. */
export function watchExpiry(core: Core, topic: string, message: Message): void {
  if (message.expiresAtMs === Infinity) return;
  const expiry = new RetainedExpiry(core, topic);
  core.retainedExpiries.set(topic, expiry);
  core.deadlines.set(expiry, message.expiresAtMs);
}

/** The end of a retained message's life: MQTT 5.0 section 3.3.2.3.3. */
export class RetainedExpiry implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  readonly #topic: string;

  /** Of the message that `topic` has now. */
  constructor(core: Core, topic: string) {
    this.#core = core;
    this.#topic = topic;
  }

  /** Another message takes its place, or none. */
  cancel(): void {
    this.#core.deadlines.remove(this);
    this.#core.retainedExpiries.delete(this.#topic);
  }

  /** It is over. */
  onDeadline(): void {
    const { counters, journal, retained, retainedExpiries } = this.#core;
    retainedExpiries.delete(this.#topic);
    retained.delete(this.#topic);
    journal?.retainedCleared(this.#topic);
    counters.droppedExpired++;
  }
}

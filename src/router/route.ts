/**
 * A compiled route: to whom a message on one topic goes.
 *
 * @module
 */

import type { Rights } from "../topic/rights.ts";
import type {
  SubscribedFilter,
  Subscriber,
  Target,
} from "../topic/subscription.ts";

/** A list of receivers, which never changes. */
export type Targets<S extends Subscriber> = readonly Target<S>[];

/** Where the messages of one topic go. */
export class Route<S extends Subscriber> {
  /** The hash of {@linkcode bytes}. */
  readonly hash: number;
  /** The topic name as UTF-8, without length bytes. */
  readonly bytes: Uint8Array;
  /** The topic name. */
  readonly topic: string;
  /** The filters that match. One that has lost its last subscriber stays. */
  filters: SubscribedFilter<S>[];
  /**
   * One entry for each subscriber, see `router/merged_target.ts`. Topics with
   * the same audience mostly share one list: see `router/audiences.ts`.
   * Whoever holds the list may go on using it: a change makes another one.
   */
  targets: Targets<S>;
  /** Whether all targets take messages as they come in, several at a time. */
  takesRuns: boolean;
  /** Whether a filter has changed since the targets were found. */
  isStale = false;
  /** Whose rights to publish on the topic were found good last. */
  allowedFor: Rights | null = null;
  /** Whether it is in the cache. */
  isCached = false;
  /** Whether it was found since the cache last looked for a place. */
  used = false;
  /** Its place in the cache. */
  place = -1;

  /** Made by `Router.route`. */
  constructor(
    hash: number,
    bytes: Uint8Array,
    topic: string,
    filters: SubscribedFilter<S>[],
    targets: Targets<S>,
  ) {
    this.hash = hash;
    this.bytes = bytes;
    this.topic = topic;
    this.filters = filters;
    this.targets = targets;
    this.takesRuns = targets.every(takesRuns);
  }
}

/** Whether nothing is to be decided for `target` message by message. */
export function takesRuns<S extends Subscriber>(
  { grant, subscriber }: Target<S>,
): boolean {
  return !subscriber.wantsEach && !grant.noLocal &&
    grant.subscriptionIds.length === 0;
}

/** The hash of a topic's bytes: FNV-1a from a seed, in 32 bits. */
export function hashTopic(
  seed: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  let hash = seed;
  for (let i = at; i < end; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** Whether `own` equals `bytes[at, end)`. */
export function sameBytes(
  own: Uint8Array,
  bytes: Uint8Array,
  at: number,
  end: number,
): boolean {
  const length = own.length;
  if (end - at !== length) return false;
  for (let i = 0; i < length; i++) {
    if (own[i] !== bytes[at + i]) return false;
  }
  return true;
}

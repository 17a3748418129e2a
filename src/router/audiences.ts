/**
 * Lists of targets, shared: topics that go to the same subscribers get the
 * same list where it was met lately. So messages on different topics from
 * one chunk can be forwarded in one piece (`broker/publish_run.ts`).
 *
 * @module
 */

import type { Subscriber } from "../topic/subscription.ts";
import type { Targets } from "./route.ts";

const PLACES = 256;

/** The lists that were met lately, a place for each hash. */
export class Audiences<S extends Subscriber> {
  readonly #lists: (Targets<S> | undefined)[] = new Array(PLACES);
  readonly #none: Targets<S> = [];

  /** A list that equals `targets`: an older one, if there is one. */
  share(targets: Targets<S>): Targets<S> {
    if (targets.length === 0) return this.#none;
    let hash = 0;
    for (const { id } of targets) hash = Math.imul(hash ^ id, 0x01000193);
    const place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    const known = this.#lists[place];
    if (known !== undefined && areEqual(known, targets)) return known;
    this.#lists[place] = targets;
    return targets;
  }

  /** Forgets all: a subscription that is in some of them has ended. */
  clear(): void {
    this.#lists.fill(undefined);
  }
}

function areEqual<S extends Subscriber>(
  a: Targets<S>,
  b: Targets<S>,
): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

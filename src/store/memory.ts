/**
 * The store that keeps nothing: sessions and retained messages live in the
 * broker's memory and end with it. A commit is done at once.
 *
 * @module
 */

import type { Delivery } from "../session/delivery.ts";
import type { Store, StoredState } from "../session/store.ts";

/** Keeps nothing. */
export class MemoryStore implements Store {
  /** Nothing is told: nothing survives. */
  readonly journal = undefined;
  /** There is nothing to break. */
  readonly isBroken = false;

  /** Nothing. */
  load(): StoredState {
    return { sessions: [], retained: [] };
  }

  /** Done at once. */
  commit(done: (() => void) | undefined): void {
    done?.();
  }

  /** Nothing. */
  page(
    _clientId: string,
    _skip: number,
    _max: number,
    take: (page: readonly Delivery[], nowMs: number) => void,
  ): void {
    take([], 0);
  }

  /** Nothing to close. */
  close(done: () => void): void {
    done();
  }
}

/**
 * The store that keeps nothing: sessions and retained messages live in the
 * broker's memory and end with it. A commit is done at once.
 *
 * @module
 */

import type { Store, StoredState } from "../session/store.ts";

/** Keeps nothing. */
export class MemoryStore implements Store {
  /** Nothing is told: nothing survives. */
  readonly journal = undefined;

  /** Nothing. */
  load(): StoredState {
    return { sessions: [], retained: [] };
  }

  /** Done at once. */
  commit(done: () => void): void {
    done();
  }

  /** Nothing to close. */
  close(): void {}
}

/**
 * Stores for tests that watch when the broker tells its journal what, and
 * when it commits. They keep nothing; the one that keeps all is in
 * `store/recording_store.ts`.
 */

import type { Journal, Store, StoredState } from "../../src/session/store.ts";

/** All that a journal is told. */
export const JOURNAL_NAMES: readonly (keyof Journal)[] = [
  "sessionBegan",
  "sessionExpires",
  "sessionTaken",
  "sessionLeft",
  "willPublished",
  "sessionEnded",
  "subscribed",
  "unsubscribed",
  "waits",
  "inFlight",
  "waited",
  "waitsNoMore",
  "received",
  "done",
  "idReceived",
  "idReleased",
  "retained",
  "retainedCleared",
];

/** A journal of which every entry goes to one function. */
export function journalTo(tell: (name: keyof Journal) => void): Journal {
  const journal: Partial<Journal> = {};
  for (const name of JOURNAL_NAMES) journal[name] = () => tell(name);
  return journal as Journal;
}

/** Commits at once, or when the test says so, in their order. */
export class WatchedStore implements Store {
  readonly journal: Journal;
  isBroken = false;
  /** Whether commits wait for {@linkcode finishOne}. */
  isSlow = false;
  /** Commits that are under way. */
  readonly pending: (() => void)[] = [];

  constructor(tell: (name: keyof Journal) => void = () => {}) {
    this.journal = journalTo(tell);
  }

  load(): StoredState {
    return { sessions: [], retained: [] };
  }

  commit(done: () => void = () => {}): void {
    if (this.isSlow) this.pending.push(done);
    else done();
  }

  page(): void {
    throw new Error("nothing is kept");
  }

  close(done: () => void): void {
    done();
  }

  /** The first commit that is under way is done. */
  finishOne(): void {
    const done = this.pending.shift();
    if (done === undefined) throw new Error("no commit is under way");
    done();
  }
}

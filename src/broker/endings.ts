/**
 * Sessions of the store that have ended, as long as the store may not know
 * it yet: after a loss of power they would be there again. So whoever begins
 * a session of that name is told so only when the end is kept, even one who
 * has nothing to be kept.
 *
 * @module
 */

import type { Store } from "../session/store.ts";

/** The ends that are not kept yet. */
export class Endings {
  readonly #store: Store;
  /** By client identifier, which of all ends it was. */
  readonly #ends = new Map<string, number>();
  #last = 0;
  #committed = 0;

  /** None yet. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** The session of `clientId` has ended, and the journal knows. */
  add(clientId: string): void {
    if (this.#store.journal === undefined) return;
    this.#ends.set(clientId, ++this.#last);
  }

  /** Whether such a session may come back. */
  has(clientId: string): boolean {
    return this.#ends.has(clientId);
  }

  /** The turn is over: forgets what it has ended, once that is kept. */
  commit(): void {
    const last = this.#last;
    if (last === this.#committed) return;
    this.#committed = last;
    this.#store.commit(() => {
      for (const [clientId, end] of this.#ends) {
        if (end <= last) this.#ends.delete(clientId);
      }
    });
  }
}

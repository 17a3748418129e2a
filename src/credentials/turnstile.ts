/**
 * Lets so much work through at a time, and so much wait for its turn. What
 * comes when both are full is sent away at once, so that a flood of logins
 * costs neither memory nor the messages of those who are in. Who floods from
 * one place leaves half of the room to others.
 *
 * @module
 */

import { FairQueue } from "./fair_queue.ts";

/** How much a {@linkcode Turnstile} bears. */
export interface TurnstileLimits {
  /** Pieces of work that are done at a time. */
  readonly activeMax: number;
  /** Pieces of work that wait; half of them may be of one owner. */
  readonly waitingMax: number;
}

/**
 * A gate for work that takes time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Turnstile } from "./turnstile.ts";
 *
 * const gate = new Turnstile({ activeMax: 1, waitingMax: 1 });
 * const { promise, resolve } = Promise.withResolvers<void>();
 * const first = gate.admit("ann", () => promise);
 * const second = gate.admit("ann", () => Promise.resolve(2));
 * assertEquals(gate.admit("ann", () => Promise.resolve(3)), undefined);
 * resolve();
 * await first;
 * assertEquals(await second, 2);
 * ```
 */
export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #waiting: FairQueue<() => Promise<void>>;
  #active = 0;

  /** Nothing is under way yet. */
  constructor(limits: TurnstileLimits) {
    const { waitingMax } = limits;
    const waitingMaxEach = Math.ceil(waitingMax / 2);
    this.#limits = limits;
    this.#waiting = new FairQueue({ waitingMax, waitingMaxEach });
  }

  /**
   * Has work done now or later, and says what it comes to; `undefined` when
   * there is too much of it already.
   */
  admit<Value>(
    owner: string,
    work: () => Promise<Value>,
  ): Promise<Value> | undefined {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const run = () => work().then(resolve, reject);
    if (this.#active < this.#limits.activeMax) this.#begin(run);
    else if (!this.#waiting.push(owner, run)) return undefined;
    return promise;
  }

  /** @param run What never rejects. */
  #begin(run: () => Promise<void>): void {
    this.#active++;
    run().then(() => {
      this.#active--;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#begin(next);
    });
  }
}

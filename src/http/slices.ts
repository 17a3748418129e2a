/**
 * Long work in slices: who looks at many things lets the broker go on in
 * between, so that no message waits for a list.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** How long a slice is. */
const SLICE_MS = 2;
/** How many things are looked at between two looks at the clock. */
const LOOKS = 64;

/**
 * The slices of one piece of work.
 *
 * @example
 * ```ts
 * import { Slices } from "./slices.ts";
 *
 * const slices = new Slices();
 * for (let i = 0; i < 1000; i++) {
 *   if (slices.isOver()) await slices.rest();
 * }
 * ```
 */
export class Slices {
  #beganMs = performance.now();
  #looks = 0;

  /** Whether it is time to rest; asked once for each thing. */
  isOver(): boolean {
    if (++this.#looks % LOOKS !== 0) return false;
    return performance.now() - this.#beganMs >= SLICE_MS;
  }

  /** Lets others go first. */
  async rest(): Promise<void> {
    await new Promise<void>((done) => setImmediate(done));
    this.#beganMs = performance.now();
  }
}

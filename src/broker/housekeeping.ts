/**
 * What has to be done now and then while there is traffic: giving back
 * memory that a burst needed. It sleeps when nothing happens, so that an
 * idle broker has no timer.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { Timed } from "./timed.ts";

const PERIOD_MS = 10_000;

/** The janitor of one broker. */
export class Housekeeping implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;

  /** It sleeps until {@linkcode wake}. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** There is traffic. */
  wake(): void {
    if (this.deadlineSlot >= 0) return;
    this.#core.deadlines.set(this, this.#core.nowMs + PERIOD_MS);
  }

  /** Lets go of buffers; goes on until there are none. */
  onDeadline(): void {
    if (this.#core.pool.trim()) this.wake();
  }
}

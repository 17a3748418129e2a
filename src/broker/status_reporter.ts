/**
 * Tells clients of the broker in `$SYS/broker/…`, now and then. The messages
 * are retained and QoS 0: who was not there has no use for old ones.
 *
 * @module
 */

import { NO_PROPERTIES } from "../codec/properties.ts";
import { encodeText } from "../codec/text.ts";
import type { Readings } from "../metrics/readings.ts";
import { Status } from "../metrics/status.ts";
import type { Core } from "./core.ts";
import { publishLocal } from "./local.ts";
import type { Timed } from "./timed.ts";

/** How the broker tells of itself. */
export interface StatusOptions {
  /** How often; 0 for never. */
  readonly intervalMs: number;
  /** Which version it says that it is. */
  readonly version: string;
  /** What there is to tell. */
  readonly readings: () => Readings;
}

/** Tells of one broker until the broker stops. */
export class StatusReporter implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  readonly #options: StatusOptions;
  readonly #status: Status;
  #intervalMs: number;

  /** It is silent until {@linkcode onDeadline}. */
  constructor(core: Core, options: StatusOptions) {
    this.#core = core;
    this.#options = options;
    this.#status = new Status(options.version);
    this.#intervalMs = options.intervalMs;
  }

  /** How often from here on; what has been told stays. */
  set intervalMs(intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#wait();
  }

  /** Tells what has changed, and waits. The caller ends the turn. */
  onDeadline(): void {
    const { readings } = this.#options;
    for (const [topic, payload] of this.#status.update(readings())) {
      const bytes = encodeText(payload);
      publishLocal(this.#core, topic, bytes, 0, true, NO_PROPERTIES);
    }
    this.#wait();
  }

  #wait(): void {
    const { deadlines, nowMs } = this.#core;
    if (this.#intervalMs === 0) deadlines.remove(this);
    else deadlines.set(this, nowMs + this.#intervalMs);
  }
}

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
  /** How often. */
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

  /** It is silent until {@linkcode onDeadline}. */
  constructor(core: Core, options: StatusOptions) {
    this.#core = core;
    this.#options = options;
    this.#status = new Status(options.version);
  }

  /** Tells what has changed, and waits. The caller ends the turn. */
  onDeadline(): void {
    const { intervalMs, readings } = this.#options;
    for (const [topic, payload] of this.#status.update(readings())) {
      const bytes = encodeText(payload);
      publishLocal(this.#core, topic, bytes, 0, true, NO_PROPERTIES);
    }
    const { deadlines, nowMs } = this.#core;
    deadlines.set(this, nowMs + intervalMs);
  }
}

/**
 * What has to be done now and then: giving back memory that a burst needed.
 * It sleeps when nothing happens, so that an idle broker has no timer.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { Timed } from "./timed.ts";

const PERIOD_MS = 2_000;
/** Fewer packets than this in a period: it is calm. */
const CALM_PACKETS_MAX = 1_000;
/** What makes a burst worth to clean up after. */
const BURST_BYTES_MIN = 64 << 20;
const BURST_CONNECTIONS_MIN = 1_000;

/** The janitor of one broker. */
export class Housekeeping implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  #packetsBefore = 0;
  #bytesCleaned = 0;
  #connectionsCleaned = 0;

  /** It sleeps until {@linkcode wake}. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** There is traffic. */
  wake(): void {
    if (this.deadlineSlot >= 0) return;
    this.#core.deadlines.set(this, this.#core.nowMs + PERIOD_MS);
  }

  /** Lets go of buffers and, in a calm after a burst, of garbage. */
  onDeadline(): void {
    const { counters, options, pool } = this.#core;
    const packets = counters.packetsReceived + counters.publishSent;
    const isCalm = packets - this.#packetsBefore < CALM_PACKETS_MAX;
    this.#packetsBefore = packets;
    const keepsBuffers = pool.trim();
    const isDirty = this.#isDirty();
    if (isDirty && isCalm && !keepsBuffers) {
      this.#bytesCleaned = counters.bytesReceived + counters.bytesSent;
      this.#connectionsCleaned = counters.connectionsOpened +
        counters.connectionsClosed;
      options.releaseMemory();
    }
    if (keepsBuffers || (isDirty && !isCalm)) this.wake();
  }

  #isDirty(): boolean {
    const { counters } = this.#core;
    const bytes = counters.bytesReceived + counters.bytesSent -
      this.#bytesCleaned;
    const connections = counters.connectionsOpened +
      counters.connectionsClosed - this.#connectionsCleaned;
    return bytes >= BURST_BYTES_MIN || connections >= BURST_CONNECTIONS_MIN;
  }
}

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
/**
 * Calm periods before memory is given back: traffic that comes in bursts
 * would pay for fresh memory each time. Connections don't come that way.
 */
const CALM_PERIODS_LEAST = 15;
/** What makes a burst worth to clean up after. */
const BURST_BYTES_MIN = 64 << 20;
const BURST_CONNECTIONS_MIN = 1_000;
/** Buffers that lie idle are garbage when they are let go of: so are these. */
const DRAINED_BYTES_MIN = 1 << 20;

/** The janitor of one broker. */
export class Housekeeping implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  #packetsBefore = 0;
  #calmPeriods = 0;
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
    this.#calmPeriods = isCalm ? this.#calmPeriods + 1 : 0;
    const isLongCalm = this.#calmPeriods >= CALM_PERIODS_LEAST;
    const hadBytes = pool.freeBytes >= DRAINED_BYTES_MIN ||
      counters.bytesReceived + counters.bytesSent - this.#bytesCleaned >=
        BURST_BYTES_MIN;
    if (isLongCalm) pool.drain();
    const hadConnections = counters.connectionsOpened +
        counters.connectionsClosed - this.#connectionsCleaned >=
      BURST_CONNECTIONS_MIN;
    if ((hadBytes && isLongCalm) || (hadConnections && isCalm)) {
      this.#bytesCleaned = counters.bytesReceived + counters.bytesSent;
      this.#connectionsCleaned = counters.connectionsOpened +
        counters.connectionsClosed;
      options.releaseMemory();
    }
    if (isLongCalm) this.#calmPeriods = 0;
    else this.wake();
  }
}

/**
 * How much there is of something in a second, from counters that are read
 * now and then: the time since a reading that is at least a second old.
 *
 * @module
 */

import type { Readings } from "../metrics/readings.ts";

/** A reading of the counters. */
interface Reading {
  readonly atMs: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Younger readings tell too little. */
const SPAN_MS_LEAST = 1000;
/** Older ones too much. */
const KEPT_MS = 10_000;

/** The rates of one broker. */
export class Rates {
  #readings: Reading[] = [];

  /** The rates now. */
  update({ counters, uptimeMs }: Readings) {
    const now = {
      atMs: uptimeMs,
      messagesIn: counters.publishReceived,
      messagesOut: counters.publishSent,
      bytesIn: counters.bytesReceived,
      bytesOut: counters.bytesSent,
    };
    const isOldEnough = ({ atMs }: Reading) => now.atMs - atMs >= SPAN_MS_LEAST;
    const before = this.#readings.findLast(isOldEnough) ?? START;
    this.#readings = [
      ...this.#readings.filter(({ atMs }) => now.atMs - atMs < KEPT_MS),
      now,
    ];
    const seconds = Math.max(now.atMs - before.atMs, 1) / 1000;
    return {
      messagesIn: (now.messagesIn - before.messagesIn) / seconds,
      messagesOut: (now.messagesOut - before.messagesOut) / seconds,
      bytesIn: (now.bytesIn - before.bytesIn) / seconds,
      bytesOut: (now.bytesOut - before.bytesOut) / seconds,
      overSeconds: seconds,
    };
  }
}

const START: Reading = {
  atMs: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
};

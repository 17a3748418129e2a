/**
 * What the broker said of itself in the last minutes: the charts' memory.
 *
 * @module
 */

import type { Status } from "./api_types.ts";

/** A moment. */
export interface Sample {
  readonly atMs: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly clients: number;
  readonly memoryBytes: number;
  readonly lagSeconds: number;
  /** A second, since the moment before. */
  readonly drops: number;
}

/** Its text is part of the page: see `page.ts`. */
export class Samples {
  /** How far back they go. */
  readonly windowMs = 300_000;
  readonly #samples: Sample[] = [];
  #dropsBefore: number | undefined;

  /** All of them, the oldest first. */
  get all(): readonly Sample[] {
    return this.#samples;
  }

  /** Adds what was told at a time. */
  add(status: Status, atMs: number): void {
    const { rates, clients } = status;
    const total = Object.values(status.drops).reduce((a, b) => a + b, 0);
    const before = this.#samples.at(-1);
    const seconds = before === undefined ? 1 : (atMs - before.atMs) / 1000;
    const more = Math.max(0, total - (this.#dropsBefore ?? total));
    this.#dropsBefore = total;
    this.#samples.push({
      atMs,
      messagesIn: rates.messagesIn,
      messagesOut: rates.messagesOut,
      bytesIn: rates.bytesIn,
      bytesOut: rates.bytesOut,
      clients: clients.connected,
      memoryBytes: status.memoryBytes ?? 0,
      lagSeconds: status.eventLoopLagSeconds ?? 0,
      drops: more / Math.max(seconds, 0.001),
    });
    while (this.#samples[0]!.atMs < atMs - this.windowMs) {
      this.#samples.shift();
    }
  }

  /** Forgets them: another broker, or the same one anew. */
  clear(): void {
    this.#samples.length = 0;
    this.#dropsBefore = undefined;
  }
}

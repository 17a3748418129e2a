/**
 * What the broker has to tell of itself, topic by topic, where that has
 * changed since it told last. When it does, and to whom, is
 * `broker/status_reporter.ts`.
 *
 * @module
 */

import { LOAD_SPANS, LoadAverage } from "./load_average.ts";
import type { Readings } from "./readings.ts";
import {
  STATUS_LOADS,
  STATUS_PREFIX,
  STATUS_TOPICS,
  type StatusFacts,
} from "./status_table.ts";

/** A topic and what it is to have. */
export type StatusMessage = readonly [topic: string, payload: string];

/** The status of one broker. */
export class Status {
  readonly #version: string;
  readonly #loads = STATUS_LOADS.map(() => new LoadAverage());
  /** What was told last, by topic. */
  readonly #told = new Map<string, string>();
  #clientsMost = 0;
  #memoryBytesMost = 0;
  #uptimeMs = 0;

  /** Nothing is told yet. */
  constructor(version: string) {
    this.#version = version;
  }

  /** What is to be told now. */
  update(readings: Readings): StatusMessage[] {
    const { clients, memoryBytes = 0, uptimeMs } = readings;
    this.#clientsMost = Math.max(this.#clientsMost, clients);
    this.#memoryBytesMost = Math.max(this.#memoryBytesMost, memoryBytes);
    const elapsedMs = uptimeMs - this.#uptimeMs;
    this.#uptimeMs = uptimeMs;
    for (const [at, load] of this.#loads.entries()) {
      load.update(STATUS_LOADS[at]!.read(readings), elapsedMs);
    }
    return [...this.#values({
      readings,
      clientsMost: this.#clientsMost,
      memoryBytesMost: this.#memoryBytesMost,
      version: this.#version,
    })].filter(([topic, payload]) => {
      const isNews = this.#told.get(topic) !== payload;
      if (isNews) this.#told.set(topic, payload);
      return isNews;
    });
  }

  *#values(facts: StatusFacts): Generator<StatusMessage> {
    for (const { topic, read } of STATUS_TOPICS) {
      const value = read(facts);
      if (value !== undefined) yield [STATUS_PREFIX + topic, `${value}`];
    }
    for (const [at, { topic }] of STATUS_LOADS.entries()) {
      const averages = this.#loads[at]!.perMinute();
      for (const [place, span] of Object.keys(LOAD_SPANS).entries()) {
        const payload = averages[place]!.toFixed(2);
        yield [`${STATUS_PREFIX}${topic}/${span}`, payload];
      }
    }
  }
}

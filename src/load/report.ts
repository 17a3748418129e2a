/**
 * What comes of the runs of a load: medians, beside what they are compared
 * with. Pure.
 *
 * @module
 */

import type { Sample } from "./tally.ts";

/** A row of the table. */
export interface Result {
  /** The load's name. */
  readonly scenario: string;
  /** Who was under it. */
  readonly contender: string;
  /** The name of what it spoke: see `load/dialects.ts`. */
  readonly dialect: string;
  /** The name of the door, empty for plain TCP: see `bench/load/doors.ts`. */
  readonly door: string;
  /** Where state is kept, and what goes on beside; empty for in memory. */
  readonly setting: string;
  /** Whether messages are sent at a given rate. */
  readonly isPaced: boolean;
  /** Medians of all runs, but `lost`, which is the most of any run. */
  readonly median: Sample | undefined;
  /** All runs. */
  readonly samples: readonly Sample[];
  /** Deliveries a second against the reference's; 0 where it has none. */
  readonly ratio: number;
  /** Against this contender's row without what this one adds; else 1. */
  readonly ownRatio: number;
  /** The generator used nearly a whole core: the broker may be faster. */
  readonly isGeneratorBusy: boolean;
  /** Why there are no more runs. */
  readonly fault: string | undefined;
}

/** The generator may be what was measured above so many cores. */
const BUSY_CORES = 0.9;

/** Whether the generator used nearly a whole core. */
export function isBusy(median: Sample | undefined): boolean {
  return (median?.generatorCores ?? 0) >= BUSY_CORES;
}

/** Whether not all rows are of one dialect behind one door. */
export function areCompared(results: readonly Result[]): boolean {
  return new Set(results.map(speechOf)).size > 1;
}

/** How a contender was spoken to: `4`, `5+alias`, `4/tls+guarded`, `4+disk`. */
export function speechOf(
  { dialect, door, setting }: Pick<Result, "dialect" | "door" | "setting">,
): string {
  return dialect + door + setting;
}

/** Medians of all, but of what was lost the most. */
export function medianSample(samples: readonly Sample[]): Sample | undefined {
  if (samples.length === 0) return undefined;
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
  return {
    sent: of((it) => it.sent),
    seconds: of((it) => it.seconds),
    sentPerSecond: of((it) => it.sentPerSecond),
    deliveredPerSecond: of((it) => it.deliveredPerSecond),
    lost: Math.max(...samples.map((it) => it.lost)),
    p50Ms: of((it) => it.p50Ms),
    p99Ms: of((it) => it.p99Ms),
    p999Ms: of((it) => it.p999Ms),
    cpuUsPerMessage: of((it) => it.cpuUsPerMessage),
    peakMegabytes: of((it) => it.peakMegabytes),
    generatorCores: of((it) => it.generatorCores),
    bytesPerIdler: of((it) => it.bytesPerIdler),
  };
}

/** The middle one, or between the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? 0;
  const lower = sorted[(sorted.length - 1) >> 1] ?? upper;
  return (lower + upper) / 2;
}

/**
 * From rows of runs to one result each: medians, the ratios to the reference
 * and to the same contender without what the row adds, and whether the load
 * generator may have been what was measured. Pure.
 */

import { doorName } from "./doors.ts";
import type { Sample } from "./generator.ts";
import type { Row } from "./measure.ts";
import type { Variant } from "./scenarios.ts";

export interface Result {
  readonly scenario: string;
  readonly contender: string;
  /** The name of what it spoke: see `dialects.ts`. */
  readonly dialect: string;
  /** The name of the door, empty for plain TCP: see `doors.ts`. */
  readonly door: string;
  readonly isPaced: boolean;
  /** Medians of all runs, but `lost`, which is the most of any run. */
  readonly median: Sample | undefined;
  readonly samples: readonly Sample[];
  /** Deliveries a second against the reference's; 0 where it has none. */
  readonly ratio: number;
  /** Against this contender's row without what this one adds; else 1. */
  readonly ownRatio: number;
  /** The generator used nearly a whole core: the broker may be faster. */
  readonly isGeneratorBusy: boolean;
  readonly fault: string | undefined;
}

const BUSY_CORES = 0.9;

/** The contender that ratios are taken against. */
export function referenceOf(contenders: readonly string[]): string {
  const [first = ""] = contenders;
  return contenders.includes("mosquitto") ? "mosquitto" : first;
}

export function summarize(rows: readonly Row[], reference: string): Result[] {
  return rows.map(({ variant, contender, samples, fault }) => {
    const peers = rows.filter((row) => row.variant.name === variant.name);
    const other = peers.find((row) =>
      row.contender === reference && row.variant.dialect === variant.dialect &&
      doorName(row.variant.door) === doorName(variant.door)
    );
    const own = peers.filter((row) => row.contender === contender);
    const median = medianSample(samples);
    return {
      scenario: variant.name,
      contender,
      dialect: variant.dialect.name,
      door: doorName(variant.door),
      isPaced: variant.ratePerSecond > 0,
      median,
      samples,
      ratio: ratioOf(median, other),
      ownRatio: ratioOf(median, plainerRow(variant, own)),
      isGeneratorBusy: (median?.generatorCores ?? 0) >= BUSY_CORES,
      fault,
    };
  });
}

/** Whether not all rows are of one dialect behind one door. */
export function areCompared(results: readonly Result[]): boolean {
  return new Set(results.map(speechOf)).size > 1;
}

/** How a contender was spoken to: `4`, `5+alias`, `4/tls+guarded`. */
export function speechOf(
  { dialect, door }: Pick<Result, "dialect" | "door">,
): string {
  return dialect + door;
}

/**
 * The one among a contender's rows that lacks only what this one adds: the
 * guard, or else the transport, or else what the dialect has.
 */
function plainerRow(variant: Variant, own: readonly Row[]): Row | undefined {
  const [first] = own;
  const { transport, isGuarded } = variant.door;
  const firstTransport = first?.variant.door.transport;
  if (!isGuarded && transport === firstTransport) return first;
  const wanted = isGuarded ? transport : firstTransport;
  return own.find(({ variant: { dialect, door } }) =>
    dialect === variant.dialect && door.transport === wanted && !door.isGuarded
  );
}

function ratioOf(median: Sample | undefined, other: Row | undefined): number {
  const base = medianSample(other?.samples ?? [])?.deliveredPerSecond ?? 0;
  return base > 0 ? (median?.deliveredPerSecond ?? 0) / base : 0;
}

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

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? 0;
  const lower = sorted[(sorted.length - 1) >> 1] ?? upper;
  return (lower + upper) / 2;
}

/**
 * What a metric is: how it is called, what it means, and where it comes
 * from. Which there are is in `metrics/table.ts`.
 *
 * @module
 */

import type { Histogram } from "./histogram.ts";
import type { Readings } from "./readings.ts";

/** By the value of the metric's label. */
export type Labelled = Readonly<Record<string, number>>;

interface Described {
  /** Without the `_total` of counters; it ends with its unit. */
  readonly name: string;
  /** In what it is measured: the base units of Prometheus. */
  readonly unit: "" | "bytes" | "seconds";
  /** What it is: a sentence. */
  readonly says: string;
}

/** One number, or `undefined` where it is not known. */
export interface PlainMetric extends Described {
  /** A counter only rises; a gauge also falls. */
  readonly type: "counter" | "gauge";
  /** It has none. */
  readonly label?: undefined;
  /** Its value now. */
  readonly read: (readings: Readings) => number | undefined;
}

/** Numbers that differ in one respect. */
export interface LabelledMetric extends Described {
  /** A counter only rises; a gauge also falls. */
  readonly type: "counter" | "gauge";
  /** In which respect. */
  readonly label: string;
  /** Its values now. */
  readonly read: (readings: Readings) => Labelled;
}

/** How often something took how long. */
export interface HistogramMetric extends Described {
  /** A histogram. */
  readonly type: "histogram";
  /** It has none. */
  readonly label?: undefined;
  /** Its values until now, where they are measured. */
  readonly read: (readings: Readings) => Readonly<Histogram> | undefined;
}

/** A metric. */
export type Metric = PlainMetric | LabelledMetric | HistogramMetric;

/** The name that its samples have: a counter says so. */
export function sampleName({ name, type }: Metric): string {
  return type === "counter" ? `${name}_total` : name;
}

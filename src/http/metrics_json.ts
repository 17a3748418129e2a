/**
 * Metrics as JSON: the same that `metrics/exposition.ts` writes as text.
 *
 * @module
 */

import type { Histogram } from "../metrics/histogram.ts";
import { type Metric, sampleName } from "../metrics/metric.ts";
import type { Readings } from "../metrics/readings.ts";
import { METRICS } from "../metrics/table.ts";

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All metrics that have a value. */
export function metricsJson(readings: Readings) {
  return METRICS.flatMap((metric) => {
    const samples = samplesOf(metric, readings);
    if (samples.length === 0) return [];
    const { says, type, unit } = metric;
    return [{ name: sampleName(metric), type, unit, help: says, samples }];
  });
}

function samplesOf(metric: Metric, readings: Readings): Sample[] {
  if (metric.type === "histogram") {
    const histogram = metric.read(readings);
    return histogram === undefined ? [] : bucketsOf(histogram);
  }
  if (metric.label === undefined) {
    const value = metric.read(readings);
    return value === undefined ? [] : [{ labels: {}, value }];
  }
  const { label } = metric;
  return Object.entries(metric.read(readings)).map(([word, value]) => ({
    labels: { [label]: word },
    value,
  }));
}

/** Each bucket holds what is in those before it, too. */
function bucketsOf({ bounds, count, counts, sum }: Readonly<Histogram>) {
  let below = 0;
  const buckets = bounds.map((bound, at) => {
    below += counts[at]!;
    return { labels: { le: `${bound}` }, value: below };
  });
  return [
    ...buckets,
    { labels: { le: "+Inf" }, value: count },
    { labels: { of: "sum" }, value: sum },
    { labels: { of: "count" }, value: count },
  ];
}

/**
 * Metrics as Prometheus reads them: OpenMetrics 1.0, or the text format from
 * before, in which counters have their whole name everywhere and there is no
 * word for units. No number is made here.
 *
 * @module
 */

import type { Histogram } from "./histogram.ts";
import { type Metric, sampleName } from "./metric.ts";
import type { Readings } from "./readings.ts";
import { METRICS } from "./table.ts";

/** How the text is written. */
export type Exposition = "openmetrics" | "prometheus";

/** What HTTP calls them. */
export const CONTENT_TYPES: Readonly<Record<Exposition, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
};

/** All metrics as text. */
export function exposed(readings: Readings, form: Exposition): string {
  const families = METRICS.map((metric) => familyOf(metric, readings, form));
  return families.join("") + (form === "openmetrics" ? "# EOF\n" : "");
}

/** A metric with its description; nothing where it has no sample. */
function familyOf(
  metric: Metric,
  readings: Readings,
  form: Exposition,
): string {
  const samples = samplesOf(metric, readings);
  if (samples.length === 0) return "";
  const isOpen = form === "openmetrics";
  const name = isOpen ? metric.name : sampleName(metric);
  const { says, type, unit } = metric;
  return [
    `# HELP ${name} ${says}`,
    `# TYPE ${name} ${type}`,
    ...isOpen && unit !== "" ? [`# UNIT ${name} ${unit}`] : [],
    ...samples,
    "",
  ].join("\n");
}

function samplesOf(metric: Metric, readings: Readings): string[] {
  const name = sampleName(metric);
  if (metric.type === "histogram") {
    const histogram = metric.read(readings);
    return histogram === undefined ? [] : histogramSamples(name, histogram);
  }
  if (metric.label === undefined) {
    const value = metric.read(readings);
    return value === undefined ? [] : [`${name} ${value}`];
  }
  return Object.entries(metric.read(readings)).map(([label, value]) =>
    `${name}{${metric.label}="${escaped(label)}"} ${value}`
  );
}

/** Each bucket holds what is in those before it, too. */
function histogramSamples(
  name: string,
  { bounds, counts, count, sum }: Readonly<Histogram>,
): string[] {
  let below = 0;
  const buckets = bounds.map((bound, at) => {
    below += counts[at]!;
    return `${name}_bucket{le="${floatText(bound)}"} ${below}`;
  });
  return [
    ...buckets,
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ];
}

/** OpenMetrics wants to see that a bound is no integer. */
function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}

function escaped(label: string): string {
  return label.replace(
    /[\\"\n]/g,
    (sign) => sign === "\n" ? "\\n" : `\\${sign}`,
  );
}

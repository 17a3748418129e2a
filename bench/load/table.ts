/** The results as a plain text table, numbers aligned right. Pure. */

import type { Result } from "./report.ts";

const HEAD = [
  "scenario",
  "broker",
  "delivered/s",
  "ratio",
  "sent/s",
  "lost",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "CPU µs/msg",
  "peak MB",
  "gen. cores",
] as const;

/** Columns of words; all others hold numbers. */
const LEFT_COLUMNS = 2;

export function table(results: readonly Result[], reference: string): string {
  const lines: string[][] = [[...HEAD]];
  let scenario = "";
  for (const result of results) {
    if (result.scenario !== scenario && scenario !== "") lines.push([]);
    lines.push(cells(result, result.scenario === scenario ? "" : undefined));
    scenario = result.scenario;
  }
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length))
  );
  const text = lines.map((line) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < LEFT_COLUMNS ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
  return [...text, "", ...notes(results, reference)].join("\n");
}

function cells(result: Result, name: string = result.scenario): string[] {
  const { contender, median, ratio } = result;
  if (median === undefined) return [name, contender, "failed"];
  const busy = result.isGeneratorBusy ? "*" : "";
  const isMeasured = median.cpuUsPerMessage > 0 || median.peakMegabytes > 0;
  return [
    name,
    contender,
    rate(median.deliveredPerSecond) + busy,
    ratio > 0 ? ratio.toFixed(2) : "-",
    rate(median.sentPerSecond),
    rate(median.lost),
    latency(median.p50Ms),
    latency(median.p99Ms),
    latency(median.p999Ms),
    isMeasured ? median.cpuUsPerMessage.toFixed(2) : "-",
    isMeasured ? median.peakMegabytes.toFixed(1) : "-",
    median.generatorCores.toFixed(2),
  ];
}

function notes(results: readonly Result[], reference: string): string[] {
  const runs = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lines = [
    `Medians of ${runs} runs, lost: the most of any run. ` +
    `Ratio: delivered/s against ${reference}.`,
    "Latency in a flood is mostly time spent waiting in buffers; the paced " +
    "scenario shows a broker's own.",
  ];
  if (results.some(({ isGeneratorBusy }) => isGeneratorBusy)) {
    lines.push(
      "* the load generator used nearly a whole core: the broker may be " +
        "faster than this.",
    );
  }
  for (const { scenario, contender, fault } of results) {
    if (fault === undefined) continue;
    lines.push(`${scenario}, ${contender}: stopped, ${fault}`);
  }
  return lines;
}

/** A whole number with thousands apart. */
export function rate(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Milliseconds with about three digits that matter. */
export function latency(valueMs: number): string {
  const digits = valueMs < 10 ? 3 : valueMs < 100 ? 2 : valueMs < 1000 ? 1 : 0;
  return valueMs.toFixed(digits);
}

/** The results as a plain text table, numbers aligned right. Pure. */

import { areCompared, type Result, speechOf } from "./report.ts";

const HEAD = [
  "scenario",
  "broker",
  "delivered/s",
  "ratio",
  "own ratio",
  "sent/s",
  "lost",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "CPU µs/msg",
  "peak MB",
  "gen. cores",
  "KB/client",
] as const;

/** Columns of words; all others hold numbers. */
const LEFT_COLUMNS = 2;
/** Left out where all rows speak alike. */
const OWN_RATIO_COLUMN = 4;
/** Left out where no row is about memory. */
const IDLE_COLUMN = HEAD.length - 1;

const OWN_RATIO_NOTE = "Own ratio: against the same broker's row of the " +
  "scenario without what this one adds: guards, or else the transport, or " +
  "else MQTT 5.0, or what stands behind its 5.";
const IDLE_NOTE = "KB/client: memory of 1,000 bytes for each client that is " +
  "only there. For these rows sent/s are logins, and latency is that of one.";

export function table(results: readonly Result[], reference: string): string {
  const leftOut = leftOutOf(results);
  const shown = (line: readonly string[]): string[] =>
    line.filter((_, column) => !leftOut.includes(column));
  const head = shown(HEAD);
  const lines: string[][] = [head];
  let scenario = "";
  for (const result of results) {
    if (result.scenario !== scenario && scenario !== "") lines.push([]);
    const name = result.scenario === scenario ? "" : result.scenario;
    lines.push(shown(cells(result, name)));
    scenario = result.scenario;
  }
  const widths = head.map((_, column) =>
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

function leftOutOf(results: readonly Result[]): number[] {
  return [
    ...(areCompared(results) ? [] : [OWN_RATIO_COLUMN]),
    ...(results.some(isIdle) ? [] : [IDLE_COLUMN]),
  ];
}

function isIdle({ median }: Result): boolean {
  return (median?.bytesPerIdler ?? 0) > 0;
}

function cells(result: Result, name: string): string[] {
  const { median, ratio, ownRatio } = result;
  const speaker = speakerOf(result);
  if (median === undefined) return [name, speaker, "failed"];
  const busy = result.isGeneratorBusy ? "*" : "";
  const isMeasured = median.cpuUsPerMessage > 0 || median.peakMegabytes > 0;
  return [
    name,
    speaker,
    isIdle(result) ? "-" : rate(median.deliveredPerSecond) + busy,
    ratio > 0 ? ratio.toFixed(2) : "-",
    ownRatio > 0 ? ownRatio.toFixed(2) : "-",
    rate(median.sentPerSecond),
    rate(median.lost),
    latency(median.p50Ms),
    latency(median.p99Ms),
    latency(median.p999Ms),
    isMeasured ? median.cpuUsPerMessage.toFixed(2) : "-",
    isMeasured ? median.peakMegabytes.toFixed(1) : "-",
    median.generatorCores.toFixed(2),
    isIdle(result) ? (median.bytesPerIdler / 1000).toFixed(1) : "-",
  ];
}

function speakerOf(result: Result): string {
  return `${result.contender}@${speechOf(result)}`;
}

function notes(results: readonly Result[], reference: string): string[] {
  const runs = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lines = [
    `Medians of ${runs} runs, lost: the most of any run. ` +
    `Ratio: delivered/s against ${reference} under the same load.`,
    ...(areCompared(results) ? [OWN_RATIO_NOTE] : []),
    ...(results.some(isIdle) ? [IDLE_NOTE] : []),
    "Latency in a flood is mostly time spent waiting in buffers; the paced " +
    "scenario shows a broker's own.",
  ];
  if (results.some(({ isGeneratorBusy }) => isGeneratorBusy)) {
    lines.push(
      "* the load generator used nearly a whole core: the broker may be " +
        "faster than this.",
    );
  }
  for (const result of results) {
    const { scenario, fault } = result;
    if (fault === undefined) continue;
    lines.push(`${scenario}, ${speakerOf(result)}: stopped, ${fault}`);
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

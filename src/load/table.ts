/**
 * The results as a plain text table, numbers aligned right. Pure.
 *
 * @module
 */

import { areCompared, type Result, speechOf } from "./report.ts";
import type { Sample } from "./tally.ts";

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
/** Left out where there is nobody to compare with. */
const RATIO_COLUMN = 3;
/** Left out where all rows speak alike. */
const OWN_RATIO_COLUMN = 4;
/** Left out where the broker's process is not known. */
const PROCESS_COLUMNS = [10, 11];
/** Left out where no row is about memory. */
const IDLE_COLUMN = HEAD.length - 1;

const OWN_RATIO_NOTE = "Own ratio: against the same broker's row of the " +
  "scenario without what this one adds: guards, or else the transport, or " +
  "else MQTT 5.0, or what stands behind its 5, or the disk, or the flood.";
const AWAY_NOTE = "Rows without latency: sent/s is for messages queued for " +
  "clients that are away, delivered/s is for what they get when they are back.";
const LATENCY_NOTE = "Latency in a flood is mostly time spent waiting in " +
  "buffers; a load at a given rate shows a broker's own.";
const IDLE_NOTE = "KB/client: memory of 1,000 bytes for each client that is " +
  "only there. For these rows sent/s are logins, and latency is that of one.";

/** The table, and notes below it. */
export function table(results: readonly Result[], reference: string): string {
  const leftOut = leftOutOf(results);
  const shown = (line: readonly string[]): string[] =>
    line.filter((_, column) => !leftOut.includes(column));
  const head = shown(HEAD);
  const lines: string[][] = [head];
  const isCompared = areCompared(results);
  let scenario = "";
  for (const result of results) {
    if (result.scenario !== scenario && scenario !== "") lines.push([]);
    const name = result.scenario === scenario ? "" : result.scenario;
    // A version that all rows speak is no part of a name.
    const isPlain = !isCompared && speechOf(result) === result.dialect;
    const who = isPlain ? result.contender : speakerOf(result);
    lines.push(shown(cells(result, name, who)));
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
    ...(areContending(results) ? [] : [RATIO_COLUMN]),
    ...(areCompared(results) ? [] : [OWN_RATIO_COLUMN]),
    ...(results.some(isKnown) ? [] : PROCESS_COLUMNS),
    ...(results.some(isIdle) ? [] : [IDLE_COLUMN]),
  ];
}

function areContending(results: readonly Result[]): boolean {
  return results.some(({ ratio }) => ratio > 0);
}

function isKnown({ median }: Result): boolean {
  return (median?.cpuUsPerMessage ?? 0) > 0 ||
    (median?.peakMegabytes ?? 0) > 0;
}

function isIdle({ median }: Result): boolean {
  return (median?.bytesPerIdler ?? 0) > 0;
}

/** Who was away has latencies that say nothing, and are not kept. */
function isTimed({ p999Ms }: Sample): boolean {
  return p999Ms > 0;
}

function cells(result: Result, name: string, who: string): string[] {
  const { median, ratio, ownRatio } = result;
  if (median === undefined) return [name, who, "failed"];
  const busy = result.isGeneratorBusy ? "*" : "";
  const isMeasured = isKnown(result);
  const times = [median.p50Ms, median.p99Ms, median.p999Ms];
  return [
    name,
    who,
    isIdle(result) ? "-" : rate(median.deliveredPerSecond) + busy,
    ratio > 0 ? ratio.toFixed(2) : "-",
    ownRatio > 0 ? ownRatio.toFixed(2) : "-",
    rate(median.sentPerSecond),
    rate(median.lost),
    ...times.map((ms) => isTimed(median) ? latency(ms) : "-"),
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
  const ratio = areContending(results)
    ? [`Ratio: delivered/s against ${reference} under the same load.`]
    : [];
  const medians = `Medians of ${runs} runs, lost: the most of any run.`;
  const isFlooded = results.some(({ isPaced, median }) =>
    !isPaced && median !== undefined && isTimed(median)
  );
  const isAway = results.some(({ median }) =>
    median !== undefined && !isTimed(median) && median.deliveredPerSecond > 0
  );
  const lines = [
    [...(runs > 1 ? [medians] : []), ...ratio].join(" "),
    ...(areCompared(results) ? [OWN_RATIO_NOTE] : []),
    ...(results.some(isIdle) ? [IDLE_NOTE] : []),
    ...(isAway ? [AWAY_NOTE] : []),
    ...(isFlooded ? [LATENCY_NOTE] : []),
  ].filter((line) => line !== "");
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

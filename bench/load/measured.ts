/**
 * The README's measured table, made from a saved run of the load bench. Pure.
 * `bench/write_measured.ts` writes it, a test holds README and run together.
 */

import { latency, rate } from "./table.ts";

/** One figure row of a saved run. */
export interface MeasuredRow {
  readonly scenario: string;
  readonly contender: string;
  readonly deliveredPerSecond: number;
  readonly ratio: number;
  readonly lost: number;
  readonly p99Ms: number;
  readonly cpuUsPerMessage: number;
  readonly isGeneratorBusy: boolean;
}

/** A saved run: what is kept of it in `bench/measured.json`. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly MeasuredRow[];
}

const BEGIN = "<!-- measured -->";
const END = "<!-- /measured -->";
/** Whose deliveries are shown with a ratio; the reference has none. */
const REFERENCE = "mosquitto";

/** `readme` with the table of `measured` between its marks. */
export function withMeasured(readme: string, measured: Measured): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("no marks in the README");
  return readme.slice(0, begin + BEGIN.length) + "\n\n" +
    measuredTable(measured) + "\n\n" + readme.slice(end);
}

/** The table and the lines around it, as Markdown. */
export function measuredTable(measured: Measured): string {
  const { rows, versions } = measured;
  const contenders = Object.keys(versions);
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const head = ["delivered/s", ...contenders];
  const body = scenarios.map((scenario) => [
    `\`${scenario}\``,
    ...contenders.map((contender) =>
      cell(
        rows.find((row) =>
          row.scenario === scenario && row.contender === contender
        ),
      )
    ),
  ]);
  const titles = contenders.map((name) => `${name}: ${versions[name]}`);
  return [
    `Measured on ${measured.date}: ${measured.machine}. ${titles.join("; ")}.`,
    "",
    ...markdown([head, ...body]),
    "",
    "Messages delivered a second, medians, and how many times Mosquitto's " +
    "that is. An asterisk: the load generator used nearly a whole core, so " +
    "the broker may be faster. `paced` rows send a fixed rate: there the " +
    "p99 latency and the broker's CPU time a message count.",
  ].join("\n");
}

function cell(row: MeasuredRow | undefined): string {
  if (row === undefined) return "–";
  if (row.scenario.startsWith("paced")) {
    return `${latency(row.p99Ms)} ms, ${row.cpuUsPerMessage.toFixed(1)} µs`;
  }
  const times = row.contender === REFERENCE || row.ratio === 0
    ? ""
    : ` (${row.ratio.toFixed(1)}×)`;
  const lost = row.lost > 0 ? `, ${rate(row.lost)} lost` : "";
  const busy = row.isGeneratorBusy ? "*" : "";
  return rate(row.deliveredPerSecond) + busy + times + lost;
}

/** As `deno fmt` would have it. */
function markdown(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0))
  );
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((it, i) => it.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  const rule = widths.map((width) => "-".repeat(width));
  return [row(head), row(rule), ...body.map(row)];
}

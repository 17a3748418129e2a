/**
 * The README's measured tables, made from saved runs of the benches. Pure.
 * `bench/write_measured.ts` and `bench/write_amplification.ts` write them, a
 * test holds README and runs together.
 */

import { latency, rate } from "../../src/load/table.ts";
import { durableTable } from "./durable_table.ts";
import { markdown } from "./markdown.ts";
import { type Written, writtenTable } from "./written_table.ts";

/** One figure row of a saved run. */
export interface MeasuredRow {
  readonly scenario: string;
  readonly contender: string;
  readonly dialect: string;
  /** Not there in a run of the time before there were doors. */
  readonly door?: string;
  /** Only where it is about what is kept, and so are the next two. */
  readonly setting?: string;
  readonly sentPerSecond?: number;
  readonly p50Ms?: number;
  readonly deliveredPerSecond: number;
  readonly ratio: number;
  readonly ownRatio: number;
  readonly lost: number;
  readonly p99Ms: number;
  /** Not there in a run of the time before it was kept. */
  readonly p999Ms?: number;
  readonly cpuUsPerMessage: number;
  readonly isGeneratorBusy: boolean;
  /** Only where clients are just there. */
  readonly bytesPerIdler?: number;
}

/**
 * What is kept in `bench/measured.json`: a run, one of what is kept, and one
 * that counts what is written to the disk.
 */
export interface Saved extends Measured {
  readonly durable?: Measured;
  readonly written?: Written;
}

/** A saved run. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly MeasuredRow[];
}

/** Whose deliveries are shown with a ratio; the reference has none. */
const REFERENCE = "mosquitto";
/** The dialect of the first table: MQTT 3.1.1. */
const PLAIN = "4";
/** The others stand in the second, set against it or each other. */
const OTHERS_NOTE = "The same at MQTT 5.0 (`@5`), with 5 user properties of " +
  "100 bytes in all on each message (`@5+props`), and with an alias in place " +
  "of the topic (`@5+alias`). In brackets: against the same broker at 3.1.1, " +
  "or at 5.0 without what the row adds.";
const DOORS_NOTE = "Behind other doors: in TLS (`/tls`), over WebSocket " +
  "(`/ws`), over WebSocket in TLS (`/wss`), and with logins and 1,000 access " +
  "rules checked (`+guarded`). In brackets: how many times Mosquitto's " +
  "behind the same door that is, and against the same broker without what " +
  "the row adds. `idle` rows tell a client's memory where 10,000 are just " +
  "there.";

/** `readme` with the tables of `saved` between their marks. */
export function withMeasured(readme: string, saved: Saved): string {
  const { durable, written } = saved;
  let text = between(readme, "measured", measuredTable(saved));
  if (durable !== undefined) {
    text = between(text, "durable", durableTable(durable));
  }
  if (written !== undefined) {
    text = between(text, "written", writtenTable(written));
  }
  return text;
}

function between(readme: string, mark: string, text: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no marks of ${mark}`);
  return readme.slice(0, from + begin.length) + `\n\n${text}\n\n` +
    readme.slice(to);
}

/** The tables and the lines around them, as Markdown. */
export function measuredTable(measured: Measured): string {
  const { rows, versions } = measured;
  const contenders = Object.keys(versions);
  const open = rows.filter((row) => !isBehindDoor(row));
  const plain = open.filter(({ dialect }) => dialect === PLAIN);
  const others = open.filter((row) =>
    row.dialect !== PLAIN && !isFirst(row, rows)
  );
  const doors = rows.filter(isBehindDoor);
  const titles = contenders.map((name) => `${name}: ${versions[name]}`);
  const lines = [
    `Measured on ${measured.date}: ${measured.machine}. ${titles.join("; ")}.`,
    "",
    ...rowsOf(plain, contenders, timesReference),
    "",
    "Messages delivered a second, medians, and how many times Mosquitto's " +
    "that is. An asterisk: the load generator used nearly a whole core, so " +
    "the broker may be faster. `paced` rows send a fixed rate: there the " +
    "p99 and p99.9 latency and the broker's CPU time a message count.",
  ];
  if (others.length > 0) {
    lines.push("", ...rowsOf(others, contenders, timesOwn));
    lines.push("", OTHERS_NOTE);
  }
  if (doors.length > 0) {
    lines.push("", ...rowsOf(doors, contenders, timesBoth));
    lines.push("", DOORS_NOTE);
  }
  return lines.join("\n");
}

/** Whether it is what others of its scenario are set against. */
function isFirst(row: MeasuredRow, rows: readonly MeasuredRow[]): boolean {
  return row ===
    rows.find(({ scenario, contender }) =>
      scenario === row.scenario && contender === row.contender
    );
}

/** An idle row belongs there too, to be beside those in TLS. */
function isBehindDoor({ door, bytesPerIdler }: MeasuredRow): boolean {
  return (door ?? "") !== "" || bytesPerIdler !== undefined;
}

function timesReference({ contender, ratio }: MeasuredRow): string {
  const isShown = contender !== REFERENCE && ratio > 0;
  return isShown ? ` (${ratio.toFixed(1)}×)` : "";
}

function timesOwn({ ownRatio }: MeasuredRow): string {
  return ownRatio > 0 ? ` (${ownRatio.toFixed(2)}×)` : "";
}

function timesBoth(row: MeasuredRow): string {
  return timesReference(row) + timesOwn(row);
}

function rowsOf(
  rows: readonly MeasuredRow[],
  contenders: readonly string[],
  timesOf: (row: MeasuredRow) => string,
): string[] {
  const lines = new Map<string, string[]>();
  for (const row of rows) {
    const { scenario, contender, dialect, door = "" } = row;
    const suffix = (dialect === PLAIN ? "" : `@${dialect}`) + door;
    const name = `\`${scenario}${suffix}\``;
    const line = lines.get(name) ?? [name, ...contenders.map(() => "–")];
    line[1 + contenders.indexOf(contender)] = cell(row, timesOf(row));
    lines.set(name, line);
  }
  return markdown([["delivered/s", ...contenders], ...lines.values()]);
}

function cell(row: MeasuredRow, times: string): string {
  const { scenario, p99Ms, p999Ms, cpuUsPerMessage, lost } = row;
  if (row.bytesPerIdler !== undefined) {
    return `${(row.bytesPerIdler / 1000).toFixed(1)} KB`;
  }
  if (scenario.startsWith("paced")) {
    const p999 = p999Ms === undefined ? "–" : latency(p999Ms);
    const cpu = cpuUsPerMessage.toFixed(1);
    return `${latency(p99Ms)} / ${p999} ms, ${cpu} µs`;
  }
  const loss = lost > 0 ? `, ${rate(lost)} lost` : "";
  const busy = row.isGeneratorBusy ? "*" : "";
  return rate(row.deliveredPerSecond) + busy + times + loss;
}

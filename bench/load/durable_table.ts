/**
 * The README's table of what is kept, made from a saved run of the scenarios
 * whose names begin with `durable_`. Pure.
 */

import { latency, rate } from "../../src/load/table.ts";
import { markdown } from "./markdown.ts";
import type { Measured, MeasuredRow } from "./measured.ts";
import { FLOODED, ON_DISK } from "./variants.ts";

/** What the scenarios are called that belong here. */
const PREFIX = "durable_";
/** Whose messages are set against those of others. */
const REFERENCE = "mosquitto";
const QUEUE = "durable_queue50";
const ONE_BY_ONE = "durable_queue1";
const BESIDE = "durable_paced5k_qos0";

/** Mosquitto writes when it stops, and each half hour. */
const PROMISES: Readonly<Record<string, string>> = {
  deno: "on disk",
  bun: "on disk",
  mosquitto: "in memory",
};

const NOTE =
  "Messages a second, medians, and in brackets how many times Mosquitto's " +
  "that is. Queued: QoS 1 from 10 publishers to 50 sessions that are away, " +
  "acknowledged when it is on disk (`synchronous=FULL`), and then delivered " +
  "to them when they come back. One by one: each message waits for the " +
  "commit of the one before. Between sessions that are kept and connected: " +
  "on disk, and against the same broker with `--memory`. Beside: p50 and " +
  "p99 of 5,000 QoS 0 messages a second between clean sessions, alone and " +
  "while messages are queued as fast as it goes, and how many times the p99 " +
  "alone that is. An acknowledgement of Mosquitto's promises nothing: what " +
  "it has is written when it stops, and every half hour.";

/** Whether a row belongs into this table. */
export function isDurable(row: Pick<MeasuredRow, "scenario">): boolean {
  return row.scenario.startsWith(PREFIX);
}

/** The table and the lines around it, as Markdown. */
export function durableTable(measured: Measured): string {
  const { date, machine, rows, versions } = measured;
  const contenders = Object.keys(versions);
  const titles = contenders.map((name) => `${name}: ${versions[name]}`);
  const lines = linesOf(rows).map(([words, cellOf]) => [
    words,
    ...contenders.map((name) => cellOf(name) ?? "–"),
  ]);
  return [
    `Measured on ${date}: ${machine}. ${titles.join("; ")}.`,
    "",
    ...markdown([["messages/s", ...contenders], ...lines]),
    "",
    NOTE,
  ].join("\n");
}

/** What stands first in a line, and what then for a contender. */
type Line = readonly [string, (contender: string) => string | undefined];

function linesOf(rows: readonly MeasuredRow[]): Line[] {
  const find = (scenario: string, setting: string) => (contender: string) =>
    rows.find((row) =>
      row.scenario === scenario && row.contender === contender &&
      row.setting === setting
    );
  const kept = [
    ...new Set(
      rows.filter(({ setting }) => setting === "").map((it) => it.scenario),
    ),
  ];
  const queue = find(QUEUE, ON_DISK.name);
  const single = find(ONE_BY_ONE, ON_DISK.name);
  return [
    ["an acknowledgement means", (name) => PROMISES[name]],
    [`\`${QUEUE}\`, queued`, (name) => sent(queue, name)],
    // A commit a message is set against none at all by nobody.
    [`\`${ONE_BY_ONE}\`, one by one`, (name) => speed(single(name))],
    [
      "queued, against one by one",
      (name) => timesOf(queue(name), single(name)),
    ],
    [`\`${QUEUE}\`, delivered`, (name) => delivered(queue(name))],
    ...kept.map((scenario): Line => {
      const row = find(scenario, ON_DISK.name);
      return [`\`${scenario}\``, (name) => againstMemory(row(name))];
    }),
    [`\`${BESIDE}\`, alone`, (name) => times(find(BESIDE, ON_DISK.name)(name))],
    [
      `\`${BESIDE}\`, beside`,
      (name) =>
        times(
          find(BESIDE, FLOODED.name)(name),
          find(BESIDE, ON_DISK.name)(name),
        ),
    ],
  ];
}

/** How many a second were acknowledged. */
function sent(
  find: (contender: string) => MeasuredRow | undefined,
  contender: string,
): string | undefined {
  const row = find(contender);
  const base = find(REFERENCE)?.sentPerSecond;
  if (row?.sentPerSecond === undefined) return undefined;
  const text = speed(row);
  if (base === undefined || contender === REFERENCE) return text;
  return `${text} (${(row.sentPerSecond / base).toFixed(1)}×)`;
}

function speed(row: MeasuredRow | undefined): string | undefined {
  if (row?.sentPerSecond === undefined) return undefined;
  return rate(row.sentPerSecond) + lossOf(row);
}

function timesOf(
  row: MeasuredRow | undefined,
  other: MeasuredRow | undefined,
): string | undefined {
  if (!row?.sentPerSecond || !other?.sentPerSecond) return undefined;
  return `${(row.sentPerSecond / other.sentPerSecond).toFixed(0)}×`;
}

function delivered(row: MeasuredRow | undefined): string | undefined {
  if (row === undefined) return undefined;
  const text = rate(row.deliveredPerSecond) + lossOf(row);
  const isShown = row.contender !== REFERENCE && row.ratio > 0;
  return isShown ? `${text} (${row.ratio.toFixed(1)}×)` : text;
}

function againstMemory(row: MeasuredRow | undefined): string | undefined {
  if (row === undefined) return undefined;
  return `${delivered(row)}, ${Math.round(row.ownRatio * 100)} % of memory`;
}

function times(
  row: MeasuredRow | undefined,
  alone?: MeasuredRow,
): string | undefined {
  if (row?.p50Ms === undefined) return undefined;
  const text = `${latency(row.p50Ms)} / ${latency(row.p99Ms)} ms`;
  if (alone === undefined) return text;
  return `${text} (${(row.p99Ms / alone.p99Ms).toFixed(1)}×)`;
}

function lossOf({ lost }: MeasuredRow): string {
  return lost > 0 ? `, ${rate(lost)} lost` : "";
}

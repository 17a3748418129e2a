/**
 * The README's table of what is written to the disk, made from a saved run of
 * `bench/write_amplification.ts`. Pure.
 */

import { rate } from "../../src/load/table.ts";
import { markdown } from "./markdown.ts";

/** A run. */
export interface Written {
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly WrittenRow[];
}

/** What one broker has written in one row. */
export interface WrittenRow {
  /** What becomes of the messages. */
  readonly what: string;
  readonly contender: string;
  readonly payloadBytes: number;
  readonly bytesPerMessage: number;
}

const NOTE =
  "Bytes that the broker writes to its disk for a message, all in all, and " +
  "how many times its payload that is. Queued: QoS 1 for 50 sessions that " +
  "are away. Delivered at once: to 50 sessions that are kept and connected. " +
  "Retained: updates of 1,000 topics. 10 publishers with up to 1,000 " +
  "messages on their way each (20 where they are delivered at once, or " +
  "large), or one that waits for each acknowledgement.";

/** The table and the lines around it, as Markdown. */
export function writtenTable(written: Written): string {
  const { date, machine, rows, versions } = written;
  const contenders = Object.keys(versions);
  const titles = contenders.map((name) => `${name}: ${versions[name]}`);
  const whats = [...new Set(rows.map(({ what }) => what))];
  const lines = whats.map((what) => [
    what,
    ...contenders.map((name) =>
      cell(rows.find((row) => row.what === what && row.contender === name))
    ),
  ]);
  return [
    `Measured on ${date}: ${machine}, ext4. ${titles.join("; ")}.`,
    "",
    ...markdown([["bytes a message", ...contenders], ...lines]),
    "",
    NOTE,
  ].join("\n");
}

function cell(row: WrittenRow | undefined): string {
  if (row === undefined) return "–";
  const { bytesPerMessage, payloadBytes } = row;
  const times = bytesPerMessage / payloadBytes;
  return `${rate(bytesPerMessage)} (${times.toFixed(1)}×)`;
}

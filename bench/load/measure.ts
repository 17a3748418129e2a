/**
 * The order of things: for each scenario start its contenders, one for each
 * dialect and door, let each warm up, then run them in turn, again and again,
 * so that whatever else the machine does falls on all of them alike. Memory
 * belongs to a row, because every row has a fresh process.
 */

import { generate } from "../../src/load/generator.ts";
import { processStats } from "../../src/load/process_stats.ts";
import type { Progress } from "../../src/load/progress.ts";
import { scaled, type Scenario } from "../../src/load/scenarios.ts";
import type { Sample } from "../../src/load/tally.ts";
import { freePort } from "../../tests/support/free_port.ts";
import type { Contender, Running } from "./contenders.ts";
import { DiskFlood } from "./disk_flood.ts";
import { type Door, doorName } from "./doors.ts";
import type { Equipment } from "./equipment.ts";
import { type Level, type Variant, variantsOf } from "./variants.ts";

export interface Plan {
  readonly scenarios: readonly Scenario[];
  /** What each is measured at, where it has a dialect of that level. */
  readonly levels: readonly Level[];
  /** Behind which each is measured. */
  readonly doors: readonly Door[];
  /** What brokers need to stand behind them. */
  readonly equipment: Equipment;
  readonly contenders: readonly Contender[];
  readonly runs: number;
  readonly scale: number;
  /** A run that would be shorter sends more messages; 0 never does. */
  readonly runMsMin: number;
  /** First port to use; 0 takes free ones. */
  readonly portBase: number;
}

/** One contender's runs of one scenario in one dialect behind one door. */
export interface Row {
  readonly variant: Variant;
  readonly contender: string;
  readonly samples: Sample[];
  /** Why there are fewer samples than runs. */
  fault?: string;
}

const WARM_UP_SHARE = 0.1;
const WARM_UPS_MAX = 3;
const LONGER_MAX = 64;
const SETTLE_MS = 100;

interface Entry {
  readonly row: Row;
  readonly running: Running;
  /** Its memory before its first client. */
  readonly restBytes: number;
  scale: number;
}

export async function measure(
  plan: Plan,
  progress: Progress,
  stopped: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = [];
  const absent = new Set<string>();
  for (const scenario of plan.scenarios) {
    const entries: Entry[] = [];
    try {
      for (const [contender, variant] of pairsOf(plan, scenario)) {
        if (stopped.aborted) return rows;
        const { door, setting } = variant;
        const who = contender.name + doorName(door) + setting.name;
        if (absent.has(who) || !contender.suits(variant)) continue;
        const port = plan.portBase === 0
          ? freePort()
          : plan.portBase + entries.length;
        const row = { variant, contender: contender.name, samples: [] };
        progress.step(scenario.name, speakerOf(row), "starts");
        try {
          const place = { port, door, setting };
          const running = await contender.start(place, plan.equipment);
          const restBytes = processStats(running.pid).residentBytes;
          entries.push({ row, running, restBytes, scale: plan.scale });
        } catch (error) {
          absent.add(who);
          progress.note(`${who} is left out: ${messageOf(error)}`);
        }
      }
      await runAll(plan, entries, progress, stopped);
    } finally {
      await Promise.all(entries.map(({ running }) => running.stop()));
    }
    rows.push(...entries.map(({ row }) => row));
  }
  return rows;
}

/** How many rows there are at most, with one for whoever is absent. */
export function countRows(plan: Plan): number {
  return plan.scenarios.flatMap((each) => pairsOf(plan, each)).length;
}

// A contender's dialects and doors follow on each other, so that they are
// compared under the same conditions.
function pairsOf(
  { contenders, levels, doors }: Plan,
  scenario: Scenario,
): [Contender, Variant][] {
  const variants = variantsOf(scenario, levels, doors);
  return contenders.flatMap((contender) =>
    variants.map((variant): [Contender, Variant] => [contender, variant])
  );
}

function speakerOf({ contender, variant }: Row): string {
  const { dialect, door, setting } = variant;
  return `${contender}@${dialect.name}${doorName(door)}${setting.name}`;
}

async function runAll(
  plan: Plan,
  entries: Entry[],
  progress: Progress,
  stopped: AbortSignal,
): Promise<void> {
  for (const entry of entries) {
    if (stopped.aborted) return;
    await warmUp(plan, entry, progress);
  }
  for (let run = 1; run <= plan.runs; run++) {
    for (const entry of entries) {
      if (stopped.aborted) return;
      if (entry.row.fault !== undefined) continue;
      const phase = `run ${run} of ${plan.runs}`;
      const sample = await runOne(entry, entry.scale, phase, progress);
      if (sample !== undefined) entry.row.samples.push(sample);
    }
  }
}

// A fast broker needs more than one try to be warm, and to show how many
// messages make a run long enough to be timed.
async function warmUp(
  plan: Plan,
  entry: Entry,
  progress: Progress,
): Promise<void> {
  const { ratePerSecond, idlers } = entry.row.variant;
  // What a first client costs counts too.
  if (idlers > 0) return;
  const isPaced = ratePerSecond > 0;
  const enoughMs = plan.runMsMin / 4;
  let share = WARM_UP_SHARE;
  for (let turn = 0; turn < WARM_UPS_MAX; turn++) {
    const scale = plan.scale * share;
    const sample = await runOne(entry, scale, "warms up", progress);
    if (sample === undefined || isPaced || plan.runMsMin === 0) return;
    const tookMs = sample.seconds * 1000;
    const longer = Math.min(LONGER_MAX, plan.runMsMin * share / tookMs);
    entry.scale = plan.scale * Math.max(1, longer);
    if (tookMs >= enoughMs) return;
    share = Math.min(LONGER_MAX, 1.2 * enoughMs * share / tookMs);
  }
}

async function runOne(
  { row, running, restBytes }: Entry,
  scale: number,
  phase: string,
  progress: Progress,
): Promise<Sample | undefined> {
  const variant = scaled(row.variant, scale);
  const speaker = speakerOf(row);
  progress.step(variant.name, speaker, phase);
  const flood = variant.setting.isFlooded
    ? await DiskFlood.start(running.target)
    : undefined;
  try {
    const sample = await generate(
      variant,
      { target: running.target, pid: running.pid, restBytes },
      (delivered, expected) => progress.tick(delivered / expected),
    );
    progress.result(sample);
    return sample;
  } catch (error) {
    row.fault = messageOf(error);
    progress.note(`${variant.name}, ${speaker}: ${row.fault}`);
    return undefined;
  } finally {
    await flood?.stop();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

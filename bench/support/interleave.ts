/**
 * Times several ways of doing the same work in one run: each in turn, again
 * and again, so that whatever else the machine does falls on all alike. The
 * median of the rounds counts.
 */

import { median } from "../../src/load/report.ts";

/** One way of doing the work. */
export interface Way {
  /** What is to happen before each `run`, and is not timed. */
  readonly prepare?: () => void;
  /** Does some of the work, a few ms at most; returns how much it was. */
  readonly run: () => number;
}

export interface Pace {
  readonly rounds: number;
  /** How long each way has in a round, ms of its own work. */
  readonly roundMs: number;
}

/** What one unit of work takes, ns, for each way. */
export function interleave(ways: readonly Way[], pace: Pace): number[] {
  for (const way of ways) lapNs(way, pace.roundMs); // warms up
  const laps: number[][] = ways.map(() => []);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [index, way] of ways.entries()) {
      laps[index]!.push(lapNs(way, pace.roundMs));
    }
  }
  return laps.map(median);
}

function lapNs({ prepare, run }: Way, roundMs: number): number {
  let spentMs = 0;
  let units = 0;
  while (spentMs < roundMs || units === 0) {
    prepare?.();
    const startMs = performance.now();
    units += run();
    spentMs += performance.now() - startMs;
  }
  return spentMs * 1e6 / units;
}

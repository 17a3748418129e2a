/**
 * What a run costs the broker's process and this one.
 *
 * @module
 */

import { ownCpuSeconds, processStats } from "./process_stats.ts";
import type { Used } from "./tally.ts";

/** From when it was made on. */
export class Meter {
  readonly #pid: number | undefined;
  readonly #cpuSeconds: number;
  readonly #ownCpuSeconds = ownCpuSeconds();

  /** Begins. */
  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#cpuSeconds = processStats(pid).cpuSeconds;
  }

  /** What it was until now. */
  read(): Pick<Used, "cpuSeconds" | "ownCpuSeconds" | "peakBytes"> {
    const { cpuSeconds, peakBytes } = processStats(this.#pid);
    return {
      cpuSeconds: cpuSeconds - this.#cpuSeconds,
      peakBytes,
      ownCpuSeconds: ownCpuSeconds() - this.#ownCpuSeconds,
    };
  }
}

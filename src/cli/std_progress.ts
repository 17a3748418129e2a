/**
 * The progress bar of `@std/cli`. It is loaded by its address, as
 * `cli/std_prompt.ts` is, which says why.
 *
 * @module
 */

import type { ProgressBar } from "./host_process.ts";

/** A bar on stderr that is full at `max`. */
export async function progressBar(
  what: string,
  max: number,
): Promise<ProgressBar> {
  const { ProgressBar } = await import("@std/cli/unstable-progress-bar");
  return new ProgressBar({
    max,
    clear: true,
    fmt: (bar: { progressBar: string; value: number }) => {
      const percent = Math.floor(100 * Math.min(1, bar.value / max));
      return `${what} [${bar.progressBar}] ${percent} %`;
    },
  });
}

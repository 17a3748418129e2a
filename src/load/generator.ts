/**
 * One run of one load against one target. Starts no broker and prints
 * nothing.
 *
 * @module
 */

import { runAway } from "./away.ts";
import { runIdle } from "./idle.ts";
import { runLive } from "./live.ts";
import type { Load } from "./scenarios.ts";
import type { OnProgress, Sample, Subject } from "./tally.ts";

/** Runs it, and says what was measured; throws what ends a connection. */
export async function generate(
  load: Load,
  subject: Subject,
  onProgress: OnProgress,
): Promise<Sample> {
  if (load.idlers > 0) return await runIdle(load, subject, onProgress);
  if (load.sessions === "away") return await runAway(load, subject, onProgress);
  return await runLive(load, subject, onProgress);
}

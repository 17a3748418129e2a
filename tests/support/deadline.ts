/**
 * An end to waiting, for tests that talk to processes and sockets: work that
 * is not done in time fails with a sentence, and the timer is gone when the
 * work is done. Not a way to sleep: a test waits for something that happens.
 *
 * The time is that of a machine which does nothing else: what others took of
 * it, as Linux tells, is waited for once more.
 */

import { readFileSync } from "node:fs";

/** How long a test waits for anything on this machine. */
export const PATIENCE_MS = 10_000;

/** Less than this is not worth a further look. */
const REST_MS_MIN = 100;

/**
 * Gives what `work` gives. When it takes too long, `giveUp` frees what it
 * waits on, so that nothing is left behind, and the result is an error that
 * says what was waited for.
 */
export async function within<T>(
  work: Promise<T>,
  waitingFor: string,
  giveUp: () => void = () => {},
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  let restMs = patienceMs;
  const look = () => {
    restMs *= busyShare();
    if (restMs > REST_MS_MIN) {
      timer = setTimeout(look, restMs);
      return;
    }
    late.reject(new Error(`${waitingFor}: not within ${patienceMs} ms`));
    giveUp();
  };
  let timer = setTimeout(look, patienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for the loser of the race any more.
    work.catch(() => {});
  }
}

/** For how much of the last ten seconds somebody wanted for a processor. */
function busyShare(): number {
  try {
    const text = readFileSync("/proc/pressure/cpu", "utf8");
    return Number(/some avg10=([\d.]+)/.exec(text)?.[1] ?? 0) / 100;
  } catch {
    return 0; // no such system
  }
}

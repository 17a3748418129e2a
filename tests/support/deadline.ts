/**
 * An end to waiting, for tests that talk to processes and sockets: work that
 * is not done in time fails with a sentence, and the timer is gone when the
 * work is done. Not a way to sleep: a test waits for something that happens.
 */

/** How long a test waits for anything on this machine. */
export const PATIENCE_MS = 10_000;

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
  const timer = setTimeout(() => {
    late.reject(new Error(`${waitingFor}: not within ${patienceMs} ms`));
    giveUp();
  }, patienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for the loser of the race any more.
    work.catch(() => {});
  }
}

/**
 * Counts how often the event loop comes round while something goes on: each
 * time a broker would carry messages.
 */

/** The rounds that others have while `work` goes on. */
export async function roundsDuring(work: () => Promise<void>): Promise<number> {
  let rounds = 0;
  const counting = setInterval(() => rounds++, 0);
  try {
    await work();
  } finally {
    clearInterval(counting);
  }
  return rounds;
}

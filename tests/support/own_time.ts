/**
 * A clock for how long a broker takes: it stands still while the broker, or
 * the test that waits for it, has something to do and no processor to do it
 * on. That is the machine's doing, and a busy one would fail a test that goes
 * by the clock on the wall. Linux tells; elsewhere it is the wall's.
 */

import type { BrokerProcess } from "./process.ts";

/** Milliseconds; what counts is the difference of two looks. */
export function ownTimeMs({ pid }: BrokerProcess): number {
  return performance.now() - stalledMs(`${pid}`) - stalledMs("thread-self");
}

/** Its main thread: there JavaScript runs. */
function stalledMs(who: string): number {
  if (Deno.build.os !== "linux") return 0;
  const text = Deno.readTextFileSync(`/proc/${who}/schedstat`);
  return Number(text.split(" ")[1]) / 1e6;
}

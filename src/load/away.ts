/**
 * A run in which subscribers are away while messages are sent to them: first
 * all are queued, and acknowledged, then they come back and are given them.
 *
 * @module
 */

import { Clients } from "./live.ts";
import { Meter } from "./meter.ts";
import type { Load } from "./scenarios.ts";
import {
  messagesOf,
  type OnProgress,
  quietMsMax,
  RUN_MS_MAX,
  type Sample,
  sampleOf,
  type Subject,
  Tally,
} from "./tally.ts";

/** Runs it. The progress is that of queueing, then that of deliveries. */
export async function runAway(
  load: Load,
  subject: Subject,
  onProgress: OnProgress,
): Promise<Sample> {
  const { target } = subject;
  const tally = new Tally();
  const clients = new Clients(load, tally);
  try {
    await clients.connect(target);
    await clients.leave();
    const meter = new Meter(subject.pid);
    const startMs = begin(tally);
    const acknowledged = (): number => tally.acknowledged;
    const isQueued = until(load, tally, subject, acknowledged);
    await clients.work(isQueued, acknowledged, onProgress);
    tally.isStopped = true;
    const queuedMs = tally.progressMs;
    const backMs = begin(tally);
    const delivered = (): number => tally.delivered;
    await clients.resume(target);
    const isDrained = until(load, tally, subject, delivered);
    await clients.wait(isDrained, delivered, onProgress);
    const sendSeconds = (queuedMs - startMs) / 1000;
    const deliverSeconds = (tally.progressMs - backMs) / 1000;
    return sampleOf(load, tally, {
      sendSeconds,
      deliverSeconds,
      seconds: sendSeconds + deliverSeconds,
      ...meter.read(),
    });
  } finally {
    await clients.close(target);
  }
}

function begin(tally: Tally): number {
  return tally.progressMs = performance.now();
}

/** Whether all is done, or nothing happens any more. */
function until(
  load: Load,
  tally: Tally,
  { stop, runMsMax = RUN_MS_MAX }: Subject,
  done: () => number,
): () => boolean {
  const startMs = performance.now();
  return () => {
    if (stop?.aborted) tally.isStopped = true;
    if (done() >= messagesOf(load, tally)) return true;
    const nowMs = performance.now();
    return nowMs - tally.progressMs > quietMsMax(load) ||
      nowMs - startMs > runMsMax;
  };
}

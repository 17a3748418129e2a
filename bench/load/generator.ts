/**
 * One run of one scenario against one target: connect all clients, let them
 * work, wait until everything is delivered or nothing comes any more, and say
 * what was measured. Starts no broker and prints nothing.
 */

import { Publisher, Subscriber } from "./clients.ts";
import type { Tally } from "./clients.ts";
import { Histogram } from "./histogram.ts";
import { idle } from "./idle.ts";
import type { Target } from "./link.ts";
import { ownCpuSeconds, processStats } from "./process_stats.ts";
import type { Variant } from "./scenarios.ts";

/** What one run measured. */
export interface Sample {
  readonly sent: number;
  readonly seconds: number;
  readonly sentPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** 0 where the broker's process is not known. */
  readonly cpuUsPerMessage: number;
  readonly peakMegabytes: number;
  /** CPU the load generator itself used, in cores. */
  readonly generatorCores: number;
  /** Memory of a client that only stays connected; 0 where none does. */
  readonly bytesPerIdler: number;
}

/** What a run is against. */
export interface Subject {
  readonly target: Target;
  /** Its process, where it is known. */
  readonly pid: number | undefined;
  /** What the process had in memory before it had a client. */
  readonly restBytes: number;
}

/** How far a run is, for a progress line. */
export type OnProgress = (delivered: number, expected: number) => void;

const RUN_MS_MAX = 120_000;
/** A run without progress for so long is over; the rest is lost. */
const QUIET_MS_MAX = 3_000;
const LOOK_MS = 20;

export async function generate(
  variant: Variant,
  subject: Subject,
  onProgress: OnProgress,
): Promise<Sample> {
  if (variant.idlers > 0) return await idle(variant, subject, onProgress);
  const { target, pid } = subject;
  const tally: Tally = {
    sent: 0,
    acknowledged: 0,
    delivered: 0,
    progressMs: 0,
    latency: new Histogram(),
  };
  const clients = new Clients(variant, tally);
  try {
    await clients.connect(target);
    const cpuBefore = processStats(pid).cpuSeconds;
    const ownBefore = ownCpuSeconds();
    const startMs = performance.now();
    tally.progressMs = startMs;
    await clients.work(() => isOver(variant, tally, startMs), onProgress);
    const own = ownCpuSeconds() - ownBefore;
    const { cpuSeconds, peakBytes } = processStats(pid);
    // Waiting for what was lost does not count, unless all was.
    const endMs = tally.delivered > 0 ? tally.progressMs : performance.now();
    return sampleOf(variant, tally, {
      seconds: (endMs - startMs) / 1000,
      cpuSeconds: cpuSeconds - cpuBefore,
      peakBytes,
      ownCpuSeconds: own,
    });
  } finally {
    await clients.close();
  }
}

class Clients {
  #variant: Variant;
  #tally: Tally;
  #publishers: Publisher[] = [];
  #subscribers: Subscriber[] = [];
  #loops: Promise<void>[] = [];
  #state: "working" | "failed" | "closed" = "working";

  constructor(variant: Variant, tally: Tally) {
    this.#variant = variant;
    this.#tally = tally;
  }

  // One after the other: this is not a test of the accept queue.
  async connect(target: Target): Promise<void> {
    const variant = this.#variant;
    const tally = this.#tally;
    for (let index = 0; index < variant.subscribers; index++) {
      this.#subscribers.push(
        await Subscriber.connect(target, variant, index, tally),
      );
    }
    for (let index = 0; index < variant.publishers; index++) {
      this.#publishers.push(
        await Publisher.connect(target, variant, index, tally),
      );
    }
  }

  /** Lets all clients work until it is over or one of them fails. */
  async work(isOver: () => boolean, onProgress: OnProgress): Promise<void> {
    const { publishers, messagesEach, fanout } = this.#variant;
    const expected = publishers * messagesEach * fanout;
    this.#loops = this.#startLoops();
    let fault: unknown;
    Promise.all(this.#loops).catch((error) => {
      if (this.#state !== "working") return;
      this.#state = "failed";
      fault = error;
    });
    while (this.#state === "working" && !isOver()) {
      onProgress(this.#tally.delivered, expected);
      await delay(LOOK_MS);
    }
    if (fault !== undefined) throw fault;
  }

  /** Closes every connection and waits until no client runs any more. */
  async close(): Promise<void> {
    this.#state = "closed";
    for (const client of [...this.#publishers, ...this.#subscribers]) {
      client.close();
    }
    await Promise.allSettled(this.#loops);
  }

  #startLoops(): Promise<void>[] {
    const { qos, messagesEach, ratePerSecond } = this.#variant;
    const publishers = this.#publishers;
    const loops: Promise<void>[] = this.#subscribers.map((it) => it.receive());
    if (qos > 0) {
      loops.push(...publishers.map((each) => each.exchange(messagesEach)));
      return loops;
    }
    loops.push(...publishers.map((each) => each.watch()));
    if (ratePerSecond > 0) loops.push(this.#pace());
    else loops.push(...publishers.map((it) => it.sendUpTo(messagesEach)));
    return loops;
  }

  // Once a millisecond each publisher sends what is due since the last time.
  async #pace(): Promise<void> {
    const { publishers, messagesEach, ratePerSecond } = this.#variant;
    const startMs = performance.now();
    const total = publishers * messagesEach;
    const sending = new Map<Publisher, Promise<void>>();
    for (let due = 0; due < total && this.#state === "working";) {
      const elapsedMs = performance.now() - startMs;
      due = Math.min(total, Math.floor(elapsedMs * ratePerSecond / 1000));
      for (const [index, publisher] of this.#publishers.entries()) {
        const more = index < due % publishers ? 1 : 0;
        const count = Math.floor(due / publishers) + more;
        if (publisher.sent >= count) continue;
        const before = sending.get(publisher) ?? Promise.resolve();
        const next = before.then(() => publisher.sendUpTo(count));
        // A failure is also seen by the publisher's watch, which reports it.
        next.catch(() => {});
        sending.set(publisher, next);
      }
      await delay(1);
    }
    await Promise.all(sending.values());
  }
}

function isOver(variant: Variant, tally: Tally, startMs: number): boolean {
  const { publishers, messagesEach, fanout, qos } = variant;
  const total = publishers * messagesEach;
  const isAcknowledged = qos === 0 || tally.acknowledged >= total;
  if (tally.delivered >= total * fanout && isAcknowledged) return true;
  const nowMs = performance.now();
  return nowMs - tally.progressMs > QUIET_MS_MAX ||
    nowMs - startMs > RUN_MS_MAX;
}

interface Used {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly ownCpuSeconds: number;
}

function sampleOf(variant: Variant, tally: Tally, used: Used): Sample {
  const { publishers, messagesEach, fanout } = variant;
  const expected = publishers * messagesEach * fanout;
  const seconds = Math.max(used.seconds, 1e-6);
  const messages = Math.max(tally.delivered, tally.sent, 1);
  return {
    sent: tally.sent,
    seconds,
    sentPerSecond: tally.sent / seconds,
    deliveredPerSecond: tally.delivered / seconds,
    lost: expected - tally.delivered,
    p50Ms: tally.latency.quantileMs(0.5),
    p99Ms: tally.latency.quantileMs(0.99),
    p999Ms: tally.latency.quantileMs(0.999),
    cpuUsPerMessage: used.cpuSeconds * 1e6 / messages,
    peakMegabytes: used.peakBytes / 1e6,
    generatorCores: used.ownCpuSeconds / seconds,
    bytesPerIdler: 0,
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

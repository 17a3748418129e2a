/**
 * A run of a scenario in which clients are only there: connect them all, let
 * the broker come to rest, and say what each of them costs it in memory. How
 * fast they got in, and what that cost in time, is told too.
 *
 * @module
 */

import { Histogram } from "./histogram.ts";
import type { Target } from "./link.ts";
import { openFiles, ownCpuSeconds, processStats } from "./process_stats.ts";
import type { Load } from "./scenarios.ts";
import { Idler } from "./subscriber.ts";
import type { OnProgress, Sample, Subject } from "./tally.ts";

/** So many shake hands at once. */
const CONNECTING_MAX = 16;
/** What is still freed after so long is not waited for. */
const REST_MS_MAX = 10_000;
/** Memory that shrank by less than this share in a while is at rest. */
const REST_SHARE = 0.002;
const REST_LOOK_MS = 1_000;
const CLOSE_MS_MAX = 10_000;
const CLOSE_LOOK_MS = 50;
const FILES_MORE_MAX = 20;

/** Runs it. */
export async function runIdle(
  load: Load,
  { target, pid, restBytes = 0, stop }: Subject,
  onProgress: OnProgress,
): Promise<Sample> {
  const crowd = new Crowd(target, load, stop);
  try {
    const cpuBefore = processStats(pid).cpuSeconds;
    const ownBefore = ownCpuSeconds();
    const startMs = performance.now();
    await crowd.connect(onProgress);
    const seconds = Math.max(1e-6, (performance.now() - startMs) / 1000);
    const own = ownCpuSeconds() - ownBefore;
    const { cpuSeconds, peakBytes } = processStats(pid);
    const residentBytes = await atRest(pid);
    crowd.check();
    const { latency, size } = crowd;
    return {
      sent: size,
      seconds,
      sentPerSecond: size / seconds,
      deliveredPerSecond: 0,
      lost: 0,
      p50Ms: latency.quantileMs(0.5),
      p99Ms: latency.quantileMs(0.99),
      p999Ms: latency.quantileMs(0.999),
      cpuUsPerMessage: (cpuSeconds - cpuBefore) * 1e6 / Math.max(1, size),
      peakMegabytes: peakBytes / 1e6,
      generatorCores: own / seconds,
      bytesPerIdler: Math.max(0, residentBytes - restBytes) / Math.max(1, size),
    };
  } finally {
    await crowd.close();
  }
}

/** All who are only there. */
class Crowd {
  /** Of logins. */
  readonly latency = new Histogram();
  #target: Target;
  #load: Load;
  #stop: AbortSignal | undefined;
  #clients: Idler[] = [];
  #watches: Promise<void>[] = [];
  #begun = 0;
  /** So many files may be open when all have gone. */
  #filesMax = openFiles() + FILES_MORE_MAX;
  #state: "open" | "failed" | "closed" = "open";
  #fault: unknown;

  constructor(target: Target, load: Load, stop: AbortSignal | undefined) {
    this.#target = target;
    this.#load = load;
    this.#stop = stop;
  }

  /** Lets all in, or throws when one can't stay. */
  async connect(onProgress: OnProgress): Promise<void> {
    const { idlers } = this.#load;
    onProgress(0, idlers);
    const lane = async (): Promise<void> => {
      while (this.#begun < idlers && this.#isOpen) {
        await this.#connectOne().catch((fault) => this.#fail(fault));
        onProgress(this.#clients.length, idlers);
      }
    };
    const lanes = Math.min(CONNECTING_MAX, idlers);
    await Promise.all(Array.from({ length: lanes }, lane));
    this.check();
  }

  get #isOpen(): boolean {
    return this.#state === "open" && !this.#stop?.aborted;
  }

  /** How many are there. */
  get size(): number {
    return this.#clients.length;
  }

  /** Throws where one of them has lost its connection. */
  check(): void {
    if (this.#state === "failed") throw this.#fault;
  }

  async close(): Promise<void> {
    this.#state = "closed";
    for (const client of this.#clients) client.close();
    await Promise.all(this.#watches);
    // What was in TLS gives its socket back a second later, and the next run
    // needs as many again.
    const endMs = performance.now() + CLOSE_MS_MAX;
    while (openFiles() > this.#filesMax && performance.now() < endMs) {
      await delay(CLOSE_LOOK_MS);
    }
  }

  async #connectOne(): Promise<void> {
    const index = this.#begun++;
    const beginMs = performance.now();
    const client = await Idler.connect(this.#target, this.#load, index);
    this.latency.add(performance.now() - beginMs);
    this.#clients.push(client);
    this.#watches.push(client.watch().catch((fault) => this.#fail(fault)));
  }

  #fail(fault: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#fault = fault;
  }
}

/** The memory of a process when it shrinks no more. */
async function atRest(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const endMs = performance.now() + REST_MS_MAX;
  let bytes = processStats(pid).residentBytes;
  while (performance.now() < endMs) {
    await delay(REST_LOOK_MS);
    const before = bytes;
    bytes = processStats(pid).residentBytes;
    if (bytes > before * (1 - REST_SHARE)) break;
  }
  return bytes;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * What a run measures: while it goes on, and at its end.
 *
 * @module
 */

import { Histogram } from "./histogram.ts";
import type { Target } from "./link.ts";
import type { Load } from "./scenarios.ts";

/** What all clients of a run have done so far. */
export class Tally {
  /** Messages handed to sockets. */
  sent = 0;
  /** Those that are acknowledged, at QoS 1 and 2. */
  acknowledged = 0;
  /** Deliveries. */
  delivered = 0;
  /** When something was last delivered or acknowledged. */
  progressMs = 0;
  /** Whether nobody is to send any more. */
  isStopped = false;
  /** From sending to delivery. */
  readonly latency: Histogram = new Histogram();
}

/** What one run measured. */
export interface Sample {
  /** Messages. */
  readonly sent: number;
  /** How long it took. */
  readonly seconds: number;
  /** Messages a second; where they were queued first, until then. */
  readonly sentPerSecond: number;
  /** Deliveries a second; where they were queued first, from then on. */
  readonly deliveredPerSecond: number;
  /** Deliveries that there should have been. */
  readonly lost: number;
  /** What half of the latencies does not exceed, and so on. */
  readonly p50Ms: number;
  /** See above. */
  readonly p99Ms: number;
  /** See above. */
  readonly p999Ms: number;
  /** 0 where the broker's process is not known. */
  readonly cpuUsPerMessage: number;
  /** The same. */
  readonly peakMegabytes: number;
  /** CPU the load generator itself used, in cores. */
  readonly generatorCores: number;
  /** Memory of a client that only stays connected; 0 where none does. */
  readonly bytesPerIdler: number;
}

/** What a run is against. */
export interface Subject {
  /** Where it goes. */
  readonly target: Target;
  /** The broker's process, where it is known. */
  readonly pid?: number | undefined;
  /** What the process had in memory before it had a client. */
  readonly restBytes?: number;
  /** Ends it: nobody sends any more, and what is sent is waited for. */
  readonly stop?: AbortSignal;
  /** The rest is lost after so long. */
  readonly runMsMax?: number;
}

/** How far a run is, for a progress line; at first with 0. */
export type OnProgress = (done: number, expected: number) => void;

/** Two minutes for whoever names no other time. */
export const RUN_MS_MAX = 120_000;

/** A run without progress for so long is over; the rest is lost. */
const QUIET_MS_MAX = 3_000;

/** How long nothing may happen, with a message now and then. */
export function quietMsMax({ ratePerSecond }: Load): number {
  const periodMs = ratePerSecond > 0 ? 1000 / ratePerSecond : 0;
  return QUIET_MS_MAX + 2 * periodMs;
}

/** How many messages there are to be in all. */
export function messagesOf(load: Load, tally: Tally): number {
  const { messagesEach, publishers } = load;
  return tally.isStopped ? tally.sent : publishers * messagesEach;
}

/** What a run has used. */
export interface Used {
  /** Until all was sent. */
  readonly sendSeconds: number;
  /** Until all was delivered, or else while that took place. */
  readonly deliverSeconds: number;
  /** In all. */
  readonly seconds: number;
  /** CPU time of the broker. */
  readonly cpuSeconds: number;
  /** The most of its memory. */
  readonly peakBytes: number;
  /** CPU time of this process. */
  readonly ownCpuSeconds: number;
}

/** What comes of it. */
export function sampleOf(load: Load, tally: Tally, used: Used): Sample {
  const least = (seconds: number): number => Math.max(seconds, 1e-6);
  const { sent, delivered, latency } = tally;
  return {
    sent,
    seconds: least(used.seconds),
    sentPerSecond: sent / least(used.sendSeconds),
    deliveredPerSecond: delivered / least(used.deliverSeconds),
    lost: messagesOf(load, tally) * load.fanout - delivered,
    p50Ms: latency.quantileMs(0.5),
    p99Ms: latency.quantileMs(0.99),
    p999Ms: latency.quantileMs(0.999),
    cpuUsPerMessage: used.cpuSeconds * 1e6 / Math.max(delivered, sent, 1),
    peakMegabytes: used.peakBytes / 1e6,
    generatorCores: used.ownCpuSeconds / least(used.seconds),
    bytesPerIdler: 0,
  };
}

/**
 * A run in which all clients are connected: they work until everything is
 * delivered or nothing comes any more.
 *
 * @module
 */

import { Link, type Target } from "./link.ts";
import { Meter } from "./meter.ts";
import { Publisher } from "./publisher.ts";
import type { Load } from "./scenarios.ts";
import { Subscriber } from "./subscriber.ts";
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

const LOOK_MS = 20;
/** For an answer to a CONNECT. */
const INBOX_BYTES = 4_096;

/** Runs it. */
export async function runLive(
  load: Load,
  subject: Subject,
  onProgress: OnProgress,
): Promise<Sample> {
  const tally = new Tally();
  const clients = new Clients(load, tally);
  try {
    await clients.connect(subject.target);
    const meter = new Meter(subject.pid);
    const startMs = performance.now();
    tally.progressMs = startMs;
    await clients.work(
      () => isOver(load, tally, subject, startMs),
      () => tally.delivered,
      onProgress,
    );
    // Waiting for what was lost does not count, unless all was.
    const endMs = tally.delivered > 0 ? tally.progressMs : performance.now();
    const seconds = (endMs - startMs) / 1000;
    return sampleOf(load, tally, {
      seconds,
      sendSeconds: seconds,
      deliverSeconds: seconds,
      ...meter.read(),
    });
  } finally {
    await clients.close(subject.target);
  }
}

/** All clients of a run. */
export class Clients {
  readonly #load: Load;
  readonly #tally: Tally;
  readonly #publishers: Publisher[] = [];
  readonly #subscribers: Subscriber[] = [];
  #loops: Promise<void>[] = [];
  #state: "working" | "failed" | "closed" = "working";
  #fault: unknown;

  /** Nobody is connected yet. */
  constructor(load: Load, tally: Tally) {
    this.#load = load;
    this.#tally = tally;
  }

  /** One after the other: this is not a test of the accept queue. */
  async connect(target: Target): Promise<void> {
    const { publishers, subscribers } = this.#load;
    const load = this.#load;
    const tally = this.#tally;
    for (let index = 0; index < subscribers; index++) {
      this.#subscribers.push(
        await Subscriber.connect(target, load, index, tally),
      );
    }
    for (let index = 0; index < publishers; index++) {
      this.#publishers.push(
        await Publisher.connect(target, load, index, tally),
      );
    }
  }

  /** The subscribers leave, and their sessions behind. */
  async leave(): Promise<void> {
    for (const each of this.#subscribers) await each.leave();
  }

  /** They come back for what was kept, all at once. */
  async resume(target: Target): Promise<void> {
    const away = this.#subscribers.splice(0);
    await Promise.all(away.map(async ({ session }, index) => {
      const load = this.#load;
      const tally = this.#tally;
      const back = await Subscriber.resume(target, load, session!, tally);
      this.#subscribers[index] = back;
      this.#watch(back.receive());
    }));
  }

  /** Lets them work until it is over; throws what ends a connection. */
  async work(
    isOver: () => boolean,
    done: () => number,
    onProgress: OnProgress,
  ): Promise<void> {
    if (this.#load.sessions !== "away") {
      for (const each of this.#subscribers) this.#watch(each.receive());
    }
    for (const loop of this.#startPublishers()) this.#watch(loop);
    await this.wait(isOver, done, onProgress);
  }

  /** Waits until it is over; throws what ends a connection. */
  async wait(
    isOver: () => boolean,
    done: () => number,
    onProgress: OnProgress,
  ): Promise<void> {
    while (this.#state === "working" && !isOver()) {
      const messages = messagesOf(this.#load, this.#tally);
      onProgress(done(), messages * this.#load.fanout);
      await delay(LOOK_MS);
    }
    if (this.#state === "failed") throw this.#fault;
  }

  /** Closes every connection, waits until no client runs, ends sessions. */
  async close(target: Target): Promise<void> {
    this.#state = "closed";
    const clients = [...this.#publishers, ...this.#subscribers];
    for (const client of clients) client.close();
    await Promise.allSettled(this.#loops);
    const { level } = this.#load.dialect;
    for (const { session } of clients) {
      if (session !== undefined) await endSession(target, session, level);
    }
  }

  #watch(loop: Promise<void>): void {
    this.#loops.push(loop);
    loop.catch((error) => {
      if (this.#state !== "working") return;
      this.#state = "failed";
      this.#fault = error;
    });
  }

  #startPublishers(): Promise<void>[] {
    const { qos, messagesEach, ratePerSecond } = this.#load;
    const publishers = this.#publishers;
    if (ratePerSecond > 0) {
      const loops = publishers.map((each) =>
        qos > 0 ? each.exchangePaced(messagesEach) : each.watch()
      );
      return [...loops, this.#pace()];
    }
    if (qos > 0) return publishers.map((each) => each.exchange(messagesEach));
    return publishers.flatMap((each) => [
      each.watch(),
      each.sendUpTo(messagesEach),
    ]);
  }

  /** Once a millisecond each publisher sends what is due by then. */
  async #pace(): Promise<void> {
    const { publishers, messagesEach, ratePerSecond, qos } = this.#load;
    const startMs = performance.now();
    const total = publishers * messagesEach;
    const sending = new Map<Publisher, Promise<void>>();
    for (let due = 0; due < total && this.#isPacing;) {
      const elapsedMs = performance.now() - startMs;
      due = Math.min(total, Math.floor(elapsedMs * ratePerSecond / 1000));
      for (const [index, publisher] of this.#publishers.entries()) {
        const more = index < due % publishers ? 1 : 0;
        const count = Math.floor(due / publishers) + more;
        if (publisher.sent >= count) continue;
        if (qos > 0) {
          publisher.allow(count);
          continue;
        }
        const before = sending.get(publisher) ?? Promise.resolve();
        const next = before.then(() => publisher.sendUpTo(count));
        // A failure is also seen by the publisher's watch, which reports it.
        next.catch(() => {});
        sending.set(publisher, next);
      }
      await delay(1);
    }
    // Who waits for more to be due has to see that there is no more.
    if (this.#tally.isStopped) {
      for (const each of this.#publishers) each.allow(0);
    }
    await Promise.all(sending.values());
  }

  get #isPacing(): boolean {
    return this.#state === "working" && !this.#tally.isStopped;
  }
}

function isOver(
  load: Load,
  tally: Tally,
  { stop, runMsMax = RUN_MS_MAX }: Subject,
  startMs: number,
): boolean {
  if (stop?.aborted) tally.isStopped = true;
  const total = messagesOf(load, tally);
  const isAcknowledged = load.qos === 0 || tally.acknowledged >= total;
  const isSent = tally.sent >= total && isAcknowledged;
  if (isSent && tally.delivered >= total * load.fanout) return true;
  const nowMs = performance.now();
  // Where nobody hears anything, and nobody answers, silence is no sign.
  const isHeard = load.fanout > 0 || load.qos > 0;
  return isHeard && nowMs - tally.progressMs > quietMsMax(load) ||
    nowMs - startMs > runMsMax;
}

/** A clean session in its place, which ends with its connection. */
async function endSession(
  target: Target,
  session: string,
  level: number,
): Promise<void> {
  const hello = { role: "S", index: 0, level, ends: session } as const;
  const link = await Link.connect(target, hello, INBOX_BYTES);
  await link.leave();
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Plays many seeds at once, on all processors: each thread gets some seeds at
 * a time, and a new thread takes its place after a while, since SQLite's
 * memory comes back with its thread only.
 */

import process from "node:process";
import type { Answer, Task } from "./power_worker.ts";

const SEEDS_A_TASK = 50;
const TASKS_A_THREAD = 10;

export interface PoolOptions {
  readonly first: number;
  /** `Infinity` for all that there are. */
  readonly last: number;
  /** Told how many have been played. */
  readonly progress?: (played: number) => void;
}

/** Returns the first report of a failure; `undefined` when there is none. */
export async function playSeeds(
  { first, last, progress }: PoolOptions,
): Promise<string | undefined> {
  let next = first;
  let played = 0;
  let failure: string | undefined;
  const takeTask = (): Task | undefined => {
    if (failure !== undefined || next > last) return undefined;
    const count = Math.min(SEEDS_A_TASK, last - next + 1);
    const task = { first: next, count };
    next += count;
    return task;
  };
  const work = async () => {
    for (;;) {
      const isMore = await withThread(async (ask) => {
        for (let i = 0; i < TASKS_A_THREAD; i++) {
          const task = takeTask();
          if (task === undefined) return false;
          const answer = await ask(task);
          failure ??= answer.failure;
          played += task.count;
          progress?.(played);
        }
        return true;
      });
      if (!isMore) return;
    }
  };
  const threads = Math.max(navigator.hardwareConcurrency, 1);
  await Promise.all(Array.from({ length: threads }, work));
  return failure;
}

/** Lends a thread, and ends it. */
async function withThread<T>(
  use: (ask: (task: Task) => Promise<Answer>) => Promise<T>,
): Promise<T> {
  const url = new URL("./power_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const ask = (task: Task) =>
    new Promise<Answer>((done, failed) => {
      worker.onmessage = ({ data }) => done(data as Answer);
      worker.onerror = (event) => {
        event.preventDefault();
        failed(new Error(event.message));
      };
      worker.postMessage(task);
    });
  try {
    return await use(ask);
  } finally {
    worker.terminate();
  }
}

/** What `--seeds` says: one, `from-to`, or `from-` for all of them. */
export function seedsOf(text: string): { first: number; last: number } {
  const found = /^(\d+)(-(\d*))?$/.exec(text);
  if (found === null) {
    process.stderr.write("--seeds takes 7, 1-1000 or 1- for all\n");
    process.exit(1);
  }
  const first = Number(found[1]);
  if (found[2] === undefined) return { first, last: first };
  return { first, last: found[3] === "" ? Infinity : Number(found[3]) };
}

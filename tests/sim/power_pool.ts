/**
 * Plays many seeds at once, on all processors: a thread for each, which gets
 * some seeds at a time.
 */

import process from "node:process";
import type { Answer, Task } from "./power_worker.ts";

/** Between two tasks the runtime gets to freeing what SQLite had. */
const SEEDS_A_TASK = 50;

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
  const work = () =>
    withThread(async (ask) => {
      for (let task = takeTask(); task !== undefined; task = takeTask()) {
        const answer = await ask(task);
        failure ??= answer.failure;
        played += task.count;
        progress?.(played);
      }
    });
  const threads = Math.max(navigator.hardwareConcurrency, 1);
  await Promise.all(Array.from({ length: threads }, work));
  return failure;
}

/** Lends a thread, and ends it. */
async function withThread(
  use: (ask: (task: Task) => Promise<Answer>) => Promise<void>,
): Promise<void> {
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
    await use(ask);
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

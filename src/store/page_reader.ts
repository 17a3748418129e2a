/**
 * Reads back what waits in a store's file, a page at a time: from the file
 * while the main thread has it, and by the one that writes from then on.
 *
 * A message that can't be read is told in the log and dropped: those behind
 * it come to their client all the same. Where SQLite can't read the page
 * nothing comes, and it is asked for again when the client is busy again.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../base/logger.ts";
import type { Delivery } from "../session/delivery.ts";
import { type ClockOffset, pageOf } from "./row_format.ts";
import { PAGE } from "./schema.ts";
import type { WorkerAnswer, WorkerRequest } from "./sqlite_worker.ts";
import { textOf } from "./store_error.ts";

/** Takes a page, and the time at which it was read. */
export type TakePage = (page: readonly Delivery[], nowMs: number) => void;

/** What a thread says to a question. */
type Answer = Extract<WorkerAnswer, { answer: number }>;

/** See above. */
export class PageReader {
  readonly #path: () => string;
  readonly #clock: () => ClockOffset;
  readonly #logger: Logger;
  /** Who has asked the thread. */
  readonly #questions = new Map<number, TakePage>();
  #last = 0;

  /** Of the file at `path`. */
  constructor(path: () => string, clock: () => ClockOffset, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads from `database`: session, place and how many are the values. */
  read(database: DatabaseSync, values: unknown[], take: TakePage): void {
    let rows: unknown[] = [];
    let why: string | undefined;
    try {
      rows = database.prepare(PAGE).all(...values as number[]);
    } catch (error) {
      why = textOf(error);
    }
    this.#take(rows, why, take);
  }

  /** The same as a question to the thread. */
  question(values: unknown[], take: TakePage): WorkerRequest {
    this.#questions.set(++this.#last, take);
    return { ask: this.#last, sql: PAGE, values };
  }

  /** The thread has answered one of them. */
  answered({ answer, rows, why }: Answer): void {
    const take = this.#questions.get(answer)!;
    this.#questions.delete(answer);
    this.#take(rows, why, take);
  }

  #take(found: unknown[], why: string | undefined, take: TakePage): void {
    const clock = this.#clock();
    let lost = 0;
    // The columns are those of the question.
    const rows = found as Parameters<typeof pageOf>[0];
    const page = pageOf(rows, clock, (error) => {
      lost++;
      why = textOf(error);
    });
    if (why !== undefined) {
      const what = lost === 0 ? "what waits" : "messages that wait";
      const message = `${what} in ${this.#path()} can't be read: ${why}` +
        `${lost === 0 ? "" : "; they are lost"}`;
      this.#logger.log("error", "store_unreadable", message, { lost });
    }
    take(page, clock.nowMs);
  }
}

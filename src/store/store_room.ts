/**
 * How much of a store's file is in use. SQLite does not make a file smaller,
 * it fills what has become free: that is room, and not counted. Nor is what
 * lies beside the file for a moment, some MiB.
 *
 * It is measured by the thread that writes, at most ten times a second, and
 * in between what is on its way counts as it comes.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { WorkerRequest } from "./sqlite_worker.ts";
import { numberOf } from "./store_file.ts";

/** The number of the question; others count from 1. */
export const ROOM_QUESTION = 0;

const PAUSE_MS = 100;
const USED = "SELECT (page_count - freelist_count) * page_size AS bytes " +
  "FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
/**
 * The same of a session and a place that no queue is behind: so the thread
 * brings its log into the tables first, which gives back what has gone.
 */
const SETTLED = `${USED} WHERE ?1 = 0 AND ?2 = -1`;
const NO_QUEUE: unknown[] = [0, -1];

/** See above. */
export class StoreRoom {
  readonly #ask: (question: WorkerRequest) => void;
  #measured = 0;
  /** What has gone to the thread since then, bytes. */
  #since = 0;
  /** How much of that was there when the question was put. */
  #asked = 0;
  #isWanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks the thread by `ask`. */
  constructor(ask: (question: WorkerRequest) => void) {
    this.#ask = ask;
  }

  /** What is in use, about. */
  get bytes(): number {
    return this.#measured + this.#since;
  }

  /** A file is opened. */
  begin(database: DatabaseSync): void {
    this.#measured = numberOf(database, USED);
  }

  /** So many bytes of changes go to the thread. */
  sent(bytes: number): void {
    this.#since += bytes;
  }

  /** There is none left: it is to be looked for. */
  make(): void {
    this.#isWanted = true;
    this.committed();
  }

  /** They are in the file: it is measured soon. */
  committed(): void {
    this.#timer ??= setTimeout(() => {
      this.#asked = this.#since;
      const ask = ROOM_QUESTION;
      if (this.#isWanted) this.#ask({ ask, sql: SETTLED, values: NO_QUEUE });
      else this.#ask({ ask, sql: USED, values: [] });
      this.#isWanted = false;
    }, PAUSE_MS);
  }

  /** The thread has answered; without rows it could not. */
  answered(rows: readonly unknown[]): void {
    this.#timer = undefined;
    const [row] = rows as readonly { readonly bytes: number }[];
    if (row === undefined) return;
    this.#measured = row.bytes;
    this.#since -= this.#asked;
    if (this.#since > 0) this.committed();
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

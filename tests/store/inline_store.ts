/**
 * The durable store without its thread and its file: the same journal, the
 * same batches, the same SQL, on a database in memory, applied at once. What
 * it loads is what the rows say, each time anew, as after a restart.
 */

import { DatabaseSync } from "node:sqlite";
import type { Delivery } from "../../src/session/delivery.ts";
import type { Journal, Store, StoredState } from "../../src/session/store.ts";
import { BatchWriter } from "../../src/store/batch_writer.ts";
import { StateLoader } from "../../src/store/load_state.ts";
import { pageOf } from "../../src/store/row_format.ts";
import {
  CHANGE_NAMES,
  CHANGES,
  MIGRATIONS,
  PAGE,
} from "../../src/store/schema.ts";
import { SqliteWorker } from "../../src/store/sqlite_worker.ts";
import { StoreJournal } from "../../src/store/store_journal.ts";

export class InlineStore implements Store {
  readonly isBroken = false;
  readonly database = new DatabaseSync(":memory:");
  /** How many of a hundred turns are not written, but gather for the next. */
  readonly #gathers: () => boolean;
  readonly #batch = new BatchWriter();
  readonly #worker: SqliteWorker;
  #journal = new StoreJournal();
  #failed: string | undefined;

  constructor(gathers: () => boolean = () => false) {
    this.#gathers = gathers;
    const { database } = this;
    for (const step of MIGRATIONS) database.exec(step);
    const settings = {
      path: "",
      pragmas: "",
      statements: CHANGE_NAMES.map((name) => CHANGES[name]),
      commitMs: 0,
      faults: { after: 0, count: 0 },
    };
    this.#worker = new SqliteWorker(
      class {
        constructor() {
          return database;
        }
      } as unknown as new () => typeof database,
      settings,
      (answer) => {
        if ("failed" in answer) this.#failed = answer.failed;
      },
    );
  }

  get journal(): Journal {
    return this.#journal;
  }

  load(): StoredState {
    this.#write();
    this.#journal = new StoreJournal();
    const clock = { nowMs: Infinity, offsetMs: 0 };
    const loader = new StateLoader(this.database, this.#journal, clock);
    const { sessions, retained } = loader.load(0);
    return { sessions: [...sessions], retained: [...retained] };
  }

  /** `done` is called at once: the next load sees it in any case. */
  commit(done: (() => void) | undefined): void {
    if (!this.#gathers()) this.#write();
    done?.();
  }

  page(
    clientId: string,
    skip: number,
    max: number,
    take: (page: readonly Delivery[], nowMs: number) => void,
  ): void {
    const rows = this.#journal.rowsOf(clientId);
    const place = rows.waiting.at(skip);
    if (place >= rows.freshAt) return take(rows.freshFrom(place, max), 0);
    const found = this.database.prepare(PAGE).all(rows.id, place, max);
    const page = found as unknown as Parameters<typeof pageOf>[0];
    take(pageOf(page, { nowMs: Infinity, offsetMs: 0 }), 0);
  }

  close(done: () => void): void {
    done();
  }

  #write(): void {
    do this.#journal.write(this.#batch, 0); while (this.#journal.isUnsettled);
    if (this.#batch.length === 0) return;
    this.#worker.receive(this.#batch.take());
    if (this.#failed !== undefined) throw new Error(this.#failed);
  }
}

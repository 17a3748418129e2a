/**
 * The durable store without its thread and its file: the same journal, the
 * same batches, the same SQL, on a database in memory, applied at once. What
 * it loads is what the rows say, each time anew, as after a restart.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Delivery } from "../../src/session/delivery.ts";
import type { Journal, Store, StoredState } from "../../src/session/store.ts";
import { BatchWriter } from "../../src/store/batch_writer.ts";
import { ChangeApplier } from "../../src/store/change_applier.ts";
import { StateLoader } from "../../src/store/load_state.ts";
import { PendingChanges } from "../../src/store/pending_changes.ts";
import { pageOf } from "../../src/store/row_format.ts";
import {
  CHANGE_NAMES,
  CHANGES,
  MIGRATIONS,
  PAGE,
} from "../../src/store/schema.ts";
import { SqliteWorker } from "../../src/store/sqlite_worker.ts";
import { settleLog } from "../../src/store/store_file.ts";
import { StoreJournal } from "../../src/store/store_journal.ts";
import { assertEquals } from "../support/std_assert.ts";

/** What must not be in the tables, and how many of it there are. */
const LEFT_OVERS = [
  "FROM queue WHERE session NOT IN (SELECT id FROM session)",
  "FROM received WHERE session NOT IN (SELECT id FROM session)",
  "FROM subscription WHERE session NOT IN (SELECT id FROM session)",
  "FROM message WHERE uses <> " +
  "(SELECT count(*) FROM queue WHERE message = message.id)",
  "FROM log",
];

/** Prepares a statement once, however often a broker starts on it. */
class Database extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  override prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = super.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

export class InlineStore implements Store {
  readonly isBroken = false;
  readonly database = new Database(":memory:");
  /** How many of a hundred turns are not written, but gather for the next. */
  readonly #gathers: () => boolean;
  readonly #batch = new BatchWriter();
  #worker: SqliteWorker;
  #loads = 0;
  #journal = new StoreJournal();
  #failed: string | undefined;

  constructor(gathers: () => boolean = () => false) {
    this.#gathers = gathers;
    const { database } = this;
    for (const step of MIGRATIONS) database.exec(step);
    this.#worker = this.#startWorker();
  }

  #startWorker(): SqliteWorker {
    const { database } = this;
    class Database {
      exec = (sql: string) => database.exec(sql);
      prepare = (sql: string) => database.prepare(sql) as never;
      close() {}
    }
    return new SqliteWorker(
      { Database, ChangeApplier, PendingChanges },
      {
        path: "",
        pragmas: "",
        names: CHANGE_NAMES,
        statements: CHANGE_NAMES.map((name) => CHANGES[name]),
        commitMs: 0,
        faults: { after: 0, count: 0 },
      },
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
    // The log comes into the tables by its end, or else by a new start.
    if (++this.#loads % 2 === 0) this.#worker.receive({ end: true });
    else settleLog(this.database);
    this.#worker = this.#startWorker();
    for (const sql of LEFT_OVERS) {
      const found = this.database.prepare(`SELECT count(*) AS n ${sql}`).get();
      assertEquals([sql, found!["n"]], [sql, 0]);
    }
    this.#journal = new StoreJournal();
    const clock = { nowMs: Infinity, offsetMs: 0 };
    const loader = new StateLoader(this.database, this.#journal, clock);
    const { sessions, retained } = loader.load();
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
    settleLog(this.database);
    this.#worker = this.#startWorker();
    const found = this.database.prepare(PAGE).all(rows.id, place, max);
    const page = found as unknown as Parameters<typeof pageOf>[0];
    const fail = (why: unknown) => {
      throw why;
    };
    take(pageOf(page, { nowMs: Infinity, offsetMs: 0 }, fail), 0);
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

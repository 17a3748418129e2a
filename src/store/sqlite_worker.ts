/**
 * The thread that writes: it keeps a batch of changes in one transaction
 * and answers when that is on disk, so that nobody else waits for a disk.
 *
 * Mostly a batch is kept as it is, as one row of a log, and brought into
 * the tables with many others later: what has come and gone meanwhile never
 * gets there. Where most of it stays, in queues of clients that are away
 * say, that would be to write it twice: then each goes to the tables at once.
 *
 * Its source is the text of classes: a thread that is started from text is
 * there wherever the broker is, be it compiled into one file. So they must
 * name nothing from outside of themselves.
 *
 * @module
 */

import type { ChangeApplier, Statement } from "./change_applier.ts";
import type { PendingChanges } from "./pending_changes.ts";

/** What a thread of a store is made with. */
export interface WorkerSettings {
  /** The file. */
  readonly path: string;
  /** What is set when it is opened. */
  readonly pragmas: string;
  /** What the changes of a batch are called, by their number. */
  readonly names: readonly string[];
  /** And what each does. */
  readonly statements: readonly string[];
  /** For tests: how long each commit takes at least, milliseconds. */
  readonly commitMs: number;
  /** For tests: how many commits fail, behind so many that do not. */
  readonly faults: { readonly after: number; readonly count: number };
}

/** What it is told beside batches: a question, or to end. */
export type WorkerRequest =
  | { readonly ask: number; readonly sql: string; readonly values: unknown[] }
  | { readonly end: true };

/** What it answers. */
export type WorkerAnswer =
  /** The thread is there. */
  | { readonly started: true }
  /** The batch is on disk; its memory comes back. */
  | { readonly committed: Uint8Array<ArrayBuffer> }
  /** It is not, and is tried again. */
  | { readonly failed: string }
  /** Rows for a question, or why there are none. */
  | {
    readonly answer: number;
    readonly rows: unknown[];
    readonly why: string | undefined;
  }
  /** The file is closed. */
  | { readonly ended: true };

/** A file that is open, as far as it is used. */
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** What it is made of. */
export interface WorkerParts {
  /** Opens a file. */
  readonly Database: new (path: string) => Database;
  /** See `store/change_applier.ts`. */
  readonly ChangeApplier: new (
    statements: readonly Statement[],
  ) => ChangeApplier;
  /** See `store/pending_changes.ts`. */
  readonly PendingChanges: new (names: readonly string[]) => PendingChanges;
}

/** See above. */
export class SqliteWorker {
  /** The log is brought into the tables when it has more. */
  readonly #logBytesMax: number = 2 << 20;
  /** A longer message is written once, and that is to its table. */
  readonly #loggedBytesMax: number = 8192;
  /** So many commits go to the tables where most of it stays. */
  readonly #directCommits: number = 32;
  readonly #parts: WorkerParts;
  readonly #settings: WorkerSettings;
  readonly #answer: (
    answer: WorkerAnswer,
    transfer: ArrayBuffer[],
  ) => void;
  readonly #questions = new Map<string, Statement>();
  readonly #pending: PendingChanges;
  #database: Database | undefined;
  #applier!: ChangeApplier;
  #log!: Statement;
  #isLogEmpty = true;
  /** Commits that go to the tables yet. */
  #direct = 0;
  #commits = 0;
  /** Whether a batch waits to be tried again. */
  #isFailing = false;
  /** Questions that wait for that. */
  readonly #later: Extract<WorkerRequest, { ask: number }>[] = [];
  /** How long until a batch that failed is tried again. */
  #pauseMs = 100;

  /** Opens nothing yet. */
  constructor(
    parts: WorkerParts,
    settings: WorkerSettings,
    answer: (answer: WorkerAnswer, transfer: ArrayBuffer[]) => void,
  ) {
    this.#parts = parts;
    this.#pending = new parts.PendingChanges(settings.names);
    this.#settings = settings;
    this.#answer = answer;
  }

  /** Takes a batch, a question, or the word that it is over. */
  receive(request: Uint8Array<ArrayBuffer> | WorkerRequest): void {
    if (request instanceof Uint8Array) {
      this.#pending.add(request);
      this.#commit(request);
    } else if ("ask" in request) this.#ask(request);
    else {
      try {
        if (this.#database !== undefined) this.#settleApart();
        this.#database?.close();
      } catch {
        // What is committed is in the file or beside it.
      }
      this.#answer({ ended: true }, []);
    }
  }

  #commit(batch: Uint8Array<ArrayBuffer>): void {
    try {
      const database = this.#open();
      const { commitMs } = this.#settings;
      if (commitMs > 0) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, commitMs);
      }
      const isLogged = this.#isToBeLogged();
      database.exec("BEGIN IMMEDIATE");
      if (isLogged) this.#log.run(batch);
      else this.#settle(database);
      this.#failForTests();
      database.exec("COMMIT");
      if (isLogged) this.#isLogEmpty = false;
      else this.#settled();
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    this.#pauseMs = 100;
    this.#isFailing = false;
    this.#answer({ committed: batch }, [batch.buffer]);
    for (const question of this.#later.splice(0)) this.#ask(question);
  }

  #isToBeLogged(): boolean {
    const { bytes, longest } = this.#pending;
    return this.#direct === 0 && bytes <= this.#logBytesMax &&
      longest <= this.#loggedBytesMax;
  }

  /** Brings all that is pending into the tables, in a transaction. */
  #settle(database: Database): void {
    this.#pending.settle(this.#applier);
    if (!this.#isLogEmpty) database.exec("DELETE FROM log");
  }

  /** That is on disk. */
  #settled(): void {
    const { count, left } = this.#pending;
    if (this.#direct > 0) this.#direct--;
    else if (left * 2 > count) this.#direct = this.#directCommits;
    this.#isLogEmpty = true;
    this.#pending.clear();
  }

  /** The same in a transaction of its own. */
  #settleApart(): void {
    const database = this.#database!;
    try {
      database.exec("BEGIN IMMEDIATE");
      this.#settle(database);
      database.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#settled();
  }

  #failForTests(): void {
    const { after, count } = this.#settings.faults;
    const commit = this.#commits++;
    if (commit >= after && commit < after + count) throw new Error("a test");
  }

  /** Nothing of the batch is kept; it is tried again, ever less often. */
  #fail(batch: Uint8Array<ArrayBuffer>, error: unknown): void {
    this.#rollBack();
    this.#isFailing = true;
    const failed = error instanceof Error ? error.message : String(error);
    this.#answer({ failed }, []);
    setTimeout(() => this.#commit(batch), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, 5_000);
  }

  #rollBack(): void {
    try {
      this.#database?.exec("ROLLBACK");
    } catch {
      // SQLite has done so already.
    }
  }

  #ask(question: Extract<WorkerRequest, { ask: number }>): void {
    const { ask, sql, values } = question;
    if (this.#isFailing) {
      // What it asks for may be in the batch.
      this.#later.push(question);
      return;
    }
    const [session, place] = values as [number, number];
    if (this.#pending.concerns(session, place)) {
      try {
        this.#settleApart();
      } catch {
        // It is told when something is to be kept. Who asks has time.
        setTimeout(() => this.#ask(question), this.#pauseMs);
        return;
      }
    }
    let rows: unknown[] = [];
    let why: string | undefined;
    try {
      let statement = this.#questions.get(sql);
      if (statement === undefined) {
        statement = this.#open().prepare(sql);
        this.#questions.set(sql, statement);
      }
      rows = statement.all(...values);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    this.#answer({ answer: ask, rows, why }, []);
  }

  #open(): Database {
    if (this.#database !== undefined) return this.#database;
    const { path, pragmas, statements } = this.#settings;
    const { ChangeApplier, Database } = this.#parts;
    const database = new Database(path);
    try {
      database.exec(pragmas);
      const prepared = statements.map((sql) => database.prepare(sql));
      this.#applier = new ChangeApplier(prepared);
      this.#log = database.prepare("INSERT INTO log (body) VALUES (?)");
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#database = database;
  }
}

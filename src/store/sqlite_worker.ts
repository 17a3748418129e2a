/**
 * The thread that writes: it applies a batch of changes in one transaction
 * and answers when that is on disk, so that nobody else waits for a disk.
 *
 * Its source is the text of this one class: a thread that is started from
 * text is there wherever the broker is, be it compiled into one file. So the
 * class must name nothing from outside of itself.
 *
 * @module
 */

/** What a thread of a store is made with. */
export interface WorkerSettings {
  /** The file. */
  readonly path: string;
  /** What is set when it is opened. */
  readonly pragmas: string;
  /** What the changes of a batch are, by their number. */
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
  /** Rows for a question. */
  | { readonly answer: number; readonly rows: unknown[] }
  /** The file is closed. */
  | { readonly ended: true };

/** A prepared statement, as far as it is used. */
interface Statement {
  run(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
}

/** A file that is open, as far as it is used. */
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** See above. */
export class SqliteWorker {
  readonly #Database: new (path: string) => Database;
  readonly #settings: WorkerSettings;
  readonly #answer: (
    answer: WorkerAnswer,
    transfer: ArrayBuffer[],
  ) => void;
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", {
    ignoreBOM: true,
  });
  readonly #questions = new Map<string, Statement>();
  #database: Database | undefined;
  #statements: Statement[] = [];
  #commits = 0;
  /** Whether a batch waits to be tried again. */
  #isFailing = false;
  /** Questions that wait for that. */
  readonly #later: Extract<WorkerRequest, { ask: number }>[] = [];
  /** How long until a batch that failed is tried again. */
  #pauseMs = 100;

  /** Opens nothing yet. */
  constructor(
    database: new (path: string) => Database,
    settings: WorkerSettings,
    answer: (answer: WorkerAnswer, transfer: ArrayBuffer[]) => void,
  ) {
    this.#Database = database;
    this.#settings = settings;
    this.#answer = answer;
  }

  /** Takes a batch, a question, or the word that it is over. */
  receive(request: Uint8Array<ArrayBuffer> | WorkerRequest): void {
    if (request instanceof Uint8Array) this.#commit(request);
    else if ("ask" in request) this.#ask(request);
    else {
      try {
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
      database.exec("BEGIN IMMEDIATE");
      this.#apply(batch);
      this.#failForTests();
      database.exec("COMMIT");
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    this.#pauseMs = 100;
    this.#isFailing = false;
    this.#answer({ committed: batch }, [batch.buffer]);
    for (const question of this.#later.splice(0)) this.#ask(question);
  }

  #failForTests(): void {
    const { after, count } = this.#settings.faults;
    const commit = this.#commits++;
    if (commit >= after && commit < after + count) throw new Error("a test");
  }

  /** Nothing of the batch is kept; it is tried again, ever less often. */
  #fail(batch: Uint8Array<ArrayBuffer>, error: unknown): void {
    try {
      this.#database?.exec("ROLLBACK");
    } catch {
      // SQLite has done so already.
    }
    this.#isFailing = true;
    const failed = error instanceof Error ? error.message : String(error);
    this.#answer({ failed }, []);
    setTimeout(() => this.#commit(batch), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, 5_000);
  }

  #ask(question: Extract<WorkerRequest, { ask: number }>): void {
    const { ask, sql, values } = question;
    if (this.#isFailing) {
      // What it asks for may be in the batch.
      this.#later.push(question);
      return;
    }
    let rows: unknown[] = [];
    try {
      let statement = this.#questions.get(sql);
      if (statement === undefined) {
        statement = this.#open().prepare(sql);
        this.#questions.set(sql, statement);
      }
      rows = statement.all(...values);
    } catch (error) {
      const failed = error instanceof Error ? error.message : String(error);
      this.#answer({ failed }, []);
    }
    this.#answer({ answer: ask, rows }, []);
  }

  #open(): Database {
    if (this.#database !== undefined) return this.#database;
    const { path, pragmas, statements } = this.#settings;
    const database = new this.#Database(path);
    try {
      database.exec(pragmas);
      this.#statements = statements.map((sql) => database.prepare(sql));
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#database = database;
  }

  /** The format is that of `store/batch_writer.ts`. */
  #apply(batch: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
    for (let at = 0; at < batch.length;) {
      const statement = this.#statements[batch[at]!]!;
      const values: unknown[] = new Array(batch[at + 1]!);
      at += 2;
      for (let i = 0; i < values.length; i++) {
        const tag = batch[at++]!;
        if (tag === 0) values[i] = null;
        else if (tag === 1) {
          values[i] = view.getInt32(at, true);
          at += 4;
        } else if (tag === 2) {
          values[i] = view.getFloat64(at, true);
          at += 8;
        } else {
          const end = at + 4 + view.getUint32(at, true);
          const bytes = batch.subarray(at + 4, end);
          values[i] = tag === 3 ? this.#decoder.decode(bytes) : bytes;
          at = end;
        }
      }
      statement.run(...values);
    }
  }
}

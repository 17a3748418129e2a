/**
 * The durable store: SQLite in one file, written by a thread of its own.
 *
 * ```text
 *   broker ─tells─► store_journal ─batch─► sqlite_worker ─► broker.db
 *                        ▲                      │
 *                        └── committed ◄────────┘
 * ```
 *
 * While a batch is on its way the next one gathers: the slower the disk, the
 * more turns share a commit. The thread is started by the first batch, so
 * that a broker without anything to keep has none.
 *
 * @module
 */

import { type Logger, SILENT } from "../base/logger.ts";
import { StoreFigures } from "../metrics/store_figures.ts";
import type { Journal, Store, StoredState } from "../session/store.ts";
import { BatchWriter } from "./batch_writer.ts";
import { LifeNotes } from "./life_notes.ts";
import { StateLoader } from "./load_state.ts";
import { PageReader, type TakePage } from "./page_reader.ts";
import type { ClockOffset } from "./row_format.ts";
import { CHANGE_NAMES, CHANGES } from "./schema.ts";
import type { WorkerAnswer, WorkerRequest } from "./sqlite_worker.ts";
import { startWorker } from "./start_worker.ts";
import {
  isDamage,
  isOfSqlite,
  openStoreFile,
  pragmasOf,
  replaceDamaged,
  type StoreFile,
} from "./store_file.ts";
import { nodeFiles, type StoreFiles } from "./store_files.ts";
import { StoreJournal } from "./store_journal.ts";
import type { StoreOptions } from "./store_options.ts";
import { ROOM_QUESTION, StoreRoom } from "./store_room.ts";

export type { StoreOptions } from "./store_options.ts";

/** How long a batch may wait on which nobody waits. */
const LAZY_MS = 20;
/** How long clients have to answer before what they got is written. */
const GRACE_MS = 2;
/** How many commits go without that where they do not. */
const IMPATIENT_COMMITS = 64;
/** How long until a thread is started again. */
const START_PAUSE_MS = 5_000;

/**
 * Keeps what it is told in a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Broker } from "@x/broker";
 * import { SqliteStore } from "@x/broker/store";
 *
 * const folder = await Deno.makeTempDir();
 * const broker = new Broker({ store: new SqliteStore({ folder }) });
 * broker.publish("lamp/state", "on", { retain: true });
 * await broker.close();
 *
 * const again = new Broker({ store: new SqliteStore({ folder }) });
 * assertEquals(again.statistics().retained, 1);
 * await again.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class SqliteStore implements Store {
  /** Where the file is. */
  readonly path: string;
  /** See `Store`. */
  readonly figures: StoreFigures = new StoreFigures();
  readonly #options: StoreOptions;
  readonly #logger: Logger;
  readonly #files: StoreFiles;
  #journal = new StoreJournal();
  readonly #batch = new BatchWriter();
  readonly #room: StoreRoom = new StoreRoom((question) => this.#ask(question));
  readonly #life = new LifeNotes(
    () => this.#journal.needsTime,
    () => this.#sendLater(),
  );
  /** Open, and with it locked, until the thread takes over. */
  #file: StoreFile | undefined;
  #worker: Worker | undefined;
  readonly #pages: PageReader;
  /** Questions for a thread that is not there yet. */
  readonly #later: WorkerRequest[] = [];
  /** What the thread gets as soon as it is there. */
  #first: Uint8Array<ArrayBuffer> | undefined;
  /** Who waits for the batch that is under way; `undefined` when none is. */
  #sent: (() => void)[] | undefined;
  /** Who waits for the next. */
  #waiting: (() => void)[] = [];
  #lazyTimer: ReturnType<typeof setTimeout> | undefined;
  /** What is on its way to clients may be done with by then. */
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  /** How many commits have no grace, for the last one was in vain. */
  #impatience = 0;
  #isBroken = false;
  #onEnd: (() => void) | undefined;
  #isClosed = false;

  /**
   * Opens the file.
   *
   * @throws {StoreError} When it can't be used.
   */
  constructor(options: StoreOptions) {
    this.#options = options;
    this.#logger = options.logger ?? SILENT;
    const { files = nodeFiles(), folder, sync = "full" } = options;
    this.#files = files;
    this.#pages = new PageReader(
      () => this.path,
      () => this.#clock(),
      this.#logger,
    );
    this.#use(openStoreFile(files, folder, sync));
    this.path = this.#file!.path;
  }

  /** Where changes are told. */
  get journal(): Journal {
    return this.#journal;
  }

  /** Whether the disk refuses what it is to keep. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** See `Store`. */
  get bytes(): number {
    return this.#room.bytes;
  }

  /** See `Store`. */
  makeRoom(): void {
    if (this.#worker !== undefined) this.#room.make();
  }

  /** See `Store`. */
  load(): StoredState {
    try {
      return this.#read();
    } catch (error) {
      // All else that is thrown comes of rows that can't be.
      if (isOfSqlite(error) && !isDamage(error)) throw error;
      const { database, path } = this.#file!;
      database.close();
      this.#journal = new StoreJournal(); // which may know half of it
      const { sync = "full" } = this.#options;
      const { message } = error as Error;
      this.#use(replaceDamaged(this.#files, path, sync, message));
      return { sessions: [], retained: [] };
    }
  }

  /** See `Store`. */
  commit(done: (() => void) | undefined): void {
    if (this.#isClosed) return; // nothing is acknowledged any more
    if (done !== undefined) this.#waiting.push(done);
    if (this.#sent === undefined) this.#consider();
  }

  /** No batch is under way: is it time for the next? */
  #consider(): void {
    const { outlook } = this.#journal;
    if (this.#waiting.length === 0) this.#sendLater();
    else if (outlook === "nothing") {
      clearTimeout(this.#graceTimer);
      this.#graceTimer = undefined;
      callAll(this.#waiting.splice(0));
      this.#sendLater();
    } else if (outlook !== "fleeting" || this.#impatience > 0) {
      this.#impatience--;
      this.#send();
    } else this.#graceTimer ??= setTimeout(() => this.#lose(), GRACE_MS);
  }

  /** The clients did not answer in time: nor will they the next times. */
  #lose(): void {
    this.#impatience = IMPATIENT_COMMITS;
    this.#send();
  }

  /** See `Store`. */
  page(clientId: string, skip: number, max: number, take: TakePage): void {
    const rows = this.#journal.rowsOf(clientId);
    const place = rows.waiting.at(skip);
    const values = [rows.id, place, max];
    if (place >= rows.freshAt) {
      take(rows.freshFrom(place, max), this.#nowMs());
    } else if (this.#worker === undefined) {
      this.#pages.read(this.#file!.database, values, take);
    } else this.#ask(this.#pages.question(values, take));
  }

  /** The file is the main thread's, or the other one's. */
  #ask(question: WorkerRequest): void {
    if (this.#file === undefined) this.#worker!.postMessage(question);
    else this.#later.push(question);
  }

  /** See `Store`. What can't be written is lost, and the log says so. */
  close(done: () => void): void {
    this.#onEnd = done;
    if (this.#sent === undefined) this.#send();
    if (this.#sent === undefined || this.#isBroken) this.#end();
  }

  #read(): StoredState {
    const { database } = this.#file!;
    const loader = new StateLoader(database, this.#journal, this.#clock());
    const { sessions, retained } = loader.load();
    return { sessions: [...sessions], retained: [...retained] };
  }

  #use(file: StoreFile): void {
    this.#file = file;
    this.#room.begin(file.database);
    if (file.damaged === undefined) return;
    const { path, why } = file.damaged;
    const message = `the store is damaged (${why}); it is now ${path}, and ` +
      "a new one begins";
    this.#log("error", "store_damaged", message);
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? Math.trunc(performance.now());
  }

  #clock(): ClockOffset {
    return { nowMs: this.#nowMs(), offsetMs: this.#offsetMs() };
  }

  /** What makes the broker's time that of the file. */
  #offsetMs(): number {
    return this.#options.offsetMs?.() ?? Date.now() - this.#nowMs();
  }

  #send(): void {
    clearTimeout(this.#lazyTimer);
    clearTimeout(this.#graceTimer);
    this.#lazyTimer = this.#graceTimer = undefined;
    if (this.#sent !== undefined) return;
    do this.#journal.write(this.#batch, this.#offsetMs()); while (
      this.#onEnd !== undefined && this.#journal.isUnsettled
    );
    this.#life.addTo(this.#batch, this.#nowMs(), this.#offsetMs());
    const { length } = this.#batch;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (length > 0) {
      this.#sent = waiting;
      this.figures.began(performance.now());
      this.#room.sent(length);
      this.#post(this.#batch.take());
      return;
    }
    callAll(waiting);
    this.#sendLater();
  }

  /** There may be something to write on which nobody waits. */
  #sendLater(): void {
    const isDue = this.#journal.isUnsettled || this.#life.isDue;
    if (this.#sent !== undefined || !isDue) return;
    this.#lazyTimer ??= setTimeout(() => this.#send(), LAZY_MS);
  }

  #post(batch: Uint8Array<ArrayBuffer>): void {
    if (this.#worker === undefined) this.#worker = this.#start();
    if (this.#file === undefined) {
      this.#worker.postMessage(batch, [batch.buffer]);
    } else this.#first = batch;
  }

  /** The thread is there: it has the file, and the lock, from now on. */
  #started(): void {
    this.#file?.database.close();
    this.#file = undefined;
    const batch = this.#first;
    this.#first = undefined;
    if (batch !== undefined) this.#post(batch);
    for (const question of this.#later.splice(0)) this.#ask(question);
  }

  /** There was no thread to be had: perhaps there is one later. */
  #startAgain(): void {
    const batch = this.#first;
    if (batch === undefined) return;
    this.#worker?.terminate();
    this.#worker = undefined;
    const post = () => this.#file !== undefined && this.#post(batch);
    setTimeout(post, START_PAUSE_MS);
  }

  #start(): Worker {
    const { commitMs = 0, pragmas = "", sync = "full" } = this.#options;
    const { faults = { after: 0, count: 0 } } = this.#options;
    const worker = startWorker({
      path: this.path,
      pragmas: pragmasOf(sync) + pragmas,
      names: CHANGE_NAMES,
      statements: CHANGE_NAMES.map((name) => CHANGES[name]),
      commitMs,
      faults,
    });
    worker.onmessage = ({ data }) => this.#answered(data as WorkerAnswer);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#failed(event.message);
      this.#startAgain();
    };
    return worker;
  }

  #answered(answer: WorkerAnswer): void {
    if ("committed" in answer) this.#committed(answer.committed);
    else if ("failed" in answer) this.#failed(answer.failed);
    else if ("started" in answer) this.#started();
    else if ("answer" in answer) {
      if (answer.answer === ROOM_QUESTION) this.#room.answered(answer.rows);
      else this.#pages.answered(answer);
    } else if ("ended" in answer) this.#ended();
  }

  #committed(batch: Uint8Array<ArrayBuffer>): void {
    if (this.#isBroken) {
      this.#isBroken = false;
      this.#log("warn", "store_recovered", "the store keeps things again");
    }
    this.figures.committed(performance.now(), batch.length);
    this.#room.committed();
    this.#life.wait();
    this.#batch.giveBack(batch);
    const sent = this.#sent!;
    this.#sent = undefined;
    callAll(sent);
    if (this.#sent !== undefined) return;
    if (this.#onEnd !== undefined) this.#send();
    else this.#consider();
    if (this.#onEnd !== undefined && this.#sent === undefined) this.#end();
  }

  #failed(why: string): void {
    if (!this.#isBroken) {
      this.#isBroken = true;
      const message = `can't write to ${this.path}: ${why}; what has to be ` +
        "kept is not acknowledged until that works again";
      this.#log("error", "store_failed", message);
    }
    if (this.#onEnd !== undefined) this.#end();
  }

  #end(): void {
    if (this.#isBroken) {
      const message = "the last changes could not be written, and are lost";
      this.#log("error", "store_failed", message);
    }
    if (this.#worker === undefined || this.#isBroken) this.#ended();
    else this.#worker.postMessage({ end: true });
  }

  #ended(): void {
    this.#file?.database.close();
    this.#file = undefined;
    this.#worker?.terminate();
    this.#isClosed = true;
    this.#room.end();
    this.#life.end();
    clearTimeout(this.#lazyTimer);
    clearTimeout(this.#graceTimer);
    const done = this.#onEnd;
    this.#onEnd = undefined;
    done?.();
  }

  #log(level: "warn" | "error", event: string, message: string): void {
    this.#logger.log(level, event, message, {});
  }
}

function callAll(calls: readonly (() => void)[]): void {
  for (const call of calls) call();
}

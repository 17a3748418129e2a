/**
 * A simulated disk below the real store: its thread runs the real code of
 * `store/sqlite_worker.ts` on a real file in memory, at times that the world
 * draws. A commit takes a while; the disk may be slow, or refuse for a time.
 * When the power goes, each batch that was on its way is there as a whole or
 * not at all, in their order, and so is what comes after: nothing else.
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import type { Logger } from "../../src/base/logger.ts";
import { SqliteStore } from "../../src/store/sqlite_store.ts";
import { Random } from "../fuzz/random.ts";
import type { Agenda, Appointment } from "./agenda.ts";
import type { Machine, Thread } from "./machine.ts";

/** The part of a database that the store's thread uses. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): {
    run(...values: unknown[]): unknown;
    all(...values: unknown[]): unknown[];
  };
  close(): void;
}

/** What happens around a commit, for a power cut at just that moment. */
export type DiskMoment = "commit begins" | "committed" | "told";

export interface DiskOptions {
  readonly agenda: Agenda;
  readonly seed: number;
  /** Told before each of these moments is over. */
  readonly at?: (moment: DiskMoment) => void;
  /** For mutants: what is between the thread and its file. */
  readonly spoil?: ((database: Database) => Database) | undefined;
}

const THREAD_START_MS_MAX = 30;

function newFolder(): string {
  // In memory where there is such a place: the disk's time is simulated.
  const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return mkdtempSync(`${base}/broker-sim-`);
}

/** The disk of one world, and the machine that it is in. */
export class SimDisk implements Machine, Disposable {
  readonly agenda: Agenda;
  readonly folder: string = newFolder();
  /** How long a commit takes at most, beside the least. */
  slowMs = 0;
  /** Whether it refuses. */
  isFailing = false;
  /** Until when it was slow or has refused: then nothing is in time. */
  troubledUntilMs = 0;
  readonly #options: DiskOptions;
  readonly #random: Random;
  #threads: SimThread[] = [];
  /** Counts the power cuts: what was to come before one does not. */
  #life = 0;

  constructor(options: DiskOptions) {
    this.#options = options;
    this.agenda = options.agenda;
    this.#random = new Random(options.seed);
  }

  /** Where the file is. */
  get path(): string {
    return `${this.folder}/broker.db`;
  }

  /** The store of a broker that starts. */
  open(nowMs: () => number, logger: Logger): SqliteStore {
    // Nobody waits for a real disk.
    const pragmas = "PRAGMA synchronous = OFF;";
    return new SqliteStore({ folder: this.folder, nowMs, logger, pragmas });
  }

  /** The power goes: some of what was on its way to the disk is there. */
  cut(store: SqliteStore, random: Random): void {
    for (const thread of this.#threads) thread.cut(random);
    // The process is gone, and its locks with it.
    store.close(() => {});
    for (const thread of this.#threads) thread.letGo();
    this.#threads = [];
    this.#life++;
  }

  startThread(source: string): Thread {
    const thread = new SimThread(this, source);
    this.#threads.push(thread);
    return thread;
  }

  later(ms: number, run: () => void): Appointment {
    const life = this.#life;
    return this.agenda.in(ms, () => {
      if (life === this.#life) run();
    });
  }

  /** How long a thread needs to start. */
  get startMs(): number {
    return 1 + this.#random.below(THREAD_START_MS_MAX);
  }

  /** How long the next commit takes. */
  get commitMs(): number {
    return this.#random.below(4) + this.#random.below(this.slowMs + 1);
  }

  /** Told by a thread. */
  at(moment: DiskMoment): void {
    this.#options.at?.(moment);
  }

  /** The file, as a thread sees it. */
  database(): Database & { rollBack(): void } {
    const file = new DatabaseSync(this.path);
    const plain = file as unknown as Database;
    const database = this.#options.spoil?.(plain) ?? plain;
    let isOpen = true;
    return {
      exec: (sql) => {
        const isRefused = this.isFailing && /^(?:BEGIN|COMMIT)/.test(sql);
        if (isRefused) throw new Error("disk I/O error");
        database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
      close() {
        if (isOpen) database.close();
        isOpen = false;
      },
      rollBack() {
        if (isOpen && file.isTransaction) database.exec("ROLLBACK");
      },
    };
  }

  /** Whether a thread has anything to do. */
  get isBusy(): boolean {
    return this.#threads.some(({ isBusy }) => isBusy);
  }

  /** How many rows each table of the file has; nobody must have it open. */
  rows(): Record<string, number> {
    const database = new DatabaseSync(this.path);
    const tables = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    const counts = database.prepare(tables).all().map(({ name }) =>
      `SELECT '${name}' AS name, count(*) AS n FROM ${name}`
    ).join(" UNION ALL ");
    const rows = database.prepare(counts).all();
    database.close();
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  }

  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread.letGo();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Request = Uint8Array | { readonly end?: true };

type Receive = (event: { data: unknown }) => void;
type Main = (
  // Called with `new`.
  DatabaseSync: () => Database,
  postMessage: (answer: unknown) => void,
  onmessage: undefined,
) => Receive;

const mains = new Map<string, Main>();

/** A module's text as a function: all threads share what is compiled. */
function mainOf(source: string): Main {
  let main = mains.get(source);
  if (main === undefined) {
    const body = source.replace(/import \{[^}]*\} from "node:sqlite";/, "");
    main = new Function(
      "DatabaseSync",
      "postMessage",
      "onmessage",
      `${body}; return onmessage;`,
    ) as Main;
    mains.set(source, main);
  }
  return main;
}

/** The thread that writes: real code, at its own pace. */
class SimThread implements Thread {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly #disk: SimDisk;
  /** What it was asked for and has not begun. */
  #requests: Request[] = [];
  #receive: Receive | undefined;
  #database: ReturnType<SimDisk["database"]> | undefined;
  #isDead = false;

  constructor(disk: SimDisk, source: string) {
    this.#disk = disk;
    disk.later(disk.startMs, () => this.#start(source));
  }

  get isBusy(): boolean {
    return this.#requests.length > 0;
  }

  addEventListener(): void {}

  postMessage(data: unknown): void {
    if (this.#isDead) return;
    this.#requests.push(data as Request);
    const isIdle = this.#requests.length === 1;
    if (isIdle && this.#receive !== undefined) this.#begin();
  }

  terminate(): void {
    this.#isDead = true;
    this.#database?.close();
  }

  /** The power goes: what was on its way is there, up to some batch. */
  cut(random: Random): void {
    const isThere = !this.#isDead && this.#receive !== undefined;
    let survivors = isThere ? random.below(this.#requests.length + 1) : 0;
    while (survivors-- > 0) this.#receive!({ data: this.#requests.shift() });
    this.#isDead = true;
  }

  /** Nobody has the file open any more. */
  letGo(): void {
    this.#isDead = true;
    this.#requests = [];
    // Its maker closes the file that is its own until the thread is there.
    this.onmessage?.({ data: { started: true } });
    this.#database?.rollBack();
    this.#database?.close();
  }

  /** Runs the module's text, as a runtime would. */
  #start(source: string): void {
    if (this.#isDead) return;
    const open = () => this.#database = this.#disk.database();
    this.#receive = mainOf(source.replaceAll(this.#disk.path, "broker.db"))(
      function () {
        return open();
      },
      (answer: unknown) => this.#answer(answer as Record<string, unknown>),
      undefined,
    );
    if (this.#requests.length > 0) this.#begin();
  }

  #begin(): void {
    const isBatch = this.#requests[0] instanceof Uint8Array;
    if (isBatch) this.#disk.at("commit begins");
    this.#disk.later(this.#disk.commitMs, () => this.#doNext());
  }

  #doNext(): void {
    if (this.#isDead) return;
    this.#receive!({ data: this.#requests.shift() });
    if (this.#requests.length > 0 && !this.#isDead) this.#begin();
  }

  #answer(answer: Record<string, unknown>): void {
    if (this.#isDead) return;
    const isCommitted = "committed" in answer;
    if (isCommitted) this.#disk.at("committed");
    if (this.#isDead) return;
    this.#disk.later(this.#disk.commitMs >> 1, () => {
      if (this.#isDead) return;
      this.onmessage?.({ data: answer });
      if (isCommitted) this.#disk.at("told");
    });
  }
}

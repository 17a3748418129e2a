/**
 * The file of a durable store, as it is opened: made, brought up to date,
 * set aside when it is damaged, or refused with one sentence.
 *
 * Whoever has it open has it alone: SQLite's own lock, which ends with the
 * process, however that ends.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { fileFault } from "../base/file_faults.ts";
import { ChangeApplier, type Statement } from "./change_applier.ts";
import {
  APPLICATION_ID,
  CHANGE_NAMES,
  CHANGES,
  LEAVE,
  MIGRATIONS,
} from "./schema.ts";
import { StoreError, textOf } from "./store_error.ts";
import { damagedName, type StoreFiles } from "./store_files.ts";

const FILE = "broker.db";
/** SQLite keeps what is not in the file yet beside it. */
const BESIDE = ["-wal", "-shm", "-journal"];

/** What SQLite says of a bad file; the last where its schema is. */
const DAMAGE = /not a database|malformed|corrupt|no such (?:column|table)/i;
/** So much is looked at whole at a start, however the last broker ended. */
const LOOK_BYTES_MAX = 64 << 20;

/** How sure a commit is: see `StoreOptions`. */
export type Sync = "full" | "normal";

/** A file that is open. */
export interface StoreFile {
  /** Where it is. */
  readonly path: string;
  /** It is locked as long as this is open. */
  readonly database: DatabaseSync;
  /** Where a damaged one has gone, if there was one, and what was wrong. */
  readonly damaged: { readonly path: string; readonly why: string } | undefined;
}

/** What is set in each connection to the file. */
export function pragmasOf(sync: Sync): string {
  return `
    PRAGMA busy_timeout = 1000;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${sync === "full" ? "FULL" : "NORMAL"};
    PRAGMA wal_autocheckpoint = 2000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA temp_store = MEMORY;
  `;
}

/**
 * Opens the file in `folder`, and makes both if need be.
 *
 * @throws {StoreError} When that is not possible.
 */
export function openStoreFile(
  files: StoreFiles,
  folder: string,
  sync: Sync,
): StoreFile {
  const path = `${folder}/${FILE}`;
  try {
    files.makeFolder(folder);
  } catch (error) {
    const message = `can't make the folder ${folder}: ${fileFault(error)}`;
    throw new StoreError(message, false);
  }
  // Left by a broker that was killed, by a loss of power maybe.
  const isLeft = files.exists(`${path}-wal`);
  try {
    const database = openDatabase(files, path, sync);
    if (isLeft || bytesOf(database) <= LOOK_BYTES_MAX) checkWhole(database);
    return { path, database, damaged: undefined };
  } catch (error) {
    if (error instanceof StoreError || !isDamage(error)) {
      throw sentence(files, path, error);
    }
    return replaceDamaged(files, path, sync, textOf(error));
  }
}

/**
 * Opens the file in `folder` for a look at it: there has to be one, and a
 * damaged one stays where it is.
 *
 * @throws {StoreError} When that is not possible.
 */
export function openFoundFile(files: StoreFiles, folder: string): StoreFile {
  const path = `${folder}/${FILE}`;
  if (!files.exists(path)) {
    throw new StoreError(`there is no store in ${folder}`, false);
  }
  try {
    const database = openDatabase(files, path, "full");
    return { path, database, damaged: undefined };
  } catch (error) {
    throw sentence(files, path, error, "a broker that runs; stop it first");
  }
}

/** A damaged file keeps what it has under another name. */
export function replaceDamaged(
  files: StoreFiles,
  path: string,
  sync: Sync,
  why: string,
): StoreFile {
  const aside = damagedName(path);
  try {
    for (const end of ["", ...BESIDE]) {
      if (files.exists(path + end)) files.rename(path + end, aside + end);
    }
    const database = openDatabase(files, path, sync);
    const damaged = { path: aside, why };
    return { path, database, damaged };
  } catch (error) {
    throw sentence(files, path, error);
  }
}

/** Whether what was thrown says that the file is no database, or a bad one. */
export function isDamage(error: unknown): boolean {
  return DAMAGE.test(textOf(error));
}

/** Whether it is of SQLite, of a disk in trouble say. */
export function isOfSqlite(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_SQLITE_ERROR";
}

function openDatabase(
  files: StoreFiles,
  path: string,
  sync: Sync,
): DatabaseSync {
  const isNew = !files.exists(path);
  const database = new DatabaseSync(path);
  try {
    // Messages are nobody else's business.
    if (isNew && files.exists(path)) files.makePrivate(path);
    database.exec(pragmasOf(sync));
    database.exec("BEGIN IMMEDIATE"); // which takes the lock
    migrate(path, database, isNew);
    settleLog(database);
    database.prepare(LEAVE).run(Date.now());
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function bytesOf(database: DatabaseSync): number {
  return numberOf(database, "PRAGMA page_count") *
    numberOf(database, "PRAGMA page_size");
}

/** Looks at all pages, also at those that are read much later. */
function checkWhole(database: DatabaseSync): void {
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  const found = String(Object.values(row!)[0]).split("\n").at(-1);
  if (found === "ok") return;
  database.close();
  throw new Error(`malformed: ${found}`);
}

function migrate(path: string, database: DatabaseSync, isNew: boolean): void {
  const version = numberOf(database, "PRAGMA user_version");
  if (version === 0) {
    if (numberOf(database, "SELECT count(*) FROM sqlite_schema") > 0) {
      throw foreign(path);
    }
    // A file system can do that when the power goes.
    if (!isNew) throw new Error("malformed: there is nothing in it");
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  } else if (numberOf(database, "PRAGMA application_id") !== APPLICATION_ID) {
    throw foreign(path);
  }
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `${path} was written by a newer broker (its format is ${version}, ` +
        `this one knows ${MIGRATIONS.length})`,
      true,
    );
  }
  for (const step of MIGRATIONS.slice(version)) database.exec(step);
  if (version < MIGRATIONS.length) {
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  }
}

/** Brings into the tables what a broker has not before its end. */
export function settleLog(database: DatabaseSync): void {
  if (numberOf(database, "SELECT count(*) FROM log") === 0) return;
  const statements = CHANGE_NAMES.map((name) =>
    database.prepare(CHANGES[name])
  );
  const applier = new ChangeApplier(statements as unknown as Statement[]);
  const bodies = database.prepare("SELECT body FROM log ORDER BY id");
  try {
    // Not by iterate(), which on Deno takes an error for the end.
    for (const { body } of bodies.all()) {
      applier.applyAll(body as Uint8Array);
    }
  } catch (error) {
    throw new Error(`malformed log: ${textOf(error)}`, { cause: error });
  }
  database.exec("DELETE FROM log");
}

/** The first value of the first row. */
export function numberOf(database: DatabaseSync, sql: string): number {
  const row = database.prepare(sql).get() ?? {};
  return Number(Object.values(row)[0] ?? 0);
}

function sentence(
  files: StoreFiles,
  path: string,
  error: unknown,
  who = "another broker",
): StoreError {
  if (error instanceof StoreError) return error;
  if (/locked|busy/i.test(textOf(error))) {
    return new StoreError(`${path} is in use by ${who}`, true, true);
  }
  const isFound = files.exists(path);
  const why = isFound ? obstacle(files, path) : undefined;
  return new StoreError(`can't use ${path}: ${why ?? textOf(error)}`, isFound);
}

/** What the file system has against it: SQLite does not say. */
function obstacle(files: StoreFiles, path: string): string | undefined {
  try {
    files.openToWrite(path);
    return undefined;
  } catch (error) {
    return fileFault(error);
  }
}

function foreign(path: string): StoreError {
  const message = `${path} is a database, but not one of a broker`;
  return new StoreError(message, true);
}

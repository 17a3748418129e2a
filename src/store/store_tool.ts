/**
 * A store's file in the hands of a command: what is known of it while a
 * broker has it, and the file itself while none does.
 *
 * @module
 */

import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  statSync,
  utimesSync,
} from "node:fs";
import { openFoundFile, openStoreFile, type StoreFile } from "./store_file.ts";
import { nodeFiles } from "./store_files.ts";
import { ToolRows } from "./tool_rows.ts";

const FILE = "broker.db";
const WAL = "-wal";
/** SQLite's header: where it has the version of the format, 4 bytes. */
const VERSION_AT = 60;
const HEADER_BYTES = 100;

/** What the file system says. */
export interface StoreSize {
  /** Where the file is. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** What is written and not in the file yet. */
  readonly walBytes: number;
}

/** The size of the store in `folder`; `undefined` when there is none. */
export function sizeOfStore(folder: string): StoreSize | undefined {
  const path = `${folder}/${FILE}`;
  const bytes = sizeOf(path);
  if (bytes === undefined) return undefined;
  return { path, bytes, walBytes: sizeOf(path + WAL) ?? 0 };
}

/** The version of the format, as the file's header has it; 0 for none. */
export function formatOfFile(path: string): number {
  const header = new Uint8Array(HEADER_BYTES);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return new DataView(header.buffer).getUint32(VERSION_AT);
}

/** The file, which no broker can use meanwhile. */
export class StoreTool implements Disposable {
  /** Its rows. */
  readonly rows: ToolRows;
  /** When a broker last wrote to it, milliseconds since 1970. */
  readonly writtenAt: number;
  readonly #file: StoreFile;

  private constructor(file: StoreFile, writtenAt: number) {
    this.#file = file;
    this.writtenAt = writtenAt;
    this.rows = new ToolRows(file.database);
  }

  /**
   * The store in `folder`.
   *
   * @throws {StoreError} When there is none, or it can't be used.
   */
  static open(folder: string): StoreTool {
    const writtenAt = lastWritten(`${folder}/${FILE}`);
    return new StoreTool(openFoundFile(nodeFiles(), folder), writtenAt);
  }

  /**
   * The same, and makes one where there is none.
   *
   * @throws {StoreError} When that is not possible.
   */
  static make(folder: string): StoreTool {
    if (existsSync(`${folder}/${FILE}`)) return StoreTool.open(folder);
    const file = openStoreFile(nodeFiles(), folder, "full");
    return new StoreTool(file, Date.now());
  }

  /** Where it is. */
  get path(): string {
    return this.#file.path;
  }

  /** Closes it. Its time stays: a look at it is not a life of a broker. */
  [Symbol.dispose](): void {
    this.#file.database.close();
    const seconds = this.writtenAt / 1000;
    utimesSync(this.path, seconds, seconds);
  }
}

function lastWritten(path: string): number {
  const times = ["", WAL].map((end) =>
    statSync(path + end, { throwIfNoEntry: false })?.mtimeMs ?? 0
  );
  return Math.min(Math.max(...times) || Date.now(), Date.now());
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

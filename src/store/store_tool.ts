/**
 * A store's file in the hands of a command: what is known of it while a
 * broker has it, and the file itself while none does.
 *
 * @module
 */

import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
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
  readonly #file: StoreFile;

  private constructor(file: StoreFile) {
    this.#file = file;
    this.rows = new ToolRows(file.database);
  }

  /**
   * The store in `folder`.
   *
   * @throws {StoreError} When there is none, or it can't be used.
   */
  static open(folder: string): StoreTool {
    return new StoreTool(openFoundFile(nodeFiles(), folder));
  }

  /**
   * The same, and makes one where there is none.
   *
   * @throws {StoreError} When that is not possible.
   */
  static make(folder: string): StoreTool {
    const isFound = existsSync(`${folder}/${FILE}`);
    return isFound
      ? StoreTool.open(folder)
      : new StoreTool(openStoreFile(nodeFiles(), folder, "full"));
  }

  /** Where it is. */
  get path(): string {
    return this.#file.path;
  }

  /** When a broker last wrote to it, milliseconds since 1970. */
  get writtenAt(): number {
    return this.#file.writtenAt;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#file.database.close();
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

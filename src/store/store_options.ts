/**
 * What a durable store is made with.
 *
 * @module
 */

import type { Logger } from "../base/logger.ts";
import type { Sync } from "./store_file.ts";
import type { StoreFiles } from "./store_files.ts";

/** What a `SqliteStore` is made with. */
export interface StoreOptions {
  /** The folder, which is made if it is not there. */
  readonly folder: string;
  /**
   * "full": what is acknowledged survives a loss of power. "normal": it
   * survives the end of the process, and a loss of power may undo the last
   * moments. "full".
   */
  readonly sync?: Sync;
  /** The broker's clock, milliseconds. That of `Broker`. */
  readonly nowMs?: () => number;
  /** Where log lines go. Nowhere. */
  readonly logger?: Logger;
  /** The file system. That of `node:fs`. */
  readonly files?: StoreFiles;
  /**
   * To be added to the broker's time for milliseconds since 1970. Unless
   * given, what the system's clock says at the moment.
   */
  readonly offsetMs?: () => number;
  /** For tests: how long each commit takes at least, milliseconds. */
  readonly commitMs?: number;
  /** For tests: how many commits fail, behind so many that do not. */
  readonly faults?: { readonly after: number; readonly count: number };
  /** For tests: what is set in the file beside the usual. */
  readonly pragmas?: string;
}

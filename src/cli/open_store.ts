/**
 * Opens what keeps a broker's state, and says where that is.
 *
 * @module
 */

import { SqliteStore } from "../store/sqlite_store.ts";
import { StoreError } from "../store/store_error.ts";
import { nodeFiles } from "../store/store_files.ts";
import type { HostProcess } from "./host_process.ts";
import type { LogWriter } from "./log_writer.ts";
import type { Environment } from "./read_settings.ts";
import type { Settings } from "./settings.ts";
import { defaultFolder } from "./store_folder.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The store that the settings ask for. Who asked for none has one where that
 * is possible: else the log says that state is in memory.
 *
 * @throws {UsageError} When it can't be used.
 */
export function openStore(
  host: HostProcess,
  settings: Settings,
  environment: Environment,
  log: LogWriter,
): SqliteStore | undefined {
  const folder = settings.data ?? defaultFolder(environment, host.isRoot());
  if (folder === undefined) {
    const message = "there is no folder for the state, so it is in memory; " +
      "--data DIR names one";
    log.announce("warn", "store", message, {});
    return undefined;
  }
  try {
    const { sync } = settings;
    const files = host.files ?? nodeFiles();
    const store = new SqliteStore({ folder, files, sync, logger: log });
    const message = `state is kept in ${store.path}`;
    log.announce("info", "store", message, { path: store.path, sync });
    return store;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (settings.data !== undefined || error.isFound) {
      const hint = "--data DIR names another folder, --memory needs none";
      throw new UsageError(`${error.message}; ${hint}`);
    }
    const message = `${error.message}, so the state is in memory`;
    log.announce("warn", "store", message, {});
    return undefined;
  }
}

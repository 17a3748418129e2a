/**
 * All that says how a broker is to be: arguments, environment, and the
 * configuration file that one of them names.
 *
 * @module
 */

import {
  type Environment,
  namedConfig,
  type Reading,
  readSettings,
} from "./read_settings.ts";

/** What it comes to, and the files that were read. */
export interface WholeReading extends Reading {
  /** The configuration file, and what it includes. */
  readonly files: readonly string[];
}

/**
 * Reads all of it; again, when a file has changed.
 *
 * @throws {UsageError} When something is wrong with it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAll } from "./read_all.ts";
 *
 * const { settings } = await readAll(["--port", "1884"], {});
 * assertEquals(settings.port, 1884);
 * ```
 */
export async function readAll(
  args: readonly string[],
  environment: Environment,
): Promise<WholeReading> {
  const named = namedConfig(args, environment);
  if (named === undefined) {
    return { ...readSettings(args, environment), files: [] };
  }
  // Late, as is all that few need.
  const { readConfigFile } = await import("./config_file.ts");
  const file = await readConfigFile(named.path, named.lenient);
  return { ...readSettings(args, environment, file), files: file.files };
}

/**
 * The clients that an operator keeps out, in a file beside the store, so that
 * a broker that starts again keeps them out, too. The API writes it: see
 * `cli/file_changes.ts`. To be loaded when there is one.
 *
 * @module
 */

import { fileFault } from "../base/file_faults.ts";
import type { Logger } from "../base/logger.ts";
import type { Core } from "../broker/core.ts";
import { takeBans } from "../http/bans_json.ts";
import { damagedName, type StoreFiles } from "../store/store_files.ts";

/**
 * Keeps out whom the file names. What is no such file is set aside, as a
 * damaged store is: nobody may be there who could put it right.
 */
export function readBans(
  core: Core,
  path: string,
  files: Pick<StoreFiles, "readText" | "rename">,
  logger: Logger,
): void {
  try {
    takeBans(core, files.readText(path));
  } catch (error) {
    const why = error instanceof TypeError ? error.message : fileFault(error);
    const aside = damagedName(path);
    files.rename(path, aside);
    const message = `the file of bans is damaged (${why}); it is now ${aside}` +
      ", and nobody is kept out by it";
    logger.log("error", "bans_damaged", message, { path: aside });
  }
}

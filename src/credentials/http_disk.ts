/**
 * Reads the file with the headers that a login server wants. What it holds is
 * in `credentials/http_settings.ts`. To be loaded when it is needed:
 * `node:fs` costs time at the start.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import { type HttpHeaders, parseHttpHeaders } from "./http_settings.ts";
import { readSmallFile } from "./small_file.ts";

/**
 * The headers in a file.
 *
 * @throws {CredentialFileError} When it can't be read or is not as it should
 * be: the file's name, the line and the reason.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readHttpHeaders } from "./http_disk.ts";
 *
 * await assertRejects(() => readHttpHeaders("/no/such/headers"));
 * ```
 */
export async function readHttpHeaders(path: string): Promise<HttpHeaders> {
  const read = await readSmallFile(path);
  if (read.fault !== undefined) throw new CredentialFileError(read.fault);
  return parseHttpHeaders(new TextDecoder().decode(read.bytes), path);
}

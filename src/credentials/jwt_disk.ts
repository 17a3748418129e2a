/**
 * Reads files with keys for tokens. What they hold is in
 * `credentials/jwt_key_file.ts`. To be loaded when it is needed: `node:fs`
 * costs time at the start.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import type { JwtKey } from "./jwt_key.ts";
import { parseJwtKeys } from "./jwt_key_file.ts";
import { readSmallFile } from "./small_file.ts";

/**
 * The keys in a file.
 *
 * @throws {CredentialFileError} When it can't be read or is not as it should
 * be: the file's name and the reason.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readJwtKeys } from "./jwt_disk.ts";
 *
 * await assertRejects(() => readJwtKeys("/no/such/key.pem"));
 * ```
 */
export async function readJwtKeys(path: string): Promise<readonly JwtKey[]> {
  const read = await readSmallFile(path);
  if (read.fault !== undefined) throw new CredentialFileError(read.fault);
  return await parseJwtKeys(read.bytes, path);
}

/**
 * Reads the password file for a broker that is to check passwords by it. To
 * be loaded when it is needed, as `credentials/secret_disk.ts` is.
 *
 * @module
 */

import {
  assertCheckable,
  parsePasswordFile,
  type PasswordUsers,
} from "./password_file.ts";
import { readSecretFile } from "./secret_disk.ts";

/**
 * The users in a file.
 *
 * @throws {CredentialFileError} When it can't be read, is not as it should
 * be, or has a hash that this runtime can't check.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readPasswordFile } from "./password_disk.ts";
 *
 * await assertRejects(() => readPasswordFile("/no/such/users"));
 * ```
 */
export async function readPasswordFile(path: string): Promise<PasswordUsers> {
  const users = parsePasswordFile({ text: await readSecretFile(path), path });
  assertCheckable(users, path);
  return users;
}

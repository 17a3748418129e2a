/**
 * Reads a file of access rules. To be loaded when it is needed: `node:fs`
 * costs time at the start.
 *
 * @module
 */

import type { AccessPolicy } from "../auth/access_rules.ts";
import { parseAclFile } from "./acl_file.ts";
import { readSecretFile } from "./secret_disk.ts";

/**
 * The rules in a file.
 *
 * @throws {CredentialFileError} When it can't be read or is not as it should
 * be: with file, line and reason.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readAclFile } from "./acl_disk.ts";
 *
 * await assertRejects(() => readAclFile("/no/such/acl"));
 * ```
 */
export async function readAclFile(path: string): Promise<AccessPolicy> {
  return parseAclFile({ text: await readSecretFile(path), path });
}

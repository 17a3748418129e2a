/**
 * The text of a file of access rules, in either of two forms: Mosquitto's,
 * in `credentials/acl_lines.ts`, or JSON with roles, in
 * `credentials/acl_json.ts`. Reading the file is in
 * `credentials/acl_disk.ts`; what rules mean is in `auth/access_rules.ts`.
 *
 * @module
 */

import type { AccessPolicy } from "../auth/access_rules.ts";
import { readAclJson } from "./acl_json.ts";
import { readAclLines } from "./acl_lines.ts";
import { CredentialFileError } from "./file_error.ts";

/** The text of a file, and its name for the sentence about a mistake. */
export interface AclFile {
  /** The text. */
  readonly text: string;
  /** The name. */
  readonly path: string;
}

/** More is a mistake: each character may cost a hundred bytes of memory. */
export const ACL_CHARS_MAX = 16 * 1024 * 1024;

/**
 * The rules in a file. It is JSON when its name says so or it begins with a
 * brace, as nothing does in Mosquitto's form.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAclFile } from "./acl_file.ts";
 *
 * const text = "user ada\ntopic read room/#\n";
 * assertEquals(
 *   parseAclFile({ text, path: "acl" }).users.get("ada"),
 *   [[{ allow: true, actions: "read", filter: "room/#", verbatim: true }]],
 * );
 * ```
 */
export function parseAclFile(file: AclFile): AccessPolicy {
  const { text, path } = file;
  if (text.length > ACL_CHARS_MAX) {
    throw new CredentialFileError(
      `${path} has more than ${ACL_CHARS_MAX} characters`,
    );
  }
  const isJson = path.endsWith(".json") || /^\s*\{/.test(text);
  return isJson ? readAclJson(file) : readAclLines(file);
}

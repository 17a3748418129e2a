/**
 * What to say where the word of a file system would be a code.
 *
 * @module
 */

const FAULTS: Readonly<Record<string, string | undefined>> = {
  ENOENT: "there is no such file or folder",
  EEXIST: "there is a file of that name",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
  NotCapable: "Deno does not allow it (--allow-read, --allow-write)",
  EISDIR: "this is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENAMETOOLONG: "a name in the path is too long",
  ENOSPC: "there is no space left",
  EROFS: "the file system is read-only",
};

/**
 * The code of what was thrown, or else its name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { codeOf } from "./file_faults.ts";
 *
 * assertEquals(codeOf(new TypeError("no")), "TypeError");
 * ```
 */
export function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: string; name?: string };
  return code ?? name ?? "unknown";
}

/**
 * The same in words, where there are any.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileFault } from "./file_faults.ts";
 *
 * const full = Object.assign(new Error("no"), { code: "ENOSPC" });
 * assertEquals(fileFault(full), "there is no space left");
 * ```
 */
export function fileFault(error: unknown): string {
  const code = codeOf(error);
  return FAULTS[code] ?? code;
}

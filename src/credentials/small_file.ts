/**
 * Reads a file that holds keys or settings, and says in words why it can't.
 * To be loaded when it is needed: `node:fs` costs time at the start.
 *
 * @module
 */

import { open } from "node:fs/promises";
import { fileFault } from "../base/file_faults.ts";

/** What is in a file, or why that is not known, with the file's name. */
export type SmallFile =
  | { readonly bytes: Uint8Array; readonly fault?: undefined }
  | { readonly fault: string };

/** More is a mistake: a device that never ends, a log, a disk. */
export const FILE_BYTES_MAX = 1024 * 1024;

/**
 * The bytes of a file of up to {@linkcode FILE_BYTES_MAX}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readSmallFile } from "./small_file.ts";
 *
 * const fault = "no.pem can't be read: there is no such file or folder";
 * assertEquals(await readSmallFile("no.pem"), { fault });
 * ```
 */
export async function readSmallFile(path: string): Promise<SmallFile> {
  try {
    const bytes = await upTo(path, FILE_BYTES_MAX + 1);
    if (bytes.length <= FILE_BYTES_MAX) return { bytes };
    return { fault: `${path} is larger than ${FILE_BYTES_MAX} bytes` };
  } catch (error) {
    return { fault: `${path} can't be read: ${fileFault(error)}` };
  }
}

async function upTo(path: string, bytesMax: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(bytesMax);
    let end = 0;
    while (end < bytesMax) {
      const { bytesRead } = await file.read(bytes, end, bytesMax - end, null);
      if (bytesRead === 0) break;
      end += bytesRead;
    }
    return bytes.slice(0, end);
  } finally {
    await file.close();
  }
}

/**
 * What a start needs of the file system, on Deno: see
 * `store/store_files.ts`.
 *
 * @module
 */

import { OTHERS, type StoreFiles } from "../store/store_files.ts";

/** Deno's own calls. */
export function denoFiles(): StoreFiles {
  return {
    makeFolder: (path) =>
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 }),
    exists,
    makePrivate: (path) => {
      if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
    },
    openToWrite: (path) => Deno.openSync(path, { write: true }).close(),
    rename: (from, to) => Deno.renameSync(from, to),
    readText: (path) => Deno.readTextFileSync(path),
    writeNew,
    isOpenToOthers: (path) => ((Deno.statSync(path).mode ?? 0) & OTHERS) !== 0,
  };
}

function writeNew(path: string, text: string): void {
  const options = { write: true, createNew: true, mode: 0o600 };
  using file = Deno.openSync(path, options);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

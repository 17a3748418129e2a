/**
 * What the store needs of the file system, on Deno: see
 * `store/store_files.ts`.
 *
 * @module
 */

import type { StoreFiles } from "../store/store_files.ts";

/** Deno's own calls. */
export function denoFiles(): StoreFiles {
  return {
    makeFolder: (path) =>
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 }),
    writtenAt,
    makePrivate: (path) => {
      if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
    },
    openToWrite: (path) => Deno.openSync(path, { write: true }).close(),
    rename: (from, to) => Deno.renameSync(from, to),
  };
}

function writtenAt(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch {
    return undefined;
  }
}

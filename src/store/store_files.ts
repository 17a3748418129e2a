/**
 * The file system, as far as the store needs it beside SQLite. It is a port
 * because of what `node:fs` costs on Deno: 7 MB of memory for five calls.
 *
 * @module
 */

/** Files and folders. What fails throws the runtime's error. */
export interface StoreFiles {
  /** Makes a folder, and those in which it is; nobody else may enter it. */
  makeFolder(path: string): void;
  /**
   * When a file was last written to, milliseconds since 1970; `undefined`
   * when it is not there, or not to be seen.
   */
  writtenAt(path: string): number | undefined;
  /** From now on nobody else may read it. */
  makePrivate(path: string): void;
  /** Looks whether a file that is there can be written to: else it throws. */
  openToWrite(path: string): void;
  /** Gives a file another name. */
  rename(from: string, to: string): void;
}

/** What of `node:fs` is used. */
interface NodeFs {
  mkdirSync(
    path: string,
    options: { recursive: boolean; mode: number },
  ): unknown;
  statSync(path: string): { mtimeMs: number };
  chmodSync(path: string, mode: number): void;
  openSync(path: string, flags: "r+"): number;
  closeSync(file: number): void;
  renameSync(from: string, to: string): void;
}

/** Those of `node:fs`, which is not loaded before. */
export function nodeFiles(): StoreFiles {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: "node:fs"): NodeFs };
  };
  const fs = process.getBuiltinModule("node:fs");
  return {
    makeFolder: (path) =>
      void fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
    writtenAt: (path) => {
      try {
        return fs.statSync(path).mtimeMs;
      } catch {
        return undefined;
      }
    },
    makePrivate: (path) => fs.chmodSync(path, 0o600),
    openToWrite: (path) => fs.closeSync(fs.openSync(path, "r+")),
    rename: (from, to) => fs.renameSync(from, to),
  };
}

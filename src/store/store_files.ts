/**
 * The file system, as far as a start needs it beside SQLite. It is a port
 * because of what `node:fs` costs on Deno: 7 MB of memory for a few calls.
 *
 * @module
 */

/** Files and folders. What fails throws the runtime's error. */
export interface StoreFiles {
  /** Makes a folder, and those in which it is; nobody else may enter it. */
  makeFolder(path: string): void;
  /** Whether there is a file that is to be seen. */
  exists(path: string): boolean;
  /** From now on nobody else may read it. */
  makePrivate(path: string): void;
  /** Looks whether a file that is there can be written to: else it throws. */
  openToWrite(path: string): void;
  /** Gives a file another name, in the place of one that has it. */
  rename(from: string, to: string): void;
  /** The text of a small file. */
  readText(path: string): string;
  /** Makes a file that only its owner may read; it must not be there yet. */
  writeNew(path: string, text: string): void;
  /** Whether others than its owner and its group may read it. */
  isOpenToOthers(path: string): boolean;
}

/** Under which name a damaged file is set aside now. */
export function damagedName(path: string): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  return `${path}.damaged-${stamp}`;
}

/** What of a file's mode lets others in. */
export const OTHERS = 0o007;

/** What of `node:fs` is used. */
interface NodeFs {
  mkdirSync(
    path: string,
    options: { recursive: boolean; mode: number },
  ): unknown;
  existsSync(path: string): boolean;
  statSync(path: string): { mode: number };
  chmodSync(path: string, mode: number): void;
  openSync(path: string, flags: "r+" | "wx", mode?: number): number;
  fsyncSync(file: number): void;
  closeSync(file: number): void;
  readFileSync(path: string, encoding: "utf8"): string;
  writeFileSync(file: number, text: string): void;
  renameSync(from: string, to: string): void;
}

/** Those of `node:fs`, which is not loaded before. */
export function nodeFiles(): StoreFiles {
  const { process } = globalThis as unknown as {
    process: {
      getBuiltinModule(name: "node:fs"): NodeFs;
      readonly platform: string;
    };
  };
  const fs = process.getBuiltinModule("node:fs");
  return {
    makeFolder: (path) =>
      void fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
    exists: (path) => fs.existsSync(path),
    makePrivate: (path) => fs.chmodSync(path, 0o600),
    openToWrite: (path) => fs.closeSync(fs.openSync(path, "r+")),
    rename: (from, to) => fs.renameSync(from, to),
    readText: (path) => fs.readFileSync(path, "utf8"),
    writeNew: (path, text) => {
      const file = fs.openSync(path, "wx", 0o600);
      try {
        fs.writeFileSync(file, text);
        fs.fsyncSync(file);
      } finally {
        fs.closeSync(file);
      }
    },
    // Windows has other ways to say so, and shows some mode.
    isOpenToOthers: (path) =>
      process.platform !== "win32" && (fs.statSync(path).mode & OTHERS) !== 0,
  };
}

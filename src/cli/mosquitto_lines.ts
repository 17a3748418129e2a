/**
 * The lines of a `mosquitto.conf` and of the files that it includes: a name,
 * a blank, a value. What they mean is in `cli/mosquitto_options.ts`.
 *
 * @module
 */

import { placeIn } from "./jsonc_config.ts";

/** A line that says something. */
export interface MosquittoLine {
  /** The option. */
  readonly name: string;
  /** What is said of it. */
  readonly value: string;
  /** `FILE:LINE`. */
  readonly where: string;
}

/** Reads files and folders. */
export interface MosquittoDisk {
  /** The text of a file. */
  read(path: string): Promise<string>;
  /** The names in a folder; rejects where there is none. */
  list(path: string): Promise<readonly string[]>;
}

/** What is said, and which files were read. */
export interface MosquittoLines {
  /** In their order; `include_dir` stands for the lines of its files. */
  readonly lines: readonly MosquittoLine[];
  /** The files. */
  readonly files: readonly string[];
}

const INCLUDE = "include_dir";

/**
 * The lines of one file.
 *
 * @param path Its name, for the places.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mosquittoLines } from "./mosquitto_lines.ts";
 *
 * assertEquals(mosquittoLines("# ours\nlistener 1883", "m.conf"), [
 *   { name: "listener", value: "1883", where: "m.conf:2" },
 * ]);
 * ```
 */
export function mosquittoLines(text: string, path: string): MosquittoLine[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const [, name = "", value = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    return [{ name, value, where: placeIn(path, index + 1) }];
  });
}

/**
 * The lines of a file, with those of the folders that it includes in place of
 * the lines that say so. Files there include no others.
 */
export async function readMosquittoLines(
  path: string,
  disk: MosquittoDisk,
): Promise<MosquittoLines> {
  const files = [path];
  const lines: MosquittoLine[] = [];
  for (const line of mosquittoLines(await disk.read(path), path)) {
    if (line.name !== INCLUDE) {
      lines.push(line);
      continue;
    }
    const names = (await disk.list(line.value))
      .filter((name) => name.endsWith(".conf"))
      .sort(inOrder);
    for (const name of names) {
      const file = `${line.value.replace(/\/+$/, "")}/${name}`;
      files.push(file);
      lines.push(...mosquittoLines(await disk.read(file), file));
    }
  }
  return { lines, files };
}

/** By letters; a capital one stands before the same small one. */
function inOrder(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a !== b) return a < b ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

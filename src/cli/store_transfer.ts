/**
 * `broker store export` and `import`: between a store and lines of JSON.
 *
 * @module
 */

import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileFault } from "../base/file_faults.ts";
import { ExportLines } from "../store/export_lines.ts";
import { ImportLines } from "../store/import_lines.ts";
import { LineFault } from "../store/json_fields.ts";
import type { StoreTool } from "../store/store_tool.ts";
import { linesOf, type ReadBytes } from "./byte_lines.ts";
import { writeAll } from "./host_process.ts";
import type { HostProcess } from "./host_process.ts";
import { type ProgressHost, progressOf } from "./progress.ts";
import { shown, UsageError } from "./usage_error.ts";

/** The process, as far as it is asked here. */
export type TransferHost =
  & ProgressHost
  & Pick<HostProcess, "output" | "readStdin">;

/** So much text is written at once. */
const CHUNK_CHARS = 64 << 10;
/** Messages are nobody else's business. */
const MODE = 0o600;

/**
 * Writes the lines to `path`, which must not be there, or to stdout.
 *
 * @returns How many lines.
 * @throws {UsageError} When that is not possible.
 */
export async function exportStore(
  host: TransferHost,
  tool: StoreTool,
  path: string | undefined,
): Promise<number> {
  if (path === undefined) {
    return await writeLines(host, tool, (bytes) => host.output(bytes));
  }
  const file = opened(path);
  let isDone = false;
  try {
    const count = await writeLines(host, tool, (bytes) => {
      writeAll(bytes, (part) => saved(path, () => writeSync(file, part)));
      return true;
    });
    isDone = true;
    return count;
  } finally {
    closeSync(file);
    if (!isDone) rmSync(path, { force: true });
  }
}

async function writeLines(
  host: TransferHost,
  tool: StoreTool,
  write: (bytes: Uint8Array) => boolean,
): Promise<number> {
  const lines = new ExportLines(tool.rows);
  const progress = progressOf(host, "export", lines.count);
  const encoder = new TextEncoder();
  let text = "";
  let count = 0;
  try {
    for (const line of lines.lines()) {
      text += line + "\n";
      count++;
      if (text.length < CHUNK_CHARS) continue;
      if (!write(encoder.encode(text))) return count; // nobody reads it
      text = "";
      await progress.reached(count);
    }
    write(encoder.encode(text));
    return count;
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    const hint = "broker store check tells more";
    throw new UsageError(`${tool.path}: ${error.message}; ${hint}`);
  } finally {
    await progress.end();
  }
}

/**
 * Takes the lines of `path`, or of stdin, into a store that is empty.
 *
 * @returns How many lines.
 * @throws {UsageError} When one of them is bad: then nothing is taken.
 */
export async function importStore(
  host: TransferHost,
  tool: StoreTool,
  path: string | undefined,
): Promise<number> {
  if (!isEmpty(tool)) {
    throw new UsageError(
      `${tool.path} is not empty, so nothing is imported; ` +
        "--data DIR names another folder",
    );
  }
  if (path === undefined) {
    return await readLines(host, tool, "stdin", host.readStdin, 0);
  }
  const file = await open(path).catch((error) => {
    throw new UsageError(`can't read ${shown(path)}: ${fileFault(error)}`);
  });
  try {
    const read = async (bytes: Uint8Array) =>
      (await file.read(bytes, 0, bytes.length)).bytesRead;
    const { size } = statSync(path);
    return await readLines(host, tool, shown(path), read, size);
  } finally {
    await file.close();
  }
}

function isEmpty({ rows }: StoreTool): boolean {
  const parts = ["sessions", "subscriptions", "queue", "messages", "retained"];
  type Part = Parameters<typeof rows.count>[0];
  return parts.every((part) => rows.count(part as Part) === 0);
}

/** All of them in one transaction. */
async function readLines(
  host: TransferHost,
  { rows, path }: StoreTool,
  from: string,
  read: ReadBytes,
  size: number,
): Promise<number> {
  const progress = progressOf(host, "import", size);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lines = new ImportLines(rows);
  let count = 0;
  let bytes = 0;
  let isDone = false;
  rows.begin();
  try {
    for await (const line of linesOf(read)) {
      count++;
      bytes += line.length + 1;
      lines.take(decoder.decode(line));
      await progress.reached(size > 0 ? bytes : count);
    }
    count++;
    if (!lines.isWhole) throw new LineFault("its end is missing");
    rows.keep();
    isDone = true;
    return count - 1;
  } catch (error) {
    const why = reasonOf(error);
    if (why === undefined) throw error;
    throw new UsageError(
      `${from}:${count}: ${why}; nothing is in ${path}`,
      { cause: error },
    );
  } finally {
    if (!isDone) rows.undo();
    await progress.end();
  }
}

/** What is wrong with a line. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof LineFault) return error.message;
  return error instanceof TypeError ? "it is not UTF-8" : undefined;
}

function opened(path: string): number {
  return saved(path, () => openSync(path, "wx", MODE));
}

/** What the file system refuses is the operator's to mend. */
function saved<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw new UsageError(`can't write ${shown(path)}: ${fileFault(error)}`);
  }
}

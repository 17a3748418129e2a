/**
 * What the command line needs of the process it runs in. `node:process`
 * would do on both runtimes, but on Deno it costs 20 to 40 ms of start, and
 * its stderr holds up the whole process while nobody reads from it. So Deno
 * has its own adapter, and Bun, whose own it is, has `node:process`.
 *
 * @module
 */

import type { StoreFiles } from "../store/store_files.ts";
import type { WriteBytes } from "./log_sink.ts";
import type { Environment } from "./read_settings.ts";

/** A signal that asks a process to end. */
export type EndSignal = "SIGINT" | "SIGTERM";

const RETRY_MS = 5;

/** A bar that grows on a terminal. */
export interface ProgressBar {
  /** How far it is. */
  value: number;
  /** Takes it away. */
  stop(): Promise<void>;
}

/** Where Linux keeps its functions: with glibc, and with musl. */
export const LIBRARIES: readonly string[] = ["libc.so.6", "libc.so"];

/** Functions of libc that no runtime has; each gives −1 when it fails. */
export interface SystemCalls {
  /** socket(2). */
  socket(family: number, type: number, protocol: number): number;
  /** sendto(2), without the lengths. */
  sendto(
    socket: number,
    bytes: Uint8Array<ArrayBuffer>,
    flags: number,
    address: Uint8Array<ArrayBuffer>,
  ): number;
  /** clock_gettime(2), into 16 bytes. */
  clockGettime(clock: number, time: Uint8Array<ArrayBuffer>): number;
}

/** The process, as the command line sees it. */
export interface HostProcess {
  /** The runtime and its version: `Deno 2.9.6`. */
  readonly runtime: string;
  /** Its number. */
  readonly pid: number;
  /** The arguments, without those of the runtime. */
  readonly args: readonly string[];
  /** The environment; nothing of it where that may not be read. */
  environment(): Environment;
  /** Whether the system's own folders are for this process to write to. */
  isRoot(): boolean;
  /** Whether a person types what comes from stdin. */
  isStdinTerminal(): boolean;
  /** Reads into `bytes` from stdin; 0 at its end. */
  readStdin(bytes: Uint8Array): Promise<number>;
  /**
   * Asks a person and shows nothing of what is typed; null at the end.
   * Rejects where there is no such prompt.
   */
  promptSecret(message: string): Promise<string | null>;
  /** Whether a person sees what goes to stdout. */
  isStdoutTerminal(): boolean;
  /**
   * A bar on stderr that is full at `max`. Rejects where there is no such
   * bar.
   */
  progressBar(what: string, max: number): Promise<ProgressBar>;
  /** Whether a person sees what goes to stderr. */
  isStderrTerminal(): boolean;
  /** Writes to stderr, without holding up others. */
  readonly writeStderr: WriteBytes;
  /** Writes to stdout or stderr at once, all of it or to its best. */
  print(text: string, to: "stdout" | "stderr"): void;
  /** Writes to stdout at once; false when nobody reads it any more. */
  output(bytes: Uint8Array): boolean;
  /** Calls `run` for each such signal, which then does nothing else. */
  onSignal(signal: EndSignal, run: () => void): void;
  /** Calls `run` when the process is asked to read its files again. */
  onReload(run: () => void): void;
  /** Collects garbage, and gives memory back to the system. */
  releaseMemory(): void;
  /** What the process takes of the machine's memory. */
  memoryBytes(): number;
  /** What Linux says of the process's limits; empty elsewhere. */
  systemLimits(): string;
  /** The system's own functions; none where they may not be called. */
  systemCalls(): SystemCalls | undefined;
  /** Runs a program that nobody talks to: whether all went well. */
  runProgram(name: string, args: readonly string[]): Promise<boolean>;
  /** Its file system, where `node:fs` costs too much. */
  readonly files?: StoreFiles;
  /** Ends the process. */
  exit(code: number): never;
}

/**
 * Writes all of `text` with a function that may write less of it, and gives
 * up where that fails: there is nobody left to tell.
 *
 * @returns Whether all was written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAll } from "./host_process.ts";
 *
 * let count = 0;
 * writeAll("abc", () => {
 *   count++;
 *   return 1;
 * });
 * assertEquals(count, 3);
 * ```
 */
export function writeAll(
  text: string | Uint8Array,
  write: (bytes: Uint8Array) => number,
): boolean {
  const bytes = typeof text === "string"
    ? new TextEncoder().encode(text)
    : text;
  for (let at = 0; at < bytes.length;) {
    try {
      at += write(bytes.subarray(at));
    } catch (error) {
      // A closed pipe: `broker --help | head -1`.
      if (!isFull(error)) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  return true;
}

/** A pipe whose reader is slow, and that does not wait for it. */
function isFull(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return code === "EAGAIN" || name === "WouldBlock";
}

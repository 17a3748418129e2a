/**
 * What the heap says, on Deno and on Bun, and a process of its own for each
 * measurement, in which nobody else allocates.
 *
 * Deno is given a young generation in which some hundred thousand objects
 * find room, because a collection in the middle of a measurement would hide
 * what was allocated before it.
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

interface BunGlobal {
  gc(mode: "wait" | boolean): void;
}

interface JavaScriptCore {
  heapStats(): { heapSize: number; heapCapacity: number };
}

export interface Heap {
  /** Collects all garbage now. */
  collect(): void;
  /** What is alive, bytes, right after {@linkcode collect}. */
  aliveBytes(): number;
  /** A count that grows with what is allocated, and sinks at collections. */
  allocatedBytes(): number;
}

const DENO_FLAGS = "--expose-gc,--min-semi-space-size=64," +
  "--max-semi-space-size=128,--max-old-space-size=12288";
/** Deno is not to look for it when it checks types. */
const BUN_CORE = "bun:jsc";
const OUTPUT_BYTES_MAX = 1 << 20;

/** The heap of a process that {@linkcode measureApart} has started. */
export async function openHeap(): Promise<Heap> {
  const { Bun: bun, gc } = globalThis as {
    Bun?: BunGlobal;
    gc?: () => void;
  };
  if (bun !== undefined) {
    const core: JavaScriptCore = await import(`${BUN_CORE}`);
    return {
      collect: () => bun.gc(true),
      aliveBytes: () => core.heapStats().heapSize,
      allocatedBytes: () => core.heapStats().heapCapacity,
    };
  }
  if (gc === undefined) throw new Error("started without --expose-gc");
  const used = () => process.memoryUsage().heapUsed;
  return {
    collect: gc,
    aliveBytes: used,
    allocatedBytes: used,
  };
}

/** Runs `script`, which prints its findings as JSON, and returns them. */
export function measureApart(script: URL, args: readonly string[]): unknown {
  const path = fileURLToPath(script);
  const options = "Deno" in globalThis
    ? ["run", "--allow-all", `--v8-flags=${DENO_FLAGS}`]
    : ["run"];
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [...options, path, ...args],
    { stdio: ["ignore", "pipe", "inherit"], maxBuffer: OUTPUT_BYTES_MAX },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${path} ended with ${status}`);
  return JSON.parse(String(stdout));
}

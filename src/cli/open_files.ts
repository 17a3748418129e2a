/**
 * How many connections the system lets the process have. Who runs out of
 * file descriptors can't even turn a peer away: better to know before.
 *
 * @module
 */

/** For listeners, files and the runtime itself. */
const OTHERS = 64;

/**
 * Connections that there are descriptors for; `Infinity` where the system
 * does not tell.
 *
 * @param limits What Linux says of a process in `/proc/self/limits`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connectionsFor } from "./open_files.ts";
 *
 * const limits = "Max open files            1024         4096      files";
 * assertEquals(connectionsFor(limits), 960);
 * ```
 */
export function connectionsFor(limits: string): number {
  const [, soft] = /^Max open files\s+(\d+)\s/m.exec(limits) ?? [];
  return soft === undefined ? Infinity : Math.max(Number(soft) - OTHERS, 1);
}

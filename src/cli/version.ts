/**
 * What `--version` says. A test holds the number against `deno.json`, which
 * is not read at run time: a compiled broker has no such file beside it.
 *
 * @module
 */

/** The version of the broker. */
export const VERSION = "0.1.0";

/** The versions of MQTT that it speaks. */
export const PROTOCOLS = "MQTT 3.1, 3.1.1, 5.0";

/**
 * The line that `--version` prints.
 *
 * @param runtime The runtime and its version, as `Deno 2.9.6`.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { versionLine } from "./version.ts";
 *
 * assertMatch(versionLine("Bun 1.4.5"), /^broker \d.+; Bun 1\.4\.5\)$/);
 * ```
 */
export function versionLine(runtime: string): string {
  return `broker ${VERSION} (${PROTOCOLS}; ${runtime})`;
}

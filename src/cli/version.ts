/**
 * What `--version` says.
 *
 * @module
 */

import { VERSION } from "../base/version.ts";

export { VERSION };

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

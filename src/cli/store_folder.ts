/**
 * Where a broker keeps its state unless it is told, and what lies there.
 *
 * @module
 */

import type { Environment } from "./read_settings.ts";

/**
 * The folder: systemd's `$STATE_DIRECTORY`, for root `/var/lib/broker`, else
 * one in the user's home; `undefined` where there is none of these.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultFolder } from "./store_folder.ts";
 *
 * const folder = defaultFolder({ HOME: "/home/a" }, false);
 * assertEquals(folder, "/home/a/.local/state/broker");
 * assertEquals(defaultFolder({}, true), "/var/lib/broker");
 * ```
 */
export function defaultFolder(
  environment: Environment,
  isRoot: boolean,
): string | undefined {
  const [given] = (environment["STATE_DIRECTORY"] ?? "").split(":");
  if (given) return given;
  if (isRoot) return "/var/lib/broker";
  const home = environment["HOME"] || environment["USERPROFILE"];
  const state = environment["XDG_STATE_HOME"] ||
    (home ? `${home}/.local/state` : "");
  return state === "" ? undefined : `${state}/broker`;
}

/** The file of those whom an operator keeps out. */
export const BANS_NAME = "bans.json";

/** The path of a file in the folder of the store. */
export function besideStore(storePath: string, name: string): string {
  return storePath.replace(/[^/\\]*$/, name);
}

/**
 * Programs that tests drive and that a machine may lack: Bun, and Debian's
 * mosquitto, Chromium, Prometheus and systemd; and the right to mount a file
 * system, which root has on Linux. A test that needs one is registered with
 * `ignore: isAbsent(...)`, so a laptop without it still runs the rest; in CI
 * nothing is left out and the test fails instead. Not for Deno, which runs
 * the tests.
 */

import { pathOf, REPO } from "./paths.ts";

export type Tool =
  | "bun"
  | "chromium"
  | "ext4"
  | "mosquitto"
  | "mosquitto_passwd"
  | "mosquitto_pub"
  | "mosquitto_rr"
  | "mosquitto_sub"
  | "promtool"
  | "systemd-analyze"
  | "systemd-notify"
  | "tmpfs";

/** Set by `tests/run.ts`, so that Bun is looked for once in a run. */
export const BUN_VARIABLE = "TEST_BUN";

export function isCi(): boolean {
  const ci = Deno.env.get("CI") ?? "";
  return ci !== "" && ci !== "false" && ci !== "0";
}

/** Whether a test that needs the tool is to be left out. */
export function isAbsent(tool: Tool): boolean {
  if (isCi()) return false;
  if (tool === "bun") return findBun() === undefined;
  if (tool === "tmpfs" || tool === "ext4") return !canMount(tool);
  return lineOf("sh", ["-c", `command -v ${tool}`]) === undefined;
}

const mountable = new Map<string, boolean>();

/** Tries it, once; where it can't be, a line says what is left out. */
function canMount(kind: "tmpfs" | "ext4"): boolean {
  let can = mountable.get(kind);
  if (can === undefined) {
    can = lineOf("sh", ["-c", MOUNTS[kind]]) === "can";
    mountable.set(kind, can);
    if (!can) console.log(`left out: what has to mount ${kind}, as root may`);
  }
  return can;
}

const MOUNTS = {
  tmpfs: "d=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $d && " +
    "umount $d && rmdir $d && echo can",
  ext4: "command -v mkfs.ext4 && d=$(mktemp -d) && mkdir $d/m && " +
    "truncate -s 4M $d/i && mkfs.ext4 -q $d/i && " +
    "mount -o loop $d/i $d/m && umount $d/m && rm -r $d && echo can",
};

/** The path of Bun itself, not of a script that starts it. */
export function bunPath(): string {
  const path = findBun();
  if (path === undefined) throw new Error("Bun is neither here nor on npm");
  return path;
}

/** From the environment, else from PATH, else the pinned one from npm. */
export function findBun(): string | undefined {
  const given = Deno.env.get(BUN_VARIABLE);
  if (given !== undefined) return given === "" ? undefined : given;
  const ask = ["-e", "console.log(process.execPath)"];
  return lineOf("bun", ask) ??
    lineOf("npx", ["-y", `bun@${pinnedVersion("BUN_VERSION")}`, ...ask]);
}

/** A version from `.ci/versions`. */
export function pinnedVersion(name: "BUN_VERSION" | "DENO_VERSION"): string {
  const text = Deno.readTextFileSync(pathOf(new URL(".ci/versions", REPO)));
  const found = new RegExp(`^${name}=(\\S+)$`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`.ci/versions has no ${name}`);
  return found;
}

/** The last line that a command prints, or nothing where it can't. */
function lineOf(command: string, args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command(command, {
      args,
      stderr: "null",
    }).outputSync();
    const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1);
    return success && line ? line : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

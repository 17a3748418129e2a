/**
 * `deno task compile` and `deno task compile:bun`: the broker and its runtime
 * in one file under `dist/`, which git does not keep.
 *
 *     deno run -A .ci/compile.ts deno|bun [FILE]
 *
 * Bun copies itself, so that works offline. Deno downloads the base that it
 * appends the program to; where it can't, one sentence says so.
 */

import { exists, REPO } from "../tests/support/paths.ts";
import { findBun } from "../tests/support/tools.ts";

const MAIN = "src/mod.ts";

/** What `deno compile` says where its base binary can't be had. */
const NO_BASE = /Setting up base binary|denort|error sending request/;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main([runtime, file]: string[]): Promise<number> {
  if (!await exists(new URL(MAIN, REPO))) return fault(`There is no ${MAIN}.`);
  switch (runtime) {
    case "deno":
      return await compileDeno(file ?? "dist/broker");
    case "bun":
      return await compileBun(file ?? "dist/broker-bun");
    default:
      return fault("Say which runtime to compile with: deno or bun.");
  }
}

async function compileDeno(file: string): Promise<number> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--allow-all", "--no-check", "--output", file, MAIN],
    cwd: REPO,
    stderr: "piped",
  }).output();
  if (success) return done(file);
  const text = new TextDecoder().decode(stderr);
  if (!NO_BASE.test(text)) return fault(text.trim());
  return fault(
    `deno compile needs Deno ${Deno.version.deno}'s base binary from ` +
      "dl.deno.land, which can't be reached from here; " +
      "deno task compile:bun works offline.",
  );
}

async function compileBun(file: string): Promise<number> {
  const bun = findBun();
  if (bun === undefined) {
    return fault("Bun is neither on PATH nor to be had from npm.");
  }
  const { success } = await new Deno.Command(bun, {
    args: [
      "build",
      "--compile",
      // Loaded late and only where a person sits at a terminal.
      "--external=@std/*",
      MAIN,
      `--outfile=${file}`,
    ],
    cwd: REPO,
  }).spawn().status;
  return success ? done(file) : fault("bun build failed.");
}

function done(file: string): number {
  console.log(`built ${file}`);
  return 0;
}

function fault(sentence: string): number {
  console.error(sentence);
  return 1;
}

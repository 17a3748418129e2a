/**
 * `deno task check`: what must hold before a commit, apart from the tests.
 * Each step is printed, the first that fails ends it. Where JSR does not
 * answer, the type check uses the tests' stand-in and the rest is the same.
 */

import { resolveImports } from "../tests/support/import_map.ts";
import { REPO } from "../tests/support/paths.ts";

interface Step {
  name: string;
  args: string[];
}

const CODE = ["src/", "tests/", "bench/", ".ci/"];

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "broker-check-" });
  try {
    const { args, note } = await resolveImports(folder);
    if (note) console.log(note);
    const all = steps(args);
    for (const [index, step] of all.entries()) {
      console.log(`== ${index + 1}/${all.length} ${step.name}`);
      if (await succeeds(step)) continue;
      console.error(`check failed: ${step.name}`);
      return 1;
    }
    console.log(`check passed: ${all.length} steps`);
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Dot-folders are only looked at when they are named. */
function steps(mapArgs: string[]): Step[] {
  return [
    { name: "format", args: ["fmt", "--check", ...CODE, "deno.json"] },
    { name: "lint", args: ["lint", ...CODE] },
    { name: "types", args: ["check", ...mapArgs, ...CODE] },
    { name: "documentation", args: ["doc", "--lint", "src/mod.ts"] },
    {
      name: "publish rehearsal",
      args: ["publish", "--dry-run", "--allow-dirty", ...mapArgs],
    },
  ];
}

async function succeeds(step: Step): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: step.args,
    cwd: REPO,
    // The rehearsal's own word for "there is no token" must not ask for one.
    stdin: "null",
    stdout: step.name === "documentation" ? "null" : "inherit",
  }).spawn().status;
  return success;
}

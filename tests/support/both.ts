/**
 * Tests that run under Deno and under Bun. A file named `*_both_test.ts`
 * registers its tests with `test` from here and asserts with
 * `support/std_assert.ts` (Bun does not read the imports of `deno.json`).
 * `deno test` finds it by its name; `bun run FILE` runs the same tests one
 * after the other and prints `N passed, N failed`; `tests/run.ts` does both.
 * Such a file names neither `Deno` nor `Bun`. This is no test framework:
 * there are no hooks, no nesting and no parallel runs.
 *
 * ```ts ignore
 * import { test } from "../support/both.ts";
 * import { assertEquals } from "../support/std_assert.ts";
 *
 * test("a ring gives back what it took", () => assertEquals(1 + 1, 2));
 * ```
 */

import process from "node:process";

export type Run = () => void | Promise<void>;

const IS_DENO = "Deno" in globalThis;
const waiting: { name: string; run: Run }[] = [];

/** Registers a test. Names should be unique within a file. */
export function test(name: string, run: Run): void {
  if (IS_DENO) {
    Deno.test(name, run);
    return;
  }
  // All tests are registered by the time the file has been evaluated.
  if (waiting.length === 0) setTimeout(runAll, 0);
  waiting.push({ name, run });
}

async function runAll(): Promise<void> {
  let failed = 0;
  for (const { name, run } of waiting) {
    try {
      await run();
    } catch (error) {
      failed++;
      const text = error instanceof Error ? error.stack : String(error);
      process.stderr.write(`FAILED ${name}\n${text}\n`);
    }
  }
  const passed = waiting.length - failed;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

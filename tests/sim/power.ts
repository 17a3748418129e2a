/**
 * Plays worlds whose power goes until one fails, or there are no more:
 *
 *     deno run -A tests/sim/power.ts --seeds 1-        # for ever
 *     deno run -A tests/sim/power.ts --seeds 1-10000
 *     deno run -A tests/sim/power.ts --seeds 7         # and tells how it went
 *
 * It runs under Bun, too: `bun run tests/sim/power.ts`.
 */

import process from "node:process";
import { playSeeds, seedsOf } from "./power_pool.ts";
import { failureOf } from "./power_run.ts";
import { plotOf, textOf } from "./plot.ts";

const EVERY = 5_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function playOne(seed: number): string | undefined {
  const plot = plotOf(seed);
  for (const act of plot.acts) print(textOf(act));
  return failureOf(plot, { log: print });
}

const at = process.argv.indexOf("--seeds");
const { first, last } = seedsOf(
  at < 0 ? "1-10000" : process.argv[at + 1] ?? "",
);
const startMs = performance.now();
const progress = (played: number) => {
  if (played % EVERY > 0) return;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  print(`${played} worlds kept their promises, ${seconds} s`);
};
const failure = first === last
  ? playOne(first)
  : await playSeeds({ first, last, progress });
if (failure !== undefined) print(failure);
process.exit(failure === undefined ? 0 : 1);

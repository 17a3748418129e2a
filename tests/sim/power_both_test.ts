/**
 * The simulated world whose power goes, 10,000 seeds: half of them here
 * under Deno, the others under Bun. No promise may be broken. How to play
 * more of them, or one again, is in `sim/power.ts`.
 */

import { test } from "../support/both.ts";
import { playSeeds } from "./power_pool.ts";

const SEEDS = 5_000;
const FIRST = "Deno" in globalThis ? 1 : SEEDS + 1;

test(`${SEEDS} worlds from ${FIRST} on keep their promises`, async () => {
  const last = FIRST + SEEDS - 1;
  const failure = await playSeeds({ first: FIRST, last });
  if (failure !== undefined) throw new Error(failure);
});

/**
 * The simulation is not blind: each way in which the code is broken on
 * purpose makes some world fail, and few seeds are enough to find it.
 */

import { assert } from "@std/assert";
import { MUTANTS } from "./mutants.ts";
import { firstFailure, shrink } from "./power_run.ts";
import { plotOf } from "./plot.ts";

const SEEDS_MAX = 400;

for (const mutant of MUTANTS) {
  Deno.test(`the simulation finds: ${mutant.name}`, () => {
    const found = firstFailure(mutant.from ?? 1, SEEDS_MAX, { mutant });
    assert(found !== undefined, `not within ${SEEDS_MAX} seeds`);
  });
}

Deno.test("what is left of a world that fails is short, and fails", () => {
  const told = "a retained message is not told";
  const mutant = MUTANTS.find(({ name }) => name === told)!;
  const found = firstFailure(1, SEEDS_MAX, { mutant })!;
  const whole = plotOf(found.seed);
  const short = shrink(whole, { mutant });
  const count = short.acts.length;
  assert(count <= 4 && count < whole.acts.length, `${count} acts are left`);
});

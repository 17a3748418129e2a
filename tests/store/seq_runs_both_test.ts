/**
 * Runs of growing numbers do what an array does, whatever is taken out of
 * them. Runs under Deno and Bun.
 */

import { SeqRuns } from "../../src/store/seq_runs.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";

test("runs do what an array does", () => {
  forSeeds(200, (random) => {
    const runs = new SeqRuns();
    const model: number[] = [];
    let next = 1;
    for (let step = 0; step < 300; step++) {
      if (random.chance(55) || model.length === 0) {
        next += random.chance(80) ? 0 : random.below(5);
        runs.push(next);
        model.push(next++);
      } else if (random.chance(60)) {
        assertEquals(runs.shift(), model.shift());
      } else {
        const index = random.below(model.length);
        assertEquals(runs.takeAt(index), model.splice(index, 1)[0]);
      }
      assertEquals(runs.length, model.length);
      if (model.length === 0) continue;
      const index = random.below(model.length);
      assertEquals(runs.at(index), model[index]);
    }
    assertEquals(runs.at(model.length), Infinity);
  });
});

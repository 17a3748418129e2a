/**
 * Random clients under random rules: everybody gets what the naive account
 * in `rights_model.ts` says, and nobody anything else.
 */

import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { RightsWorld } from "./rights_model.ts";

test("who gets what under rules that change", () => {
  forSeeds(150, (random) => {
    const world = new RightsWorld(random);
    for (let step = 0; step < 150; step++) world.step();
    const { counters } = world.broker.core;
    if (counters.internalErrors + counters.protocolErrors > 0) {
      throw new Error("a fault");
    }
  });
});

/**
 * The ring against an array that does the same naively. Runs under Deno and
 * Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { Ring } from "../../src/base/ring.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assertEquals, assertThrows } from "../support/std_assert.ts";

test("an empty ring has nothing to give", () => {
  const ring = new Ring<number>();
  assertEquals(ring.length, 0);
  assertEquals(ring.peek(), undefined);
  assertEquals(ring.shift(), undefined);
  assertThrows(() => ring.at(0), InternalError, "ring index in range");
});

test("an index outside of what waits is our fault", () => {
  const ring = new Ring<number>();
  for (let i = 0; i < 5; i++) ring.push(i);
  for (const index of [-1, 5, 8]) {
    assertThrows(() => ring.at(index), InternalError);
  }
});

test("a ring that was cleared is as good as new", () => {
  const ring = new Ring<number>();
  for (const count of [3, 100]) {
    for (let i = 0; i < count; i++) ring.push(i);
    ring.clear();
    assertEquals([ring.length, ring.peek()], [0, undefined]);
    ring.push(7);
    assertEquals([ring.shift(), ring.shift()], [7, undefined]);
  }
});

test("a ring does what an array does", () => {
  forSeeds(200, (random) => {
    const ring = new Ring<number>();
    let model: number[] = [];
    const pushes = random.pick([30, 50, 70]);
    for (let step = 0; step < 300; step++) {
      if (random.chance(pushes)) {
        ring.push(step);
        model.push(step);
      } else if (random.chance(1)) {
        ring.clear();
        model = [];
      } else {
        assertEquals(ring.shift(), model.shift());
      }
      assertEquals(ring.length, model.length);
      assertEquals(ring.peek(), model[0]);
      if (model.length === 0) continue;
      const index = random.below(model.length);
      assertEquals(ring.at(index), model[index]);
    }
  });
});

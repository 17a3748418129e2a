/**
 * The heap of deadlines against a list that is searched from end to end.
 * Runs under Deno and Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { type Deadline, Deadlines } from "../../src/base/deadlines.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";

function waiting(): Deadline {
  return { deadlineMs: 0, deadlineSlot: -1 };
}

/** The soonest of all that wait, or Infinity. */
function soonest(items: readonly Deadline[]): number {
  return Math.min(...items.map(({ deadlineMs }) => deadlineMs));
}

test("nothing is due where nothing waits", () => {
  const deadlines = new Deadlines();
  assertEquals(deadlines.length, 0);
  assertEquals(deadlines.nextMs, Infinity);
  assertEquals(deadlines.takeDue(Number.MAX_VALUE), undefined);
  deadlines.remove(waiting());
});

test("an item is due at its time, once", () => {
  const deadlines = new Deadlines();
  const item = waiting();
  deadlines.set(item, 100.5);
  assertEquals(deadlines.takeDue(100.4), undefined);
  assertEquals(deadlines.takeDue(100.5), item);
  assertEquals(item.deadlineSlot, -1);
  assertEquals(deadlines.takeDue(200), undefined);
});

test("an item that is set again moves, forwards or back", () => {
  const deadlines = new Deadlines();
  const [a, b] = [waiting(), waiting()];
  deadlines.set(a, 10);
  deadlines.set(b, 20);
  deadlines.set(a, 30);
  assertEquals(deadlines.nextMs, 20);
  deadlines.set(a, 5);
  assertEquals(deadlines.takeDue(50), a);
  assertEquals(deadlines.takeDue(50), b);
});

test("an item of another heap is our fault", () => {
  const [mine, theirs] = [new Deadlines(), new Deadlines()];
  const item = waiting();
  theirs.set(item, 1);
  mine.set(waiting(), 1);
  assertThrows(() => mine.remove(item), InternalError);
});

function step(
  random: Random,
  deadlines: Deadlines,
  items: Deadline[],
  model: Set<Deadline>,
): void {
  const item = random.pick(items);
  const act = random.below(10);
  if (act < 6) {
    deadlines.set(item, random.below(50));
    model.add(item);
  } else if (act < 8) {
    deadlines.remove(item);
    model.delete(item);
  } else {
    const nowMs = random.below(60);
    const due = deadlines.takeDue(nowMs);
    const next = soonest([...model]);
    assertEquals(due?.deadlineMs, next <= nowMs ? next : undefined);
    if (due !== undefined) assert(model.delete(due), "it did wait");
  }
}

test("the heap does what a search does", () => {
  forSeeds(300, (random) => {
    const deadlines = new Deadlines();
    const items = random.list(1, 40, waiting);
    const model = new Set<Deadline>();
    for (let i = 0; i < 200; i++) {
      step(random, deadlines, items, model);
      assertEquals(deadlines.length, model.size);
      assertEquals(deadlines.nextMs, soonest([...model]));
      for (const item of items) {
        assertEquals(item.deadlineSlot >= 0, model.has(item));
      }
    }
    let last = -Infinity;
    for (;;) {
      const due = deadlines.takeDue(Infinity);
      if (due === undefined) break;
      assert(due.deadlineMs >= last, "soonest first");
      last = due.deadlineMs;
      model.delete(due);
    }
    assertEquals(model.size, 0);
  });
});

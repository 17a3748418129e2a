/**
 * Work in a queue of strangers: they take turns, nobody has more than a
 * share, and limits hold through any order of pushes and shifts.
 */

import { FairQueue } from "../../src/credentials/fair_queue.ts";
import { RecentKeys } from "../../src/credentials/recent_keys.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertLessOrEqual,
} from "../support/std_assert.ts";

function drain(queue: FairQueue<string>): string[] {
  const found: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
    found.push(item);
  }
  return found;
}

test("owners take turns, and each keeps its order", () => {
  const queue = new FairQueue<string>({ waitingMax: 9, waitingMaxEach: 9 });
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) {
    assert(queue.push(item[0]!, item));
  }
  assertEquals(queue.length, 6);
  assertEquals(drain(queue), ["a1", "b1", "c1", "a2", "c2", "a3"]);
  assertEquals([queue.length, queue.shift()], [0, undefined]);
});

test("who comes late waits for one of each, not for all", () => {
  const queue = new FairQueue<string>({ waitingMax: 99, waitingMaxEach: 50 });
  for (let i = 0; i < 50; i++) queue.push("flood", `flood ${i}`);
  queue.shift();
  queue.push("late", "late");
  assertEquals([queue.shift(), queue.shift()], ["flood 1", "late"]);
});

test("a share and the whole have their limits", () => {
  const queue = new FairQueue<string>({ waitingMax: 3, waitingMaxEach: 2 });
  assert(queue.push("a", "a1"));
  assert(queue.push("a", "a2"));
  assertFalse(queue.push("a", "a3"));
  assert(queue.push("b", "b1"));
  assertFalse(queue.push("c", "c1"));
  queue.shift();
  assert(queue.push("c", "c2"));
  assertEquals(drain(queue), ["b1", "a2", "c2"]);
  assert(queue.push("a", "a4"));
});

test("a key is remembered for its time, from when it was added last", () => {
  const keys = new RecentKeys({ keysMax: 10, keepMs: 100 });
  assertFalse(keys.has("a", 0));
  keys.add("a", 0);
  assert(keys.has("a", 99));
  assertFalse(keys.has("a", 100));
  keys.add("a", 50);
  assert(keys.has("a", 149));
  assertFalse(keys.has("a", 150));
});

test("the oldest key is forgotten first, and the old without a limit", () => {
  const keys = new RecentKeys({ keysMax: 2, keepMs: 100 });
  for (const key of ["a", "b", "a", "c"]) keys.add(key, 0);
  assertEquals(["a", "b", "c"].map((key) => keys.has(key, 1)), [
    true,
    false,
    true,
  ]);
  keys.add("d", 100);
  assertEquals(keys.size, 1);
});

test("without a time to keep nothing is remembered", () => {
  const keys = new RecentKeys({ keysMax: 2, keepMs: 0 });
  for (let i = 0; i < 10; i++) {
    keys.add(`${i}`, 0);
    assertFalse(keys.has(`${i}`, 0));
    assertLessOrEqual(keys.size, 2);
  }
});

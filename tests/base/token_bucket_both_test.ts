/**
 * The token bucket against the sum of what was read: who waits as told reads
 * at the rate and no faster. Runs under Deno and Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { TokenBucket } from "../../src/base/token_bucket.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";

test("a burst is free, what is beyond it is waited for", () => {
  const bucket = new TokenBucket(100, 10, 5000);
  assertEquals(bucket.take(10, 5000), 0);
  assertEquals(bucket.take(1, 5000), 10);
  assertEquals(bucket.take(0, 5009), 1);
  assertEquals(bucket.take(0, 5010), 0);
});

test("a rest fills it up to the burst and no further", () => {
  const bucket = new TokenBucket(100, 10, 0);
  assertEquals(bucket.take(10, 1_000_000), 0);
  assertEquals(bucket.take(10, 1_000_000), 100);
});

test("a bucket without a burst goes on at exactly its rate", () => {
  const bucket = new TokenBucket(1000, 0, 0);
  assertEquals(bucket.take(64, 0), 64);
  assertEquals(bucket.take(64, 64), 64);
});

test("a wait is whole milliseconds, never too short", () => {
  const bucket = new TokenBucket(3, 0, 0);
  assertEquals(bucket.take(1, 0), 334);
  assertEquals(bucket.take(0, 334), 0);
});

test("time that stands still or goes back gives and takes nothing", () => {
  const bucket = new TokenBucket(1000, 100, 1000);
  for (let i = 0; i < 100; i++) assertEquals(bucket.take(1, 1000), 0);
  for (let i = 0; i < 1000; i++) assertEquals(bucket.take(0, 1000), 0);
  assertEquals(bucket.take(50, 1000), 50);
  assertEquals(bucket.take(0, 10), 50);
  assertEquals(bucket.take(0, 60), 0);
});

test("a bucket that nothing fills is our own fault", () => {
  assertThrows(() => new TokenBucket(0, 1, 0), InternalError);
  assertThrows(() => new TokenBucket(1, -1, 0), InternalError);
});

test("who waits as told reads at the rate", () => {
  forSeeds(200, (random) => {
    const rate = random.pick([1, 7, 1000, 123_456]);
    const burst = random.pick([0, 1, 500, 100_000]);
    const most = random.pick([1, 10, 65_536]);
    const bucket = new TokenBucket(rate, burst, 0);
    let nowMs = 0;
    let taken = 0;
    let last = 0;
    for (let i = 0; i < 300; i++) {
      last = random.between(1, most);
      taken += last;
      nowMs += bucket.take(last, nowMs);
      // What came in at once may be above; all before it was paid for.
      const allowed = burst + (nowMs / 1000) * rate;
      assert(taken <= allowed + 1e-3, `${taken} of ${allowed}`);
      if (random.chance(10)) nowMs += random.below(50);
    }
    // And it waits no longer than it has to.
    const bound = (nowMs / 1000) * rate;
    const isFair = taken >= bound - 300 * 50 * rate / 1000 - 300 * rate / 1000;
    assert(isFair, `${taken} only of ${bound}`);
  });
});

/** The memory of the charts: how far back it goes, and what is dropped. */

import type { Status } from "../../src/dashboard/api_types.ts";
import { Samples } from "../../src/dashboard/samples.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import { STATUS } from "./fake_broker.ts";

/** A status with so many messages dropped. */
function withDrops(drops: Readonly<Record<string, number>>): Status {
  return { ...STATUS(0) as Status, drops };
}

test("samples are those of the last five minutes", () => {
  const samples = new Samples();
  for (let second = 0; second <= 400; second += 2) {
    samples.add(withDrops({}), second * 1000);
  }
  assertEquals(samples.all.length, 151);
  assertEquals(samples.all[0]!.atMs, 100_000);
  samples.clear();
  assertEquals(samples.all, []);
});

test("drops are told a second, of all causes, since the sample before", () => {
  const samples = new Samples();
  samples.add(withDrops({ expired: 100 }), 0);
  samples.add(withDrops({ expired: 104, queue_full: 6 }), 2_000);
  // The broker has started anew, and counts anew.
  samples.add(withDrops({ expired: 1 }), 4_000);
  samples.add(withDrops({ expired: 2 }), 5_000);
  assertEquals(samples.all.map(({ drops }) => drops), [0, 5, 0, 1]);
});

test("what the broker can't measure is nothing", () => {
  const samples = new Samples();
  const unmeasured = { memoryBytes: null, eventLoopLagSeconds: null };
  samples.add({ ...withDrops({}), ...unmeasured }, 0);
  const [{ memoryBytes, lagSeconds } = {}] = samples.all;
  assertEquals([memoryBytes, lagSeconds], [0, 0]);
});

/**
 * Every bench at a tiny size, so that none of them rots. How fast anything
 * is is not looked at: only that each row is there and holds figures.
 */

import { assert, assertEquals } from "@std/assert";
import { run as runCodec } from "../../bench/codec.ts";
import { run as runLoad } from "../../bench/load.ts";
import { scenarios } from "../../bench/load/scenarios.ts";
import { run as runRouter } from "../../bench/router.ts";

Deno.test("the codec bench runs", async () => {
  const result = await runCodec("tiny");
  assertFigures(result, "codec");
});

Deno.test("the router bench runs", async () => {
  const { matches, churns, floods, memory } = await runRouter("tiny");
  for (const rows of [matches, churns, floods, memory]) {
    assert(rows.length > 0);
  }
  assertFigures({ matches, floods }, "router");
});

Deno.test("the load bench runs, and loses nothing", async () => {
  const results = await runLoad("tiny");
  assertEquals(
    results.map(({ scenario }) => scenario),
    scenarios.map(({ name }) => name),
  );
  for (const { scenario, median, fault } of results) {
    assertEquals(fault, undefined, scenario);
    assertEquals(median?.lost, 0, scenario);
    assert(median!.deliveredPerSecond > 0, scenario);
  }
});

/** No figure anywhere in `value` is missing or negative. */
function assertFigures(value: unknown, path: string): void {
  if (typeof value === "number") {
    assert(Number.isFinite(value) && value >= 0, `${path}: ${value}`);
  } else if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    assert(entries.length > 0, `${path} is empty`);
    for (const [key, each] of entries) assertFigures(each, `${path}.${key}`);
  }
}

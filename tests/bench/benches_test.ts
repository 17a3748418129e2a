/**
 * The benches at their tiny size, so that they never rot: every row is there
 * and holds figures. How fast anything is, is nobody's test.
 */

import { assert, assertEquals } from "@std/assert";
import { run as runCodec } from "../../bench/codec.ts";
import { run as runLoad, runDoors, runSettings } from "../../bench/load.ts";
import { LEVELS, variantsOf } from "../../bench/load/variants.ts";
import { run as runRouter } from "../../bench/router.ts";
import { run as runWritten } from "../../bench/write_amplification.ts";
import { scenarios } from "../../src/load/scenarios.ts";
import { isAbsent } from "../support/tools.ts";

/** How far off a histogram's latencies may be. */
const HISTOGRAM_ERROR_MAX = 1.01;

Deno.test("the codec bench has a row for each type of packet", async () => {
  const { rows, allocations } = await runCodec("tiny");
  for (const what of ["parse", "encode"]) {
    const mine = rows.filter((row) => row.what === what);
    assert(mine.length >= 19, `${what}: ${mine.length} rows`);
    const types = new Set(mine.map(({ packet }) => packet.split(/[ ,]/)[0]));
    assertEquals(types.size, 14, what);
  }
  for (const row of rows) assertPositive(row, ["oursNs", "theirsNs"]);
  assert(allocations.length >= 5);
  for (const { what, packets, bytesPerPacket } of allocations) {
    assert(packets > 0 && bytesPerPacket >= 0, what);
  }
  const control = allocations.find(({ what }) => what.includes("object"));
  assert(control !== undefined && control.bytesPerPacket > 8, "goes unseen");
});

Deno.test("the router bench has all of its tables", async () => {
  const { matches, churns, floods, memory } = await runRouter("tiny");
  assertEquals(matches.map(({ kind }) => kind), ["exact", "wildcard"]);
  for (const row of matches) {
    assertPositive(row, ["targets", "coldNs", "cachedNs", "theirsNs"]);
  }
  assertEquals(churns.length, 4);
  for (const row of churns) assertPositive(row, ["quietNs", "churnNs"]);
  assert(floods.length > 0);
  for (const row of floods) {
    assertPositive(row, ["keptShare", "floodNs"]);
    assert(row.keptShare <= 1 && row.gainedShare <= 1);
  }
  assertEquals(memory.length, 2);
  for (const row of memory) {
    assertPositive(row, ["oursBytes", "theirsBytes", "routeBytes"]);
  }
});

Deno.test("the load bench runs each dialect, and loses nothing", async () => {
  const results = await runLoad("tiny");
  assertEquals(
    results.map(({ scenario, dialect, setting }) =>
      `${scenario}@${dialect}${setting}`
    ),
    scenarios.flatMap((each) =>
      variantsOf(each, LEVELS)
        .filter(({ setting }) => !setting.isFlooded)
        .map(({ name, dialect, setting }) =>
          `${name}@${dialect.name}${setting.name}`
        )
    ),
  );
  for (const { scenario, dialect, median, fault } of results) {
    const row = `${scenario}@${dialect}`;
    assertEquals(fault, undefined, row);
    assert(median !== undefined, row);
    assertEquals(median.lost, 0, row);
    assertPositive(median, ["sent", "seconds", "sentPerSecond"]);
    const isIdle = scenario.startsWith("idle");
    assertEquals(median.deliveredPerSecond > 0, !isIdle, row);
    // Nothing took longer than the run, so time stamps are where they belong.
    assert(median.p999Ms <= median.seconds * 1000 * HISTOGRAM_ERROR_MAX, row);
  }
});

Deno.test("the load bench goes through every door", async () => {
  const names = ["p2p_qos0", "pairs10_qos2"];
  const results = await runDoors("deno", names);
  const seen = results.map(({ scenario, door }) => scenario + door);
  const doors = ["", "/tls", "/ws", "/wss"];
  assertEquals(
    seen,
    names.flatMap((name) =>
      doors.flatMap((door) => [name + door, `${name}${door}+guarded`])
    ),
  );
  for (const { scenario, door, median, fault } of results) {
    const row = scenario + door;
    assertEquals([fault, median?.lost], [undefined, 0], row);
  }
});

for (const broker of ["deno", "bun", "mosquitto"] as const) {
  const isMissing = broker !== "deno" && isAbsent(broker);
  Deno.test({
    name: `the load bench has ${broker} keep messages, and floods it`,
    ignore: isMissing,
    fn: async () => {
      const names = [
        "durable_queue50",
        "durable_pairs10_qos2",
        "durable_paced5k_qos0",
      ];
      const results = await runSettings([broker], names);
      assertEquals(results.map(({ scenario, setting }) => scenario + setting), [
        "durable_queue50+disk",
        "durable_pairs10_qos2",
        "durable_pairs10_qos2+disk",
        "durable_paced5k_qos0+disk",
        "durable_paced5k_qos0+disk+flood",
      ]);
      for (const { scenario, setting, median, fault } of results) {
        const row = scenario + setting;
        assertEquals([fault, median?.lost], [undefined, 0], row);
        assertPositive(median!, ["sentPerSecond", "deliveredPerSecond"]);
        // How long one was away is no latency.
        assertEquals(median!.p50Ms > 0, !row.includes("queue"), row);
      }
    },
  });
}

Deno.test("the bench of what is written has a row for each use", async () => {
  const rows = await runWritten("tiny");
  assertEquals(rows.length, 6);
  assertEquals(new Set(rows.map(({ what }) => what)).size, rows.length);
  for (const { bytesPerMessage, what } of rows) {
    // Nothing is counted where the folder is no disk's.
    assert(bytesPerMessage >= 0, what);
  }
});

function assertPositive<K extends string>(
  row: Readonly<Record<K, number>>,
  names: readonly K[],
): void {
  for (const name of names) {
    assert(row[name] > 0, `${name} is ${row[name]} in ${JSON.stringify(row)}`);
  }
}

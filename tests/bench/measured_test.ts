/**
 * The README's measured table is that of the saved run.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { type Measured, withMeasured } from "../../bench/load/measured.ts";
import { REPO } from "../support/paths.ts";

Deno.test("the README shows the figures of the saved run", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const measured: Measured = JSON.parse(
    await Deno.readTextFile(new URL("bench/measured.json", REPO)),
  );
  assertEquals(readme, withMeasured(readme, measured));
});

Deno.test("a changed figure changes the table", () => {
  const row = {
    scenario: "p2p_qos0",
    contender: "mosquitto",
    deliveredPerSecond: 1000,
    ratio: 1,
    lost: 0,
    p99Ms: 1,
    cpuUsPerMessage: 1,
    isGeneratorBusy: false,
  };
  const saved = {
    date: "2026-01-01",
    machine: "2 cores",
    versions: { mosquitto: "2.0.11" },
    rows: [row],
  };
  const marks = "<!-- measured -->\n<!-- /measured -->";
  const before = withMeasured(marks, saved);
  const rows = [{ ...row, deliveredPerSecond: 1001 }];
  assertEquals(withMeasured(before, saved), before);
  assertEquals(withMeasured(before, { ...saved, rows }) === before, false);
  assertThrows(() => withMeasured("no marks", saved), Error);
});

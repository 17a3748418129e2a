/**
 * The README's measured table is that of the saved run.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Measured,
  type MeasuredRow,
  measuredTable,
  withMeasured,
} from "../../bench/load/measured.ts";
import { REPO } from "../support/paths.ts";

Deno.test("the README shows the figures of the saved run", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const measured: Measured = JSON.parse(
    await Deno.readTextFile(new URL("bench/measured.json", REPO)),
  );
  assertEquals(readme, withMeasured(readme, measured));
});

const row = {
  scenario: "p2p_qos0",
  contender: "mosquitto",
  dialect: "4",
  deliveredPerSecond: 1000,
  ratio: 1,
  ownRatio: 1,
  lost: 0,
  p99Ms: 1,
  p999Ms: 2,
  cpuUsPerMessage: 1,
  isGeneratorBusy: false,
};

const saved = {
  date: "2026-01-01",
  machine: "2 cores",
  versions: { mosquitto: "2.0.11" },
  rows: [row],
};

Deno.test("a changed figure changes the table", () => {
  const marks = "<!-- measured -->\n<!-- /measured -->";
  const before = withMeasured(marks, saved);
  const rows = [{ ...row, deliveredPerSecond: 1001 }];
  assertEquals(withMeasured(before, saved), before);
  assertEquals(withMeasured(before, { ...saved, rows }) === before, false);
  assertThrows(() => withMeasured("no marks", saved), Error);
});

Deno.test("dialects other than 3.1.1 stand in a table of their own", () => {
  const at5 = { ...row, dialect: "5", deliveredPerSecond: 900, ownRatio: 0.9 };
  const scenario = "v5_alias_p2p";
  const rows = [
    row,
    at5,
    { ...at5, scenario, ownRatio: 1 },
    { ...at5, scenario, dialect: "5+alias", ownRatio: 1.02 },
  ];
  const text = measuredTable({ ...saved, rows });
  assertEquals(text.match(/^\| `.*$/gm), [
    "| `p2p_qos0`  | 1,000     |",
    "| `p2p_qos0@5`           | 900 (0.90×) |",
    "| `v5_alias_p2p@5+alias` | 900 (1.02×) |",
  ]);
  assert(!measuredTable(saved).includes("5.0"));
});

Deno.test("doors other than plain TCP stand in a table of their own", () => {
  const rows: MeasuredRow[] = [
    row,
    { ...row, door: "" },
    { ...row, contender: "deno", door: "/tls", ratio: 5.2, ownRatio: 0.4 },
    { ...row, contender: "deno", door: "+guarded", ratio: 0, ownRatio: 0.95 },
    { ...row, door: "", scenario: "idle10k", bytesPerIdler: 1_234 },
  ];
  const versions = { mosquitto: "2", deno: "3" };
  const text = measuredTable({ ...saved, versions, rows });
  assertEquals(text.match(/^\| `.*$/gm), [
    "| `p2p_qos0`  | 1,000     | –    |",
    "| `p2p_qos0/tls`     | –         | 1,000 (5.2×) (0.40×) |",
    "| `p2p_qos0+guarded` | –         | 1,000 (0.95×)        |",
    "| `idle10k`          | 1.2 KB    | –                    |",
  ]);
});

Deno.test("a paced row shows p99 and p99.9, a dash if it has none", () => {
  const paced = { ...row, scenario: "paced10k_qos0" };
  const { p999Ms: _, ...older } = paced;
  const textOf = (each: MeasuredRow): string =>
    measuredTable({ ...saved, rows: [each] });
  assert(textOf(paced).includes("| 1.000 / 2.000 ms, 1.0 µs |"));
  assert(textOf(older).includes("| 1.000 / – ms, 1.0 µs |"));
});

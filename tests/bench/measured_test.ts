/**
 * The README's measured tables are those of the saved runs.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { durableTable, isDurable } from "../../bench/load/durable_table.ts";
import {
  type MeasuredRow,
  measuredTable,
  type Saved,
  withMeasured,
} from "../../bench/load/measured.ts";
import { writtenTable } from "../../bench/load/written_table.ts";
import { REPO } from "../support/paths.ts";

Deno.test("the README shows the figures of the saved run", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const measured: Saved = JSON.parse(
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

const kept = { ...row, setting: "+disk", sentPerSecond: 1000, p50Ms: 0.5 };

Deno.test("what is kept stands in a table of its own", () => {
  const ours = { ...kept, contender: "deno" };
  const queue = { ...ours, scenario: "durable_queue50" };
  const single = { scenario: "durable_queue1", sentPerSecond: 100 };
  const pair = { ...ours, scenario: "durable_p2p_qos1", ownRatio: 0.6 };
  const beside = { ...ours, scenario: "durable_paced5k_qos0" };
  const rows: MeasuredRow[] = [
    { ...queue, sentPerSecond: 3000, deliveredPerSecond: 5000, ratio: 2.5 },
    { ...queue, contender: "mosquitto", deliveredPerSecond: 2000, lost: 7 },
    { ...ours, ...single },
    { ...pair, setting: "" },
    pair,
    { ...beside, p99Ms: 2 },
    { ...beside, p99Ms: 5, setting: "+disk+flood" },
  ];
  const versions = { deno: "3", mosquitto: "2" };
  const text = durableTable({ ...saved, versions, rows });
  assertEquals(text.match(/^\| .*$/gm)?.slice(2).map(cells), [
    ["an acknowledgement means", "on disk", "in memory"],
    ["`durable_queue50`, queued", "3,000 (3.0×)", "1,000, 7 lost"],
    ["`durable_queue1`, one by one", "100", "–"],
    ["queued, against one by one", "30×", "–"],
    ["`durable_queue50`, delivered", "5,000 (2.5×)", "2,000, 7 lost"],
    ["`durable_p2p_qos1`", "1,000 (1.0×), 60 % of memory", "–"],
    ["`durable_paced5k_qos0`, alone", "0.500 / 2.000 ms", "–"],
    ["`durable_paced5k_qos0`, beside", "0.500 / 5.000 ms (2.5×)", "–"],
  ]);
  assert(isDurable(queue) && !isDurable(row));
});

Deno.test("the table of what is kept has marks of its own", () => {
  const marks = "<!-- measured -->\n<!-- /measured -->\n" +
    "<!-- durable -->\n<!-- /durable -->";
  const durable = { ...saved, rows: [{ ...kept, scenario: "durable_a" }] };
  const before = withMeasured(marks, saved);
  assert(before.endsWith("<!-- durable -->\n<!-- /durable -->"));
  const after = withMeasured(before, { ...saved, durable });
  assert(after.includes("| messages/s "));
  assertEquals(withMeasured(after, { ...saved, durable }), after);
});

Deno.test("what is written stands in a table of its own", () => {
  const { date, machine } = saved;
  const versions = { deno: "3", bun: "2" };
  const one = { what: "a", contender: "deno", payloadBytes: 64 };
  const rows = [
    { ...one, bytesPerMessage: 6_400 },
    { ...one, contender: "bun", bytesPerMessage: 96 },
    { ...one, what: "b", bytesPerMessage: 0 },
  ];
  const written = { date, machine, versions, rows };
  const text = writtenTable(written);
  assertEquals(text.match(/^\| .*$/gm)?.slice(2).map(cells), [
    ["a", "6,400 (100.0×)", "96 (1.5×)"],
    ["b", "0 (0.0×)", "–"],
  ]);
  const marks = "<!-- measured -->\n<!-- /measured -->\n" +
    "<!-- written -->\n<!-- /written -->";
  assert(withMeasured(marks, { ...saved, written }).includes(text));
});

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

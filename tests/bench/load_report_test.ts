/**
 * What the load bench is asked for and what it says: options, which rows
 * there are, ratios, table and chart. Starts nothing.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { chart } from "../../bench/load/chart.ts";
import { contenders } from "../../bench/load/contenders.ts";
import { LEVELS, MQTT_4, MQTT_5 } from "../../bench/load/dialects.ts";
import type { Dialect, Level } from "../../bench/load/dialects.ts";
import type { Sample } from "../../bench/load/generator.ts";
import type { Row } from "../../bench/load/measure.ts";
import { OptionError, readOptions } from "../../bench/load/options.ts";
import { summarize } from "../../bench/load/report.ts";
import { scenarios, variantsOf } from "../../bench/load/scenarios.ts";
import { table } from "../../bench/load/table.ts";

const BROKERS = contenders.map(({ name }) => name);

Deno.test("--mqtt takes levels, 4 when nothing is said", () => {
  assertEquals(levelsOf(), [4]);
  assertEquals(levelsOf("5"), [5]);
  assertEquals(levelsOf("5,4,5"), [4, 5]);
  for (const wrong of ["", "3", "4,6", "5.0", "4,"]) {
    assertThrows(() => levelsOf(wrong), OptionError, "--mqtt: ", wrong);
  }
});

Deno.test("a scenario is run in its dialects of the levels asked for", () => {
  assertEquals(namesOf("p2p_qos0", [4]), ["4"]);
  assertEquals(namesOf("p2p_qos0", LEVELS), ["4", "5"]);
  assertEquals(namesOf("v5_alias_p2p", [4]), []);
  assertEquals(namesOf("v5_alias_p2p", LEVELS), ["5", "5+alias"]);
  assertEquals(namesOf("v5_user_props_pairs10", [5]), ["5", "5+props"]);
});

Deno.test("a broker without MQTT 5.0 has no rows of it", () => {
  const aedes = contenders.find(({ name }) => name === "aedes");
  const [at4, at5] = variantsOf(scenarios[0]!, LEVELS);
  assert(aedes !== undefined && at4 !== undefined && at5 !== undefined);
  assertEquals([aedes.suits(at4), aedes.suits(at5)], [true, false]);
});

Deno.test("ratios: to the reference alike, and to the own first row", () => {
  const rows = [
    row("deno", MQTT_4, 300),
    row("deno", MQTT_5, 240),
    row("mosquitto", MQTT_4, 100),
    row("mosquitto", MQTT_5, 60),
  ];
  const ratios = summarize(rows, "mosquitto")
    .map(({ dialect, ratio, ownRatio }) => [dialect, ratio, ownRatio]);
  assertEquals(ratios, [
    ["4", 3, 1],
    ["5", 4, 0.8],
    ["4", 1, 1],
    ["5", 1, 0.6],
  ]);
  const [alone] = summarize([row("deno", MQTT_5, 240)], "mosquitto");
  assertEquals([alone?.ratio, alone?.ownRatio], [0, 1]);
});

Deno.test("table and chart tell dialects apart where there are some", () => {
  const rows = [row("deno", MQTT_4, 300), row("deno", MQTT_5, 240)];
  const both = summarize(rows, "deno");
  const one = summarize(rows.slice(0, 1), "deno");
  const lines = table(both, "deno").split("\n");
  assertEquals(lines[0]?.split(/ {2,}/).slice(2, 5), [
    "delivered/s",
    "ratio",
    "own ratio",
  ]);
  assertEquals(lines[2]?.trim().split(/ +/).slice(0, 4), [
    "deno@5",
    "240",
    "1.00",
    "0.80",
  ]);
  assert(lines.some((line) => line.startsWith("Own ratio: ")));
  assert(!/own ratio/i.test(table(one, "deno")));
  const words = { title: "", subtitle: "", legend: new Map() };
  assert(chart(both, words).includes(">@5  240<"));
  assert(!chart(one, words).includes("@4"));
});

Deno.test("paced rows tell p99 and p99.9 of their latency", () => {
  const results = summarize([row("deno", MQTT_4, 300, "paced10k_qos0")], "");
  assert(results[0]?.isPaced);
  assert(/ 2\.000 +3\.000 /.test(table(results, "")));
  const words = { title: "", subtitle: "", legend: new Map() };
  const label = ">2.000 ms  (p50 1.000, p99.9 3.000)<";
  assert(chart(results, words).includes(label));
});

function levelsOf(value?: string): readonly Level[] | undefined {
  const args = value === undefined ? [] : ["--mqtt", value];
  return readOptions(args, BROKERS)?.levels;
}

function namesOf(name: string, levels: readonly Level[]): string[] {
  return scenarios
    .filter((scenario) => scenario.name === name)
    .flatMap((scenario) => variantsOf(scenario, levels))
    .map(({ dialect }) => dialect.name);
}

function row(
  contender: string,
  dialect: Dialect,
  deliveredPerSecond: number,
  name = "p2p_qos0",
): Row {
  const scenario = scenarios.find((it) => it.name === name);
  assert(scenario !== undefined);
  const variant = { ...scenario, dialect };
  return { variant, contender, samples: [sample(deliveredPerSecond)] };
}

function sample(deliveredPerSecond: number): Sample {
  return {
    sent: 1,
    seconds: 1,
    sentPerSecond: 1,
    deliveredPerSecond,
    lost: 0,
    p50Ms: 1,
    p99Ms: 2,
    p999Ms: 3,
    cpuUsPerMessage: 4,
    peakMegabytes: 5,
    generatorCores: 0.5,
  };
}

/**
 * What the load bench is asked for and what it says: options, which rows
 * there are, ratios, table and chart. Starts nothing.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { contenders } from "../../bench/load/contenders.ts";
import {
  type Door,
  doorName,
  doorsOf,
  OPEN_TCP,
} from "../../bench/load/doors.ts";
import type { Row } from "../../bench/load/measure.ts";
import { OptionError, readOptions } from "../../bench/load/options.ts";
import type { Options } from "../../bench/load/options.ts";
import { summarize } from "../../bench/load/report.ts";
import {
  FLOODED,
  IN_MEMORY,
  type Level,
  LEVELS,
  ON_DISK,
  type Setting,
  variantsOf,
} from "../../bench/load/variants.ts";
import { chart } from "../../src/load/chart.ts";
import { type Dialect, MQTT_4, MQTT_5 } from "../../src/load/dialects.ts";
import { scenarios } from "../../src/load/scenarios.ts";
import { table } from "../../src/load/table.ts";
import type { Sample } from "../../src/load/tally.ts";

const BROKERS = contenders.map(({ name }) => name);

Deno.test("--mqtt takes levels, 4 when nothing is said", () => {
  assertEquals(levelsOf(), [4]);
  assertEquals(levelsOf("5"), [5]);
  assertEquals(levelsOf("5,4,5"), [4, 5]);
  for (const wrong of ["", "3", "4,6", "5.0", "4,"]) {
    assertThrows(() => levelsOf(wrong), OptionError, "--mqtt: ", wrong);
  }
});

Deno.test("--transport and --guarded say which doors there are", () => {
  const doors = (...args: string[]): Door[] => {
    const options = optionsOf(...args);
    return doorsOf(options.transports, options);
  };
  assertEquals(doors(), [OPEN_TCP]);
  const names = (...args: string[]): string[] => doors(...args).map(doorName);
  const guarded = names("--guarded", "--transport", "wss,tcp,wss");
  assertEquals(guarded, ["/wss", "/wss+guarded", "", "+guarded"]);
  for (const wrong of ["", "udp", "tcp,", "TLS"]) {
    assertThrows(() => doors("--transport", wrong), OptionError, wrong);
  }
  assertEquals(optionsOf("--key", "rsa").keyKind, "rsa");
  assertThrows(() => optionsOf("--key", "dsa"), OptionError, "--key: dsa");
});

Deno.test("--url says all that a client must know", () => {
  const full = "wss://ada:a%20b@broker.example:443/ws";
  assertEquals(optionsOf("--url", full).url, {
    hostname: "broker.example",
    port: 443,
    transport: "wss",
    path: "/ws",
    login: { userName: "ada", password: "a b" },
  });
  const plain = { path: "/", login: undefined };
  const cases = [
    ["localhost:1883", "localhost", 1883, "tcp"],
    ["mqtt://127.0.0.1:1", "127.0.0.1", 1, "tcp"],
    ["mqtts://[::1]:8883", "::1", 8883, "tls"],
    ["ws://localhost:80/", "localhost", 80, "ws"],
  ] as const;
  for (const [text, hostname, port, transport] of cases) {
    const options = optionsOf("--url", text);
    assertEquals(options.url, { ...plain, hostname, port, transport }, text);
    assertEquals(options.transports, [transport], text);
  }
  for (const wrong of ["", "a", "http://a:1", "mqtt://:1", "ws://a/:1"]) {
    assertThrows(() => optionsOf("--url", wrong), OptionError, "--url: ");
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

Deno.test("the own ratio is to the row that lacks one thing only", () => {
  const [tcp, tcpGuarded, ws, wsGuarded] = doorsOf(["tcp", "ws"], {
    withGuard: true,
  });
  const rows = [
    row("deno", MQTT_4, 100),
    row("deno", MQTT_4, 90, { door: tcpGuarded }),
    row("deno", MQTT_4, 60, { door: ws }),
    row("deno", MQTT_4, 30, { door: wsGuarded }),
    row("deno", MQTT_5, 200, { door: tcp }),
    row("deno", MQTT_5, 50, { door: ws }),
    row("mosquitto", MQTT_4, 10),
    row("mosquitto", MQTT_4, 20, { door: ws }),
  ];
  const ratios = summarize(rows, "mosquitto")
    .map(({ dialect, door, ratio, ownRatio }) =>
      `${dialect}${door} ${ratio} ${ownRatio}`
    );
  assertEquals(ratios, [
    "4 10 1",
    "4+guarded 0 0.9",
    "4/ws 3 0.6",
    "4/ws+guarded 0 0.5",
    "5 0 2",
    "5/ws 0 0.25",
    "4 1 1",
    "4/ws 1 2",
  ]);
});

Deno.test("what is kept is set against what is not", () => {
  const name = "durable_p2p_qos1";
  const rows = [
    row("deno", MQTT_4, 100, { name }),
    row("deno", MQTT_4, 60, { name, setting: ON_DISK }),
    row("mosquitto", MQTT_4, 20, { name }),
    row("mosquitto", MQTT_4, 10, { name, setting: ON_DISK }),
  ];
  const ratios = summarize(rows, "mosquitto")
    .map(({ setting, ratio, ownRatio }) => [setting, ratio, ownRatio]);
  assertEquals(ratios, [
    ["", 5, 1],
    ["+disk", 6, 0.6],
    ["", 1, 1],
    ["+disk", 1, 0.5],
  ]);
});

Deno.test("scenarios have the settings that they are about", () => {
  const settings = (name: string): Setting[] => {
    const scenario = scenarios.find((each) => each.name === name)!;
    return variantsOf(scenario, [4]).map(({ setting }) => setting);
  };
  assertEquals(settings("p2p_qos1"), [IN_MEMORY]);
  assertEquals(settings("durable_p2p_qos1"), [IN_MEMORY, ON_DISK]);
  assertEquals(settings("durable_queue50"), [ON_DISK]);
  assertEquals(settings("durable_paced5k_qos0"), [ON_DISK, FLOODED]);
});

Deno.test("the table names doors, and a client's memory where one is", () => {
  const door = { transport: "tls", isGuarded: false } as const;
  const idle = { ...sample(0), bytesPerIdler: 12_345 };
  const idleRow = { ...row("deno", MQTT_4, 0, { door }), samples: [idle] };
  const text = table(summarize([idleRow], ""), "");
  assert(/ deno@4\/tls +- .* 12\.3$/m.test(text), text);
  assert(text.includes("KB/client: "));
  const plain = table(summarize([row("deno", MQTT_4, 1)], ""), "");
  assert(!plain.includes("KB/client"));
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
  const paced = row("deno", MQTT_4, 300, { name: "paced10k_qos0" });
  const results = summarize([paced], "");
  assert(results[0]?.isPaced);
  assert(/ 2\.000 +3\.000 /.test(table(results, "")));
  const words = { title: "", subtitle: "", legend: new Map() };
  const label = ">2.000 ms  (p50 1.000, p99.9 3.000)<";
  assert(chart(results, words).includes(label));
});

function optionsOf(...args: string[]): Options {
  const options = readOptions(args, BROKERS);
  assert(options !== undefined);
  return options;
}

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
  { name = "p2p_qos0", door = OPEN_TCP, setting = IN_MEMORY }: {
    name?: string;
    door?: Door | undefined;
    setting?: Setting;
  } = {},
): Row {
  const scenario = scenarios.find((it) => it.name === name);
  assert(scenario !== undefined);
  const variant = { ...scenario, dialect, door, setting };
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
    bytesPerIdler: 0,
  };
}

/**
 * What the flags of `broker bench` come to: which loads, with which numbers,
 * and what does not go together. Its page, too. Starts nothing.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BENCH_CONNECT_FLAGS,
  BENCH_FLAGS,
  benchFlags,
} from "../../src/cli/bench_flags.ts";
import { benchPage } from "../../src/cli/bench_help.ts";
import {
  type BenchLoad,
  defaultBenchSettings,
  loadsOf,
} from "../../src/cli/bench_settings.ts";
import { connectPage } from "../../src/cli/client_help.ts";
import { takeFlags } from "../../src/cli/flag_words.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { scenarios } from "../../src/load/scenarios.ts";

const SCREEN_LINES = 40;
const SCREEN_COLUMNS = 80;

function loads(line: string): BenchLoad[] {
  const settings = defaultBenchSettings();
  const args = line.split(" ").filter((word) => word !== "");
  assertEquals(takeFlags("bench", benchFlags(), settings, args), "run");
  return loadsOf(settings);
}

/** What a load of one's own is, in the order of the columns below. */
function shapeOf(line: string): readonly (number | string)[] {
  const [load] = loads(line);
  const { publishers, subscribers, topics, filter, fanout, qos, sessions } =
    load!;
  return [publishers, subscribers, topics, filter, fanout, qos, sessions];
}

const SHAPES: readonly (readonly [string, ...(number | string)[]])[] = [
  ["", 1, 1, 0, "bench/%d", 1, 0, "clean"],
  ["--pubs 9 --subs 9", 9, 9, 0, "bench/%d", 1, 0, "clean"],
  ["--pubs 50", 50, 1, 0, "bench/#", 1, 0, "clean"],
  ["--subs 200 -q 1", 1, 200, 0, "bench/#", 200, 1, "clean"],
  ["--subs 0", 1, 0, 0, "bench/#", 0, 0, "clean"],
  ["--topics 7", 1, 1, 7, "bench/#", 1, 0, "clean"],
  ["--persistent -q 2", 1, 1, 0, "bench/%d", 1, 2, "kept"],
  ["--away --subs 50", 1, 50, 50, "bench/%d", 1, 1, "away"],
];

for (const [line, ...shape] of SHAPES) {
  Deno.test(`broker bench ${line} is a load of that shape`, () => {
    assertEquals(shapeOf(line), shape);
  });
}

Deno.test("a load goes on for a time, unless it is counted", () => {
  const ends = (line: string): readonly unknown[] => {
    const [load] = loads(line);
    return [load!.sendMs, load!.messagesEach];
  };
  const endless = 1e12;
  assertEquals(ends(""), [5_000, endless]);
  assertEquals(ends("--time 60"), [60_000, endless]);
  assertEquals(ends("--count 7"), [undefined, 7]);
  assertEquals(ends("--count 7 --time 1"), [1_000, 7]);
  assertEquals(ends("--scenario p2p_qos1"), [5_000, endless]);
  assertEquals(ends("--scenario p2p_qos1 --count 7"), [undefined, 7]);
  // Queues have limits, so that these are counted.
  assertEquals(ends("--away --pubs 2 --subs 4"), [undefined, 10_000]);
  assertEquals(ends("--scenario durable_queue50"), [undefined, 30_000]);
  assertEquals(ends("--away --time 1"), [1_000, endless]);
});

Deno.test("a load of the list has its shape, and other numbers if told", () => {
  const line = "--scenario pairs10_qos1 --size 1KiB --rate 5 --window 3 -q 2";
  const [load] = loads(line);
  const { name, publishers, payloadBytes, ratePerSecond, windowMax, qos } =
    load!;
  assertEquals(
    [name, publishers, payloadBytes, ratePerSecond, windowMax, qos],
    ["pairs10_qos1", 10, 1024, 5, 3, 2],
  );
  assertEquals(loads("--scenario all").length, scenarios.length);
  const names = loads("--scenario p2p_qos1,p2p_qos0").map((it) => it.name);
  assertEquals(names, ["p2p_qos0", "p2p_qos1"]);
});

Deno.test("a load speaks what is asked for, or what it is about", () => {
  const dialect = (line: string) => loads(line)[0]!.dialect.name;
  assertEquals(dialect(""), "4");
  assertEquals(dialect("-V 31"), "3");
  assertEquals(dialect("-V 5"), "5");
  assertEquals(dialect("--scenario p2p_qos0 -V 5"), "5");
  assertEquals(dialect("--scenario v5_alias_p2p"), "5+alias");
  assertEquals(dialect("--scenario v5_alias_p2p -V 5"), "5+alias");
});

const WRONG: readonly (readonly [string, string])[] = [
  ["--scenario p2p_qos0 --pubs 2", "--pubs is for a load without --scenario"],
  ["--scenario p2p_qos0 --away", "--away is for a load without --scenario"],
  ["--scenario v5_alias_p2p -V 311", "needs MQTT 5.0"],
  ["--scenario p2p_qso0", "did you mean p2p_qos0?"],
  ["--scenario all_of_it", "broker bench --help lists them"],
  ["--away -q 0", "who is away gets nothing at QoS 0"],
  ["--pubs 0", "--pubs must be 1 to 60000"],
  ["--size 7", "--size must be 8 to"],
  ["--sbus 2", "did you mean --subs?"],
  ["--will-topic a", "unknown flag"],
];

for (const [line, sentence] of WRONG) {
  Deno.test(`broker bench ${line} is a mistake`, () => {
    assertThrows(() => loads(line), UsageError, sentence);
  });
}

for (
  const page of [benchPage(), connectPage("bench", BENCH_CONNECT_FLAGS)]
) {
  Deno.test(`the page "${page.split("\n")[0]}" fits a screen`, () => {
    const lines = page.trimEnd().split("\n");
    assert(lines.length <= SCREEN_LINES, `${lines.length} lines`);
    assertEquals(lines.filter((line) => line.length > SCREEN_COLUMNS), []);
  });
}

Deno.test("the page of bench names its flags and its loads", () => {
  for (const { name, says } of BENCH_FLAGS) {
    assert(benchPage().includes(`--${name} `), says);
  }
  for (const { name } of scenarios) assert(benchPage().includes(name), name);
  const names = benchFlags().flatMap(({ name, short, alias }) =>
    [name, short, alias].filter((one) => one !== undefined)
  );
  assertEquals(names.length, new Set(names).size);
});

Deno.test("the examples of bench can be typed in", () => {
  const examples = [...benchPage().matchAll(/^ {2}broker bench (.*)$/gm)];
  assertEquals(examples.length, 2);
  for (const [, line] of examples) assert(loads(line!).length > 0);
});

/**
 * Metrics as text: what stands there, that it is as OpenMetrics wants it, and
 * that nothing which is counted is left out. Debian's `promtool` is asked
 * about the older form, the only one that it checks.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Counters } from "../../src/metrics/counters.ts";
import { exposed } from "../../src/metrics/exposition.ts";
import { Measures } from "../../src/metrics/measures.ts";
import { sampleName } from "../../src/metrics/metric.ts";
import type { DoorReadings } from "../../src/metrics/readings.ts";
import { StoreFigures } from "../../src/metrics/store_figures.ts";
import { METRICS } from "../../src/metrics/table.ts";
import { promtool } from "../support/promtool.ts";
import { isAbsent } from "../support/tools.ts";
import { readingsWith } from "./readings.ts";

const DOOR: DoorReadings = {
  connections: 1,
  connectionsOpened: 2,
  bytesReceived: 3,
  bytesSent: 4,
  publishReceived: 5,
  certificateLeftMs: 86_400_500,
};

/** Something of all that there is. */
function fullReadings() {
  const counters = new Counters();
  counters.bytesSent = 1234;
  counters.droppedExpired = 2;
  counters.ends.keep_alive = 3;
  const measures = new Measures();
  for (const seconds of [0.000_01, 0.3, 1, 99]) measures.turn.observe(seconds);
  const store = new StoreFigures();
  for (const [beganMs, endMs] of [[0, 3], [10, 210]] as const) {
    store.began(beganMs);
    store.committed(endMs, 1000);
  }
  return readingsWith({
    counters,
    store,
    measures,
    uptimeMs: 1500,
    memoryBytes: 5_000_000,
    doors: {
      "mqtts://0.0.0.0:8883": DOOR,
      'odd"\\\n': { ...DOOR, certificateLeftMs: undefined },
    },
  });
}

function linesOf(form: "openmetrics" | "prometheus", word: string): string[] {
  return exposed(fullReadings(), form).split("\n")
    .filter((line) => line.includes(word));
}

Deno.test("a counter says so in its samples", () => {
  assertEquals(linesOf("openmetrics", "mqtt_sent_bytes"), [
    "# HELP mqtt_sent_bytes Bytes sent to clients.",
    "# TYPE mqtt_sent_bytes counter",
    "# UNIT mqtt_sent_bytes bytes",
    "mqtt_sent_bytes_total 1234",
  ]);
  assertEquals(linesOf("prometheus", "mqtt_sent_bytes"), [
    "# HELP mqtt_sent_bytes_total Bytes sent to clients.",
    "# TYPE mqtt_sent_bytes_total counter",
    "mqtt_sent_bytes_total 1234",
  ]);
});

Deno.test("what differs in one respect has a label", () => {
  const [drop] = linesOf("openmetrics", 'cause="expired"');
  assertEquals(drop, 'mqtt_messages_dropped_total{cause="expired"} 2');
  const [end] = linesOf("openmetrics", 'cause="keep_alive"');
  assertEquals(end, 'mqtt_disconnects_total{cause="keep_alive"} 3');
});

Deno.test("listeners are told apart, and only TLS has a certificate", () => {
  assertEquals(linesOf("openmetrics", "certificate").slice(3), [
    'mqtt_listener_certificate_left_seconds{listener="mqtts://0.0.0.0:8883"}' +
    " 86400.5",
  ]);
  const [, odd] = linesOf("openmetrics", "mqtt_listener_connections{");
  assertEquals(odd, 'mqtt_listener_connections{listener="odd\\"\\\\\\n"} 1');
});

Deno.test("the buckets of a histogram add up", () => {
  const turns = linesOf("openmetrics", "mqtt_turn_seconds_");
  const of = (bound: string) =>
    turns.find((line) => line.includes(`le="${bound}"`))?.split(" ")[1];
  assertEquals(
    ["0.00005", "0.25", "0.5", "1.0", "10.0", "+Inf"].map(of),
    ["1", "1", "2", "3", "3", "4"],
  );
  assertEquals(turns.slice(-1), ["mqtt_turn_seconds_count 4"]);
});

Deno.test("commits are counted, and how long each took", () => {
  const lines = linesOf("openmetrics", "mqtt_store_");
  for (
    const line of [
      'mqtt_store_commit_seconds_bucket{le="0.0025"} 0',
      'mqtt_store_commit_seconds_bucket{le="0.005"} 1',
      'mqtt_store_commit_seconds_bucket{le="0.25"} 2',
      "mqtt_store_commit_seconds_count 2",
      "mqtt_store_commits_total 2",
      "mqtt_store_written_bytes_total 2000",
    ]
  ) assert(lines.includes(line), `${line} in ${lines.join("\n")}`);
});

Deno.test("what is not known is not told", () => {
  const text = exposed(readingsWith(), "openmetrics");
  for (
    const name of [
      "resident_memory",
      "turn_seconds",
      "listener_",
      "mqtt_store_",
    ]
  ) {
    assert(!text.includes(name), name);
  }
});

Deno.test("OpenMetrics ends with its mark, and has no line that is odd", () => {
  const text = exposed(fullReadings(), "openmetrics");
  assert(text.endsWith("\n# EOF\n"));
  const label = `\\{[a-z]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"\\}`;
  const sample = new RegExp(`^[a-z_]+(?:${label})? -?[0-9.e+-]+$`);
  for (const line of text.trimEnd().split("\n")) {
    if (!line.startsWith("# ")) assertMatch(line, sample);
  }
});

Deno.test("a name is there once, and ends with its unit", () => {
  const names = METRICS.map(sampleName);
  assertEquals(new Set(names).size, names.length);
  for (const { name, says, unit } of METRICS) {
    assertMatch(name, /^(?:mqtt|process)(?:_[a-z]+)+$/);
    assert(!name.endsWith("_total"), name);
    assert(unit === "" || name.endsWith(`_${unit}`), name);
    assertMatch(says, /^[A-Z][^\n\\]*\.$/);
  }
});

Deno.test("everything that is counted is told", () => {
  const untold = new Set(Object.keys(new Counters()));
  const counters = new Proxy(new Counters(), {
    get: (target, name) => {
      untold.delete(String(name));
      return Reflect.get(target, name);
    },
  });
  const readings = { ...readingsWith(), counters };
  exposed(readings, "openmetrics");
  assertEquals([...untold], []);
});

Deno.test({
  name: "promtool has nothing to say",
  ignore: isAbsent("promtool"),
  fn: async () => {
    const readings = fullReadings();
    assertEquals(await promtool(exposed(readings, "prometheus")), "");
  },
});

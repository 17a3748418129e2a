/**
 * Checks that every statement of MQTT 3.1.1 and 5.0 has a test or a reason to
 * have none, that no test names a number that does not exist, and that the
 * tables in `COVERAGE.md` are what `coverage.ts` would write.
 */

import { assertEquals } from "@std/assert";
import {
  faults,
  namesIn,
  numbersOf,
  readTests,
  render,
  SUITES,
  TABLE,
} from "./coverage.ts";
import { STATEMENTS_3_1_1 } from "./statements_3_1_1.ts";
import { STATEMENTS_5_0 } from "./statements_5_0.ts";

const LISTS = [
  [STATEMENTS_3_1_1, 141],
  [STATEMENTS_5_0, 251],
] as const;

Deno.test("the lists of statements are whole and in order", () => {
  for (const [statements, count] of LISTS) {
    const numbers = statements.map(({ number }) => number);
    assertEquals(numbers.length, count);
    assertEquals(new Set(numbers).size, count);
    const key = (number: string) =>
      number.match(/\d+/g)!.map((part) => part.padStart(2, "0")).join(".");
    const sorted = [...numbers].sort((a, b) => key(a) < key(b) ? -1 : 1);
    assertEquals(numbers, sorted);
  }
});

Deno.test("the numbers of MQTT 5.0 leave out 2.2.1-1 only", () => {
  // Within a section they count from 1; a hole would be one forgotten.
  const last = new Map<string, number>([["MQTT-2.2.1", 1]]);
  for (const { number } of STATEMENTS_5_0) {
    const [, section, place] = /^(.*)-(\d+)$/.exec(number)!;
    assertEquals(Number(place), (last.get(section!) ?? 0) + 1, number);
    last.set(section!, Number(place));
  }
});

Deno.test("statements and test names fit together", () => {
  for (const suite of SUITES) {
    assertEquals(faults(suite, readTests(suite)), []);
  }
});

Deno.test("COVERAGE.md is up to date (coverage.ts --write renews it)", () => {
  // A checkout may have changed the line ends.
  const table = Deno.readTextFileSync(TABLE).replaceAll("\r\n", "\n");
  const parts = SUITES.map((suite) => [suite, readTests(suite)] as const);
  assertEquals(table, render(parts));
});

Deno.test("the reader of names finds what the tests are called", () => {
  const source = 'statement("[MQTT-1.1.1-1] a", (b) => b);\n' +
    'statement(\n  "[MQTT-1.1.1-1][MQTT-22.1.3-44] \\"b\\"",\n  run,\n);\n' +
    'Deno.test("c", () => {});\nsome("[MQTT-1.1.1-2] d");\n';
  const names = namesIn(source);
  assertEquals(names, [
    "[MQTT-1.1.1-1] a",
    '[MQTT-1.1.1-1][MQTT-22.1.3-44] "b"',
    "c",
  ]);
  assertEquals(names.map(numbersOf), [
    ["MQTT-1.1.1-1"],
    ["MQTT-1.1.1-1", "MQTT-22.1.3-44"],
    [],
  ]);
});

Deno.test("each kind of fault is found", () => {
  const statements = [
    { number: "MQTT-1.1.1-1", says: "tested" },
    { number: "MQTT-1.1.1-2", says: "forgotten" },
    { number: "MQTT-1.1.1-3", says: "both", untested: "a reason" },
    { number: "MQTT-1.1.1-4", says: "excused", untested: "a reason" },
  ];
  const names = [
    "[MQTT-1.1.1-1] a",
    "[MQTT-1.1.1-1] a",
    "[MQTT-1.1.1-3][MQTT-9.9.9-9] b",
    "c",
    "MQTT 3.1: d",
  ];
  const tests = names.map((name) => ({ file: "f", name }));
  const suite = { ...SUITES[0]!, statements };
  assertEquals(faults(suite, tests), [
    'f: two tests "[MQTT-1.1.1-1] a"',
    "f: no such MQTT-9.9.9-9",
    'f: no number before "c"',
    "MQTT-1.1.1-2: no test",
    "MQTT-1.1.1-3: a test and a reason to have none",
  ]);
});

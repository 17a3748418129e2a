/**
 * Checks that every statement of MQTT 3.1.1 has a test or a reason to have
 * none, that no test names a number that does not exist, and that the table
 * in `COVERAGE.md` is what `coverage.ts` would write.
 */

import { assertEquals } from "@std/assert";
import {
  faults,
  namesIn,
  numbersOf,
  readTests,
  render,
  TABLE,
} from "./coverage.ts";
import { STATEMENTS } from "./statements_3_1_1.ts";

Deno.test("the list of statements is whole and in order", () => {
  const numbers = STATEMENTS.map(({ number }) => number);
  assertEquals(numbers.length, 141);
  assertEquals(new Set(numbers).size, 141);
  const key = (number: string) =>
    number.match(/\d+/g)!.map((part) => part.padStart(2, "0")).join(".");
  const sorted = [...numbers].sort((a, b) => key(a) < key(b) ? -1 : 1);
  assertEquals(numbers, sorted);
});

Deno.test("statements and test names fit together", () => {
  assertEquals(faults(STATEMENTS, readTests()), []);
});

Deno.test("COVERAGE.md is up to date (coverage.ts --write renews it)", () => {
  // A checkout may have changed the line ends.
  const table = Deno.readTextFileSync(TABLE).replaceAll("\r\n", "\n");
  assertEquals(table, render(STATEMENTS, readTests()));
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
  assertEquals(faults(statements, tests), [
    'f: two tests "[MQTT-1.1.1-1] a"',
    "f: no such MQTT-9.9.9-9",
    'f: no number before "c"',
    "MQTT-1.1.1-2: no test",
    "MQTT-1.1.1-3: a test and a reason to have none",
  ]);
});

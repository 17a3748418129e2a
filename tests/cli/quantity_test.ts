/**
 * Numbers with units, as flags take them and the help shows them.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { LIMITS } from "../../src/broker/limit_table.ts";
import {
  formatQuantity,
  parseQuantity,
  rangeText,
} from "../../src/cli/quantity.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const MOST = Number.MAX_SAFE_INTEGER;

const READ: readonly (readonly [unit: string, text: string, value: number])[] =
  [
    ["bytes", "4096", 4096],
    ["bytes", "4096b", 4096],
    ["bytes", "64KiB", 65_536],
    ["bytes", "64kib", 65_536],
    ["bytes", "64k", 65_536],
    ["bytes", "64K", 65_536],
    ["bytes", "10MiB", 10_485_760],
    ["bytes", "10 M", 10_485_760],
    ["bytes", "1GiB", 1_073_741_824],
    ["bytes", "1G", 1_073_741_824],
    ["bytes", "1TiB", 1_099_511_627_776],
    ["bytes", "1.5MiB", 1_572_864],
    ["bytes", "0", 0],
    ["ms", "500", 500],
    ["ms", "500ms", 500],
    ["ms", "10s", 10_000],
    ["ms", "0.5s", 500],
    ["ms", "2m", 120_000],
    ["ms", "2min", 120_000],
    ["ms", "1h", 3_600_000],
    ["messages", " 12 ", 12],
    ["messages", "007", 7],
  ];

for (const [unit, text, value] of READ) {
  Deno.test(`"${text}" is ${value} ${unit}`, () => {
    const range = { least: 0, most: MOST, unit };
    assertEquals(parseQuantity(text, range, "--x"), value);
  });
}

const REFUSED: readonly (readonly [unit: string, text: string])[] = [
  ["bytes", ""],
  ["bytes", "KiB"],
  ["bytes", "-1"],
  ["bytes", "+1"],
  ["bytes", "1e6"],
  ["bytes", "0x10"],
  ["bytes", "1,000"],
  ["bytes", "64KB"], // 1000 or 1024: who knows
  ["bytes", "10s"],
  ["bytes", "0.3"],
  ["bytes", "1.0001KiB"],
  ["bytes", "99999999999999999999"],
  ["bytes", "9999999999999999"],
  ["bytes", "64 Ki B"],
  ["bytes", "Infinity"],
  ["bytes", "NaN"],
  ["ms", "10k"],
  ["ms", "1.5ms"],
  ["messages", "1k"],
  ["messages", "1ms"],
  ["messages", "1.5"],
];

for (const [unit, text] of REFUSED) {
  Deno.test(`"${text}" is no number of ${unit}`, () => {
    const range = { least: 0, most: MOST, unit };
    assertThrows(() => parseQuantity(text, range, "--x"), UsageError);
  });
}

Deno.test("a number out of its range is refused with the range", () => {
  const range = { least: 64, most: 1 << 20, unit: "bytes" };
  assertEquals(parseQuantity("64", range, "--x"), 64);
  assertEquals(parseQuantity("1MiB", range, "--x"), 1 << 20);
  for (const text of ["63", "1048577"]) {
    const error = assertThrows(
      () => parseQuantity(text, range, "BROKER_X"),
      UsageError,
    );
    assertEquals(
      error.message,
      "BROKER_X must be 64 bytes to 1MiB (like 4096, 64KiB or 10MiB), " +
        `not "${text}"`,
    );
  }
});

Deno.test("a number in the sentence is cut and harmless", () => {
  const range = { least: 0, most: 9, unit: "" };
  const error = assertThrows(
    () => parseQuantity("\x1b[2J" + "9".repeat(1000), range, "--x"),
    UsageError,
  );
  assertEquals(error.message.includes("\x1b"), false);
  assertEquals(error.message.length < 150, true, error.message);
});

for (const [name, limit] of Object.entries(LIMITS)) {
  Deno.test(`what the help shows of ${name} can be typed in`, () => {
    for (const value of [limit.value, limit.least, limit.most]) {
      const text = formatQuantity(value, limit.unit);
      assertEquals(parseQuantity(text, limit, "--x"), value, text);
    }
  });
}

Deno.test("a range has its unit where the numbers have none", () => {
  const texts = [
    { least: 0, most: 65_535, unit: "" },
    { least: 1, most: 9, unit: "levels" },
    { least: 64, most: 268_435_460, unit: "bytes" },
    { least: 1, most: 2 ** 40, unit: "bytes" },
    { least: 0, most: 2_147_483_647, unit: "ms" },
  ].map(rangeText);
  assertEquals(texts, [
    "0 to 65535",
    "1 to 9 levels",
    "64 to 268435460 bytes",
    "1 byte to 1TiB",
    "0ms to 2147483647ms",
  ]);
});

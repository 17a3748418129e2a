/** Numbers, times and payloads as the page writes them, on both runtimes. */

import { Format } from "../../src/dashboard/format.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";

const format = new Format();

const NUMBERS: readonly (readonly [written: string, expected: string])[] = [
  [format.count(1_234_567), "1,234,567"],
  [format.short(0), "0"],
  [format.short(999), "999"],
  [format.short(1_000), "1k"],
  [format.short(12_345), "12.3k"],
  [format.short(2e15), "2000T"],
  [format.bytes(1_023), "1023 B"],
  [format.bytes(1_536), "1.5 KiB"],
  [format.bytes(3 * 2 ** 30), "3 GiB"],
  [format.rate(0.333), "0.33/s"],
  [format.byteRate(2_048), "2 KiB/s"],
  [format.some(1, "client"), "1 client"],
  [format.some(1_000, "client"), "1,000 clients"],
  [format.duration(0), "0 ms"],
  [format.duration(0.0012), "1.2 ms"],
  [format.duration(59.9), "59 s"],
  [format.duration(3_600), "1 h"],
  [format.duration(90_061), "1 d 1 h"],
  [format.dateTime("no time"), "–"],
];

test("numbers and times", () => {
  for (const [written, expected] of NUMBERS) assertEquals(written, expected);
});

test("a time is that of this screen", () => {
  const at = new Date(2026, 4, 1, 9, 5, 3);
  assertEquals(format.time(at.toISOString()), "09:05:03");
  assertEquals(format.dateTime(at.getTime()), "2026-05-01 09:05:03");
});

test("a payload is text, JSON with indents, or bytes", () => {
  assertEquals(format.whole({ payload: "20.5" }), "20.5");
  assertEquals(format.whole({ payload: '{"a":1}' }), '{\n  "a": 1\n}');
  assertEquals(format.whole({ payload: "{no JSON" }), "{no JSON");
  const payloadBase64 = btoa("\x00\x01\xff" + "a".repeat(14));
  const lines = format.whole({ payloadBase64 }).split("\n");
  assertEquals(lines, ["00 01 ff" + " 61".repeat(13) + " ", "61"]);
  assertEquals(format.preview({ payloadBase64: "AP8=" }), "0x00ff");
  assertEquals(format.payloadBytes({ payloadBase64 }), 17);
  assertEquals(format.payloadBytes({ payload: "ä" }), 2);
});

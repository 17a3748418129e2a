/**
 * What the broker tells of itself in `$SYS`: all of it at first, then what
 * has changed, and load averages by a clock of the test's own.
 */

import { Counters } from "../../src/metrics/counters.ts";
import { LoadAverage } from "../../src/metrics/load_average.ts";
import { Status } from "../../src/metrics/status.ts";
import { STATUS_LOADS, STATUS_TOPICS } from "../../src/metrics/status_table.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import { readingsWith } from "./readings.ts";

test("all topics are told at first, where there is a value", () => {
  const told = new Status("1.2.3").update(readingsWith({ memoryBytes: 1 }));
  const topics = told.map(([topic]) => topic);
  const spans = 3;
  const count = STATUS_TOPICS.length + spans * STATUS_LOADS.length;
  assertEquals([topics.length, new Set(topics).size], [count, count]);
  assertEquals(topics.every((topic) => topic.startsWith("$SYS/broker/")), true);
  assertEquals(new Map(told).get("$SYS/broker/load/sockets/5min"), "0.00");
  assertEquals(
    new Map(told).get("$SYS/broker/version"),
    "broker version 1.2.3",
  );
  const unknown = new Status("1").update(readingsWith());
  assertEquals(unknown.filter(([topic]) => topic.includes("/heap/")), []);
});

test("then what has changed is told, and nothing else", () => {
  const status = new Status("1");
  status.update(readingsWith({ uptimeMs: 500 }));
  assertEquals(status.update(readingsWith({ uptimeMs: 999 })), []);
  const counters = new Counters();
  counters.takeOvers = 7; // which has no topic
  const later = { uptimeMs: 12_900, subscriptions: 2, counters };
  assertEquals(status.update(readingsWith(later)), [
    ["$SYS/broker/uptime", "12 seconds"],
    ["$SYS/broker/subscriptions/count", "2"],
  ]);
});

test("what was most is remembered", () => {
  const status = new Status("1");
  const most: (string | undefined)[] = [];
  for (const clients of [1, 5, 2, 6]) {
    const told = status.update(readingsWith({ clients, sessions: 9 }));
    most.push(new Map(told).get("$SYS/broker/clients/maximum"));
  }
  assertEquals(most, ["1", "5", undefined, "6"]);
});

test("a steady load comes to its rate, the short span first", () => {
  const load = new LoadAverage();
  const rounded = () => load.perMinute().map(Math.round);
  for (let second = 10; second <= 60; second += 10) load.update(second, 10_000);
  assertEquals(rounded(), [38, 11, 4]);
  for (let second = 70; second <= 7200; second += 10) {
    load.update(second, 10_000);
  }
  assertEquals(rounded(), [60, 60, 60]);
  for (let turn = 0; turn < 12; turn++) load.update(7200, 10_000);
  assertEquals(rounded(), [8, 40, 52]); // e^-2, e^-0.4, e^-0.13 of 60
});

test("how often one looks makes no difference to a load", () => {
  const often = new LoadAverage();
  const seldom = new LoadAverage();
  for (let at = 1; at <= 30; at++) often.update(at, 1000);
  seldom.update(30, 30_000);
  const texts = [often, seldom].map((load) =>
    load.perMinute().map((value) => value.toFixed(6))
  );
  assertEquals(texts[0], texts[1]);
  often.update(99, 0); // no time has passed: it waits for the next look
  assertEquals(often.perMinute().map((v) => v.toFixed(6)), texts[0]);
});

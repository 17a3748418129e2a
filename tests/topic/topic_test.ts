/**
 * Topic names and filters: what is valid, the limits, and the plain meaning
 * of "matches", from tables made by hand after MQTT 3.1.1 section 4.7.
 */

import { utf8Length } from "../../src/base/utf8.ts";
import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import {
  filterFault,
  filterLimitFault,
  hasWildcard,
  matches,
  topicNameFault,
} from "../../src/topic/topic.ts";

const WIDE = { topicBytesMax: 65_535, topicLevelsMax: 65_535 };

const NAMES: readonly [topic: string, fault: string | undefined][] = [
  ["a", undefined],
  ["/", undefined],
  ["//", undefined],
  ["a/b c/ä", undefined],
  ["$SYS/a", undefined],
  [" ", undefined],
  ["\u0001\uffff", undefined],
  ["", "empty topic name"],
  ["#", "wildcard"],
  ["+", "wildcard"],
  ["a/+/b", "wildcard"],
  ["a#", "wildcard"],
  ["a+b", "wildcard"],
  ["a\0b", "U+0000"],
];

Deno.test("what a topic name may be", () => {
  for (const [topic, fault] of NAMES) {
    const found = topicNameFault(topic, WIDE);
    if (fault === undefined) assertEquals(found, undefined, topic);
    else assertStringIncludes(found ?? "", fault, topic);
  }
});

const FILTERS: readonly [filter: string, fault: string | undefined][] = [
  ["a", undefined],
  ["#", undefined],
  ["+", undefined],
  ["/", undefined],
  ["+/+", undefined],
  ["/+", undefined],
  ["+/", undefined],
  ["a/#", undefined],
  ["/#", undefined],
  ["+/tennis/#", undefined],
  ["$share", undefined],
  ["", "empty topic filter"],
  ["#/", "# that"],
  ["a#", "# that"],
  ["a/#/b", "# that"],
  ["##", "# that"],
  ["/#a", "# that"],
  ["a+", "+ that"],
  ["+a", "+ that"],
  ["a/b+/c", "+ that"],
  ["++", "+ that"],
  ["+#", "+ that"],
  ["a\0", "U+0000"],
];

Deno.test("what a topic filter may be", () => {
  for (const [filter, fault] of FILTERS) {
    const found = filterFault(filter);
    if (fault === undefined) assertEquals(found, undefined, filter);
    else assertStringIncludes(found ?? "", fault, filter);
  }
});

Deno.test("limits of bytes and levels hold to the last one", () => {
  const limits = { topicBytesMax: 6, topicLevelsMax: 3 };
  for (const fault of [topicNameFault, filterLimitFault]) {
    for (const good of ["a", "abcdef", "ääa/", "a/b/c", "🌍ab", "€€"]) {
      assertEquals(fault(good, limits), undefined, good);
    }
    for (const long of ["abcdefg", "äää/", "€€a", "🌍abc"]) {
      assertStringIncludes(fault(long, limits) ?? "", "7 bytes", long);
    }
    assertStringIncludes(fault("a/b/c/", limits) ?? "", "4 levels");
  }
});

Deno.test("how many bytes a text takes in UTF-8", () => {
  const encoder = new TextEncoder();
  for (
    const text of ["", "a", "ä", "€", "🌍", "a🌍b€c", "\uffff\u07ff\u0800"]
  ) {
    assertEquals(utf8Length(text), encoder.encode(text).length, text);
  }
});

Deno.test("which filters have a wildcard", () => {
  for (const filter of ["+", "#", "a/+", "a/#", "+/a", "/+/"]) {
    assertEquals(hasWildcard(filter), true, filter);
  }
  for (const filter of ["a", "/", "$SYS/a"]) {
    assertEquals(hasWildcard(filter), false, filter);
  }
});

/** Sections 4.7.1.2, 4.7.1.3, 4.7.2 and 4.7.3. */
const MATCHES: readonly [filter: string, yes: string[], no: string[]][] = [
  ["sport/tennis/player1/#", [
    "sport/tennis/player1",
    "sport/tennis/player1/ranking",
    "sport/tennis/player1/score/wimbledon",
  ], ["sport/tennis/player2", "sport/tennis/player10"]],
  ["sport/#", ["sport", "sport/"], ["sports", "/sport"]],
  ["#", ["a", "/", "a/b"], ["$SYS", "$SYS/a"]],
  ["sport/tennis/+", ["sport/tennis/player1", "sport/tennis/"], [
    "sport/tennis/player1/ranking",
    "sport/tennis",
  ]],
  ["sport/+", ["sport/"], ["sport"]],
  ["+/+", ["/finance", "a/b"], ["a", "a/b/c", "$SYS/a"]],
  ["/+", ["/finance", "/"], ["finance"]],
  ["+", ["finance"], ["/finance", "$SYS", "a/"]],
  ["+/monitor/Clients", ["a/monitor/Clients"], ["$SYS/monitor/Clients"]],
  ["$SYS/#", ["$SYS", "$SYS/a/b"], ["SYS"]],
  ["$SYS/monitor/+", ["$SYS/monitor/Clients"], ["$SYS/monitor"]],
  ["ACCOUNTS", ["ACCOUNTS"], ["Accounts", "ACCOUNTS/", "/ACCOUNTS"]],
  ["a/", ["a/"], ["a", "a//", "a/b"]],
  ["/", ["/"], ["//", "a"]],
  ["a//b", ["a//b"], ["a/b", "a/x/b"]],
  ["+/", ["a/", "/"], ["a", "a/b"]],
  ["a/+/#", ["a/b", "a/", "a/b/c"], ["a"]],
  ["+/$x", ["a/$x"], ["$x"]],
];

Deno.test("what a filter matches, and what it does not", () => {
  for (const [filter, yes, no] of MATCHES) {
    for (const topic of yes) {
      assertEquals(matches(filter, topic), true, `${filter} on ${topic}`);
    }
    for (const topic of no) {
      assertEquals(matches(filter, topic), false, `${filter} on ${topic}`);
    }
  }
});

Deno.test("65,535 levels are walked once, without recursion", () => {
  const topic = "/".repeat(65_534);
  const startMs = performance.now();
  assertEquals(matches("+" + "/+".repeat(65_534), topic), true);
  assertEquals(matches("+" + "/+".repeat(65_533), topic), false);
  assertEquals(matches("/".repeat(65_533) + "#", topic), true);
  assertEquals(topicNameFault(topic, WIDE), undefined);
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

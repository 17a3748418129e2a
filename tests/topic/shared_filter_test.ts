/**
 * Filters of shared subscriptions: MQTT 5.0 section 4.8.2.
 */

import { assertEquals } from "@std/assert";
import {
  isShared,
  sharedFilterOf,
  subscriptionFault,
} from "../../src/topic/shared_filter.ts";

const CASES: readonly (readonly [filter: string, of: string | undefined])[] = [
  ["$share/g/a", "a"],
  ["$share/g/#", "#"],
  ["$share/g//", "/"],
  ["$share/g/+/b/#", "+/b/#"],
  ["$share/$g/$SYS/x", "$SYS/x"],
  ["a/b", undefined],
  ["$shared/g/a", undefined],
  ["$SHARE/g/a", undefined],
];

Deno.test("a shared filter has a name and a filter", () => {
  for (const [filter, of] of CASES) {
    assertEquals(subscriptionFault(filter), undefined, filter);
    assertEquals(sharedFilterOf(filter), of, filter);
    assertEquals(isShared(filter), of !== undefined);
  }
});

Deno.test("a shared filter that is none has a fault", () => {
  const faults: Record<string, string> = {
    "$share/": "without a filter",
    "$share/g": "without a filter",
    "$share//a": "without a name",
    "$share/g/": "an empty topic filter",
    "$share/+/a": "a wildcard in the name",
    "$share/a#b/a": "a wildcard in the name",
    "$share/g/a#": "#",
    "$share/g/a+/b": "+",
    "a#": "#",
  };
  for (const [filter, fault] of Object.entries(faults)) {
    const found = subscriptionFault(filter);
    assertEquals(found?.includes(fault), true, `${filter}: ${found}`);
  }
});

/**
 * What two filters have in common: each pair of all short filters, against
 * the topics that both match, found one by one. Runs under Deno and Bun.
 */

import {
  covers,
  intersection,
  intersects,
} from "../../src/topic/filter_algebra.ts";
import { filterFault } from "../../src/topic/topic.ts";
import { isMatch } from "../router/model.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertLess } from "../support/std_assert.ts";

/** No filter names "z": it stands for all names that could be. */
const NAMES = ["a", "b", "", "$a", "z"];

/** All sequences of one to `most` of `levels`, joined. */
function joined(levels: readonly string[], most: number): string[] {
  let longest = [...levels];
  const all = [...longest];
  for (let length = 2; length <= most; length++) {
    longest = longest.flatMap((each) =>
      levels.map((level) => `${each}/${level}`)
    );
    all.push(...longest);
  }
  return all;
}

const TOPICS = joined(NAMES, 4).filter((topic) => topic !== "");
const FILTERS = joined(["a", "b", "", "$a", "+", "#"], 3)
  .filter((filter) => filterFault(filter) === undefined);

/** The topics that a filter matches, as places in `TOPICS`. */
const MATCHED = new Map(
  FILTERS.map((filter) => [
    filter,
    TOPICS.map((topic) => isMatch(filter, topic)),
  ]),
);

function eachPair(run: (one: string, other: string) => void): void {
  for (const one of FILTERS) for (const other of FILTERS) run(one, other);
}

test("a filter covers what it matches all topics of", () => {
  eachPair((wide, narrow) => {
    const inWide = MATCHED.get(wide)!;
    const isCovered = MATCHED.get(narrow)!
      .every((isIn, at) => !isIn || inWide[at]!);
    if (covers(wide, narrow) !== isCovered) {
      assertEquals(covers(wide, narrow), isCovered, `${wide} over ${narrow}`);
    }
  });
});

test("filters intersect where a topic matches both", () => {
  eachPair((one, other) => {
    const [inOne, inOther] = [MATCHED.get(one)!, MATCHED.get(other)!];
    const isShared = inOne.some((isIn, at) => isIn && inOther[at]!);
    if (intersects(one, other) !== isShared) {
      assertEquals(intersects(one, other), isShared, `${one} and ${other}`);
    }
  });
});

test("what both match is one filter", () => {
  eachPair((one, other) => {
    const both = intersection(one, other);
    assertEquals(both !== undefined, intersects(one, other));
    if (both === undefined) return;
    assertEquals(filterFault(both), undefined, `${one} and ${other}: ${both}`);
    const [inOne, inOther] = [MATCHED.get(one)!, MATCHED.get(other)!];
    const inBoth = MATCHED.get(both)!;
    const isRight = inBoth.every((isIn, at) =>
      isIn === (inOne[at]! && inOther[at]!)
    );
    assert(isRight, `${one} and ${other}: ${both}`);
  });
});

test("filters of 65,535 levels are compared without recursion", () => {
  const deep = "+" + "/+".repeat(65_533);
  const startMs = performance.now();
  assert(covers(`${deep}/#`, `${deep}/a`));
  assert(!covers(`${deep}/a`, `${deep}/+`));
  assert(intersects(`${deep}/a`, `${deep}/+`));
  assertEquals(intersection(`${deep}/a`, "#"), `${deep}/a`);
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

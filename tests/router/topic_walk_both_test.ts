/**
 * Walks through a tree of topics that rest while topics come and go: what is
 * there all the time is found once, at the cost of the nodes it looks at.
 * Runs under Deno and Bun.
 */

import { TopicTree } from "../../src/router/topic_tree.ts";
import type { TopicWalk } from "../../src/router/topic_walk.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
} from "../support/std_assert.ts";
import { isMatch, randomFilter, randomTopic } from "./model.ts";

/** The next value, in steps of `nodes`, and how many steps it took. */
function stepped<V>(
  walk: TopicWalk<V>,
  nodes: number,
): [V | undefined, number] {
  for (let steps = 1;; steps++) {
    const value = walk.next({ nodesLeft: nodes });
    if (value !== undefined || walk.isDone) return [value, steps];
  }
}

test("what stays is found once while all else comes and goes", () => {
  forSeeds(400, (random) => {
    const tree = new TopicTree<string>();
    const model = new Set<string>();
    const change = () => {
      const topic = randomTopic(random);
      if (random.chance(50)) {
        tree.set(topic, topic);
        model.add(topic);
      } else {
        tree.delete(topic);
        model.delete(topic);
      }
      return topic;
    };
    for (let i = random.below(60); i > 0; i--) change();
    const filter = randomFilter(random);
    const staying = new Set([...model].filter((each) => isMatch(filter, each)));
    const found: string[] = [];
    const walk = tree.walk(filter);
    while (!walk.isDone) {
      const value = walk.next({ nodesLeft: random.between(1, 4) });
      if (value !== undefined) found.push(value);
      // What goes and comes back is another: it may be found or not.
      for (let i = random.below(8); i > 0; i--) staying.delete(change());
    }
    for (const topic of staying) {
      const times = found.filter((each) => each === topic).length;
      assertEquals(times, 1, `${filter} finds ${topic} once`);
    }
    assert(found.every((topic) => isMatch(filter, topic)), filter);
  });
});

test("a walk that finds nothing goes no further than it may", () => {
  const tree = new TopicTree<number>();
  for (let i = 0; i < 1000; i++) tree.set(`a/${i}`, i);
  for (const filter of ["+/+/x", "#/x", "+/#", "b/+", "+/+/+"]) {
    const walk = tree.walk(filter);
    while (!walk.isDone) {
      const budget = { nodesLeft: 10 };
      walk.next(budget);
      assertLessOrEqual(-1, budget.nodesLeft, filter);
    }
  }
  const [none, steps] = stepped(tree.walk("+/+/x"), 100);
  assertEquals([none, steps], [undefined, 21]);
});

test("a walk that rests keeps its place for the cost of a look", () => {
  const tree = new TopicTree<number>();
  for (let i = 0; i < 10_000; i++) tree.set(`a/${i}`, i);
  const walk = tree.walk("a/+");
  for (let i = 0; i < 10_000; i++) {
    assertEquals(walk.next({ nodesLeft: 3 }), i);
    // All that was found goes, and half as many come behind the others.
    tree.delete(`a/${i}`);
    if (i % 2 === 0) tree.set(`a/new${i}`, -i - 1);
  }
  assertEquals(walk.next({ nodesLeft: 1 }), -1);
});

test("a walk whose ground is taken away is over", () => {
  const tree = new TopicTree<number>();
  tree.set("a/b/c", 1);
  tree.set("a/b/d", 2);
  const walk = tree.walk("a/b/+");
  const far = { nodesLeft: 100 };
  assertEquals(walk.next(far), 1);
  tree.delete("a/b/c");
  tree.delete("a/b/d");
  tree.set("a/b/d", 3);
  assertEquals(walk.next(far), undefined);
  assert(walk.isDone);
});

test("a walk goes on where another one stood, whatever has changed", () => {
  forSeeds(400, (random) => {
    const tree = new TopicTree<string>();
    const stays = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const topic = randomTopic(random);
      tree.set(topic, topic);
      if (random.chance(50)) stays.add(topic);
    }
    const filter = randomFilter(random);
    const found: string[] = [];
    let place: number[] | undefined;
    for (;;) {
      const walk = tree.walk(filter);
      if (place !== undefined) walk.goTo(place);
      const value = walk.next({ nodesLeft: Infinity });
      if (value === undefined) break;
      found.push(value);
      place = walk.place;
      // Nothing is left to choose.
      if (place.length === 0) break;
      const topic = randomTopic(random);
      if (stays.has(topic)) continue;
      if (random.chance(50)) tree.set(topic, topic);
      else tree.delete(topic);
    }
    const wanted = [...stays].filter((topic) => isMatch(filter, topic));
    assertEquals(new Set(found).size, found.length);
    const foundAgain = found.filter((topic) => stays.has(topic));
    assertEquals(foundAgain.sort(), wanted.sort());
  });
});

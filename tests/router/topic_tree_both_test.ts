/**
 * The tree of topics and the retained messages in it, against the naive
 * model: which topics a filter finds while they come and go. Runs under
 * Deno and Bun.
 */

import { makeMessage } from "../../src/codec/message.ts";
import { RetainedMessages } from "../../src/router/retained.ts";
import { TopicTree } from "../../src/router/topic_tree.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertLess } from "../support/std_assert.ts";
import { isMatch, randomFilter, randomTopic } from "./model.ts";

const WIDE = { retainedMax: 1000, retainedBytesMax: 1_000_000 };

function message(topic: string, payload = "x") {
  return makeMessage(topic, new TextEncoder().encode(payload), 0);
}

test("a filter finds the topics that the model says", () => {
  forSeeds(150, (random) => {
    const tree = new TopicTree<string>();
    const model = new Map<string, string>();
    for (let step = 0; step < 100; step++) {
      const topic = randomTopic(random);
      if (random.chance(60)) {
        const before = tree.set(topic, `${step}`);
        assertEquals(before, model.get(topic));
        model.set(topic, `${step}`);
      } else {
        assertEquals(tree.delete(topic), model.get(topic));
        model.delete(topic);
      }
      assertEquals(tree.size, model.size);
      assertEquals(tree.get(topic), model.get(topic));
      const filter = randomFilter(random);
      const wanted = [...model].filter(([each]) => isMatch(filter, each))
        .map(([, value]) => value);
      assertEquals(tree.match(filter).sort(), wanted.sort(), filter);
      const most = random.below(4);
      const some = tree.match(filter, most);
      assertEquals(some.length, Math.min(most, wanted.length));
      assert(some.every((value) => wanted.includes(value)));
    }
  });
});

test("a tree that was cleared is empty", () => {
  const tree = new TopicTree<number>();
  tree.set("a/b", 1);
  tree.clear();
  assertEquals([tree.size, tree.get("a/b"), tree.match("#")], [
    0,
    undefined,
    [],
  ]);
});

test("a tree of 65,535 levels is walked without recursion", () => {
  const tree = new TopicTree<number>();
  const deep = "/".repeat(65_534);
  const startMs = performance.now();
  tree.set(deep, 7);
  assertEquals(tree.get(deep), 7);
  assertEquals(tree.match("#"), [7]);
  assertEquals(tree.match("+" + "/+".repeat(65_534)), [7]);
  assertEquals(tree.delete(deep), 7);
  assertEquals(tree.match("#"), []);
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

test("retained messages are counted in number and bytes", () => {
  const retained = new RetainedMessages(WIDE);
  const [one, two] = [message("a", "1"), message("a", "22")];
  assert(retained.set("a", one));
  assertEquals([retained.size, retained.bytes], [1, one.size]);
  assert(retained.set("a", two));
  assertEquals([retained.size, retained.bytes], [1, two.size]);
  assertEquals(retained.match("a"), [two]);
  assert(retained.delete("a"));
  assert(!retained.delete("a"));
  assertEquals([retained.size, retained.bytes], [0, 0]);
});

test("a limit of retained messages takes the old one as well", () => {
  const few = new RetainedMessages({ ...WIDE, retainedMax: 1 });
  assert(few.set("a", message("a")));
  assert(!few.set("b", message("b")));
  assertEquals(few.match("#").map(({ topic }) => topic), ["a"]);
  assert(few.set("a", message("a", "new")));
  const small = message("a", "1");
  const tight = { ...WIDE, retainedBytesMax: small.size };
  const light = new RetainedMessages(tight);
  assert(light.set("a", small));
  assert(!light.set("a", message("a", "22")));
  assertEquals([light.size, light.bytes], [0, 0]);
});

test("retained messages are found by filter, hidden ones are not", () => {
  const retained = new RetainedMessages(WIDE);
  for (const topic of ["a", "a/b", "$SYS/x"]) {
    retained.set(topic, message(topic));
  }
  const found = (filter: string) =>
    retained.match(filter).map(({ topic }) => topic).sort();
  assertEquals(found("#"), ["a", "a/b"]);
  assertEquals(found("a/#"), ["a", "a/b"]);
  assertEquals(found("+/x"), []);
  assertEquals(found("$SYS/#"), ["$SYS/x"]);
  assertEquals(found("a/b"), ["a/b"]);
  assertEquals(found("nothing"), []);
});

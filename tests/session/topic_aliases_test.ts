/**
 * Topic aliases: what a client's stand for, and that the broker's own go to
 * the topics that come often, not to those that came first.
 */

import { assert, assertEquals } from "@std/assert";
import {
  ReceivedAliases,
  SentAliases,
} from "../../src/session/topic_aliases.ts";
import { forSeeds } from "../fuzz/random.ts";

/** A topic with its length bytes. */
function field(topic: string): Uint8Array {
  const bytes = new TextEncoder().encode(topic);
  return Uint8Array.of(0, bytes.length, ...bytes);
}

/** Numbers that stand for topics, with collisions where asked for. */
function hashOf(topic: string): number {
  return [...topic].reduce((hash, c) => hash * 31 + c.charCodeAt(0), 7) | 0;
}

function use(aliases: SentAliases, topic: string, hash = hashOf(topic)) {
  const bytes = field(topic);
  return aliases.use(hash, bytes, 0, bytes.length);
}

Deno.test("a client's alias stands for what it said last", () => {
  const aliases = new ReceivedAliases();
  assertEquals(aliases.get(3), undefined);
  const bytes = Uint8Array.of(9, ...field("a/b"), 9);
  aliases.set(3, bytes, 1, bytes.length - 1);
  bytes.fill(0xee);
  assertEquals(aliases.get(3), field("a/b"), "a copy");
  assertEquals([aliases.get(0), aliases.get(2)], [undefined, undefined]);
  aliases.set(3, field("c"), 0, 3);
  assertEquals(aliases.get(3), field("c"));
});

Deno.test("an alias is told once, then it stands for the topic", () => {
  const aliases = new SentAliases(2);
  assertEquals(use(aliases, "a"), -1);
  assertEquals(use(aliases, "a"), 1);
  assertEquals(use(aliases, "b"), -2);
  assertEquals([use(aliases, "b"), use(aliases, "a")], [2, 1]);
  assertEquals(use(aliases, "c"), 0, "all are given away");
});

Deno.test("topics with the same hash are told apart", () => {
  const aliases = new SentAliases(4);
  assertEquals(use(aliases, "a", 7), -1);
  assertEquals(use(aliases, "b", 7), 0);
  assertEquals(use(aliases, "a", 7), 1);
});

Deno.test("what comes often takes the alias of what does not", () => {
  const aliases = new SentAliases(2);
  use(aliases, "first");
  for (let i = 0; i < 50; i++) use(aliases, "often");
  const got = Array.from({ length: 40 }, () => use(aliases, "later"));
  const told = got.findIndex((alias) => alias < 0);
  assert(told > 0 && told < 10, `told after ${told}`);
  assertEquals(got[told], -1, "the alias of the first");
  assert(got.slice(told + 1).every((alias) => alias === 1));
  assertEquals(use(aliases, "often"), 2, "the other one stays");
});

Deno.test("what was used long ago counts less", () => {
  const aliases = new SentAliases(1);
  for (let i = 0; i < 1000; i++) use(aliases, "past");
  let told = false;
  for (let i = 0; i < 20_000 && !told; i++) told = use(aliases, "now") < 0;
  assert(told);
});

Deno.test("a client that remembers what it is told knows every topic", () => {
  forSeeds(50, (random) => {
    const max = random.between(1, 8);
    const aliases = new SentAliases(max);
    const known = new Map<number, string>();
    for (let i = 0; i < 3000; i++) {
      const topic = `t/${random.below(random.pick([2, 10, 40]))}`;
      const alias = use(aliases, topic);
      assert(Math.abs(alias) <= max);
      if (alias < 0) known.set(-alias, topic);
      if (alias > 0) assertEquals(known.get(alias), topic);
    }
  });
});

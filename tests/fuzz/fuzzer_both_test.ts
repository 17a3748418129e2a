/**
 * The fuzzer itself: it finds what is wrong, says it in the fewest bytes,
 * replays what was found and is still when nothing is wrong. Runs under Deno
 * and Bun.
 */

import { test } from "../support/both.ts";
import { assertEquals, assertThrows } from "../support/std_assert.ts";
import { fuzz, shorten, type Target } from "./fuzzer.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

const LONG = { seed: 1, milliseconds: 20_000 };
const SHORT = { seed: 5, milliseconds: 20 };
const NOT_AT_ALL = { seed: 1, milliseconds: 0 };

/** Fails for bytes in which 7 stands somewhere before 9. */
const WRONG: Target = {
  name: "wrong",
  make: (random) => random.bytes(random.below(1000)),
  run(input) {
    const at = input.indexOf(7);
    if (at >= 0 && input.includes(9, at)) throw new Error("7 before 9");
    input.fill(0);
  },
};

const RIGHT: Target = { ...WRONG, run: (input) => input.fill(1) };

test("a fault is found and told in the fewest bytes", () => {
  const error = assertThrows(() => fuzz(WRONG, LONG), Error, "7 before 9");
  const { message } = error;
  assertEquals(/BROKER_FUZZ_SEED=\d+, wrong: /.test(message), true, message);
  assertEquals(message.endsWith('\n  "0709",'), true, message);
});

test("the seed that is told finds it at once", () => {
  const told = assertThrows(() => fuzz(WRONG, LONG), Error).message;
  const seed = Number(/SEED=(\d+)/.exec(told)![1]);
  const again = () => fuzz(WRONG, { seed, milliseconds: 20_000 });
  assertEquals(assertThrows(again, Error).message, told);
});

test("what was found before comes first, without a limit of time", () => {
  fuzz(WRONG, NOT_AT_ALL, ["0907", ""]);
  assertThrows(
    () => fuzz(WRONG, NOT_AT_ALL, ["09", "000709"]),
    Error,
    "wrong, 000709 again: 7 before 9",
  );
});

test("where nothing is wrong nothing is found, in time", () => {
  const startMs = performance.now();
  fuzz(RIGHT, SHORT, ["00"]);
  assertEquals(performance.now() - startMs < 10_000, true);
});

test("bytes are cut while they fail, and not below that", () => {
  const input = new Random(3).bytes(5000);
  assertEquals(shorten(input, () => true).length, 0);
  assertEquals(shorten(input, () => false), input);
  const half = shorten(input, ({ length }) => length >= 2500);
  assertEquals(half.length, 2500);
});

test("a change of bytes is one, and the same for a seed", () => {
  const bytes = new Uint8Array(50);
  let changed = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const one = mutate(new Random(seed), bytes, [Uint8Array.of(1, 2)]);
    assertEquals(mutate(new Random(seed), bytes, [Uint8Array.of(1, 2)]), one);
    if (one.length !== 50 || one.some((byte) => byte !== 0)) changed++;
  }
  assertEquals(changed > 100, true, `${changed} of 200`);
  assertEquals(bytes, new Uint8Array(50));
  for (let seed = 1; seed <= 200; seed++) {
    mutate(new Random(seed), new Uint8Array(0), []);
  }
});

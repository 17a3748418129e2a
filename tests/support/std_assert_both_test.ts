/**
 * The stand-in for `@std/assert` has to fail where the package fails: a test
 * that can't fail proves nothing. Runs under Deno and Bun.
 */

import { test } from "./both.ts";
import * as std from "./std_assert.ts";

const NAN = Number.NaN;

/** Each has to throw an AssertionError. */
const FAILING: Readonly<Record<string, () => unknown>> = {
  assert: () => std.assert(0),
  assertFalse: () => std.assertFalse("a"),
  fail: () => std.fail(),
  unreachable: () => std.unreachable(),
  assertEquals: () => std.assertEquals({ a: [1, 2] }, { a: [1, 3] }),
  "assertEquals of bytes": () =>
    std.assertEquals(Uint8Array.of(1), Uint8Array.of(2)),
  "assertEquals of a missing key": () =>
    std.assertEquals<unknown>({ a: undefined }, {}),
  assertNotEquals: () => std.assertNotEquals([1, { a: 2 }], [1, { a: 2 }]),
  assertStrictEquals: () => std.assertStrictEquals({}, {}),
  assertNotStrictEquals: () => std.assertNotStrictEquals(NAN, NAN),
  assertExists: () => std.assertExists(null),
  assertAlmostEquals: () => std.assertAlmostEquals(1, 1.1),
  "assertAlmostEquals of no number": () => std.assertAlmostEquals(NAN, 1),
  assertGreater: () => std.assertGreater(1, 1),
  assertGreaterOrEqual: () => std.assertGreaterOrEqual(1, 2),
  assertLess: () => std.assertLess(1, 1),
  assertLessOrEqual: () => std.assertLessOrEqual(2, 1),
  assertStringIncludes: () => std.assertStringIncludes("abc", "d"),
  assertMatch: () => std.assertMatch("abc", /d/),
  assertNotMatch: () => std.assertNotMatch("abc", /b/),
  assertArrayIncludes: () => std.assertArrayIncludes([[1], [2]], [[3]]),
  assertObjectMatch: () =>
    std.assertObjectMatch({ a: { b: 1, c: 2 } }, { a: { b: 2 } }),
  assertInstanceOf: () => std.assertInstanceOf([], Map),
  assertIsError: () => std.assertIsError(new Error("a"), RangeError),
  "assertIsError of a text": () =>
    std.assertIsError(new Error("a"), Error, "b"),
  assertThrows: () => std.assertThrows(() => 1),
  "assertThrows of a class": () =>
    std.assertThrows(() => std.fail(), RangeError),
};

/** None may throw. */
const PASSING: Readonly<Record<string, () => unknown>> = {
  assert: () => std.assert(1),
  assertEquals: () => std.assertEquals({ a: [NAN] }, { a: [NAN] }),
  assertNotEquals: () => std.assertNotEquals<unknown>([1], ["1"]),
  assertStrictEquals: () => std.assertStrictEquals(NAN, NAN),
  assertExists: () => std.assertExists(0),
  assertAlmostEquals: () => std.assertAlmostEquals(1, 1.05, 0.1),
  assertArrayIncludes: () => std.assertArrayIncludes([[1], [2]], [[2]]),
  assertObjectMatch: () =>
    std.assertObjectMatch({ a: { b: 1, c: 2 } }, { a: { c: 2 } }),
  assertInstanceOf: () => std.assertInstanceOf(new Map(), Map),
  assertThrows: () =>
    std.assertThrows(
      () => {
        throw new RangeError("abc");
      },
      RangeError,
      "b",
    ),
};

for (const [name, check] of Object.entries(FAILING)) {
  test(`${name} fails`, () => {
    const error = std.assertThrows(check);
    std.assertInstanceOf(error, std.AssertionError);
  });
}

for (const [name, check] of Object.entries(PASSING)) {
  test(`${name} passes`, () => void check());
}

test("assertThrows gives what was thrown", () => {
  const error = new Error("a");
  const thrown = std.assertThrows(() => {
    throw error;
  });
  std.assertStrictEquals(thrown, error);
});

test("assertRejects tells the three cases apart", async () => {
  const error = new RangeError("a");
  const reason = await std.assertRejects(() => Promise.reject(error));
  std.assertStrictEquals(reason, error);
  await std.assertRejects(
    () => std.assertRejects(() => Promise.resolve()),
    std.AssertionError,
  );
  await std.assertRejects(
    () => std.assertRejects(() => std.fail()),
    std.AssertionError,
    "before",
  );
});

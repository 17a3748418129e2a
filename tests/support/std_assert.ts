/**
 * Stands in for `@std/assert` where JSR can't be reached: the signatures that
 * the tests use, on `node:assert`, so that it runs under Deno and Bun alike.
 * It is not a copy of the package: texts of failures differ, and `-0` is not
 * `0` here.
 */

import {
  AssertionError as NodeAssertionError,
  deepStrictEqual,
  notDeepStrictEqual,
} from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";

// `never[]` rather than `any[]`: every constructor is assignable to it.
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** What every failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg || "a truthy value was expected");
}

/** Fails unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg?: string): void {
  if (expr) fault("a falsy value was expected", msg);
}

/** Fails always. */
export function fail(msg?: string): never {
  return fault("this was to be unreachable", msg);
}

/** Fails always: the line can't be reached. */
export function unreachable(reason?: string): never {
  return fault("this was to be unreachable", reason);
}

/** Fails unless the two are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  viaNode(() => deepStrictEqual(actual, expected), msg);
}

/** Fails if the two are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  viaNode(() => notDeepStrictEqual(actual, expected), msg);
}

/** Fails unless the two are the same value or object. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  fault(`${show(actual)} is not the same as ${show(expected)}`, msg);
}

/** Fails if the two are the same value or object. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (Object.is(actual, expected)) fault(`both are ${show(actual)}`, msg);
}

/** Fails if `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    fault(`a value was expected, not ${actual}`, msg);
  }
}

/** Fails unless `actual` is within `tolerance` of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  const most = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (delta > most || Number.isNaN(delta)) {
    fault(`${actual} is more than ${most} from ${expected}`, msg);
  }
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) fault(`${show(actual)} > ${show(expected)}`, msg);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) fault(`${show(actual)} >= ${show(expected)}`, msg);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fault(`${show(actual)} < ${show(expected)}`, msg);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) fault(`${show(actual)} <= ${show(expected)}`, msg);
}

/** Fails unless the text contains the other. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    fault(`${show(actual)} does not contain ${show(expected)}`, msg);
  }
}

/** Fails unless the text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) {
    fault(`${show(actual)} does not match ${expected}`, msg);
  }
}

/** Fails if the text matches. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) fault(`${show(actual)} matches ${expected}`, msg);
}

/** Fails unless each of the values is in the list. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  for (const wanted of Array.from(expected)) {
    const found = Array.from(actual).some((one) => equal(one, wanted));
    if (!found) fault(`${show(actual)} does not hold ${show(wanted)}`, msg);
  }
}

/** Fails unless what `expected` names is in `actual`, however deep. */
export function assertObjectMatch(
  actual: Record<PropertyKey, unknown>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  if (!holds(actual, expected)) {
    fault(`${show(actual)} does not match ${show(expected)}`, msg);
  }
}

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  msg = "",
): asserts actual is T {
  if (!(actual instanceof expectedType)) {
    fault(`${show(actual)} is no ${expectedType.name}`, msg);
  }
}

/** Fails unless `error` is of the class and its message holds the text. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  expectedClass?: ErrorClass<E>,
  messageMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) fault(`${show(error)} is no Error`, msg);
  if (expectedClass && !(error instanceof expectedClass)) {
    fault(`${show(error)} is no ${expectedClass.name}`, msg);
  }
  if (messageMatches === undefined) return;
  const fits = typeof messageMatches === "string"
    ? error.message.includes(messageMatches)
    : messageMatches.test(error.message);
  if (!fits) fault(`"${error.message}" is not "${messageMatches}"`, msg);
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  expectedClass: ErrorClass<E>,
  messageIncludes?: string,
  msg?: string,
): E;
/** Fails unless the function throws; gives what it threw. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ErrorClass<E> | string,
  messageIncludes?: string,
  msg?: string,
): unknown {
  let thrown: { error: unknown } | undefined;
  try {
    fn();
  } catch (error) {
    thrown = { error };
  }
  return checkThrown(thrown, classOrMsg, messageIncludes, msg);
}

export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  expectedClass: ErrorClass<E>,
  messageIncludes?: string,
  msg?: string,
): Promise<E>;
/** Fails unless the promise rejects; gives the reason. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<E> | string,
  messageIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let thrown: { error: unknown } | undefined;
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError("it threw before it gave a promise", { cause });
  }
  try {
    await promise;
  } catch (error) {
    thrown = { error };
  }
  return checkThrown(thrown, classOrMsg, messageIncludes, msg);
}

/** Whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** The box tells "threw undefined" from "did not throw". */
function checkThrown<E extends Error>(
  thrown: { error: unknown } | undefined,
  classOrMsg: ErrorClass<E> | string | undefined,
  messageIncludes: string | undefined,
  msg: string | undefined,
): unknown {
  const isMsg = typeof classOrMsg === "string";
  const text = isMsg ? classOrMsg : msg;
  if (thrown === undefined) fault("an error was expected, none came", text);
  if (classOrMsg !== undefined && !isMsg) {
    assertIsError(thrown.error, classOrMsg, messageIncludes, text);
  }
  return thrown.error;
}

function holds(actual: unknown, expected: unknown): boolean {
  if (!isPlain(expected) || !isPlain(actual)) return equal(actual, expected);
  return Reflect.ownKeys(expected).every((key) =>
    Reflect.has(actual, key) && holds(actual[key], expected[key])
  );
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !ArrayBuffer.isView(value);
}

/** Runs a `node:assert` check and throws our error with its diff. */
function viaNode(check: () => void, msg: string | undefined): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof NodeAssertionError)) throw cause;
    fault(cause.message, msg);
  }
}

function fault(what: string, msg: string | undefined): never {
  throw new AssertionError(msg ? `${what}: ${msg}` : what);
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: 72 });
}

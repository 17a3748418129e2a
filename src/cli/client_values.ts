/**
 * Values of the flags of `broker pub`, `sub` and `rr`.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { type Range, rangeText } from "./quantity.ts";
import { quoted, UsageError } from "./usage_error.ts";

/**
 * Reads a QoS.
 *
 * @param label The flag, for the sentence.
 * @throws {UsageError} When it is none.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseQos } from "./client_values.ts";
 *
 * assertEquals(parseQos("2", "--qos"), 2);
 * assertThrows(() => parseQos("3", "--qos"));
 * ```
 */
export function parseQos(text: string, label: string): QoS {
  if (text === "0" || text === "1" || text === "2") return Number(text) as QoS;
  throw new UsageError(`${label} must be 0, 1 or 2, not ${quoted(text)}`);
}

/**
 * Reads a whole number, without a unit.
 *
 * @param label The flag, for the sentence.
 * @throws {UsageError} When it is none, or out of its range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseWhole } from "./client_values.ts";
 *
 * const range = { least: 0, most: 65_535, unit: "" };
 * assertEquals(parseWhole("60", range, "--keepalive"), 60);
 * ```
 */
export function parseWhole(text: string, range: Range, label: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= range.least && value <= range.most) return value;
  throw new UsageError(
    `${label} must be ${rangeText(range)}, not ${quoted(text)}`,
  );
}

/**
 * Reads seconds, which may have decimals, as milliseconds.
 *
 * @param label The flag, for the sentence.
 * @throws {UsageError} When it is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSeconds } from "./client_values.ts";
 *
 * assertEquals(parseSeconds("0.5", "--repeat-delay"), 500);
 * ```
 */
export function parseSeconds(text: string, label: string): number {
  const isNumber = /^\d{1,7}(?:\.\d{1,9})?$|^\.\d{1,9}$/.test(text);
  if (isNumber && Number(text) <= SECONDS_MAX) return Number(text) * 1000;
  throw new UsageError(
    `${label} must be seconds, at most ${SECONDS_MAX}, not ${quoted(text)}`,
  );
}

/** What a timer can wait. */
const SECONDS_MAX = 2_147_483;

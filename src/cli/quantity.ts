/**
 * Numbers with units as people write them: `64KiB`, `10s`. Bytes count in
 * steps of 1024, with or without the `iB`.
 *
 * @module
 */

import { quoted, UsageError } from "./usage_error.ts";

/** The range of a number: what a limit or a port may be. */
export interface Range {
  /** The smallest value allowed. */
  readonly least: number;
  /** The largest value allowed. */
  readonly most: number;
  /** What is counted: `bytes`, `ms`, or a noun. */
  readonly unit: string;
}

/** A unit's suffixes, the first of each is the one we write. */
type Scale = readonly (readonly [factor: number, ...suffixes: string[]])[];

const BYTES: Scale = [
  [1024 ** 4, "TiB", "t"],
  [1024 ** 3, "GiB", "g"],
  [1024 ** 2, "MiB", "m"],
  [1024, "KiB", "k"],
  [1, "", "b"],
];
const MS: Scale = [
  [3_600_000, "h"],
  [60_000, "m", "min"],
  [1000, "s"],
  [1, "ms", ""],
];
const PLAIN: Scale = [[1, ""]];

const NUMBER = /^(\d{1,16}(?:\.\d{1,9})?) ?([a-z]*)$/i;

/**
 * Reads a number with the suffixes of its unit.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is none, or out of its range.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseQuantity } from "./quantity.ts";
 *
 * const range = { least: 1, most: 2 ** 20, unit: "bytes" };
 * assertEquals(parseQuantity("64KiB", range, "--x"), 65_536);
 * assertThrows(() => parseQuantity("2M", range, "--x"));
 * ```
 */
export function parseQuantity(
  text: string,
  range: Range,
  label: string,
): number {
  const value = valueOf(text.trim(), scaleOf(range.unit));
  const { least, most } = range;
  if (value !== undefined && value >= least && value <= most) return value;
  const example = EXAMPLES[range.unit] ?? "";
  throw new UsageError(
    `${label} must be ${rangeText(range)}${example}, not ${quoted(text)}`,
  );
}

const EXAMPLES: Readonly<Record<string, string>> = {
  bytes: " (like 4096, 64KiB or 10MiB)",
  ms: " (like 500ms, 10s or 2m)",
};

function valueOf(text: string, scale: Scale): number | undefined {
  const [, digits, suffix] = NUMBER.exec(text) ?? [];
  if (digits === undefined || suffix === undefined) return undefined;
  const wanted = suffix.toLowerCase();
  for (const [factor, ...suffixes] of scale) {
    if (!suffixes.some((one) => one.toLowerCase() === wanted)) continue;
    const value = Number(digits) * factor;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  return undefined;
}

/**
 * A number in the largest unit that it is a whole number of, as the flags
 * take it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatQuantity } from "./quantity.ts";
 *
 * assertEquals(formatQuantity(65_536, "bytes"), "64KiB");
 * assertEquals(formatQuantity(1500, "ms"), "1500ms");
 * ```
 */
export function formatQuantity(value: number, unit: string): string {
  for (const [factor, suffix] of scaleOf(unit)) {
    const fits = value >= factor || factor === 1;
    if (fits && value % factor === 0) return `${value / factor}${suffix}`;
  }
  return `${value}`;
}

/**
 * What texts of a unit look like, as a regular expression of JSON Schema.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { unitPattern } from "./quantity.ts";
 *
 * assertMatch("64KiB", new RegExp(unitPattern("bytes")));
 * ```
 */
export function unitPattern(unit: string): string {
  const suffixes = scaleOf(unit).flatMap(([, ...all]) => all);
  const anyCase = suffixes.map((suffix) =>
    suffix.replace(
      /[a-z]/gi,
      (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`,
    )
  );
  return `^\\d{1,16}(\\.\\d{1,9})? ?(${anyCase.join("|")})$`;
}

/**
 * A range in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rangeText } from "./quantity.ts";
 *
 * const range = { least: 64, most: 2 ** 20, unit: "bytes" };
 * assertEquals(rangeText(range), "64 bytes to 1MiB");
 * ```
 */
export function rangeText({ least, most, unit }: Range): string {
  const low = formatQuantity(least, unit);
  const high = formatQuantity(most, unit);
  const lowWord = low === "1" ? unit.replace(/s$/, "") : unit;
  const lowUnit = /\d$/.test(low) && /\D$/.test(high) ? ` ${lowWord}` : "";
  const highUnit = unit !== "" && /\d$/.test(high) ? ` ${unit}` : "";
  return `${low}${lowUnit} to ${high}${highUnit}`;
}

function scaleOf(unit: string): Scale {
  if (unit === "bytes") return BYTES;
  return unit === "ms" ? MS : PLAIN;
}

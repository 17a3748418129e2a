/**
 * Words that a flag takes: yes or no, or one of a list.
 *
 * @module
 */

import { quoted, UsageError } from "./usage_error.ts";

const YES = ["true", "1", "yes", "on"];
const NO = ["false", "0", "no", "off"];

/**
 * Reads the value of a switch.
 *
 * @param label The flag or variable, for the sentence.
 * @param words How to answer, for the sentence.
 * @throws {UsageError} When it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseSwitch } from "./words.ts";
 *
 * assertEquals(parseSwitch("no", "--retain", "yes or no"), false);
 * assertThrows(() => parseSwitch("maybe", "--retain"));
 * ```
 */
export function parseSwitch(
  text: string,
  label: string,
  words = "true or false",
): boolean {
  const word = text.trim().toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw new UsageError(`${label} must be ${words}, not ${quoted(text)}`);
}

/**
 * Reads one of `words`.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is none of them.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseChoice } from "./words.ts";
 *
 * assertEquals(parseChoice("JSON", ["text", "json"], "--log-format"), "json");
 * assertThrows(() => parseChoice("xml", ["text", "json"], "--log-format"));
 * ```
 */
export function parseChoice<Word extends string>(
  text: string,
  words: readonly Word[],
  label: string,
): Word {
  const wanted = text.trim().toLowerCase();
  const found = words.find((word) => word.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const list = words.slice(0, -1).join(", ") + " or " + words.at(-1);
  throw new UsageError(`${label} must be ${list}, not ${quoted(text)}`);
}

/** A text of MQTT may take 65,535 bytes; `%c` may stand for a long id. */
const TEXT_CHARS_MAX = 1024;

/**
 * Reads a text that clients are told.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is too long.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseText } from "./words.ts";
 *
 * assertEquals(parseText("a.example", "--server-reference"), "a.example");
 * assertThrows(() => parseText("a".repeat(2000), "--server-reference"));
 * ```
 */
export function parseText(text: string, label: string): string {
  if (text.length <= TEXT_CHARS_MAX) return text;
  throw new UsageError(
    `${label} must have at most ${TEXT_CHARS_MAX} characters, not ` +
      `${text.length}`,
  );
}

/**
 * Makes text from strangers fit for a terminal: no control characters, no
 * characters that turn the reading direction, no end of line of their own,
 * and no more of it than a line can bear.
 *
 * @module
 */

const UNSAFE = new RegExp(
  "[" +
    "\\0-\\x1f\\x7f-\\x9f" + // controls; 0x9b begins an escape code too
    "\\u061c\\u200b-\\u200f\\u202a-\\u202e" + // invisible, or turn the
    "\\u2060-\\u2069\\ufeff" + // reading direction
    "\\u2028\\u2029" + // ends of a line or paragraph
    "\\ud800-\\udfff" + // halves of a character, alone
    "]",
  "u",
);
const EACH_UNSAFE = new RegExp(UNSAFE.source, "gu");

/**
 * `text` with each unsafe character written as `\uXXXX`, which is also how
 * JSON may write it inside of a string.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeControls } from "./safe_text.ts";
 *
 * assertEquals(escapeControls("zoë\r\n"), "zoë\\u000d\\u000a");
 * ```
 */
export function escapeControls(text: string): string {
  return UNSAFE.test(text) ? text.replace(EACH_UNSAFE, escapeOne) : text;
}

function escapeOne(character: string): string {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}

/**
 * At most `charsMax` UTF-16 units of `text`, and how many are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutText } from "./safe_text.ts";
 *
 * assertEquals(cutText("abc", 3), "abc");
 * assertEquals(cutText("abcdef", 3), "abc… (3 more)");
 * ```
 */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const last = text.charCodeAt(charsMax - 1);
  // Not between the two halves of a character.
  const end = (last & 0xfc00) === 0xd800 ? charsMax - 1 : charsMax;
  return `${text.slice(0, end)}… (${text.length - end} more)`;
}

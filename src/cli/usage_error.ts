/**
 * The operator's mistake in a flag or a variable, and how a text of the
 * operator's is quoted in the sentence about it.
 *
 * @module
 */

import { cutText, escapeControls } from "./safe_text.ts";

const SHOWN_CHARS_MAX = 60;

/** A mistake in a flag or a variable: its message is the whole sentence. */
export class UsageError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "UsageError";
}

/**
 * `text` in quotes, cut, and harmless to a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quoted } from "./usage_error.ts";
 *
 * assertEquals(quoted("http"), '"http"');
 * assertEquals(quoted("a\u001b[2J"), '"a\\u001b[2J"');
 * ```
 */
export function quoted(text: string): string {
  return `"${shown(text)}"`;
}

/** The same without the quotes. */
export function shown(text: string): string {
  return escapeControls(cutText(text, SHOWN_CHARS_MAX));
}

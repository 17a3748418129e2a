/**
 * Names and passwords in the one form in which they are compared: SASLprep,
 * RFC 4013, in part.
 *
 * Done: spaces of other scripts become spaces, invisible characters are left
 * out, the rest is normalised (NFKC), and what is prohibited is refused:
 * controls, private use, halves of a character, marks that turn the reading
 * direction, and so on. Not done: the check that right-to-left text is not
 * mixed with other text (its section 2.3), and the ban on code points that
 * Unicode 3.2 did not know (2.5); NFKC is that of the runtime's Unicode.
 *
 * @module
 */

/** RFC 3454, table C.1.2. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;

/** RFC 3454, table B.1, without what is in the table above. */
const INVISIBLE = new RegExp(
  "\\u00ad|\\u034f|\\u1806|[\\u180b-\\u180d]|\\u200c|\\u200d|\\u2060|" +
    "[\\ufe00-\\ufe0f]|\\ufeff",
  "g",
);

/** RFC 3454, tables C.2 to C.9, as far as the two steps above leave them. */
const PROHIBITED = new RegExp(
  "[" +
    "\\p{Cc}\\u06dd\\u070f\\u180e\\u2028\\u2029\\u2061-\\u2063" + // C.2
    "\\u206a-\\u206f\\ufff9-\\ufffd\\u{1d173}-\\u{1d17a}" + // C.2, C.6, C.8
    "\\p{Co}\\p{Noncharacter_Code_Point}\\p{Cs}" + // C.3, C.4, C.5
    "\\u2ff0-\\u2ffb" + // C.7
    "\\u0340\\u0341\\u200e\\u200f\\u202a-\\u202e" + // C.8
    "\\u{e0001}\\u{e0020}-\\u{e007f}" + // C.9
    "]",
  "u",
);

/**
 * `text` prepared, or `undefined` when nothing is left of it or a character
 * is prohibited.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { saslprep } from "./saslprep.ts";
 *
 * assertEquals(saslprep("I\u00adX"), "IX");
 * assertEquals(saslprep("\u2168"), "IX"); // the Roman numeral
 * assertEquals(saslprep("ada\n"), undefined);
 * ```
 */
export function saslprep(text: string): string | undefined {
  const mapped = text.replace(SPACES, " ").replace(INVISIBLE, "");
  const prepared = mapped.normalize("NFKC");
  if (prepared === "" || PROHIBITED.test(prepared)) return undefined;
  return prepared;
}

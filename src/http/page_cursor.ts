/**
 * Where a page ends, as a text that the next page is asked for with. Nobody
 * but us reads it, and what is none is the asker's fault.
 *
 * @module
 */

import { ApiFault } from "./api_fault.ts";

/** Numbers and texts. */
export type Cursor = readonly (number | string)[];

/**
 * A cursor as a text that can stand in a URL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cursorOf, cursorText } from "./page_cursor.ts";
 *
 * assertEquals(cursorOf(cursorText([7, "ä"])), [7, "ä"]);
 * ```
 */
export function cursorText(cursor: Cursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify(cursor));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The cursor in a text.
 *
 * @throws {ApiFault} When there is none in it.
 */
export function cursorOf(text: string): Cursor {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const cursor: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isCursor = Array.isArray(cursor) &&
      cursor.every((one) => typeof one === "string" || Number.isFinite(one));
    if (isCursor) return cursor;
  } catch {
    // It is none.
  }
  throw new ApiFault(400, "bad_cursor", "after is no `next` of a page");
}

/** The numbers in a text; `undefined` for no text. */
export function numbersOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const cursor = cursorOf(text);
  if (cursor.every((one) => Number.isSafeInteger(one))) {
    return cursor as number[];
  }
  throw new ApiFault(400, "bad_cursor", "after is no `next` of this list");
}

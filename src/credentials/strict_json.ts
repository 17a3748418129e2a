/**
 * JSON that says one thing only: a key that stands twice in an object makes
 * it unreadable, for two readers may choose differently, and one of them may
 * be the one who has signed it. RFC 8259 section 4, RFC 7515 section 4.
 *
 * @module
 */

/** An object of JSON. Ask it with `Object.hasOwn`, or by {@linkcode member}. */
export type JsonObject = Readonly<Record<string, unknown>>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COLON = 0x3a;

/**
 * The value of a text; `undefined` when it is no JSON or has a key twice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readStrictJson } from "./strict_json.ts";
 *
 * assertEquals(readStrictJson('{ "a": [1] }'), { a: [1] });
 * assertEquals(readStrictJson('{ "a": 1, "\\u0061": 2 }'), undefined);
 * assertEquals(readStrictJson("{"), undefined);
 * ```
 */
export function readStrictJson(text: string | Uint8Array): unknown {
  try {
    const chars = typeof text === "string" ? text : utf8(text);
    const value: unknown = JSON.parse(chars);
    return hasKeyTwice(chars) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object, and neither a list nor `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A member of an object; `undefined` where it has none of its own, whatever
 * objects inherit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { member } from "./strict_json.ts";
 *
 * assertEquals(member({ a: 1 }, "a"), 1);
 * assertEquals(member({}, "constructor"), undefined);
 * ```
 */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A mark of the byte order would be one more text for the same bytes. */
function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(bytes);
}

/** `text` is JSON: what is left to find out is which texts are keys. */
function hasKeyTwice(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPENING_BRACE:
        open.push(new Set());
        break;
      case OPENING_BRACKET:
        open.push(undefined);
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        open.pop();
        break;
      case QUOTE: {
        const end = stringEnd(text, at);
        const keys = open.at(-1);
        if (keys !== undefined && isKey(text, end)) {
          const key = JSON.parse(text.slice(at, end)) as string;
          if (keys.has(key)) return true;
          keys.add(key);
        }
        at = end - 1;
      }
    }
  }
  return false;
}

/** The place behind the quote that ends what begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}

/** What follows a key is a colon, and nothing else that may follow a text. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? "")) at++;
  return text.charCodeAt(at) === COLON;
}

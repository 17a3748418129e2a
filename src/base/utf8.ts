/**
 * How long a text is as MQTT counts it, without making its bytes.
 *
 * @module
 */

/**
 * How many bytes `text` takes as UTF-8; half a surrogate pair takes 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { utf8Length } from "./utf8.ts";
 *
 * assertEquals(utf8Length("20 °C"), 6);
 * ```
 */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    // The second half of a pair: four bytes for both.
    if ((code & 0xfc00) === 0xdc00 && i > 0) {
      const isPair = (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
      if (isPair) bytes -= 2;
    }
  }
  return bytes;
}

/**
 * Base64, read strictly: of the texts that stand for some bytes one is taken.
 *
 * @module
 */

import type { Bytes } from "./hash.ts";

/**
 * The bytes that a text in base64 stands for, if it is the one text that
 * stands for them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesOf } from "./base64.ts";
 *
 * assertEquals(bytesOf("AQI="), Uint8Array.of(1, 2));
 * assertEquals(bytesOf("AQJ="), undefined);
 * ```
 */
export function bytesOf(base64: string): Bytes | undefined {
  try {
    const bytes = Uint8Array.fromBase64(base64);
    return bytes.toBase64() === base64 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The same for a text without the `=` at its end.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unpaddedBytesOf } from "./base64.ts";
 *
 * assertEquals(unpaddedBytesOf("AQI"), Uint8Array.of(1, 2));
 * assertEquals(unpaddedBytesOf("AQI="), undefined);
 * ```
 */
export function unpaddedBytesOf(base64: string): Bytes | undefined {
  if (base64.includes("=")) return undefined;
  const lengthPadded = Math.ceil(base64.length / 4) * 4;
  return bytesOf(base64.padEnd(lengthPadded, "="));
}

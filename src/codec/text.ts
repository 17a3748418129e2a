/**
 * UTF-8 encoded strings and two byte integers: MQTT 3.1.1 section 1.5
 * (5.0: 1.5.2 to 1.5.6).
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";

/** `fatal`: [MQTT-1.5.3-1]. `ignoreBOM` keeps U+FEFF: [MQTT-1.5.3-3]. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ASCII_LENGTH_MAX = 64;

/**
 * The unsigned 16 bit integer at `at`.
 *
 * @throws {ProtocolError} When it does not lie before `end`.
 */
export function readUint16(
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  if (at + 2 > end) throw tooShort();
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Writes an unsigned 16 bit integer; returns the new end. */
export function writeUint16(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  out[at] = value >> 8;
  out[at + 1] = value;
  return at + 2;
}

/**
 * The end of the length-prefixed field that begins at `at`.
 *
 * @throws {ProtocolError} When the field does not end before `end`.
 */
export function fieldEnd(bytes: Uint8Array, at: number, end: number): number {
  const fieldAt = at + 2 + readUint16(bytes, at, end);
  if (fieldAt > end) throw tooShort();
  return fieldAt;
}

/**
 * The text in `bytes[at, end)`.
 *
 * @throws {ProtocolError} When it is not UTF-8 (surrogates included)
 * [MQTT-1.5.3-1] or holds U+0000 [MQTT-1.5.3-2].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeText } from "./text.ts";
 *
 * assertEquals(decodeText(Uint8Array.of(0xc3, 0xa4, 0x62), 0, 3), "äb");
 * ```
 */
export function decodeText(
  bytes: Uint8Array,
  at: number,
  end: number,
): string {
  if (end - at <= ASCII_LENGTH_MAX) {
    let text = "";
    let i = at;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x80 || byte === 0) break;
      text += String.fromCharCode(byte);
    }
    if (i === end) return text;
  }
  let text: string;
  try {
    text = decoder.decode(bytes.subarray(at, end));
  } catch {
    throw new ProtocolError(MALFORMED_PACKET, "a string that is not UTF-8");
  }
  if (text.includes("\0")) {
    throw new ProtocolError(MALFORMED_PACKET, "a string that holds U+0000");
  }
  return text;
}

/** `text` as UTF-8. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes a length-prefixed field; returns the new end. */
export function writeField(
  out: Uint8Array,
  at: number,
  field: Uint8Array,
): number {
  out.set(field, writeUint16(out, at, field.length));
  return at + 2 + field.length;
}

/** The error for a packet that ends inside of a field. */
export function tooShort(): ProtocolError {
  return new ProtocolError(MALFORMED_PACKET, "a packet that ends too early");
}

/**
 * UTF-8 encoded strings and integers of two and four bytes: MQTT 3.1.1
 * section 1.5 (5.0: 1.5.2 to 1.5.6).
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

/** The unsigned 32 bit integer at `at`, which is known to be whole. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) |
    (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Writes an unsigned 32 bit integer; returns the new end. */
export function writeUint32(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  return writeUint16(out, writeUint16(out, at, value >>> 16), value);
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

/**
 * Whether `bytes[at, end)` is text that MQTT allows: what
 * {@linkcode decodeText} takes, found out without making anything.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isText } from "./text.ts";
 *
 * assertEquals(isText(Uint8Array.of(0xc3, 0xa4, 0x62), 0, 3), true);
 * assertEquals(isText(Uint8Array.of(0xc3, 0xa4, 0x62), 1, 3), false);
 * ```
 */
export function isText(bytes: Uint8Array, at: number, end: number): boolean {
  // A byte of ASCII and the one below it are both without their highest
  // bit, but for U+0000.
  let bits = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    bits |= byte | (byte - 1);
  }
  if (bits >= 0 && bits < 0x80) return true;
  while (at < end) {
    const lead = bytes[at]!;
    if (lead === 0) return false;
    at = lead < 0x80 ? at + 1 : sequenceEnd(bytes, at, end);
  }
  return at === end;
}

/**
 * The end of the character beyond ASCII at `at`: the Unicode standard,
 * table 3-7. Beyond all ends where it is none.
 */
function sequenceEnd(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length === 0 || lead > 0xf4 || at + length > end) return Infinity;
  const second = bytes[at + 1]!;
  // Nothing longer than need be, no surrogates, nothing above U+10FFFF.
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return Infinity;
  for (let i = at + 2; i < at + length; i++) {
    if ((bytes[i]! & 0xc0) !== 0x80) return Infinity;
  }
  return at + length;
}

/** Writes `text` behind its length; returns the new end. */
export function writeText(out: Uint8Array, at: number, text: string): number {
  const { written } = encoder.encodeInto(text, out.subarray(at + 2));
  writeUint16(out, at, written);
  return at + 2 + written;
}

/** Whether `bytes[at, end)` is UTF-8; U+0000 may be in it. */
export function isUtf8(bytes: Uint8Array, at: number, end: number): boolean {
  if (isText(bytes, at, end)) return true;
  try {
    decoder.decode(bytes.subarray(at, end));
    return true;
  } catch {
    return false;
  }
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

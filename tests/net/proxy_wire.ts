/**
 * Makes PROXY headers for tests, right ones and wrong ones: text as its
 * bytes, fields behind types and lengths, a checksum worked out bit by bit.
 * It shares no code with `src/net`.
 */

import { join, u16 } from "../support/wire.ts";

export const V2_SIGNATURE = ascii("\r\n\r\n\0\r\nQUIT\n");

export const INET_TCP = 0x11;
export const INET6_TCP = 0x21;
export const UNIX_STREAM = 0x31;

/** From 192.0.2.7:4660 to 198.51.100.1:1883. */
export const INET_ADDRESSES = Uint8Array.of(
  ...[192, 0, 2, 7, 198, 51, 100, 1],
  ...[0x12, 0x34, 0x07, 0x5b],
);

/** The characters' codes, each one byte. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A header of version 2: command PROXY unless said otherwise. */
export function v2(
  family: number,
  body: Uint8Array,
  versionAndCommand = 0x21,
): Uint8Array {
  return join(
    V2_SIGNATURE,
    versionAndCommand,
    family,
    u16(body.length),
    body,
  );
}

/** A field: its type, its length and its value. */
export function tlv(type: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? ascii(value) : value;
  return join(type, u16(bytes.length), bytes);
}

/** The field on TLS, with its own fields. */
export function tls(
  client: number,
  verify: number,
  ...fields: Uint8Array[]
): Uint8Array {
  return tlv(0x20, join(client, [0, 0, 0, verify], ...fields));
}

/** Fills in a checksum, so far zeros, so many bytes from the end. */
export function withChecksum(header: Uint8Array, fromEnd = 4): Uint8Array {
  const bytes = header.slice();
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isSet = ((crc ^ byte >> bit) & 1) === 1;
      crc = crc >>> 1;
      if (isSet) crc = (crc ^ 0x82f6_3b78) >>> 0;
    }
  }
  new DataView(bytes.buffer).setUint32(bytes.length - fromEnd, ~crc >>> 0);
  return bytes;
}

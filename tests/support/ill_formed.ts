/**
 * What is no UTF-8, for all who have to refuse it. It names no runtime.
 */

/** Bytes that are not UTF-8, and what is wrong with them. */
export const ILL_FORMED: readonly [what: string, bytes: Uint8Array][] = [
  ["a lone continuation byte", Uint8Array.of(0x61, 0x80)],
  ["a sequence cut short", Uint8Array.of(0x61, 0xe2, 0x82)],
  ["a sequence broken off", Uint8Array.of(0xc3, 0x61)],
  ["a slash in two bytes", Uint8Array.of(0xc0, 0xaf)],
  ["U+0000 in two bytes", Uint8Array.of(0xc0, 0x80)],
  ["a slash in three bytes", Uint8Array.of(0xe0, 0x80, 0xaf)],
  ["the first surrogate", Uint8Array.of(0xed, 0xa0, 0x80)],
  ["the last surrogate", Uint8Array.of(0xed, 0xbf, 0xbf)],
  ["a surrogate pair", Uint8Array.of(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
  ["beyond U+10FFFF", Uint8Array.of(0xf4, 0x90, 0x80, 0x80)],
  ["four bytes for U+FFFF", Uint8Array.of(0xf0, 0x8f, 0xbf, 0xbf)],
  ["a byte that never occurs", Uint8Array.of(0x61, 0xff)],
];

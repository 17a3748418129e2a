/**
 * What is asked of every reader and encoder, for a table of fixtures: bytes
 * to packet and back, and the packet cut at every point, which is malformed
 * and nothing else.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Framer } from "../../src/codec/framer.ts";
import { FIRST_BYTE_VALID_5 } from "../../src/codec/packet_type.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { bytesOf, type Fixture } from "./fixtures.ts";

/** Reads the body of a packet. */
export type Read<T> = (bytes: Uint8Array, at: number, end: number) => T;

/** Reads as on a connection of level 4. */
export function at4<T>(
  read: (bytes: Uint8Array, at: number, end: number, level: number) => T,
): Read<T> {
  return (bytes, at, end) => read(bytes, at, end, 4);
}

/** Reads where the bytes are not alone, and cut short at every point. */
export function checkRead<T>(
  name: string,
  fixtures: readonly Fixture<T>[],
  read: Read<T>,
  mayEndEarly: (bytes: Uint8Array, end: number) => boolean = () => false,
): void {
  for (const [what, hex, meaning] of fixtures) {
    Deno.test(`${name} is read: ${what}`, () => {
      const bytes = bytesOf(hex);
      assertEquals(read(bytes, 2, bytes.length), meaning);
      const among = new Uint8Array(bytes.length + 40).fill(0xff);
      among.set(bytes, 17);
      assertEquals(read(among, 19, 17 + bytes.length), meaning);
    });
    Deno.test(`${name} cut at any point is malformed: ${what}`, () => {
      const bytes = bytesOf(hex);
      for (let end = 2; end < bytes.length; end++) {
        if (mayEndEarly(bytes, end)) continue;
        const cut = () => read(bytes, 2, end);
        assertThrows(cut, ProtocolError, undefined, `cut at ${end}`);
      }
    });
  }
}

/** Encodes each, and compares it with its bytes. */
export function checkWrite<T>(
  name: string,
  fixtures: readonly Fixture<T>[],
  write: (meaning: T) => Uint8Array,
): void {
  for (const [what, hex, meaning] of fixtures) {
    Deno.test(`${name} is written: ${what}`, () => {
      assertEquals(write(meaning), bytesOf(hex));
    });
  }
}

/** The frames that come out of `pieces`, each with where its body begins. */
export function framesOf(
  pieces: readonly Uint8Array[],
): { frame: Uint8Array; body: number }[] {
  const framer = new Framer(1 << 20);
  framer.firstBytes = FIRST_BYTE_VALID_5;
  const frames: { frame: Uint8Array; body: number }[] = [];
  for (const piece of pieces) {
    framer.feed(piece, piece.length);
    while (framer.next()) {
      const { bytes, start, body, end } = framer;
      frames.push({ frame: bytes.slice(start, end), body: body - start });
    }
  }
  return frames;
}

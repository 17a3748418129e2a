/**
 * Lines of bytes from what is read piece by piece.
 *
 * @module
 */

import { joined } from "./byte_pieces.ts";

/** Reads into `bytes`; 0 at the end. */
export type ReadBytes = (bytes: Uint8Array) => Promise<number>;

const READ_BYTES = 64 << 10;
const LINE_FEED = 0x0a;

/**
 * The lines, without their ends.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chunksOf, linesOf } from "./byte_lines.ts";
 *
 * const pieces = ["one\ntw", "o"].map((text) =>
 *   new TextEncoder().encode(text)
 * );
 * const lines: string[] = [];
 * const read = (bytes: Uint8Array) => {
 *   const piece = pieces.shift() ?? new Uint8Array(0);
 *   bytes.set(piece);
 *   return Promise.resolve(piece.length);
 * };
 * for await (const line of linesOf(read)) {
 *   lines.push(new TextDecoder().decode(line));
 * }
 * assertEquals(lines, ["one", "two"]);
 * ```
 */
export async function* linesOf(read: ReadBytes): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for await (const chunk of chunksOf(read)) {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, at);
      if (end < 0) break;
      yield joined([...pieces, chunk.subarray(at, end)]);
      pieces = [];
      at = end + 1;
    }
    if (at < chunk.length) pieces.push(chunk.slice(at));
  }
  if (pieces.length > 0) yield joined(pieces);
}

/** What is read, as it comes; each is good until the next. */
export async function* chunksOf(read: ReadBytes): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await read(buffer);
    if (length === 0) return;
    yield buffer.subarray(0, length);
  }
}

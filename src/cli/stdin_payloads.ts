/**
 * What `broker pub` and `rr` publish: the payloads of their flags, from the
 * command line, a file or stdin.
 *
 * @module
 */

import { joined } from "./byte_pieces.ts";
import { fileOf } from "./client_plan.ts";
import type { ClientSettings } from "./client_settings.ts";
import type { HostProcess } from "./host_process.ts";

type Stdin = Pick<HostProcess, "readStdin">;

const READ_BYTES = 64 << 10;
const LINE_FEED = 0x0a;
const EMPTY = new Uint8Array(0);

/**
 * The payloads, one after the other; those of lines as they come.
 *
 * @throws {UsageError} When a file can't be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { payloadsOf } from "./stdin_payloads.ts";
 *
 * const encoder = new TextEncoder();
 * const pieces = ["one\ntw", "o"].map((text) => encoder.encode(text));
 * const readStdin = (bytes: Uint8Array) => {
 *   const piece = pieces.shift() ?? new Uint8Array(0);
 *   bytes.set(piece);
 *   return Promise.resolve(piece.length);
 * };
 * const lines: string[] = [];
 * for await (const line of payloadsOf({ kind: "lines" }, { readStdin })) {
 *   lines.push(new TextDecoder().decode(line));
 * }
 * assertEquals(lines, ["one", "two"]);
 * ```
 */
export async function* payloadsOf(
  source: NonNullable<ClientSettings["payload"]>,
  stdin: Stdin,
): AsyncGenerator<Uint8Array> {
  switch (source.kind) {
    case "text":
      yield new TextEncoder().encode(source.text);
      break;
    case "file":
      yield await fileOf(source.path, "--file");
      break;
    case "none":
      yield EMPTY;
      break;
    case "stdin":
      yield await allOf(stdin);
      break;
    case "lines":
      yield* linesOf(stdin);
  }
}

async function allOf(stdin: Stdin): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunksOf(stdin)) pieces.push(chunk.slice());
  return joined(pieces);
}

async function* linesOf(stdin: Stdin): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for await (const chunk of chunksOf(stdin)) {
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

async function* chunksOf({ readStdin }: Stdin): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await readStdin(buffer);
    if (length === 0) return;
    yield buffer.subarray(0, length);
  }
}

/**
 * What `broker pub` and `rr` publish: the payloads of their flags, from the
 * command line, a file or stdin.
 *
 * @module
 */

import { chunksOf, linesOf } from "./byte_lines.ts";
import { joined } from "./byte_pieces.ts";
import { fileOf } from "./client_plan.ts";
import type { ClientSettings } from "./client_settings.ts";
import type { HostProcess } from "./host_process.ts";

type Stdin = Pick<HostProcess, "readStdin">;

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
      yield* linesOf(stdin.readStdin);
  }
}

async function allOf(stdin: Stdin): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunksOf(stdin.readStdin)) {
    pieces.push(chunk.slice());
  }
  return joined(pieces);
}

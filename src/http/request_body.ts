/**
 * Reads the body of a request, up to a limit.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

/** The body; `undefined` when it is longer than it may be, or was cut. */
export function readBody(
  incoming: IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const announced = Number(incoming.headers["content-length"] ?? 0);
  if (announced > bytesMax) return Promise.resolve(undefined);
  const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const pieces: Uint8Array[] = [];
  let length = 0;
  incoming.on("data", (piece: Uint8Array) => {
    length += piece.length;
    if (length > bytesMax) {
      incoming.pause();
      resolve(undefined);
    } else pieces.push(piece);
  });
  incoming.on("end", () => resolve(joined(pieces, length)));
  incoming.on("error", () => resolve(undefined));
  incoming.on("close", () => resolve(undefined));
  return promise;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

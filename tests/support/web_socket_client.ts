/**
 * A client of WebSocket over a socket that is there: it asks, and takes
 * frames apart. The frames it sends are made by `web_socket.ts`.
 */

import { assertMatch } from "@std/assert";
import type { RawClient } from "./raw_client.ts";
import {
  type ServerFrame,
  serverFrames,
  upgradeRequest,
} from "./web_socket.ts";
import { join } from "./wire.ts";

/** Sends a request as it is given; the head of the answer. */
export async function askForWebSocket(
  client: RawClient,
  ...request: Parameters<typeof upgradeRequest>
): Promise<string> {
  await client.send(upgradeRequest(...request));
  return await headOf(client);
}

/** Asks and sees it granted. */
export async function openWebSocket(client: RawClient): Promise<void> {
  assertMatch(await askForWebSocket(client), /^HTTP\/1\.1 101 /);
}

/** The next frame, of any length. */
export async function nextFrame(client: RawClient): Promise<ServerFrame> {
  const start = await client.bytes(2);
  const short = start[1]! & 127;
  const size = short < 126 ? 0 : short === 126 ? 2 : 8;
  const more = await client.bytes(size);
  const length = size === 0
    ? short
    : more.reduce((sum, byte) => sum * 256 + byte, 0);
  const payload = await client.bytes(length);
  return serverFrames(join(start, more, payload))[0]!;
}

async function headOf(client: RawClient): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    head += String.fromCharCode((await client.bytes(1))[0]!);
  }
  return head;
}

/**
 * The request by which a WebSocket begins at the API, and its answer: RFC
 * 6455 section 4.2.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type HttpAnswer, textAnswer } from "./routes.ts";
import { WebSocketPeer } from "./web_socket_peer.ts";

/** RFC 6455 section 1.3. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

const REFUSAL = textAnswer(426, "a WebSocket of version 13 is needed");

/** Begins a WebSocket; refuses what does not ask for one rightly. */
export function acceptWebSocket(
  { headers, method }: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): WebSocketPeer | undefined {
  const key = headers["sec-websocket-key"] ?? "";
  const isGood = method === "GET" && KEY.test(key) &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13";
  if (!isGood) {
    refuseUpgrade(socket, REFUSAL);
    return undefined;
  }
  const accept = createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return new WebSocketPeer(socket, head);
}

/** Answers in place of a WebSocket, and hangs up. */
export function refuseUpgrade(
  socket: Duplex,
  { body, headers = {}, status }: HttpAnswer,
): void {
  const bytes = new TextEncoder().encode(
    typeof body === "string" ? body : undefined,
  );
  const lines = Object.entries(headers).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  socket.write(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${lines.join("")}` +
      `Content-Length: ${bytes.length}\r\n\r\n`,
  );
  socket.end(bytes);
}

/**
 * A client's side of WebSocket (RFC 6455) over a wire: it asks for `mqtt`,
 * and puts what it sends into masked frames. The runtimes have a WebSocket
 * of their own, but no common way to tell it whose certificates to trust or
 * to go through a Unix socket. The broker's side is `net/web_socket_link.ts`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DialError } from "./dial_address.ts";
import {
  BINARY,
  CLOSE,
  CLOSE_NORMAL,
  CONTINUATION,
  CONTROL_BYTES_MAX,
  PING,
  PONG,
} from "./web_socket_frames.ts";
import { unmask } from "./web_socket_mask.ts";
import type { Wire, WireEvents } from "./wire.ts";

/** What is asked for. */
export interface WebSocketRequest {
  /** The host as a URL has it. */
  readonly host: string;
  /** The path. */
  readonly path: string;
}

const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const HEAD_BYTES_MAX = 16 << 10;
/** What is shown of an answer that is none. */
const STATUS_CHARS_MAX = 60;
const MASK_BIT = 0x80;
const FIN_BIT = 0x80;
const MASK_BYTES = 4;
/** Nobody means well by a frame that is larger than any packet. */
const FRAME_BYTES_MAX = 2 ** 30;
const EMPTY = new Uint8Array(0);

/**
 * Opens a WebSocket.
 *
 * @param open Opens what carries it.
 * @param timeoutMs How long the answer may take.
 * @throws {DialError} When the other side does not want it.
 */
export async function openWebSocket(
  request: WebSocketRequest,
  events: WireEvents,
  open: (events: WireEvents) => Promise<Wire>,
  timeoutMs: number,
): Promise<Wire> {
  const client = new WebSocketClient(events);
  const wire = await open(client);
  const timer = setTimeout(() => client.giveUp(), timeoutMs);
  try {
    await client.begin(wire, request);
    return client;
  } catch (error) {
    wire.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class WebSocketClient implements Wire, WireEvents {
  readonly #events: WireEvents;
  readonly #opened = Promise.withResolvers<void>();
  #wire: Wire | undefined;
  #accept = "";
  #isOpen = false;
  #isEnding = false;
  /** What has come and is not whole yet: the head, later a frame's head. */
  #kept: Uint8Array = EMPTY;
  /** What of a data frame is still to come, bytes. */
  #leftBytes = 0;

  constructor(events: WireEvents) {
    this.#events = events;
  }

  begin(wire: Wire, { host, path }: WebSocketRequest): Promise<void> {
    this.#wire = wire;
    const key = base64(crypto.getRandomValues(new Uint8Array(16)));
    this.#accept = createHash("sha1").update(key + KEY_SUFFIX)
      .digest("base64");
    wire.write(
      new TextEncoder().encode(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\n` +
          "Sec-WebSocket-Version: 13\r\n" +
          "Sec-WebSocket-Protocol: mqtt\r\n\r\n", // [MQTT-6.0.0-3]
      ),
    );
    return this.#opened.promise;
  }

  giveUp(): void {
    this.#opened.reject(new DialError("there is no answer"));
  }

  write(bytes: Uint8Array): boolean {
    return this.#send(BINARY, bytes); // [MQTT-6.0.0-1]
  }

  drained(): Promise<void> {
    return this.#wire!.drained();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#send(CLOSE, Uint8Array.of(CLOSE_NORMAL >> 8, CLOSE_NORMAL & 255));
    this.#wire!.end();
  }

  destroy(): void {
    this.#wire!.destroy();
  }

  received(chunk: Uint8Array): void {
    try {
      this.#take(chunk);
    } catch (error) {
      const { message } = error as Error;
      if (this.#isOpen) {
        this.#isOpen = false;
        this.#wire!.destroy();
        this.#events.closed(message);
      } else this.#opened.reject(error);
    }
  }

  closed(reason: string): void {
    this.#opened.reject(new DialError(reason || "it closed the connection"));
    if (this.#isOpen) this.#events.closed(reason);
    this.#isOpen = false;
  }

  #take(chunk: Uint8Array): void {
    let bytes = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    this.#kept = EMPTY;
    if (!this.#isOpen) {
      const end = headEnd(bytes);
      if (end === 0) {
        if (bytes.length > HEAD_BYTES_MAX) throw new DialError("no answer");
        this.#kept = bytes.slice();
        return;
      }
      this.#checkHead(new TextDecoder().decode(bytes.subarray(0, end)));
      this.#isOpen = true;
      this.#opened.resolve();
      bytes = bytes.subarray(end);
    }
    while (bytes.length > 0 && this.#isOpen) {
      const taken = this.#takeFrame(bytes);
      if (taken === 0) break;
      bytes = bytes.subarray(taken);
    }
    if (this.#isOpen) this.#kept = bytes.slice();
  }

  #checkHead(head: string): void {
    const [status = ""] = head.split("\r\n");
    if (!/^HTTP\/1\.1 101\b/.test(status)) {
      throw new DialError(
        `it does not speak WebSocket there: ` +
          JSON.stringify(status.slice(0, STATUS_CHARS_MAX)),
      );
    }
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, "im").exec(head)?.[1];
    if (field("sec-websocket-accept") !== this.#accept) {
      throw new DialError("its answer is for another WebSocket");
    }
    if (field("sec-websocket-protocol") !== "mqtt") {
      throw new DialError("it does not speak MQTT in its WebSocket");
    }
  }

  /** What it could take of `bytes`; 0 when that is not enough. */
  #takeFrame(bytes: Uint8Array): number {
    if (this.#leftBytes > 0) return this.#takePayload(bytes, 0);
    if (bytes.length < 2) return 0;
    const opcode = bytes[0]! & 0x0f;
    const short = bytes[1]! & 0x7f;
    const sizeBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const headBytes = 2 + sizeBytes;
    if (bytes.length < headBytes) return 0;
    let length = sizeBytes === 0 ? short : 0;
    for (let at = 2; at < headBytes; at++) length = length * 256 + bytes[at]!;
    if ((bytes[0]! & 0x70) !== 0 || (bytes[1]! & MASK_BIT) !== 0) {
      throw new Error("a WebSocket frame that no server sends");
    }
    if (length > FRAME_BYTES_MAX) {
      throw new Error("a WebSocket frame too large");
    }
    if (opcode === BINARY || opcode === CONTINUATION) {
      this.#leftBytes = length;
      return this.#takePayload(bytes, headBytes);
    }
    if (opcode < CLOSE || length > CONTROL_BYTES_MAX) {
      throw new Error("a WebSocket frame that is not binary");
    }
    const end = headBytes + length;
    if (bytes.length < end) return 0;
    this.#takeControl(opcode, bytes.slice(headBytes, end));
    return end;
  }

  #takePayload(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#leftBytes);
    this.#leftBytes -= end - at;
    if (end > at) this.#events.received(bytes.subarray(at, end));
    return end;
  }

  #takeControl(opcode: number, payload: Uint8Array): void {
    if (opcode === PING) this.#send(PONG, payload);
    else if (opcode === CLOSE) this.end();
  }

  #send(opcode: number, payload: Uint8Array): boolean {
    const { length } = payload;
    const sizeBytes = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
    const maskAt = 2 + sizeBytes;
    const at = maskAt + MASK_BYTES;
    const frame = new Uint8Array(at + length);
    frame[0] = FIN_BIT | opcode;
    frame[1] = MASK_BIT |
      (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
    let rest = length;
    for (let i = maskAt - 1; i >= 2; i--) {
      frame[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    crypto.getRandomValues(frame.subarray(maskAt, at));
    frame.set(payload, at);
    const mask = new DataView(frame.buffer).getInt32(maskAt, true);
    // What takes a mask off puts it on.
    unmask(frame, null, at, frame.length, at, mask);
    return this.#wire!.write(frame);
  }
}

/** Where the bytes behind the head begin; 0 when it is not whole. */
function headEnd(bytes: Uint8Array): number {
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const isEnd = bytes[at] === 13 && bytes[at + 1] === 10 &&
      bytes[at + 2] === 13 && bytes[at + 3] === 10;
    if (isEnd) return at + 4;
  }
  return 0;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

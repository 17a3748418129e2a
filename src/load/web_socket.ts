/**
 * The client's side of WebSocket (RFC 6455) in the little that a load
 * generator needs of it: the opening, binary frames out, and their payload
 * taken out of what comes in, in place. Like `wire.ts` it trusts the broker
 * under test.
 *
 * The masking key is four times the same byte, one that the process draws.
 * So bytes have the same mask wherever they stand in a frame, and a tape can
 * be masked once for all frames that slices of it will become. The broker
 * has its full work: it can't know. What one write hands over is one frame,
 * as with clients that write to their socket in batches.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { ByteStream } from "../net/byte_stream.ts";

const BINARY = 2;
const CLOSE = 8;
const FINAL = 0x80;
const MASKED = 0x80;
const KEY_BYTES = 4;
const HEAD_BYTES_MAX = 14;
const ANSWER_BYTES_MAX = 4_096;

/** Never 0, which would leave bytes as they are. */
const MASK = 1 + Math.floor(Math.random() * 255);

const utf8 = new TextEncoder();

/** What the opening asks for. */
export interface WebSocketRequest {
  /** The host, and the port, as a URL has them. */
  readonly host: string;
  /** The path. */
  readonly path: string;
}

/** A stream through a WebSocket. */
export class WebSocketStream implements ByteStream {
  /** What bytes for {@linkcode writeMasked} must have been XORed with. */
  readonly mask: number = MASK;
  #carrier: ByteStream;
  /** The frame that is written: room for a head, and the payload. */
  #out = new Uint8Array(HEAD_BYTES_MAX);
  #unframer = new Unframer();

  private constructor(carrier: ByteStream) {
    this.#carrier = carrier;
  }

  /** Asks for `mqtt` over WebSocket and waits for the yes. */
  static async open(
    carrier: ByteStream,
    request: WebSocketRequest,
  ): Promise<WebSocketStream> {
    await carrier.write(utf8.encode(opening(request)));
    const bytes = new Uint8Array(ANSWER_BYTES_MAX);
    let text = "";
    for (let filled = 0; !text.endsWith("\r\n\r\n");) {
      const count = await carrier.read(bytes.subarray(filled));
      if (count === null || count === 0) break;
      filled += count;
      text = new TextDecoder().decode(bytes.subarray(0, filled));
    }
    if (!/^HTTP\/1\.1 101 /.test(text)) {
      const line = text.split("\r\n")[0];
      throw new Error(`the broker opens no WebSocket: ${line}`);
    }
    return new WebSocketStream(carrier);
  }

  /** See `ByteStream`. */
  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = await this.#carrier.read(into);
      if (count === null) return null;
      const payload = this.#unframer.take(into, count);
      if (payload !== 0) return payload;
    }
  }

  /** See `ByteStream`. */
  async write(bytes: Uint8Array): Promise<void> {
    const head = this.#prepare(bytes.length);
    const out = this.#out;
    for (let at = 0; at < bytes.length; at++) {
      out[head + at] = bytes[at]! ^ MASK;
    }
    await this.#carrier.write(out.subarray(0, head + bytes.length));
  }

  /** Writes all of them, which are masked already. */
  async writeMasked(bytes: Uint8Array): Promise<void> {
    const head = this.#prepare(bytes.length);
    this.#out.set(bytes, head);
    await this.#carrier.write(this.#out.subarray(0, head + bytes.length));
  }

  /** See `ByteStream`. */
  close(): void {
    this.#carrier.close();
  }

  /** Writes the head of a frame and says where its payload begins. */
  #prepare(payloadBytes: number): number {
    if (this.#out.length < HEAD_BYTES_MAX + payloadBytes) {
      this.#out = new Uint8Array(HEAD_BYTES_MAX + payloadBytes);
    }
    return writeHead(this.#out, payloadBytes);
  }
}

function writeHead(out: Uint8Array, payloadBytes: number): number {
  const view = new DataView(out.buffer);
  out[0] = FINAL | BINARY;
  let at = 2;
  if (payloadBytes < 126) {
    out[1] = MASKED | payloadBytes;
  } else if (payloadBytes < 65_536) {
    out[1] = MASKED | 126;
    view.setUint16(2, payloadBytes);
    at = 4;
  } else {
    out[1] = MASKED | 127;
    view.setBigUint64(2, BigInt(payloadBytes));
    at = 10;
  }
  out.fill(MASK, at, at + KEY_BYTES);
  return at + KEY_BYTES;
}

/** Moves the payload of frames together, over the heads between them. */
export class Unframer {
  /** Payload bytes of the frame under way that have not come yet. */
  #left = 0;
  /** The head under way, which a read may have cut anywhere. */
  #head = new Uint8Array(HEAD_BYTES_MAX);
  #headFilled = 0;

  /**
   * How many bytes of payload are at the start of `bytes` now, of which
   * `count` have been read; `null` when the broker closes.
   */
  take(bytes: Uint8Array, count: number): number | null {
    let to = 0;
    for (let at = 0; at < count;) {
      if (this.#left > 0) {
        const length = Math.min(this.#left, count - at);
        if (to !== at) bytes.copyWithin(to, at, at + length);
        to += length;
        at += length;
        this.#left -= length;
        continue;
      }
      this.#head[this.#headFilled++] = bytes[at++]!;
      if (this.#headFilled < headBytes(this.#head, this.#headFilled)) continue;
      const opcode = this.#head[0]! & 15;
      if (opcode === CLOSE) return null;
      if (opcode > BINARY) {
        throw new Error(`the broker sent a WebSocket frame of type ${opcode}`);
      }
      this.#left = payloadBytes(this.#head);
      this.#headFilled = 0;
    }
    return to;
  }
}

// A broker masks nothing, so a head is at most ten bytes.
function headBytes(head: Uint8Array, filled: number): number {
  if (filled < 2 || head[1]! < 126) return 2;
  return head[1] === 126 ? 4 : 10;
}

function payloadBytes(head: Uint8Array): number {
  const view = new DataView(head.buffer);
  if (head[1]! < 126) return head[1]!;
  return head[1] === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
}

function opening({ host, path }: WebSocketRequest): string {
  const key = randomBytes(16).toString("base64");
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: mqtt",
    "\r\n",
  ].join("\r\n");
}

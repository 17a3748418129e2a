/**
 * One end of a WebSocket by which small texts go: frames taken apart and put
 * together (RFC 6455 section 5). What a peer may send is little, and what it
 * does not take is not kept for it.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** What a peer may send in a message, bytes. */
const TEXT_BYTES_MAX = 16 << 10;
/** From here on a peer is behind: nothing more is to be sent. */
const WAITING_BYTES_MAX = 1 << 20;
/** How long it may take to answer a Close. */
const LINGER_MS = 1000;

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const FINAL = 0x80;
const MASKED = 0x80;

/** All is done. */
export const CLOSE_NORMAL = 1000;
/** A rule of the protocol is broken. */
export const CLOSE_PROTOCOL_ERROR = 1002;
/** What the peer does is not allowed here. */
export const CLOSE_POLICY_VIOLATION = 1008;
/** Too large. */
export const CLOSE_TOO_BIG = 1009;

/** A frame whole. */
interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly bytes: number;
}

/** A WebSocket that is open. */
export class WebSocketPeer {
  /** Called with each text. */
  onText: (text: string) => void = () => {};
  /** Called once, at its end. */
  onEnd: () => void = () => {};
  readonly #socket: Duplex;
  #kept = new Uint8Array(0);
  #isOpen = true;
  #hasEnded = false;

  /** @param head What has come already behind the request. */
  constructor(socket: Duplex, head: Uint8Array) {
    this.#socket = socket;
    socket.on("error", () => this.#end());
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#end());
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    // Whoever made it has to listen first.
    if (head.length > 0) queueMicrotask(() => this.#take(head));
  }

  /** Whether it takes what is sent now: it is open and not behind. */
  get isReady(): boolean {
    return this.#isOpen && this.#socket.writableLength < WAITING_BYTES_MAX;
  }

  /** Sends a text, which is lost when the peer is gone. */
  send(text: string): void {
    if (this.#isOpen) this.#write(TEXT, new TextEncoder().encode(text));
  }

  /** Says why, and hangs up. */
  close(code: number, reason = ""): void {
    if (!this.#isOpen) return;
    const text = new TextEncoder().encode(reason);
    this.#write(CLOSE, Uint8Array.of(code >> 8, code & 0xff, ...text));
    this.#isOpen = false;
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.on("close", () => clearTimeout(timer));
    this.#end();
  }

  #end(): void {
    this.#isOpen = false;
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.onEnd();
  }

  #take(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.#kept.length + chunk.length);
    bytes.set(this.#kept);
    bytes.set(chunk, this.#kept.length);
    let at = 0;
    while (this.#isOpen) {
      const frame = frameAt(bytes.subarray(at));
      if (frame === undefined) break;
      if (typeof frame === "number") return this.close(frame);
      at += frame.bytes;
      this.#handle(frame);
    }
    this.#kept = bytes.slice(at);
  }

  #handle({ opcode, payload }: Frame): void {
    if (opcode === TEXT) {
      const text = textOf(payload);
      if (text === undefined) this.close(CLOSE_PROTOCOL_ERROR);
      else this.onText(text);
    } else if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) this.close(CLOSE_NORMAL);
    else if (opcode !== PONG) this.close(CLOSE_POLICY_VIOLATION);
  }

  #write(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const head = length < 126
      ? [length]
      : length < 0x1_0000
      ? [126, length >> 8, length & 0xff]
      : [127, 0, 0, 0, 0, ...fourBytes(length)];
    const frame = new Uint8Array(1 + head.length + length);
    frame[0] = FINAL | opcode;
    frame.set(head, 1);
    frame.set(payload, 1 + head.length);
    this.#socket.write(frame);
  }
}

/** The first frame; a code to close with; `undefined` for more bytes. */
function frameAt(bytes: Uint8Array): Frame | number | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes as unknown as [number, number];
  // One frame a message: nobody means to send long ones.
  if ((first & 0xf0) !== FINAL) return CLOSE_POLICY_VIOLATION;
  if ((second & MASKED) === 0) return CLOSE_PROTOCOL_ERROR;
  const isLong = (second & 0x7f) === 126;
  if ((second & 0x7f) === 127) return CLOSE_TOO_BIG;
  const maskAt = isLong ? 4 : 2;
  if (bytes.length < maskAt + 4) return undefined;
  const length = isLong ? (bytes[2]! << 8) | bytes[3]! : second & 0x7f;
  if (length > TEXT_BYTES_MAX) return CLOSE_TOO_BIG;
  const opcode = first & 0x0f;
  if (opcode >= CLOSE && isLong) return CLOSE_PROTOCOL_ERROR;
  const end = maskAt + 4 + length;
  if (bytes.length < end) return undefined;
  const payload = bytes.slice(maskAt + 4, end);
  for (let at = 0; at < length; at++) {
    payload[at]! ^= bytes[maskAt + (at & 3)]!;
  }
  return { opcode, payload, bytes: end };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fourBytes(value: number): number[] {
  return [
    value >>> 24,
    (value >> 16) & 0xff,
    (value >> 8) & 0xff,
    value & 0xff,
  ];
}

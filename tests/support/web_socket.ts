/**
 * WebSocket on the wire, as a test sees it: what a client sends and a
 * decoder for what a server sends, by RFC 6455 section 5. It is an oracle,
 * so it shares no code with `src/net` and favours being plain.
 */

import type { Random } from "../fuzz/random.ts";
import { join } from "./wire.ts";

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** What a client's frame differs in from an ordinary one. */
export interface FrameShape {
  /** Whether it is its message's last; true unless told. */
  fin?: boolean;
  /** Bits 4 to 6 of the first byte. */
  reserved?: number;
  /** Null for a frame without; by default one of four different bytes. */
  mask?: readonly number[] | null;
  /** Length bytes behind the second byte, whether the length needs them. */
  lengthBytes?: 0 | 2 | 8;
  /** What the head says instead of the payload's length. */
  length?: number;
}

/** A frame as it was received. */
export interface ServerFrame {
  opcode: number;
  payload: Uint8Array;
}

/** A frame of a client. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array | readonly number[] = [],
  shape: FrameShape = {},
): Uint8Array {
  const { fin = true, reserved = 0, mask = [0x37, 0xfa, 0x21, 0x3d] } = shape;
  const length = shape.length ?? payload.length;
  const lengthBytes = shape.lengthBytes ??
    (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const short = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  return join(
    (fin ? 0x80 : 0) | (reserved << 4) | opcode,
    (mask === null ? 0 : 0x80) | short,
    bigEndian(length, lengthBytes),
    mask ?? [],
    mask === null ? payload : [...payload].map((b, i) => b ^ mask[i % 4]!),
  );
}

/** A Close frame of a client. */
export function clientClose(code: number, reason = ""): Uint8Array {
  const text = new TextEncoder().encode(reason);
  return clientFrame(CLOSE, [code >> 8, code & 0xff, ...text]);
}

/** `bytes` in binary frames and fragments as they are drawn. */
export function drawFrames(random: Random, bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let isOpen = false;
  for (let at = 0; at < bytes.length || isOpen;) {
    const most = random.pick([1, 3, 130, bytes.length]);
    const end = Math.min(bytes.length, at + random.below(most + 1));
    const fin = random.chance(60);
    frames.push(clientFrame(
      isOpen ? CONTINUATION : BINARY,
      bytes.subarray(at, end),
      { fin, mask: [...random.bytes(4)] },
    ));
    isOpen = !fin;
    at = end;
  }
  return frames;
}

/** The frames of a server; throws when there is anything else. */
export function serverFrames(bytes: Uint8Array): ServerFrame[] {
  const frames: ServerFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const first = view.getUint8(at);
    const short = view.getUint8(at + 1);
    if ((first & 0xf0) !== 0x80) throw new Error(`first byte ${first}`);
    if (short > 127) throw new Error("a server's frame is masked");
    at += 2;
    let length = short;
    if (short === 126) {
      length = view.getUint16(at);
      at += 2;
      if (length < 126) throw new Error("a length longer than need be");
    } else if (short === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
      if (length < 65_536) throw new Error("a length longer than need be");
    }
    if (at + length > bytes.length) throw new Error("a frame that is cut");
    const payload = bytes.slice(at, at + length);
    frames.push({ opcode: first & 0xf, payload });
    at += length;
  }
  return frames;
}

/** What the binary frames among them hold. */
export function payloadOf(frames: readonly ServerFrame[]): Uint8Array {
  const parts = frames.filter(({ opcode }) => opcode === BINARY);
  return join(...parts.map(({ payload }) => payload));
}

/** The code of a Close frame; 0 when it has none. */
export function closeCodeOf({ payload }: ServerFrame): number {
  return payload.length < 2 ? 0 : (payload[0]! << 8) | payload[1]!;
}

/** A request that is answered with 101; null takes a field away. */
export function upgradeRequest(
  fields: Readonly<Record<string, string | null>> = {},
  requestLine = "GET /mqtt HTTP/1.1",
): Uint8Array {
  const all: Record<string, string | null> = {
    "Host": "broker.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "mqtt",
    ...fields,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(
    `${requestLine}\r\n${lines.join("")}\r\n`,
  );
}

function bigEndian(value: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256,
  );
}

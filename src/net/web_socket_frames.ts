/**
 * WebSocket frames: RFC 6455 section 5. What a client sends is taken apart
 * as it comes, and what the broker sends gets its head here. What is in the
 * frames is of no interest: MQTT packets are split over frames and joined
 * in one at will [MQTT-6.0.0-2], so that payload is handed on as one stream
 * and never gathered into messages.
 *
 * ```text
 *   chunk   [head|payload|head|ping|head|payload|he
 *   decoded [payload payload]        ping: kept, ad: kept until the rest
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import { isUtf8 } from "../codec/text.ts";
import { rotateMask, unmask } from "./web_socket_mask.ts";

/** All is done. */
export const CLOSE_NORMAL = 1000;
/** The broker stops. */
export const CLOSE_GOING_AWAY = 1001;
/** A rule of the protocol is broken. */
export const CLOSE_PROTOCOL_ERROR = 1002;
/** Data of a kind that is not taken: text. */
const CLOSE_UNSUPPORTED_DATA = 1003;
/** Text that is not UTF-8. */
const CLOSE_INVALID_PAYLOAD = 1007;
/** What the peer does is not allowed here. */
export const CLOSE_POLICY_VIOLATION = 1008;
/** Too large. */
export const CLOSE_TOO_BIG = 1009;
/** The broker's own fault. */
export const CLOSE_INTERNAL_ERROR = 1011;

/** Part of a message that has begun. */
export const CONTINUATION = 0x0;
/** Text, which MQTT does not use. */
export const TEXT = 0x1;
/** Bytes. */
export const BINARY = 0x2;
/** The end. */
export const CLOSE = 0x8;
/** Is anybody there? */
export const PING = 0x9;
/** Somebody is. */
export const PONG = 0xa;

/** What a control frame may hold, bytes: section 5.5. */
export const CONTROL_BYTES_MAX = 125;
/** What the reason of a Close frame may take, bytes. */
const REASON_BYTES_MAX = CONTROL_BYTES_MAX - 2;
/** The longest head of a client's frame: its own, length, and mask. */
const HEAD_BYTES_MAX = 14;
/**
 * The payload of a frame, bytes. Nothing of it is kept, so that this is no
 * matter of memory, and a message of many frames needs no limit: nobody
 * means well by a frame that is larger than the largest packet four times.
 */
const FRAME_BYTES_MAX = 2 ** 30;
/** From here on a chunk is worth a view of its words. */
const VIEWED_BYTES_LEAST = 256;
/** Up to here the first run of a chunk is moved to the front of it. */
const MOVED_BYTES_MAX = 1024;

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** How the frames of a client came to an end. */
export interface Ending {
  /** The code of the Close frame that answers; 0 for one without. */
  readonly code: number;
  /** Whose fault it was, in words; empty when the client took its leave. */
  readonly fault: string;
}

/** What comes from one client. */
export class FrameDecoder {
  /** Where the payload of the last chunk begins in it. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** Set once no more is to come: a Close frame, or a fault. */
  ending: Ending | null = null;
  /** The payload of the newest ping, if {@linkcode pingBytes} says so. */
  ping: Uint8Array = EMPTY;
  /** The length of a ping that nobody has answered; -1 for none. */
  pingBytes = -1;

  #inFrame = false;
  #opcode = 0;
  /** Whether the last data frame was not its message's last. */
  #isFragmented = false;
  /** What of the frame's payload is still to come, bytes. */
  #leftBytes = 0;
  /** Its lowest byte belongs to the next byte of payload. */
  #mask = 0;
  /** A head that a chunk has cut. */
  #head: Uint8Array = EMPTY;
  #headBytes = 0;
  /** What there is of a control frame. */
  #control: Uint8Array = EMPTY;
  #controlBytes = 0;

  /**
   * Takes `chunk[0, length)` apart: `chunk[start, end)` is then what its data
   * frames held, unmasked and without a gap. What stands behind an
   * {@linkcode ending} is not looked at.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { FrameDecoder } from "./web_socket_frames.ts";
   *
   * const decoder = new FrameDecoder();
   * const chunk = Uint8Array.of(0x82, 0x82, 1, 2, 3, 4, 0xc1, 0x02);
   * decoder.decode(chunk, chunk.length);
   * const { start, end } = decoder;
   * assertEquals([...chunk.subarray(start, end)], [0xc0, 0x00]);
   * ```
   */
  decode(chunk: Uint8Array, length: number): void {
    this.start = this.end = 0;
    const view = length < VIEWED_BYTES_LEAST
      ? null
      : new DataView(chunk.buffer, chunk.byteOffset, length);
    for (let at = 0; at < length && this.ending === null;) {
      if (!this.#inFrame) {
        if (this.#headBytes === 0) {
          at = this.#takeWhole(chunk, view, at, length);
        }
        at = this.#takeHead(chunk, at, length);
        if (!this.#inFrame) continue;
      }
      const end = Math.min(length, at + this.#leftBytes);
      if (this.#opcode >= CLOSE) this.#takeControl(chunk, at, end);
      else if (end > at) {
        this.#takeData(chunk, view, at, end, this.#mask);
        this.#mask = rotateMask(this.#mask, end - at);
      }
      this.#leftBytes -= end - at;
      at = end;
      if (this.#leftBytes === 0) this.#endFrame();
    }
  }

  /**
   * Takes messages of one frame that is not cut, as most clients send them,
   * and returns where they end. All else, faults too, it leaves alone.
   */
  #takeWhole(
    chunk: Uint8Array,
    view: DataView | null,
    at: number,
    length: number,
  ): number {
    if (this.#isFragmented) return at;
    while (at + 6 <= length && chunk[at] === (0x80 | BINARY)) {
      const second = chunk[at + 1]!;
      if (second < 0x80 || second === 0xff) break;
      const isShort = second < 0xfe;
      const size = isShort
        ? second & 0x7f
        : (chunk[at + 2]! << 8) | chunk[at + 3]!;
      const start = isShort ? at + 6 : at + 8;
      const end = start + size;
      if (end > length || (!isShort && size < 126)) break;
      const mask = view === null
        ? readMask(chunk, start - 4)
        : view.getInt32(start - 4, true);
      this.#takeData(chunk, view, start, end, mask);
      at = end;
    }
    return at;
  }

  #takeData(
    chunk: Uint8Array,
    view: DataView | null,
    at: number,
    end: number,
    mask: number,
  ): void {
    if (this.end === 0 && end - at > MOVED_BYTES_MAX) {
      this.start = this.end = at;
    }
    unmask(chunk, view, at, end, this.end, mask);
    this.end += end - at;
  }

  #takeControl(chunk: Uint8Array, at: number, end: number): void {
    if (this.#control === EMPTY) {
      this.#control = new Uint8Array(CONTROL_BYTES_MAX);
    }
    let mask = this.#mask;
    for (let i = at; i < end; i++) {
      this.#control[this.#controlBytes++] = chunk[i]! ^ mask;
      mask = rotateMask(mask, 1);
    }
    this.#mask = mask;
  }

  /** Returns where the payload begins; all of the chunk when it is cut. */
  #takeHead(chunk: Uint8Array, at: number, length: number): number {
    if (this.#headBytes === 0) {
      const next = this.#readHead(chunk, at, length);
      if (next > 0) return next;
    }
    if (this.#head === EMPTY) this.#head = new Uint8Array(HEAD_BYTES_MAX);
    while (at < length && this.ending === null) {
      this.#head[this.#headBytes++] = chunk[at++]!;
      if (this.#readHead(this.#head, 0, this.#headBytes) > 0) {
        this.#headBytes = 0;
        return at;
      }
    }
    return length;
  }

  /** Returns where the head ends; 0 when it is not whole, or not allowed. */
  #readHead(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (!this.#checkHead(first, second)) return 0;
    const short = second & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const maskAt = at + 2 + lengthBytes;
    if (end < maskAt + 4) return 0;
    const length = readLength(bytes, at + 2, short);
    const isBeyond = short === 127 && bytes[at + 2]! >= 0x80;
    if (isBeyond) this.#fail("a length beyond 63 bits");
    else this.#checkLength(length, short);
    if (this.ending !== null) return 0;
    this.#mask = readMask(bytes, maskAt);
    this.#leftBytes = length;
    this.#opcode = first & 0xf;
    this.#inFrame = true;
    this.#controlBytes = 0;
    if (this.#opcode < CLOSE) this.#isFragmented = first < 0x80;
    return maskAt + 4;
  }

  #checkHead(first: number, second: number): boolean {
    const opcode = first & 0xf;
    if ((first & 0x70) !== 0) return this.#fail("reserved bits are set");
    if (second < 0x80) return this.#fail("a frame that is not masked");
    if (opcode > PONG || (opcode > BINARY && opcode < CLOSE)) {
      return this.#fail("a frame of an unknown kind");
    }
    if (opcode >= CLOSE) {
      if (first < 0x80) return this.#fail("a control frame in fragments");
      const isLong = (second & 0x7f) > CONTROL_BYTES_MAX;
      return !isLong || this.#fail("a control frame above 125 bytes");
    }
    if ((opcode === CONTINUATION) !== this.#isFragmented) {
      return this.#fail(
        this.#isFragmented
          ? "a message inside of another"
          : "a continuation of nothing",
      );
    }
    // [MQTT-6.0.0-1]: packets come in binary frames.
    if (opcode !== TEXT) return true;
    return this.#fail("a text frame", CLOSE_UNSUPPORTED_DATA);
  }

  #checkLength(length: number, short: number): void {
    const least = short < 126 ? 0 : short === 126 ? 126 : 0x10000;
    if (length < least) this.#fail("a length longer than need be");
    else if (length > FRAME_BYTES_MAX) {
      this.#fail("a frame above 1 GiB", CLOSE_TOO_BIG);
    }
  }

  #endFrame(): void {
    this.#inFrame = false;
    if (this.#opcode === PING) {
      // Section 5.5.3: it is enough to answer the newest.
      const answered = this.ping;
      this.ping = this.#control;
      this.pingBytes = this.#controlBytes;
      this.#control = answered;
    } else if (this.#opcode === CLOSE) this.#endFrames();
  }

  /** Section 5.5.1: a Close frame holds nothing, or a code and a text. */
  #endFrames(): void {
    const bytes = this.#control;
    const length = this.#controlBytes;
    const code = length < 2 ? 0 : (bytes[0]! << 8) | bytes[1]!;
    if (length === 1 || (length > 1 && !isCloseCode(code))) {
      this.#fail("a Close frame with a code that is not allowed");
    } else if (length > 2 && !isUtf8(bytes, 2, length)) {
      this.#fail("a reason that is not UTF-8", CLOSE_INVALID_PAYLOAD);
    } else this.ending = { code, fault: "" };
  }

  /** Ends it all; false, for whoever asked whether to go on. */
  #fail(fault: string, code = CLOSE_PROTOCOL_ERROR): false {
    this.ending = { code, fault };
    return false;
  }
}

/** How long the head of a frame of the broker is, bytes. */
export function frameHeadBytes(length: number): number {
  return length < 126 ? 2 : length < 0x10000 ? 4 : 10;
}

/**
 * Writes the head of a frame that is its message's only one; returns where
 * the payload goes. A server does not mask: section 5.1.
 */
export function writeFrameHead(
  out: Uint8Array,
  at: number,
  opcode: number,
  length: number,
): number {
  assert(length < 2 ** 32, "the broker's frames are not that large");
  const end = at + frameHeadBytes(length);
  out[at] = 0x80 | opcode;
  out[at + 1] = length < 126 ? length : length < 0x10000 ? 126 : 127;
  let rest = length;
  for (let i = end - 1; i > at + 1; i--) {
    out[i] = rest;
    rest >>>= 8;
  }
  return end;
}

/** Writes the answer to a ping; returns its end. */
export function writePong(
  out: Uint8Array,
  at: number,
  payload: Uint8Array,
  length: number,
): number {
  let next = writeFrameHead(out, at, PONG, length);
  for (let i = 0; i < length; i++) out[next++] = payload[i]!;
  return next;
}

/**
 * Writes a Close frame; returns its end. Of `reason` it holds as many whole
 * characters as fit; with the code 0 it holds nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeClose } from "./web_socket_frames.ts";
 *
 * const out = new Uint8Array(8);
 * assertEquals(writeClose(out, 0, 1000, "ok"), 6);
 * assertEquals([...out], [0x88, 4, 3, 0xe8, 0x6f, 0x6b, 0, 0]);
 * ```
 */
export function writeClose(
  out: Uint8Array,
  at: number,
  code: number,
  reason: string,
): number {
  if (code === 0) return writeFrameHead(out, at, CLOSE, 0);
  const room = out.subarray(at + 4, at + 4 + REASON_BYTES_MAX);
  const { written } = encoder.encodeInto(reason, room);
  const next = writeFrameHead(out, at, CLOSE, 2 + written);
  out[next] = code >> 8;
  out[next + 1] = code;
  return next + 2 + written;
}

/** The payload's length; the fields of it begin at `at`. */
function readLength(bytes: Uint8Array, at: number, short: number): number {
  if (short < 126) return short;
  const count = short === 126 ? 2 : 8;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[at + i]!;
  return length;
}

/** The mask at `at`, its first byte lowest. */
function readMask(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) |
    (bytes[at + 3]! << 24);
}

/** Section 7.4 and the registry that it founded; the rest is not sent. */
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999);
}

/**
 * Finds the ends of packets in a stream of bytes. It looks at the first
 * byte and the remaining length only; what is in a packet is the business
 * of the other files of `codec/`.
 *
 * Bytes handed in are borrowed: a frame is a view of the caller's chunk
 * until the next call. Only a packet that is split over chunks is copied,
 * into a buffer that grows as its bytes arrive (a peer that announces
 * 200 MiB and sends nothing costs nothing).
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import {
  CONNECT,
  FIRST_BYTE_CONNECT,
  FIRST_BYTE_VALID,
  PACKET_NAMES,
  PUBLISH,
} from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import {
  MALFORMED_PACKET,
  PACKET_TOO_LARGE,
  PROTOCOL_ERROR,
  QUOTA_EXCEEDED,
} from "./reason_code.ts";

const EMPTY = new Uint8Array(0);
const NO_WORDS = new DataView(EMPTY.buffer);
/** From here on heads are compared in words. */
const WORDS_BYTES_LEAST = 24;
const CARRY_BYTES_LEAST = 64;
/** Buffers for split packets up to this size are used again. */
const CARRY_REUSED_MAX = 64 << 10;
/** Of the fourth and last byte of a remaining length: 3.1.1 section 2.2.3. */
const SHIFT_LAST = 21;

/**
 * A stream's framer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Framer } from "./framer.ts";
 *
 * const framer = new Framer(1024);
 * const pings = Uint8Array.of(0xc0, 0, 0xc0);
 * framer.feed(pings, pings.length);
 * assertEquals(framer.next(), true); // the first PINGREQ
 * assertEquals([framer.start, framer.body, framer.end], [0, 2, 2]);
 * assertEquals(framer.next(), false); // the second is not all here
 * ```
 */
export class Framer {
  /** The buffer which holds the current frame. */
  bytes: Uint8Array = EMPTY;
  /** Where the frame begins in {@linkcode bytes}: its first byte. */
  start = 0;
  /** Where its variable header begins. */
  body = 0;
  /** Where it ends. */
  end = 0;
  /**
   * Whether {@linkcode bytes} is the frame and nothing else, put together
   * here and given away: a large packet need not be copied again.
   */
  isOwned = false;
  /** Which first bytes are valid: see `codec/packet_type.ts`. */
  firstBytes: Readonly<Uint8Array> = FIRST_BYTE_VALID;
  /** The largest packet accepted, bytes; it may change between frames. */
  packetBytesMax: number;
  /** The same for all but PUBLISH; not above that. */
  controlBytesMax: number;

  #chunk: Uint8Array = EMPTY;
  /** The chunk in words, once they are asked for. */
  #words: DataView = NO_WORDS;
  #wordsOf: Uint8Array = EMPTY;
  #at = 0;
  #limit = 0;
  #carry: Uint8Array = EMPTY;
  /** The buffer of the last split packet, for the one after the next. */
  #spare: Uint8Array = EMPTY;
  #carryLength = 0;
  /** The split packet's whole length; 0 while its header is not complete. */
  #carryTotal = 0;

  /** @param packetBytesMax The largest packet accepted, bytes. */
  constructor(packetBytesMax: number) {
    this.packetBytesMax = this.controlBytesMax = packetBytesMax;
  }

  /** Bytes that are kept because their packet is not complete. */
  get keptBytes(): number {
    return this.#carryLength;
  }

  /** Memory set aside for a packet that is not complete, bytes. */
  get keptCapacity(): number {
    return this.#carryLength === 0 ? 0 : this.#carry.length;
  }

  /** How many bytes of the split packet are still to come, if known. */
  get missingBytes(): number {
    return this.#carryTotal === 0 ? 0 : this.#carryTotal - this.#carryLength;
  }

  /**
   * Lends `chunk[0, length)`. Call {@linkcode next} until it says false
   * before the next chunk and before the chunk is used again.
   */
  feed(chunk: Uint8Array, length: number): void {
    assert(this.#at === this.#limit, "chunk taken whole before the next");
    this.#chunk = chunk;
    this.#at = 0;
    this.#limit = length;
  }

  /**
   * Moves to the next frame. False when it is not all here yet; then the
   * chunk is free.
   *
   * @throws {ProtocolError} For a first byte that no packet has, a
   * remaining length that is longer than it need be (5.0 section 1.5.5
   * forbids it, and frames are passed on as they are) or than four bytes,
   * or a packet above a limit.
   */
  next(): boolean {
    if (this.#carryLength > 0) return this.#nextFromCarry();
    const bytes = this.#chunk;
    const limit = this.#limit;
    const start = this.#at;
    let at = start;
    if (at < limit) {
      this.#checkFirstByte(bytes[at++]!);
      let remaining = 0;
      for (let shift = 0; at < limit; shift += 7) {
        const byte = bytes[at++]!;
        remaining += (byte & 0x7f) << shift;
        if (byte < 0x80) {
          if (byte === 0 && shift > 0) throw remainingLengthTooLong();
          const end = at + remaining;
          const length = end - start;
          if (length > this.controlBytesMax) {
            this.#checkLength(bytes, start, length);
          }
          if (end > limit) {
            this.#carryTotal = length;
            this.body = at - start;
            break;
          }
          this.isOwned = false;
          this.bytes = bytes;
          this.start = start;
          this.body = at;
          this.end = end;
          this.#at = end;
          return true;
        }
        if (shift === SHIFT_LAST) throw remainingLengthTooLong();
      }
    }
    this.#keepTail();
    return false;
  }

  /**
   * Moves to the next frame, if that is as long as the current one and begins
   * with the same `length` bytes: what was found in them holds for it too.
   */
  nextAlike(length: number): boolean {
    const { bytes, start, end } = this;
    const size = end - start;
    if (bytes !== this.#chunk || end + size > this.#limit) return false;
    const compared = length > WORDS_BYTES_LEAST
      ? this.#compareWords(start, end, length)
      : 0;
    for (let i = compared; i < length; i++) {
      if (bytes[end + i] !== bytes[start + i]) return false;
    }
    this.start = end;
    this.body += size;
    this.#at = this.end = end + size;
    return true;
  }

  /** Gives a copy of the chunk's rest, which is not taken apart for now. */
  takeRest(): Uint8Array {
    const rest = this.#chunk.slice(this.#at, this.#limit);
    this.#waitForMore();
    return rest;
  }

  /** Drops everything: the connection is over. */
  reset(): void {
    this.bytes =
      this.#chunk =
      this.#wordsOf =
      this.#carry =
      this.#spare =
        EMPTY;
    this.#at =
      this.#limit =
      this.#carryLength =
      this.#carryTotal =
        0;
  }

  /** How many bytes of whole words are the same; 0 when one differs. */
  #compareWords(a: number, b: number, length: number): number {
    if (this.#wordsOf !== this.#chunk) {
      const { buffer, byteOffset, byteLength } = this.#wordsOf = this.#chunk;
      this.#words = new DataView(buffer, byteOffset, byteLength);
    }
    const words = this.#words;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (words.getInt32(a + at) !== words.getInt32(b + at)) return 0;
    }
    return at;
  }

  /** Copies what is left of the chunk, so that the chunk is free. */
  #keepTail(): void {
    const length = this.#limit - this.#at;
    if (length > 0) {
      this.#reserve(length);
      this.#carry.set(this.#chunk.subarray(this.#at, this.#limit));
      this.#carryLength = length;
    }
    this.#forgetChunk();
    if (length === 0) this.bytes = EMPTY;
  }

  #nextFromCarry(): boolean {
    if (this.#carryTotal === 0 && !this.#readCarriedHeader()) return false;
    if (this.#carryTotal === this.#carryLength) return this.#takeCarried();
    const missing = this.#carryTotal - this.#carryLength;
    const here = Math.min(missing, this.#limit - this.#at);
    if (here > 0) this.#carryOver(here);
    return here === missing ? this.#takeCarried() : this.#waitForMore();
  }

  #takeCarried(): boolean {
    const carry = this.#carry;
    const isReused = carry.length <= CARRY_REUSED_MAX;
    this.isOwned = !isReused && carry.length === this.#carryTotal;
    this.bytes = carry;
    this.start = 0;
    this.end = this.#carryTotal;
    // Not this one again: its frame is in use until the chunk's end.
    this.#carry = this.#spare;
    this.#spare = isReused ? carry : EMPTY;
    this.#carryLength = this.#carryTotal = 0;
    return true;
  }

  #waitForMore(): boolean {
    this.#forgetChunk();
    return false;
  }

  /** A chunk that is taken apart must not be kept alive. */
  #forgetChunk(): void {
    this.#at = this.#limit = 0;
    this.#chunk = this.#wordsOf = EMPTY;
    this.#words = NO_WORDS;
  }

  /** Completes the header byte by byte; false when more must come. */
  #readCarriedHeader(): boolean {
    for (;;) {
      const length = this.#carryLength;
      let remaining = 0;
      for (let i = 1, shift = 0; i < length; i++, shift += 7) {
        const byte = this.#carry[i]!;
        remaining += (byte & 0x7f) << shift;
        if (byte < 0x80) {
          if (byte === 0 && shift > 0) throw remainingLengthTooLong();
          const total = i + 1 + remaining;
          if (total > this.controlBytesMax) {
            this.#checkLength(this.#carry, 0, total);
          }
          this.body = i + 1;
          this.#carryTotal = total;
          return true;
        }
        if (shift === SHIFT_LAST) throw remainingLengthTooLong();
      }
      if (this.#at === this.#limit) return this.#waitForMore();
      this.#carryOver(1);
    }
  }

  /** Moves `count` bytes from the chunk to the carry. */
  #carryOver(count: number): void {
    this.#reserve(this.#carryLength + count);
    this.#carry.set(
      this.#chunk.subarray(this.#at, this.#at + count),
      this.#carryLength,
    );
    this.#at += count;
    this.#carryLength += count;
  }

  #reserve(length: number): void {
    if (length <= this.#carry.length) return;
    const doubled = Math.max(length * 2, CARRY_BYTES_LEAST);
    const known = this.#carryTotal > 0
      ? Math.min(doubled, Math.max(length, this.#carryTotal))
      : doubled;
    const grown = new Uint8Array(known);
    grown.set(this.#carry.subarray(0, this.#carryLength));
    this.#carry = grown;
  }

  #checkFirstByte(byte: number): void {
    if (this.firstBytes[byte] === 1) return;
    if (this.firstBytes === FIRST_BYTE_CONNECT && byte >> 4 !== CONNECT) {
      const detail = `${PACKET_NAMES[byte >> 4]} before CONNECT`;
      throw new ProtocolError(PROTOCOL_ERROR, detail);
    }
    throw new ProtocolError(
      MALFORMED_PACKET,
      `${PACKET_NAMES[byte >> 4]} with invalid flags ${byte & 15} ` +
        "in its first byte",
    );
  }

  /** Above the announced maximum is an error; below it a quota. */
  #checkLength(bytes: Uint8Array, start: number, length: number): void {
    if (length > this.packetBytesMax) {
      throw new ProtocolError(
        PACKET_TOO_LARGE, // [MQTT5-3.2.2-15]
        `a packet of ${length} bytes is above the limit of ` +
          `${this.packetBytesMax}`,
      );
    }
    const type = bytes[start]! >> 4;
    if (type === PUBLISH) return;
    throw new ProtocolError(
      QUOTA_EXCEEDED,
      `${PACKET_NAMES[type]} of ${length} bytes is above the limit of ` +
        `${this.controlBytesMax} for packets without a message`,
    );
  }
}

function remainingLengthTooLong(): ProtocolError {
  return new ProtocolError(
    MALFORMED_PACKET,
    "a remaining length of more bytes than it needs, or than four",
  );
}

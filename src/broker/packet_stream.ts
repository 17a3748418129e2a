/**
 * MQTT packets in a stream of bytes, told apart without being checked, for
 * who only looks on: of each the beginning is kept, and of no other thing
 * anything.
 *
 * @module
 */

import {
  AUTH,
  PACKET_NAMES,
  PUBLISH,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from "../codec/packet_type.ts";
import { isUtf8, readUint16 } from "../codec/text.ts";

/** What is kept of a packet, bytes. */
const HEAD_BYTES_MAX = 2048;
/** What of a payload is shown, bytes. */
const PAYLOAD_BYTES_MAX = 256;
const LENGTH_BYTES_MAX = 4;

/** A packet, as far as it is told of. */
export interface SeenPacket {
  /** Its name: `PUBLISH`. */
  readonly packet: string;
  /** Its length, bytes. */
  readonly bytes: number;
  /** Its packet identifier, if it has one. */
  readonly packet_id?: number;
  /** The topic of a PUBLISH; empty where an alias stands for it. */
  readonly topic?: string;
  /** Its QoS. */
  readonly qos?: number;
  /** Whether it is to be retained, or was. */
  readonly retain?: boolean;
  /** Whether it may have come before. */
  readonly dup?: boolean;
  /** The first filter of a SUBSCRIBE or UNSUBSCRIBE. */
  readonly filter?: string;
  /** The beginning of the payload, where it is asked for. */
  readonly payload?: string;
}

/** How packets are told of. */
export interface SeenOptions {
  /** Whether the client speaks MQTT 5.0. */
  readonly isV5: boolean;
  /** Whether payloads are told, too. */
  readonly hasPayloads: boolean;
}

/**
 * One direction of a connection.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PacketStream } from "./packet_stream.ts";
 *
 * const seen: string[] = [];
 * const options = { isV5: false, hasPayloads: false };
 * const stream = new PacketStream(options, ({ packet }) => seen.push(packet));
 * stream.feed(Uint8Array.of(0xc0, 0x00, 0xd0), 0, 3);
 * stream.feed(Uint8Array.of(0x00), 0, 1);
 * assertEquals(seen, ["PINGREQ", "PINGRESP"]);
 * ```
 */
export class PacketStream {
  /** Bytes that belong to a packet of before, and are not looked at. */
  skipBytes = 0;
  readonly #options: SeenOptions;
  readonly #onPacket: (packet: SeenPacket) => void;
  /** The first byte, and those of the remaining length. */
  #fixed: number[] = [];
  /** What is still to come of the packet; −1 while its length is not known. */
  #leftBytes = -1;
  #remaining = 0;
  readonly #head = new Uint8Array(HEAD_BYTES_MAX);
  #headBytes = 0;
  #isLost = false;

  /** A stream at the beginning of a packet. */
  constructor(options: SeenOptions, onPacket: (packet: SeenPacket) => void) {
    this.#options = options;
    this.#onPacket = onPacket;
  }

  /** Takes `bytes[start, end)`, which are borrowed. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    let at = start + Math.min(this.skipBytes, end - start);
    this.skipBytes -= at - start;
    while (at < end && !this.#isLost) {
      if (this.#leftBytes < 0) this.#takeFixed(bytes[at++]!);
      else {
        const length = Math.min(this.#leftBytes, end - at);
        const kept = Math.min(length, HEAD_BYTES_MAX - this.#headBytes);
        this.#head.set(bytes.subarray(at, at + kept), this.#headBytes);
        this.#headBytes += kept;
        this.#leftBytes -= length;
        at += length;
      }
      if (this.#leftBytes === 0) this.#end();
    }
  }

  #takeFixed(byte: number): void {
    this.#fixed.push(byte);
    const place = this.#fixed.length - 2;
    if (place < 0) return;
    this.#remaining += (byte & 0x7f) * 128 ** place;
    if (byte < 0x80) this.#leftBytes = this.#remaining;
    // What is no MQTT ends its connection soon.
    else if (place + 1 === LENGTH_BYTES_MAX) this.#isLost = true;
  }

  #end(): void {
    const [first = 0] = this.#fixed;
    const head = this.#head.subarray(0, this.#headBytes);
    const bytes = this.#fixed.length + this.#remaining;
    this.#fixed = [];
    this.#leftBytes = -1;
    this.#remaining = this.#headBytes = 0;
    this.#onPacket(seen(first, bytes, head, this.#options));
  }
}

function seen(
  first: number,
  bytes: number,
  head: Uint8Array,
  options: SeenOptions,
): SeenPacket {
  const type = first >> 4;
  const plain = { packet: PACKET_NAMES[type]!, bytes };
  if (type === PUBLISH) {
    return { ...plain, ...publishSeen(first, head, options) };
  }
  // What a login says is nobody's business.
  if (head.length < 2 || type === AUTH || !HAS_ID.has(type)) return plain;
  const packet_id = readUint16(head, 0, head.length);
  if (type !== SUBSCRIBE && type !== UNSUBSCRIBE) {
    return { ...plain, packet_id };
  }
  const at = options.isV5 ? propertiesEnd(head, 2) : 2;
  return { ...plain, packet_id, filter: fieldAt(head, at) };
}

/** PUBACK to UNSUBACK. */
const HAS_ID: ReadonlySet<number> = new Set([4, 5, 6, 7, 8, 9, 10, 11]);

function publishSeen(
  first: number,
  head: Uint8Array,
  { hasPayloads, isV5 }: SeenOptions,
): Partial<SeenPacket> {
  const qos = (first >> 1) & 3;
  const topicEnd = head.length < 2 ? 0 : 2 + readUint16(head, 0, head.length);
  const idEnd = topicEnd + (qos > 0 ? 2 : 0);
  const payloadAt = isV5 ? propertiesEnd(head, idEnd) : idEnd;
  const payload = head.subarray(payloadAt, payloadAt + PAYLOAD_BYTES_MAX);
  return {
    topic: fieldAt(head, 0),
    qos,
    retain: (first & 1) !== 0,
    dup: (first & 8) !== 0,
    ...(qos > 0 && idEnd <= head.length && {
      packet_id: readUint16(head, topicEnd, head.length),
    }),
    ...(hasPayloads && { payload: textOf(payload) }),
  };
}

/** The field of text at `at`, as far as it is there. */
function fieldAt(head: Uint8Array, at: number): string {
  if (at + 2 > head.length) return "";
  return textOf(
    head.subarray(at + 2, at + 2 + readUint16(head, at, head.length)),
  );
}

function propertiesEnd(head: Uint8Array, at: number): number {
  let length = 0;
  for (let place = 0; place < LENGTH_BYTES_MAX; place++) {
    const byte = head[at + place] ?? 0;
    length += (byte & 0x7f) * 128 ** place;
    if (byte < 0x80) return at + place + 1 + length;
  }
  return head.length;
}

/** Whatever it is, as a text. */
function textOf(bytes: Uint8Array): string {
  if (isUtf8(bytes, 0, bytes.length)) return new TextDecoder().decode(bytes);
  return `base64:${bytes.toBase64()}`;
}

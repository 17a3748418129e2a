/**
 * The few packets of MQTT 3.1.1 and 5.0 a load generator writes, and the
 * frame walker it reads with. Not a codec: it trusts the broker under test,
 * skips properties, and looks at no more of a frame than it must count.
 */

import { propertiesSize, writeProperties } from "../../src/codec/properties.ts";
import type { Dialect, Level } from "./dialects.ts";

export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBACK = 9;
export const DISCONNECT = 14;

const utf8 = new TextEncoder();

/** What a client logs in with. */
export interface Login {
  readonly userName: string;
  readonly password: string;
}

const CLEAN_SESSION = 0x02;
const USER_NAME_AND_PASSWORD = 0xc0;

/** A clean-session CONNECT without keep alive and properties. */
export function connectPacket(
  clientId: string,
  level: Level,
  login?: Login,
): Uint8Array {
  const flags = CLEAN_SESSION | (login ? USER_NAME_AND_PASSWORD : 0);
  const head = [...utf8.encode("\0\x04MQTT"), level, flags, 0, 0];
  const secrets = login
    ? [...text(login.userName), ...text(login.password)]
    : [];
  const body = [...head, ...noProperties(level), ...text(clientId), ...secrets];
  return packet(0x10, body);
}

/** A SUBSCRIBE for one filter, packet id 1. */
export function subscribePacket(
  filter: string,
  qos: number,
  level: Level,
): Uint8Array {
  return packet(0x82, [0, 1, ...noProperties(level), ...text(filter), qos]);
}

/** A PUBLISH frame with a zeroed packet id and payload to be patched. */
export function publishPacket(
  topic: string,
  qos: number,
  payloadBytes: number,
  dialect: Dialect,
): Uint8Array {
  const packetId = qos > 0 ? [0, 0] : [];
  const head = [...text(topic), ...packetId, ...propertyField(dialect)];
  const length = remainingLength(head.length + payloadBytes);
  const frameBytes = 1 + length.length + head.length + payloadBytes;
  const frame = new Uint8Array(frameBytes).fill("x".charCodeAt(0));
  frame.set([0x30 | (qos << 1), ...length, ...head]);
  return frame;
}

/** What stands between topic or packet id and payload: length and all. */
export function propertyField({ level, properties }: Dialect): Uint8Array {
  if (level < 5) return new Uint8Array(0);
  const field = new Uint8Array(propertiesSize(properties));
  writeProperties(field, 0, properties);
  return field;
}

/** Where properties end whose length stands at `at`. */
export function skipProperties(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++]!;
    length |= (byte & 127) << shift;
    if (byte < 128) return at + length;
  }
}

function noProperties(level: Level): number[] {
  return level < 5 ? [] : [0];
}

function packet(firstByte: number, body: number[]): Uint8Array {
  return Uint8Array.from([firstByte, ...remainingLength(body.length), ...body]);
}

function text(value: string): number[] {
  const bytes = utf8.encode(value);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

function remainingLength(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>= 7;
  }
  return [...bytes, rest];
}

/**
 * Received bytes, walked frame by frame without an object for each:
 * `next()` moves `at`, `body` and `end` to the next whole frame.
 */
export class Inbox {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the frame's first byte. */
  at = 0;
  /** Offset of what follows the remaining length. */
  body = 0;
  /** Offset behind the frame. */
  end = 0;
  #filled = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Moves to the next whole frame; false when more bytes are needed. */
  next(): boolean {
    const bytes = this.bytes;
    const filled = this.#filled;
    let at = this.end + 1;
    let length = 0;
    for (let shift = 0; at < filled; shift += 7) {
      const byte = bytes[at++]!;
      length |= (byte & 127) << shift;
      if (byte < 128) {
        if (at + length > filled) return false;
        this.at = this.end;
        this.body = at;
        this.end = at + length;
        return true;
      }
    }
    return false;
  }

  /** Keeps a cut frame and gives the room for more bytes behind it. */
  room(): Uint8Array {
    if (this.end > 0) {
      this.bytes.copyWithin(0, this.end, this.#filled);
      this.#filled -= this.end;
      this.end = 0;
    }
    return this.bytes.subarray(this.#filled);
  }

  /** Says how many bytes were put into the room. */
  grow(bytes: number): void {
    this.#filled += bytes;
  }
}

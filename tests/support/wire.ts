/**
 * MQTT 3.1 and 3.1.1 on the wire, as a test sees it: encoders for what a
 * client sends and a decoder for what a server sends. It is an oracle, so it
 * shares no code with `src/codec` and favours being plain over being fast.
 * It is not a client: it keeps no state and never answers.
 */

import { characters, check, measure, Reader } from "./wire_reader.ts";

export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
/** Since MQTT 5.0. */
export const AUTH = 15;

/** A byte, several bytes, or a packet's part. */
export type Part = number | Uint8Array | readonly number[];

/** Text, or raw bytes where a test needs ill-formed text. */
export type Text = string | Uint8Array;

export type Qos = 0 | 1 | 2;

export interface Will {
  topic: Text;
  payload?: Text;
  /** 3 is invalid and can be sent all the same. */
  qos?: Qos | 3;
  retain?: boolean;
}

export interface ConnectFields {
  /** 3 is "MQIsdp", every other level "MQTT", unless a name is given. */
  level?: number;
  protocolName?: Text;
  cleanSession?: boolean;
  keepAliveS?: number;
  clientId?: Text;
  will?: Will;
  userName?: Text;
  password?: Text;
  /** Replaces the connect flags that the other fields ask for. */
  flags?: number;
}

export interface PublishFields {
  topic: Text;
  payload?: Text;
  qos?: Qos | 3;
  retain?: boolean;
  dup?: boolean;
  packetId?: number;
}

/** A PUBLISH as it was received. */
export interface PublishPacket {
  type: "publish";
  topic: string;
  /** One character for each byte, so that nothing is lost. */
  payload: string;
  qos: number;
  retain: boolean;
  dup: boolean;
  /** 0 when the packet carries none. */
  packetId: number;
}

/** A packet that consists of its type and a packet id. */
export interface IdPacket {
  type: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback";
  packetId: number;
}

/** Whatever a server may send. */
export type ServerPacket =
  | { type: "connack"; flags: number; returnCode: number }
  | PublishPacket
  | IdPacket
  | { type: "suback"; packetId: number; returnCodes: number[] }
  | { type: "pingresp" };

const encoder = new TextEncoder();

/** Joins parts to one array. */
export function join(...parts: Part[]): Uint8Array {
  const all = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    if (typeof part === "number") all[at++] = part;
    else {
      all.set(part, at);
      at += part.length;
    }
  }
  return all;
}

function lengthOf(parts: readonly Part[]): number {
  let length = 0;
  for (const part of parts) {
    length += typeof part === "number" ? 1 : part.length;
  }
  return length;
}

/** Two bytes, high byte first. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** A string or binary field: its length in two bytes, then the bytes. */
export function field(text: Text): Uint8Array {
  const bytes = raw(text);
  return join(u16(bytes.length), bytes);
}

/** Text without a length in front, as in the payload of a PUBLISH. */
export function raw(text: Text): Uint8Array {
  return typeof text === "string" ? encoder.encode(text) : text;
}

/** The remaining length field. */
export function remainingLength(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** A packet of a first byte and a body, with the right length between. */
export function frame(firstByte: number, ...parts: Part[]): Uint8Array {
  return join(firstByte, remainingLength(lengthOf(parts)), ...parts);
}

/** A CONNECT; `more` is put after the last field. */
export function connect(
  fields: ConnectFields = {},
  ...more: Part[]
): Uint8Array {
  const level = fields.level ?? 4;
  const { will, userName, password } = fields;
  const parts: Part[] = [
    field(fields.protocolName ?? (level === 3 ? "MQIsdp" : "MQTT")),
    level,
    fields.flags ?? connectFlags(fields),
    u16(fields.keepAliveS ?? 0),
    field(fields.clientId ?? "client"),
  ];
  if (will) parts.push(field(will.topic), field(will.payload ?? ""));
  if (userName !== undefined) parts.push(field(userName));
  if (password !== undefined) parts.push(field(password));
  return frame(CONNECT << 4, ...parts, ...more);
}

/** The connect flags that a set of fields asks for. */
export function connectFlags(fields: ConnectFields): number {
  const { will } = fields;
  return (fields.userName !== undefined ? 0x80 : 0) |
    (fields.password !== undefined ? 0x40 : 0) |
    (will?.retain ? 0x20 : 0) |
    ((will?.qos ?? 0) << 3) |
    (will ? 0x04 : 0) |
    ((fields.cleanSession ?? true) ? 0x02 : 0);
}

export function publish(fields: PublishFields): Uint8Array {
  const qos = fields.qos ?? 0;
  const firstByte = (PUBLISH << 4) | (fields.dup ? 8 : 0) | (qos << 1) |
    (fields.retain ? 1 : 0);
  const id = qos > 0 ? u16(fields.packetId ?? 1) : [];
  const payload = raw(fields.payload ?? "");
  return frame(firstByte, field(fields.topic), id, payload);
}

export function puback(packetId: number): Uint8Array {
  return frame(PUBACK << 4, u16(packetId));
}

export function pubrec(packetId: number): Uint8Array {
  return frame(PUBREC << 4, u16(packetId));
}

export function pubrel(packetId: number): Uint8Array {
  return frame((PUBREL << 4) | 2, u16(packetId));
}

export function pubcomp(packetId: number): Uint8Array {
  return frame(PUBCOMP << 4, u16(packetId));
}

/** Each pair is a topic filter and the byte that asks for a QoS. */
export function subscribe(
  packetId: number,
  ...pairs: (readonly [filter: Text, options: number])[]
): Uint8Array {
  const parts = pairs.map(([filter, qos]) => join(field(filter), qos));
  return frame((SUBSCRIBE << 4) | 2, u16(packetId), ...parts);
}

export function unsubscribe(packetId: number, ...filters: Text[]): Uint8Array {
  const parts = filters.map((filter) => field(filter));
  return frame((UNSUBSCRIBE << 4) | 2, u16(packetId), ...parts);
}

export function pingreq(): Uint8Array {
  return frame(PINGREQ << 4);
}

export function disconnect(): Uint8Array {
  return frame(DISCONNECT << 4);
}

/** The same packet with other flags in the low half of its first byte. */
export function withFlags(packet: Uint8Array, flags: number): Uint8Array {
  return join((packet[0]! & 0xf0) | flags, packet.subarray(1));
}

/** The same packet with bytes added at its end and a length that fits. */
export function longer(packet: Uint8Array, ...more: Part[]): Uint8Array {
  return frame(packet[0]!, bodyOf(packet), ...more);
}

/** The same packet without its last bytes and with a length that fits. */
export function shorter(packet: Uint8Array, count: number): Uint8Array {
  const body = bodyOf(packet);
  return frame(packet[0]!, body.subarray(0, body.length - count));
}

/**
 * Reads everything that a server has sent. Throws where the bytes are not
 * whole packets, or where a packet breaks a rule that one packet can break.
 */
export function decode(bytes: Uint8Array): ServerPacket[] {
  const packets: ServerPacket[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { start, end } = measure(bytes, at);
    packets.push(decodeOne(bytes[at]!, bytes.subarray(start, end)));
    at = end;
  }
  return packets;
}

/** What follows the fixed header. */
function bodyOf(packet: Uint8Array): Uint8Array {
  const { start, end } = measure(packet, 0);
  return packet.subarray(start, end);
}

const ID_PACKETS: Record<number, IdPacket["type"]> = {
  [PUBACK]: "puback",
  [PUBREC]: "pubrec",
  [PUBREL]: "pubrel",
  [PUBCOMP]: "pubcomp",
  [UNSUBACK]: "unsuback",
};

function decodeOne(firstByte: number, body: Uint8Array): ServerPacket {
  const type = firstByte >> 4;
  const reader = new Reader(body);
  if (type === PUBLISH) return decodePublish(firstByte & 15, reader);
  check((firstByte & 15) === (type === PUBREL ? 2 : 0), "reserved flags");
  const packet = decodeFixed(type, reader);
  reader.done();
  return packet;
}

/** The packets whose flags are fixed. */
function decodeFixed(type: number, reader: Reader): ServerPacket {
  switch (type) {
    case CONNACK:
      return {
        type: "connack",
        flags: reader.byte(),
        returnCode: reader.byte(),
      };
    case SUBACK:
      return {
        type: "suback",
        packetId: reader.packetId(),
        returnCodes: [...reader.rest()],
      };
    case PINGRESP:
      return { type: "pingresp" };
  }
  const name = ID_PACKETS[type];
  check(name !== undefined, `a server does not send packet type ${type}`);
  return { type: name, packetId: reader.packetId() };
}

function decodePublish(flags: number, reader: Reader): PublishPacket {
  const qos = (flags >> 1) & 3;
  check(qos < 3, "QoS 3");
  return {
    type: "publish",
    topic: reader.text(),
    packetId: qos > 0 ? reader.packetId() : 0,
    payload: characters(reader.rest()),
    qos,
    retain: (flags & 1) !== 0,
    dup: (flags & 8) !== 0,
  };
}

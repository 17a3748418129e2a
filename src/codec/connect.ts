/**
 * CONNECT: MQTT 3.1.1 section 3.1, and 3.1's `MQIsdp`.
 *
 * @module
 */

import { CONNECT } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR } from "./reason_code.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import {
  decodeText,
  encodeText,
  fieldEnd,
  readUint16,
  tooShort,
  writeField,
  writeUint16,
} from "./text.ts";

/** The protocol levels known by name: 3 is MQTT 3.1, 4 is 3.1.1. */
export type ProtocolLevel = 3 | 4;

/** The message that the broker publishes when a client is lost. */
export interface Will {
  /** Its topic. */
  topic: string;
  /** Its payload. */
  payload: Uint8Array;
  /** Its quality of service. */
  qos: QoS;
  /** Whether it is retained. */
  retain: boolean;
}

/** A CONNECT packet. */
export interface Connect {
  /** The protocol level as sent; the broker may not know it. */
  level: number;
  /** The client identifier; empty when the client leaves it to us. */
  clientId: string;
  /** Whether the session ends with the connection. */
  cleanSession: boolean;
  /** Seconds between packets at most; 0 switches the check off. */
  keepAliveSeconds: number;
  /** The will, if any. */
  will: Will | undefined;
  /** The user name, if any. */
  userName: string | undefined;
  /** The password, if any: a copy, never logged. */
  password: Uint8Array | undefined;
}

const CLEAN_SESSION_BIT = 0x02;
const WILL_BIT = 0x04;
const WILL_RETAIN_BIT = 0x20;
const PASSWORD_BIT = 0x40;
const USER_NAME_BIT = 0x80;

/**
 * Reads the body of a CONNECT. For a level that is not known only the
 * level is read: the rest may look different there.
 *
 * @throws {ProtocolError} When it is malformed: the message names the rule.
 */
export function readConnect(
  bytes: Uint8Array,
  at: number,
  end: number,
): Connect {
  const nameEnd = fieldEnd(bytes, at, end);
  const name = decodeText(bytes, at + 2, nameEnd);
  if (name !== "MQTT" && name !== "MQIsdp") {
    // 3.1.1 section 3.1.2.1, [MQTT-3.1.2-1].
    throw new ProtocolError(PROTOCOL_ERROR, "an unknown protocol name");
  }
  if (nameEnd + 4 > end) throw tooShort();
  const level = bytes[nameEnd]!;
  const known = name === "MQTT" ? 4 : 3;
  if (level !== known) return unknownLevel(level);
  const flags = bytes[nameEnd + 1]!;
  checkFlags(flags);
  const keepAliveSeconds = readUint16(bytes, nameEnd + 2, end);
  const idEnd = fieldEnd(bytes, nameEnd + 4, end);
  const connect = unknownLevel(level);
  connect.clientId = decodeText(bytes, nameEnd + 6, idEnd);
  connect.cleanSession = (flags & CLEAN_SESSION_BIT) !== 0;
  connect.keepAliveSeconds = keepAliveSeconds;
  const rest = readWill(bytes, idEnd, end, flags, connect);
  readLogin(bytes, rest, end, flags, connect);
  return connect;
}

function unknownLevel(level: number): Connect {
  return {
    level,
    clientId: "",
    cleanSession: true,
    keepAliveSeconds: 0,
    will: undefined,
    userName: undefined,
    password: undefined,
  };
}

function checkFlags(flags: number): void {
  const willQos = (flags >> 3) & 3;
  if ((flags & 1) !== 0) {
    malformed("the reserved connect flag is set"); // [MQTT-3.1.2-3]
  }
  if ((flags & WILL_BIT) === 0) {
    if (willQos !== 0 || (flags & WILL_RETAIN_BIT) !== 0) {
      // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
      malformed("will QoS or will retain without a will");
    }
  } else if (willQos === 3) {
    malformed("will QoS 3"); // [MQTT-3.1.2-14]
  }
  if ((flags & USER_NAME_BIT) === 0 && (flags & PASSWORD_BIT) !== 0) {
    malformed("a password without a user name"); // [MQTT-3.1.2-22]
  }
}

function readWill(
  bytes: Uint8Array,
  at: number,
  end: number,
  flags: number,
  connect: Connect,
): number {
  if ((flags & WILL_BIT) === 0) return at;
  const topicEnd = fieldEnd(bytes, at, end);
  const payloadEnd = fieldEnd(bytes, topicEnd, end);
  connect.will = {
    topic: decodeText(bytes, at + 2, topicEnd),
    payload: bytes.slice(topicEnd + 2, payloadEnd),
    qos: ((flags >> 3) & 3) as QoS,
    retain: (flags & WILL_RETAIN_BIT) !== 0,
  };
  return payloadEnd;
}

function readLogin(
  bytes: Uint8Array,
  at: number,
  end: number,
  flags: number,
  connect: Connect,
): void {
  // MQTT 3.1 let a client set the flags and leave the fields out.
  const mayBeMissing = connect.level === 3 && at === end;
  if ((flags & USER_NAME_BIT) !== 0 && !mayBeMissing) {
    const nameEnd = fieldEnd(bytes, at, end);
    connect.userName = decodeText(bytes, at + 2, nameEnd);
    at = nameEnd;
  }
  const passwordMissing = connect.level === 3 && at === end;
  if ((flags & PASSWORD_BIT) !== 0 && !passwordMissing) {
    const passwordEnd = fieldEnd(bytes, at, end);
    connect.password = bytes.slice(at + 2, passwordEnd);
    at = passwordEnd;
  }
  if (at !== end) malformed("CONNECT with bytes after its last field");
}

function malformed(detail: string): never {
  throw new ProtocolError(MALFORMED_PACKET, detail);
}

/**
 * A CONNECT as bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeConnect, readConnect } from "./connect.ts";
 *
 * const bytes = encodeConnect({
 *   level: 4,
 *   clientId: "sensor",
 *   cleanSession: true,
 *   keepAliveSeconds: 60,
 *   will: undefined,
 *   userName: undefined,
 *   password: undefined,
 * });
 * assertEquals(readConnect(bytes, 2, bytes.length).clientId, "sensor");
 * ```
 */
export function encodeConnect(connect: Connect): Uint8Array {
  const { will, userName, password } = connect;
  const fields = [encodeText(connect.clientId)];
  let flags = connect.cleanSession ? CLEAN_SESSION_BIT : 0;
  if (will !== undefined) {
    fields.push(encodeText(will.topic), will.payload);
    flags |= WILL_BIT | will.qos << 3 | (will.retain ? WILL_RETAIN_BIT : 0);
  }
  if (userName !== undefined) {
    fields.push(encodeText(userName));
    flags |= USER_NAME_BIT;
  }
  if (password !== undefined) {
    fields.push(password);
    flags |= PASSWORD_BIT;
  }
  const name = encodeText(connect.level === 3 ? "MQIsdp" : "MQTT");
  let length = 2 + name.length + 4;
  for (const field of fields) length += 2 + field.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = CONNECT << 4;
  let at = writeField(out, writeRemainingLength(out, 1, length), name);
  out[at++] = connect.level;
  out[at++] = flags;
  at = writeUint16(out, at, connect.keepAliveSeconds);
  for (const field of fields) at = writeField(out, at, field);
  return out;
}

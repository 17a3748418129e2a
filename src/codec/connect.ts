/**
 * CONNECT: MQTT 3.1.1 and 5.0, section 3.1, and 3.1's `MQIsdp`.
 *
 * @module
 */

import { CONNECT } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import {
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
  UNSUPPORTED_PROTOCOL_VERSION,
} from "./reason_code.ts";
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

/** The protocol levels: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type ProtocolLevel = 3 | 4 | 5;

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
  /** Its own, and the will delay; none at levels 3 and 4. */
  properties: Properties;
}

/** A CONNECT packet. */
export interface Connect {
  /** The protocol level: 3, 4 or 5. */
  level: number;
  /** The client identifier; empty when the client leaves it to us. */
  clientId: string;
  /**
   * Whether the client begins anew. At levels 3 and 4 the session then ends
   * with the connection too; at 5, which says "clean start", session expiry
   * is the matter of a property.
   */
  cleanSession: boolean;
  /** Seconds between packets at most; 0 switches the check off. */
  keepAliveSeconds: number;
  /** The will, if any. */
  will: Will | undefined;
  /** The user name, if any. */
  userName: string | undefined;
  /** The password, if any: a copy, never logged. */
  password: Uint8Array | undefined;
  /** What the client can do and wants; none at levels 3 and 4. */
  properties: Properties;
}

const CLEAN_SESSION_BIT = 0x02;
const WILL_BIT = 0x04;
const WILL_RETAIN_BIT = 0x20;
const PASSWORD_BIT = 0x40;
const USER_NAME_BIT = 0x80;

/**
 * Reads the body of a CONNECT. Of a version that is not known only the level
 * is read: the rest may look different there.
 *
 * @throws {ProtocolError} When the version is not known, or the packet is
 * malformed: the message names the rule.
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
  const level = levelOf(name, bytes[nameEnd]!);
  const flags = bytes[nameEnd + 1]!;
  checkFlags(flags, level);
  const keepAliveSeconds = readUint16(bytes, nameEnd + 2, end);
  const connect = emptyConnect(level);
  let idAt = nameEnd + 4;
  if (level === 5) {
    connect.properties = readProperties("CONNECT", bytes, idAt, end);
    idAt = propertiesEnd(bytes, idAt, end);
  }
  const idEnd = fieldEnd(bytes, idAt, end);
  connect.clientId = decodeText(bytes, idAt + 2, idEnd);
  connect.cleanSession = (flags & CLEAN_SESSION_BIT) !== 0;
  connect.keepAliveSeconds = keepAliveSeconds;
  const rest = readWill(bytes, idEnd, end, flags, connect);
  readLogin(bytes, rest, end, flags, connect);
  return connect;
}

/**
 * The protocol level of a CONNECT, whatever is wrong behind it: it says in
 * which form the client can be told. `undefined` when it is not even there.
 */
export function peekLevel(
  bytes: Uint8Array,
  at: number,
  end: number,
): number | undefined {
  const nameLength = at + 2 <= end ? (bytes[at]! << 8) | bytes[at + 1]! : end;
  const levelAt = at + 2 + nameLength;
  return levelAt < end ? bytes[levelAt] : undefined;
}

/** Each version has a name and a level; [MQTT-3.1.2-2] of all others. */
function levelOf(name: string, level: number): ProtocolLevel {
  if (name === "MQTT" && (level === 4 || level === 5)) return level;
  if (name === "MQIsdp" && level === 3) return level;
  throw new ProtocolError(
    UNSUPPORTED_PROTOCOL_VERSION,
    `${name} with protocol level ${level}, which is not spoken here`,
  );
}

function emptyConnect(level: ProtocolLevel): Connect {
  return {
    level,
    clientId: "",
    cleanSession: true,
    keepAliveSeconds: 0,
    will: undefined,
    userName: undefined,
    password: undefined,
    properties: NO_PROPERTIES,
  };
}

function checkFlags(flags: number, level: number): void {
  const willQos = (flags >> 3) & 3;
  // MQTT 3.1 disregards what means nothing.
  if ((flags & 1) !== 0 && level > 3) {
    malformed("the reserved connect flag is set"); // [MQTT-3.1.2-3]
  }
  if ((flags & WILL_BIT) === 0) {
    const isWilled = willQos !== 0 || (flags & WILL_RETAIN_BIT) !== 0;
    if (isWilled && level > 3) {
      // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-15]
      malformed("will QoS or will retain without a will");
    }
  } else if (willQos === 3) {
    malformed("will QoS 3"); // [MQTT-3.1.2-14]
  }
  const isPasswordAlone = (flags & USER_NAME_BIT) === 0 &&
    (flags & PASSWORD_BIT) !== 0;
  if (isPasswordAlone && level < 5) {
    malformed("a password without a user name"); // 3.1.1: [MQTT-3.1.2-22]
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
  let properties = NO_PROPERTIES;
  if (connect.level === 5) {
    properties = readProperties("will", bytes, at, end);
    at = propertiesEnd(bytes, at, end);
  }
  const topicEnd = fieldEnd(bytes, at, end);
  const payloadEnd = fieldEnd(bytes, topicEnd, end);
  connect.will = {
    topic: decodeText(bytes, at + 2, topicEnd),
    payload: bytes.slice(topicEnd + 2, payloadEnd),
    qos: ((flags >> 3) & 3) as QoS,
    retain: (flags & WILL_RETAIN_BIT) !== 0,
    properties,
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
 *   properties: {},
 * });
 * assertEquals(readConnect(bytes, 2, bytes.length).clientId, "sensor");
 * ```
 */
export function encodeConnect(connect: Connect): Uint8Array {
  const { level, will, userName, password } = connect;
  const logins: Uint8Array[] = [];
  let flags = connect.cleanSession ? CLEAN_SESSION_BIT : 0;
  if (will !== undefined) {
    flags |= WILL_BIT | will.qos << 3 | (will.retain ? WILL_RETAIN_BIT : 0);
  }
  if (userName !== undefined) {
    logins.push(encodeText(userName));
    flags |= USER_NAME_BIT;
  }
  if (password !== undefined) {
    logins.push(password);
    flags |= PASSWORD_BIT;
  }
  const name = encodeText(level === 3 ? "MQIsdp" : "MQTT");
  const clientId = encodeText(connect.clientId);
  const topic = encodeText(will?.topic ?? "");
  let length = 2 + name.length + 4 + 2 + clientId.length;
  if (level >= 5) length += propertiesSize(connect.properties);
  if (will !== undefined) {
    if (level >= 5) length += propertiesSize(will.properties);
    length += 2 + topic.length + 2 + will.payload.length;
  }
  for (const field of logins) length += 2 + field.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = CONNECT << 4;
  let at = writeField(out, writeRemainingLength(out, 1, length), name);
  out[at++] = level;
  out[at++] = flags;
  at = writeUint16(out, at, connect.keepAliveSeconds);
  if (level >= 5) at = writeProperties(out, at, connect.properties);
  at = writeField(out, at, clientId);
  if (will !== undefined) {
    if (level >= 5) at = writeProperties(out, at, will.properties);
    at = writeField(out, writeField(out, at, topic), will.payload);
  }
  for (const field of logins) at = writeField(out, at, field);
  return out;
}

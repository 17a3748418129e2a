/**
 * SUBACK and UNSUBACK: MQTT 3.1.1 and 5.0, sections 3.9 and 3.11.
 *
 * @module
 */

import { PACKET_NAMES, SUBACK, UNSUBACK } from "./packet_type.ts";
import {
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET, UNSPECIFIED_ERROR } from "./reason_code.ts";
import { checkReason } from "./reason_table.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { readUint16, writeUint16 } from "./text.ts";

/** The return code of 3.1.1 for a filter that is not granted; 3.1 has none. */
export const SUBACK_FAILURE = UNSPECIFIED_ERROR;

/** A SUBACK packet. */
export interface Suback {
  /** The packet id of the SUBSCRIBE. */
  packetId: number;
  /**
   * For each filter, in order: the granted QoS, or why not. Level 4 knows 0x80
   * alone.
   */
  reasonCodes: number[];
  /** None at levels 3 and 4. */
  properties: Properties;
}

/** An UNSUBACK packet. */
export interface Unsuback {
  /** The packet id of the UNSUBSCRIBE. */
  packetId: number;
  /** For each filter, in order; none at levels 3 and 4. */
  reasonCodes: number[];
  /** None at levels 3 and 4. */
  properties: Properties;
}

/**
 * Reads the body of a SUBACK.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When a return code is reserved [MQTT-3.9.3-2].
 */
export function readSuback(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Suback {
  if (level >= 5) return readAnswer(SUBACK, bytes, at, end);
  const packetId = readUint16(bytes, at, end);
  const reasonCodes = Array.from(bytes.subarray(at + 2, end));
  for (const code of reasonCodes) {
    if (code > 2 && code !== SUBACK_FAILURE) {
      throw new ProtocolError(MALFORMED_PACKET, "SUBACK with a reserved code");
    }
  }
  return { packetId, reasonCodes, properties: NO_PROPERTIES };
}

/**
 * Reads the body of an UNSUBACK.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When it is malformed.
 */
export function readUnsuback(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Unsuback {
  if (level >= 5) return readAnswer(UNSUBACK, bytes, at, end);
  const packetId = readUint16(bytes, at, end);
  if (at + 2 === end) {
    return { packetId, reasonCodes: [], properties: NO_PROPERTIES };
  }
  throw new ProtocolError(MALFORMED_PACKET, "UNSUBACK with a payload");
}

/** Both are laid out the same as of level 5. */
function readAnswer(
  type: typeof SUBACK | typeof UNSUBACK,
  bytes: Uint8Array,
  at: number,
  end: number,
): Suback {
  const packetId = readUint16(bytes, at, end);
  const name = type === SUBACK ? "SUBACK" : "UNSUBACK";
  const properties = readProperties(name, bytes, at + 2, end);
  const codesAt = propertiesEnd(bytes, at + 2, end);
  const reasonCodes = Array.from(bytes.subarray(codesAt, end));
  for (const code of reasonCodes) checkReason(type, code, "server");
  if (reasonCodes.length > 0) return { packetId, reasonCodes, properties };
  throw new ProtocolError(
    MALFORMED_PACKET,
    `${PACKET_NAMES[type]} without a reason code`,
  );
}

/**
 * A SUBACK as bytes.
 *
 * @param level The connection's protocol level: 3, 4 or 5. Below 5 each
 * refusal is a 0x80.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSuback } from "./suback.ts";
 *
 * const suback = { packetId: 7, reasonCodes: [1, 0x97], properties: {} };
 * assertEquals(
 *   encodeSuback(suback, 4),
 *   Uint8Array.of(0x90, 4, 0, 7, 1, 0x80),
 * );
 * assertEquals(
 *   encodeSuback(suback, 5),
 *   Uint8Array.of(0x90, 5, 0, 7, 0, 1, 0x97),
 * );
 * ```
 */
export function encodeSuback(suback: Suback, level: number): Uint8Array {
  if (level >= 5) return encodeAnswer(SUBACK, suback);
  const { packetId, reasonCodes } = suback;
  const length = 2 + reasonCodes.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = SUBACK << 4;
  let at = writeUint16(out, writeRemainingLength(out, 1, length), packetId);
  for (const code of reasonCodes) {
    out[at++] = code < SUBACK_FAILURE ? code : SUBACK_FAILURE;
  }
  return out;
}

/**
 * An UNSUBACK as bytes: at levels 3 and 4 a packet id alone.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 */
export function encodeUnsuback(unsuback: Unsuback, level: number): Uint8Array {
  if (level >= 5) return encodeAnswer(UNSUBACK, unsuback);
  const out = Uint8Array.of(UNSUBACK << 4, 2, 0, 0);
  writeUint16(out, 2, unsuback.packetId);
  return out;
}

function encodeAnswer(
  type: number,
  { packetId, reasonCodes, properties }: Suback,
): Uint8Array {
  const length = 2 + propertiesSize(properties) + reasonCodes.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = type << 4;
  const at = writeUint16(out, writeRemainingLength(out, 1, length), packetId);
  out.set(reasonCodes, writeProperties(out, at, properties));
  return out;
}

/**
 * CONNACK: MQTT 3.1.1 and 5.0, section 3.2.
 *
 * @module
 */

import { CONNACK } from "./packet_type.ts";
import {
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import {
  BAD_CREDENTIALS,
  BANNED,
  CLIENT_ID_INVALID,
  MALFORMED_PACKET,
  NOT_AUTHORIZED,
  PROTOCOL_ERROR,
  SERVER_UNAVAILABLE,
  SUCCESS,
  UNSUPPORTED_PROTOCOL_VERSION,
} from "./reason_code.ts";
import { checkReason } from "./reason_table.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";

/** A CONNACK packet. */
export interface Connack {
  /** Whether the broker had a session for this client. */
  sessionPresent: boolean;
  /** The reason code: 0 accepted, 0x80 and above refused. */
  reason: number;
  /** What the broker can do and wants; none at levels 3 and 4. */
  properties: Properties;
}

/** By return code: 3.1.1 table 3.1. */
const REASONS: readonly number[] = [
  SUCCESS,
  UNSUPPORTED_PROTOCOL_VERSION,
  CLIENT_ID_INVALID,
  SERVER_UNAVAILABLE,
  BAD_CREDENTIALS,
  NOT_AUTHORIZED,
];

/**
 * The return code of 3.1 and 3.1.1 for a reason code of 5.0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { returnCodeOf } from "./connack.ts";
 *
 * assertEquals(returnCodeOf(0x86), 4); // bad user name or password
 * assertEquals(returnCodeOf(0x8a), 5); // banned: not authorized
 * ```
 */
export function returnCodeOf(reason: number): number {
  const code = REASONS.indexOf(reason === BANNED ? NOT_AUTHORIZED : reason);
  return code >= 0 ? code : REASONS.indexOf(SERVER_UNAVAILABLE);
}

/**
 * Reads the body of a CONNACK.
 *
 * @param level The protocol level of the CONNECT that it answers.
 * @throws {ProtocolError} When it is malformed, or a refusal that says that
 * a session is present.
 */
export function readConnack(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Connack {
  const isShort = level < 5;
  if (end - at < 2 || (isShort && end - at > 2) || bytes[at]! > 1) {
    throw malformed();
  }
  const sessionPresent = bytes[at] === 1;
  const code = bytes[at + 1]!;
  if (sessionPresent && code !== SUCCESS) {
    // [MQTT-3.2.2-4] (5.0: 3.2.2-6).
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "a CONNACK that refuses and says that a session is present",
    );
  }
  if (isShort) {
    const reason = REASONS[code];
    if (reason === undefined) throw malformed();
    return { sessionPresent, reason, properties: NO_PROPERTIES };
  }
  checkReason(CONNACK, code, "server"); // [MQTT-3.2.2-8]
  const properties = readProperties("CONNACK", bytes, at + 2, end);
  if (propertiesEnd(bytes, at + 2, end) !== end) throw malformed();
  return { sessionPresent, reason: code, properties };
}

function malformed(): ProtocolError {
  return new ProtocolError(MALFORMED_PACKET, "a malformed CONNACK");
}

/**
 * A CONNACK as bytes: in 3.1 and 3.1.1 with the return code that comes
 * nearest to the reason code, and without properties.
 *
 * @param level The protocol level of the CONNECT that it answers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeConnack } from "./connack.ts";
 *
 * const refused = { sessionPresent: false, reason: 0x87, properties: {} };
 * assertEquals(encodeConnack(refused, 4), Uint8Array.of(0x20, 2, 0, 5));
 * assertEquals(encodeConnack(refused, 5), Uint8Array.of(0x20, 3, 0, 0x87, 0));
 * ```
 */
export function encodeConnack(
  { sessionPresent, reason, properties }: Connack,
  level: number,
): Uint8Array {
  const length = 2 + (level < 5 ? 0 : propertiesSize(properties));
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = CONNACK << 4;
  const at = writeRemainingLength(out, 1, length);
  // [MQTT-3.2.2-4] (5.0: 3.2.2-6): a refusal never says that a session is
  // present.
  out[at] = sessionPresent && reason === SUCCESS ? 1 : 0;
  out[at + 1] = level < 5 ? returnCodeOf(reason) : reason;
  if (level >= 5) writeProperties(out, at + 2, properties);
  return out;
}

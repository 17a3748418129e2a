/**
 * AUTH, a step of enhanced authentication: MQTT 5.0 section 3.15.
 *
 * @module
 */

import { AUTH, type Sender } from "./packet_type.ts";
import {
  NO_PROPERTIES,
  type Properties,
  propertiesEnd,
  propertiesSize,
  readProperties,
  writeProperties,
} from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR, SUCCESS } from "./reason_code.ts";
import { checkReason } from "./reason_table.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";

/** An AUTH packet. */
export interface Auth {
  /** The reason code: 0x18 goes on, 0x19 begins again, 0 is done. */
  readonly reason: number;
  /** The authentication method, and what it has to say. */
  readonly properties: Properties;
}

/**
 * Reads the body of an AUTH.
 *
 * @param sender Who sent it: each has reason codes of its own.
 * @throws {ProtocolError} When it is malformed, says what its sender must
 * not say, or names no authentication method.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeAuth, readAuth } from "./auth.ts";
 *
 * const properties = { authenticationMethod: "SCRAM-SHA-256" };
 * const bytes = encodeAuth({ reason: 0x18, properties });
 * assertEquals(readAuth(bytes, 2, bytes.length).properties, properties);
 * ```
 */
export function readAuth(
  bytes: Uint8Array,
  at: number,
  end: number,
  sender: Sender = "client",
): Auth {
  // Section 3.15.2.1: nothing at all says success.
  const reason = at < end ? bytes[at]! : SUCCESS;
  checkReason(AUTH, reason, sender); // [MQTT-3.15.2-1]
  if (at === end) return { reason, properties: NO_PROPERTIES };
  const properties = readProperties("AUTH", bytes, at + 1, end);
  if (propertiesEnd(bytes, at + 1, end) !== end) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "AUTH with bytes after its properties",
    );
  }
  if (properties.authenticationMethod === undefined) {
    // Section 3.15.2.2.2.
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "AUTH without an Authentication Method",
    );
  }
  return { reason, properties };
}

/** An AUTH as bytes. */
export function encodeAuth({ reason, properties }: Auth): Uint8Array {
  const size = propertiesSize(properties);
  const isEmpty = reason === SUCCESS && size === 1;
  const length = isEmpty ? 0 : 1 + size;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = AUTH << 4;
  const at = writeRemainingLength(out, 1, length);
  if (isEmpty) return out;
  out[at] = reason;
  writeProperties(out, at + 1, properties);
  return out;
}

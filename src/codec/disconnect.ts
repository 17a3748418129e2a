/**
 * DISCONNECT: MQTT 3.1.1 and 5.0, section 3.14. In 5.0 either side says with
 * it why it ends the connection.
 *
 * @module
 */

import { readBodiless } from "./acknowledgement.ts";
import { DISCONNECT, type Sender } from "./packet_type.ts";
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

/** A DISCONNECT packet. */
export interface Disconnect {
  /** The reason code; 0 is a normal end. */
  readonly reason: number;
  /** None at levels 3 and 4. */
  readonly properties: Properties;
}

const NORMAL: Disconnect = { reason: SUCCESS, properties: NO_PROPERTIES };

/**
 * Reads the body of a DISCONNECT.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @param sender Who sent it: each has reason codes of its own.
 * @throws {ProtocolError} When it is malformed, or says what its sender must
 * not say.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readDisconnect } from "./disconnect.ts";
 *
 * const bytes = Uint8Array.of(0xe0, 1, 4);
 * assertEquals(readDisconnect(bytes, 2, 3, 5).reason, 4); // with the will
 * ```
 */
export function readDisconnect(
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
  sender: Sender = "client",
): Disconnect {
  if (level < 5) readBodiless(DISCONNECT, at, end);
  if (at === end) return NORMAL;
  const reason = bytes[at]!;
  checkReason(DISCONNECT, reason, sender); // [MQTT-3.14.2-1]
  // Section 3.14.2.2.1: without a property length there are no properties.
  if (at + 1 === end) return { reason, properties: NO_PROPERTIES };
  const properties = readProperties("DISCONNECT", bytes, at + 1, end);
  if (propertiesEnd(bytes, at + 1, end) !== end) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "DISCONNECT with bytes after its properties",
    );
  }
  if (sender === "server" && properties.sessionExpirySeconds !== undefined) {
    // [MQTT-3.14.2-2]
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "DISCONNECT from a server with the property Session Expiry Interval",
    );
  }
  return { reason, properties };
}

/**
 * A DISCONNECT of level 5 as bytes. What goes without saying is left out: a
 * normal end, and properties that are not there.
 */
export function encodeDisconnect(
  { reason, properties }: Disconnect,
): Uint8Array {
  const size = propertiesSize(properties);
  const hasProperties = size > 1;
  const hasReason = hasProperties || reason !== SUCCESS;
  const length = (hasReason ? 1 : 0) + (hasProperties ? size : 0);
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = DISCONNECT << 4;
  const at = writeRemainingLength(out, 1, length);
  if (hasReason) out[at] = reason;
  if (hasProperties) writeProperties(out, at + 1, properties);
  return out;
}

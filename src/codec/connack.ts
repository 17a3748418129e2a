/**
 * CONNACK: MQTT 3.1.1 section 3.2.
 *
 * @module
 */

import { CONNACK } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import {
  BAD_CREDENTIALS,
  CLIENT_ID_INVALID,
  MALFORMED_PACKET,
  NOT_AUTHORIZED,
  SUCCESS,
  UNSUPPORTED_PROTOCOL_VERSION,
} from "./reason_code.ts";

/** A CONNACK packet. */
export interface Connack {
  /** Whether the broker had a session for this client. */
  sessionPresent: boolean;
  /** 0 accepted, 1 to 5 refused: 3.1.1 table 3.1. */
  returnCode: number;
}

/** How many bytes a CONNACK takes. */
export const CONNACK_BYTES = 4;

/**
 * The return code of 3.1 and 3.1.1 for a reason code of 5.0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { returnCodeOf } from "./connack.ts";
 *
 * assertEquals(returnCodeOf(0x86), 4); // bad user name or password
 * ```
 */
export function returnCodeOf(reason: number): number {
  switch (reason) {
    case SUCCESS:
      return 0;
    case UNSUPPORTED_PROTOCOL_VERSION:
      return 1;
    case CLIENT_ID_INVALID:
      return 2;
    case BAD_CREDENTIALS:
      return 4;
    case NOT_AUTHORIZED:
      return 5;
    default:
      return 3; // server unavailable
  }
}

/** Reads the body of a CONNACK. */
export function readConnack(
  bytes: Uint8Array,
  at: number,
  end: number,
): Connack {
  if (end - at !== 2 || bytes[at]! > 1) {
    throw new ProtocolError(MALFORMED_PACKET, "a malformed CONNACK");
  }
  return { sessionPresent: bytes[at] === 1, returnCode: bytes[at + 1]! };
}

/** Writes a CONNACK of {@linkcode CONNACK_BYTES}; returns the new end. */
export function writeConnack(
  out: Uint8Array,
  at: number,
  connack: Connack,
): number {
  out[at] = CONNACK << 4;
  out[at + 1] = 2;
  // [MQTT-3.2.2-4]: a refusal never says that a session is present.
  out[at + 2] = connack.sessionPresent && connack.returnCode === 0 ? 1 : 0;
  out[at + 3] = connack.returnCode;
  return at + CONNACK_BYTES;
}

/**
 * SUBACK: MQTT 3.1.1 section 3.9.
 *
 * @module
 */

import { SUBACK } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { readUint16, writeUint16 } from "./text.ts";

/** The return code for a filter that is not granted. */
export const SUBACK_FAILURE = 0x80;

/** A SUBACK packet. */
export interface Suback {
  /** The packet id of the SUBSCRIBE. */
  packetId: number;
  /** For each filter, in order: the granted QoS, or 0x80. */
  returnCodes: number[];
}

/**
 * Reads the body of a SUBACK.
 *
 * @throws {ProtocolError} When a return code is reserved [MQTT-3.9.3-2].
 */
export function readSuback(
  bytes: Uint8Array,
  at: number,
  end: number,
): Suback {
  const packetId = readUint16(bytes, at, end);
  const returnCodes = Array.from(bytes.subarray(at + 2, end));
  for (const code of returnCodes) {
    if (code > 2 && code !== SUBACK_FAILURE) {
      throw new ProtocolError(MALFORMED_PACKET, "SUBACK with a reserved code");
    }
  }
  return { packetId, returnCodes };
}

/**
 * A SUBACK as bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSuback } from "./suback.ts";
 *
 * assertEquals(
 *   encodeSuback({ packetId: 7, returnCodes: [1, 0x80] }),
 *   Uint8Array.of(0x90, 4, 0, 7, 1, 0x80),
 * );
 * ```
 */
export function encodeSuback(suback: Suback): Uint8Array {
  const length = 2 + suback.returnCodes.length;
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = SUBACK << 4;
  const at = writeRemainingLength(out, 1, length);
  out.set(suback.returnCodes, writeUint16(out, at, suback.packetId));
  return out;
}

/**
 * Which reason codes a packet may have: the tables of MQTT 5.0 sections
 * 3.2 to 3.15, as one.
 *
 * @module
 */

import * as types from "./packet_type.ts";
import type { Sender } from "./packet_type.ts";
import { ProtocolError } from "./protocol_error.ts";
import { PROTOCOL_ERROR } from "./reason_code.ts";

/** The reason codes of a packet, and those that one side only may send. */
interface Reasons {
  readonly both: readonly number[];
  readonly client?: readonly number[];
  readonly server?: readonly number[];
}

const RECEIVED: Reasons = {
  both: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
};
const RELEASED: Reasons = { both: [0x00, 0x92] };

/** By packet type: tables 3-1, 3-4 to 3-11. */
const REASONS: Readonly<Record<number, Reasons>> = {
  [types.CONNACK]: {
    // deno-fmt-ignore
    both: [
      0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a,
      0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
    ],
  },
  [types.PUBACK]: RECEIVED,
  [types.PUBREC]: RECEIVED,
  [types.PUBREL]: RELEASED,
  [types.PUBCOMP]: RELEASED,
  [types.SUBACK]: {
    // deno-fmt-ignore
    both: [
      0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2,
    ],
  },
  [types.UNSUBACK]: { both: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91] },
  [types.DISCONNECT]: {
    // deno-fmt-ignore
    both: [
      0x00, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
      0x99,
    ],
    client: [0x04],
    // deno-fmt-ignore
    server: [
      0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
      0xa0, 0xa1, 0xa2,
    ],
  },
  [types.AUTH]: { both: [0x18], client: [0x19], server: [0x00] },
};

/**
 * Checks that a packet of `type` may have `reason`.
 *
 * @param sender Who sends it, where the two may not say the same.
 * @throws {ProtocolError} When it may not.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { PUBREL } from "./packet_type.ts";
 * import { checkReason } from "./reason_table.ts";
 *
 * checkReason(PUBREL, 0x92, "client");
 * assertThrows(() => checkReason(PUBREL, 0x87, "client"));
 * ```
 */
export function checkReason(
  type: number,
  reason: number,
  sender: Sender,
): void {
  const { both, [sender]: own } = REASONS[type]!;
  if (both.includes(reason) || own?.includes(reason) === true) return;
  throw new ProtocolError(
    PROTOCOL_ERROR,
    `${types.PACKET_NAMES[type]} from a ${sender} with the reason code ` +
      `${reason}, which it does not have`,
  );
}

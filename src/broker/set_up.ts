/**
 * What a peer may send, for the framer to know.
 *
 * @module
 */

import type { Framer } from "../codec/framer.ts";
import {
  FIRST_BYTE_CONNECT,
  FIRST_BYTE_VALID,
  FIRST_BYTE_VALID_3_1,
  FIRST_BYTE_VALID_5,
} from "../codec/packet_type.ts";
import type { Connection } from "./connection.ts";

/** It differs before and after CONNECT, and by level. */
export function setUp(
  framer: Framer,
  { core, isV5, level, phase }: Connection,
): void {
  const { limits } = core.options;
  framer.packetBytesMax = phase === "open"
    ? limits.packetBytesMax
    : limits.connectPacketBytesMax;
  framer.controlBytesMax = phase === "open"
    ? Math.min(limits.controlPacketBytesMax, limits.packetBytesMax)
    : limits.connectPacketBytesMax;
  framer.firstBytes = phase === "connecting"
    ? FIRST_BYTE_CONNECT
    : isV5
    ? FIRST_BYTE_VALID_5
    : level === 3
    ? FIRST_BYTE_VALID_3_1
    : FIRST_BYTE_VALID;
}

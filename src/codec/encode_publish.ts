/**
 * A PUBLISH as bytes, made of its parts: what a client sends. The broker,
 * which forwards what it has, does it without an object: see
 * `codec/outgoing_publish.ts`.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { RETAIN_BIT } from "./packet_type.ts";
import {
  type Properties,
  propertiesSize,
  writeProperties,
} from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import { publishFirstByte } from "./publish.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";
import {
  REMAINING_LENGTH_MAX,
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { encodeText, writeField, writeUint16 } from "./text.ts";

/** A PUBLISH packet. */
export interface Publish {
  /** The topic; empty where an alias stands for it. */
  readonly topic: string;
  /** The payload. */
  readonly payload: Uint8Array;
  /** Quality of service. */
  readonly qos: QoS;
  /** Whether it is to be retained. */
  readonly retain: boolean;
  /** 1 to 65,535; 0 at QoS 0. */
  readonly packetId: number;
  /** None at levels 3 and 4. */
  readonly properties: Properties;
}

/**
 * A PUBLISH as bytes.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @throws {ProtocolError} When no packet has room for it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodePublish } from "./encode_publish.ts";
 *
 * const bytes = encodePublish({
 *   topic: "a",
 *   payload: Uint8Array.of(0x21),
 *   qos: 1,
 *   retain: false,
 *   packetId: 10,
 *   properties: {},
 * }, 4);
 * assertEquals(bytes, Uint8Array.of(0x32, 6, 0, 1, 0x61, 0, 10, 0x21));
 * ```
 */
export function encodePublish(publish: Publish, level: number): Uint8Array {
  const { payload, qos, retain, packetId, properties } = publish;
  const topic = encodeText(publish.topic);
  const length = 2 + topic.length + (qos > 0 ? 2 : 0) +
    (level < 5 ? 0 : propertiesSize(properties)) + payload.length;
  if (topic.length > 65_535 || length > REMAINING_LENGTH_MAX) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "a message that is too large for a packet",
    );
  }
  const out = new Uint8Array(1 + remainingLengthBytes(length) + length);
  out[0] = publishFirstByte(qos, retain ? RETAIN_BIT : 0);
  let at = writeField(out, writeRemainingLength(out, 1, length), topic);
  if (qos > 0) at = writeUint16(out, at, packetId);
  if (level >= 5) at = writeProperties(out, at, properties);
  out.set(payload, at);
  return out;
}

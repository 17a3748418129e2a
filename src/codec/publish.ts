/**
 * PUBLISH: MQTT 3.1.1 and 5.0, section 3.3.
 *
 * The one packet that is read without an object of its own: a
 * {@linkcode PublishView} is reused, and holds where things are.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import {
  DUP_BIT,
  PUBLISH,
  QOS_BITS,
  RETAIN_BIT,
  type Sender,
} from "./packet_type.ts";
import { propertiesEnd, propertiesStart } from "./properties.ts";
import { ProtocolError } from "./protocol_error.ts";
import { readPublishProperties } from "./publish_properties.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR } from "./reason_code.ts";
import { tooShort } from "./text.ts";

const EMPTY = new Uint8Array(0);
const NO_WORDS = new DataView(EMPTY.buffer);

/**
 * Where the parts of a PUBLISH lie in a buffer. Borrowed: valid until the
 * buffer's owner takes it back.
 *
 * ```text
 * [first byte][remaining length][length][topic][packet id]
 * frameAt                       topicAt        topicEnd
 *
 *            [property length][properties][payload]
 *                             propertiesAt payloadAt  end
 * ```
 */
export class PublishView {
  /** The buffer. */
  bytes: Uint8Array = EMPTY;
  /** The packet's first byte. */
  frameAt = 0;
  /** The topic's two length bytes. */
  topicAt = 0;
  /** The end of the topic, where a packet id follows at QoS 1 and 2. */
  topicEnd = 0;
  /** The properties, behind their length; the payload if there are none. */
  propertiesAt = 0;
  /** The end of the properties, and the payload. */
  payloadAt = 0;
  /** The end of payload and packet. */
  end = 0;
  /** The packet identifier, 1 to 65,535; 0 at QoS 0. */
  packetId = 0;
  /** Quality of service. */
  qos: QoS = 0;
  /** RETAIN as sent. */
  retain = false;
  /** DUP as sent. */
  dup = false;
  /** The number that stands for the topic; 0 if none does. */
  topicAlias = 0;
  /** That property, three bytes with its identifier; 0 if it is not there. */
  topicAliasAt = 0;
  /** The four bytes of the message expiry interval; 0 if there is none. */
  expiryAt = 0;
  /** Whether the payload is said to be UTF-8. */
  isUtf8Payload = false;
  #words: DataView = NO_WORDS;
  #wordsOf: Uint8Array = EMPTY;

  /** The buffer, to be read in words: one is made for each buffer. */
  get words(): DataView {
    const { bytes } = this;
    if (this.#wordsOf !== bytes) {
      this.#wordsOf = bytes;
      this.#words = new DataView(
        bytes.buffer,
        bytes.byteOffset,
        bytes.byteLength,
      );
    }
    return this.#words;
  }
}

/**
 * Reads the PUBLISH that a framer found into `view`. The topic's bytes are
 * not looked at: that is done once per topic, not once per message.
 *
 * @param level The connection's protocol level: 3, 4 or 5.
 * @param sender Who sent it: only a server sends subscription identifiers.
 * @throws {ProtocolError} When the packet ends early, the topic is empty
 * [MQTT-4.7.3-1], the packet id is 0 [MQTT-2.3.1-1] (5.0: 2.2.1-3), or a
 * property is malformed or not allowed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PublishView, readPublish } from "./publish.ts";
 *
 * const bytes = Uint8Array.of(0x32, 6, 0, 1, 0x61, 0, 10, 0x21);
 * const view = new PublishView();
 * readPublish(bytes, 0, 2, 8, 4, view);
 * assertEquals([view.qos, view.packetId, view.payloadAt], [1, 10, 7]);
 * ```
 */
export function readPublish(
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
  level: number,
  view: PublishView,
  sender: Sender = "client",
): void {
  if (body + 2 > end) throw tooShort();
  const topicLength = (bytes[body]! << 8) | bytes[body + 1]!;
  if (topicLength === 0 && level < 5) throw withoutTopic(MALFORMED_PACKET);
  const topicEnd = body + 2 + topicLength;
  const first = bytes[start]!;
  const qos = (first & QOS_BITS) >> 1;
  let payloadAt = topicEnd;
  let packetId = 0;
  if (qos > 0) {
    payloadAt += 2;
    if (payloadAt > end) throw tooShort();
    packetId = (bytes[topicEnd]! << 8) | bytes[topicEnd + 1]!;
    if (packetId === 0) {
      throw new ProtocolError(MALFORMED_PACKET, "PUBLISH with packet id 0");
    }
  }
  if (payloadAt > end) throw tooShort();
  view.bytes = bytes;
  view.frameAt = start;
  view.topicAt = body;
  view.topicEnd = topicEnd;
  view.propertiesAt = payloadAt;
  view.payloadAt = payloadAt;
  view.end = end;
  view.packetId = packetId;
  view.qos = qos as QoS;
  view.retain = (first & RETAIN_BIT) !== 0;
  view.dup = (first & DUP_BIT) !== 0;
  view.topicAlias = 0;
  view.topicAliasAt = 0;
  view.expiryAt = 0;
  view.isUtf8Payload = false;
  if (level >= 5) readTail(view, sender);
}

/** What stands between the packet id and the payload, as of level 5. */
function readTail(view: PublishView, sender: Sender): void {
  const { bytes, payloadAt: at, end } = view;
  view.payloadAt = propertiesEnd(bytes, at, end);
  view.propertiesAt = propertiesStart(bytes, at);
  if (view.propertiesAt < view.payloadAt) readPublishProperties(view, sender);
  if (view.topicEnd - view.topicAt === 2 && view.topicAlias === 0) {
    throw withoutTopic(PROTOCOL_ERROR); // section 3.3.2.1
  }
}

function withoutTopic(reason: number): ProtocolError {
  return new ProtocolError(reason, "PUBLISH with an empty topic");
}

/** The first byte of a PUBLISH. */
export function publishFirstByte(qos: QoS, flags: number): number {
  return PUBLISH << 4 | qos << 1 | flags;
}

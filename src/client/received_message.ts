/**
 * A message that has come to a client, as a copy.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { decodeProperties, type Properties } from "../codec/properties.ts";
import type { PublishView } from "../codec/publish.ts";
import { decodeText, isText } from "../codec/text.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { MALFORMED_PACKET, TOPIC_ALIAS_INVALID } from "../codec/reason_code.ts";

/** The message. */
export interface ReceivedMessage {
  /** The topic, also where an alias stood for it. */
  readonly topic: string;
  /** The payload. */
  readonly payload: Uint8Array;
  /** Quality of service of this delivery. */
  readonly qos: QoS;
  /** Whether it was retained. */
  readonly retain: boolean;
  /** Whether it may have come before. */
  readonly dup: boolean;
  /** 0 at QoS 0. */
  readonly packetId: number;
  /** None at levels 3 and 4. */
  readonly properties: Properties;
}

/**
 * Copies the message of `view`.
 *
 * @param aliases What stands for what, on this connection; it learns.
 * @throws {ProtocolError} When the topic is no text, or an alias is unknown.
 */
export function copyReceived(
  view: PublishView,
  aliases: Map<number, string>,
): ReceivedMessage {
  const { bytes, topicAlias, payloadAt, end } = view;
  return {
    topic: topicOf(view, aliases, topicAlias),
    payload: bytes.slice(payloadAt, end),
    qos: view.qos,
    retain: view.retain,
    dup: view.dup,
    packetId: view.packetId,
    properties: decodeProperties(
      "PUBLISH",
      bytes,
      view.propertiesAt,
      payloadAt,
    ),
  };
}

function topicOf(
  { bytes, topicAt, topicEnd }: PublishView,
  aliases: Map<number, string>,
  alias: number,
): string {
  if (topicEnd === topicAt + 2) {
    const topic = aliases.get(alias);
    if (topic !== undefined) return topic;
    throw new ProtocolError(TOPIC_ALIAS_INVALID, "an unknown topic alias");
  }
  if (!isText(bytes, topicAt + 2, topicEnd)) {
    throw new ProtocolError(MALFORMED_PACKET, "a topic that is not UTF-8");
  }
  const topic = decodeText(bytes, topicAt + 2, topicEnd);
  if (alias > 0) aliases.set(alias, topic);
  return topic;
}

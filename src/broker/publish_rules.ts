/**
 * What a client may not publish although it is well formed: what this broker
 * has switched off, and what is not what it says it is.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import {
  PAYLOAD_FORMAT_INVALID,
  PROTOCOL_ERROR,
  QOS_NOT_SUPPORTED,
  QUOTA_EXCEEDED,
  RETAIN_NOT_SUPPORTED,
  SUCCESS,
  TOPIC_ALIAS_INVALID,
} from "../codec/reason_code.ts";
import { expandAlias, expandedSize } from "../codec/expand_alias.ts";
import { isUtf8 } from "../codec/text.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { flushRun } from "./forward_run.ts";
import type { Publication } from "./publication.ts";

/**
 * Looks at the message of a client; returns the reason code to acknowledge
 * it with, SUCCESS when all is well.
 *
 * @throws {ProtocolError} When there is nothing to acknowledge, or what was
 * switched off is used: CONNACK has told that it is.
 */
export function checkPublish(
  { core }: Connection,
  publication: Publication,
): number {
  const { features, checksPayloadFormat } = core.options;
  if (publication.qos > features.maximumQos) {
    // [MQTT5-3.2.2-12]
    throw new ProtocolError(QOS_NOT_SUPPORTED, "a QoS above the maximum");
  }
  if (publication.retain && !features.retain) {
    // [MQTT5-3.2.2-14]
    throw new ProtocolError(RETAIN_NOT_SUPPORTED, "RETAIN is switched off");
  }
  if (!checksPayloadFormat || !publication.isUtf8Payload) return SUCCESS;
  const { bytes, payloadAt, end } = publication;
  if (isUtf8(bytes, payloadAt, end)) return SUCCESS;
  if (publication.qos > 0) return PAYLOAD_FORMAT_INVALID;
  throw new ProtocolError(
    PAYLOAD_FORMAT_INVALID,
    "a payload that is not the UTF-8 it says it is",
  );
}

/**
 * Gives the message the topic that it has in the broker, where an alias
 * stands for it or a mount point goes before it: the packet is written anew,
 * without an alias, and `publication` shows that one.
 *
 * @throws {ProtocolError} When the alias is above the maximum
 * [MQTT5-3.3.2-9] or stands for nothing.
 */
export function settleTopic(
  connection: Connection,
  publication: Publication,
): void {
  const { core, isV5, mountPoint } = connection;
  const { bytes, topicAt, topicEnd } = publication;
  const own = publication.topicAlias > 0
    ? aliasedTopic(connection, publication)
    : bytes.subarray(topicAt, topicEnd);
  const topic = mountPoint === undefined ? own : mountPoint.topic(own);
  const { scratch } = core;
  const size = expandedSize(publication, topic.length, isV5);
  if (!scratch.hasRoom(size)) {
    // What is in there can go now: then the memory is free again.
    flushRun(core, connection);
    scratch.clear();
  }
  const at = scratch.reserve(size);
  expandAlias(publication, topic, isV5, scratch.bytes, scratch.words, at);
  scratch.commit(size);
}

/** The topic, with its length bytes, for which an alias stands. */
function aliasedTopic(
  connection: Connection,
  { bytes, topicAt, topicEnd, topicAlias: alias }: Publication,
): Uint8Array {
  const { topicAliasMax } = connection.core.options.limits;
  const { receivedAliases } = connection.ownExtras;
  if (alias > topicAliasMax) {
    throw new ProtocolError(
      TOPIC_ALIAS_INVALID,
      `topic alias ${alias} is above the maximum of ${topicAliasMax}`,
    );
  }
  const isTold = topicEnd - topicAt > 2;
  if (isTold) {
    const before = receivedAliases.bytes;
    receivedAliases.set(alias, bytes, topicAt, topicEnd);
    countAliases(connection.core, receivedAliases.bytes - before);
  }
  const topic = receivedAliases.get(alias);
  if (topic !== undefined) return topic;
  throw new ProtocolError(
    PROTOCOL_ERROR,
    `topic alias ${alias} stands for no topic`,
  );
}

function countAliases(core: Core, bytes: number): void {
  core.aliasBytes += bytes;
  if (core.aliasBytes <= core.options.limits.topicAliasBytesMax) return;
  throw new ProtocolError(
    QUOTA_EXCEEDED,
    "the topic aliases of all clients take too much",
  );
}

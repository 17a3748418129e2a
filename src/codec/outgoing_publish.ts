/**
 * A PUBLISH on its way out: the message of a {@linkcode PublishView}, in
 * which no alias stands for the topic, in the form that one receiver wants.
 * 3.1 and 3.1.1 have no properties; 5.0 has those of the message, and what
 * the broker adds: subscription identifiers, a topic alias, and the time that
 * is left of the message's life.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { SUBSCRIPTION_IDENTIFIER, TOPIC_ALIAS } from "./property.ts";
import { publishFirstByte, type PublishView } from "./publish.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { writeUint16, writeUint32 } from "./text.ts";

const NO_IDS: readonly number[] = [];
/** A topic alias takes this much: its identifier and two bytes. */
const TOPIC_ALIAS_BYTES = 3;

/** How one receiver gets a message. Reused: set it, measure, write. */
export class OutgoingPublish {
  /** Whether the receiver speaks 5.0. */
  isV5 = false;
  /** Quality of service. */
  qos: QoS = 0;
  /** RETAIN and DUP, as bits of the first byte. */
  flags = 0;
  /** 1 to 65,535; 0 at QoS 0. */
  packetId = 0;
  /** Which of the receiver's subscriptions match [MQTT5-3.3.4-3]. */
  subscriptionIds: readonly number[] = NO_IDS;
  /** The alias of the topic; 0 for none. */
  topicAlias = 0;
  /** Whether the alias is known, and the topic is left out. */
  omitsTopic = false;
  /** Bytes at the topic's beginning that the receiver does not see. */
  topicSkip = 0;
  /** What is left of the message's life, s; −1: as long as it came with. */
  expirySeconds = -1;
  #propertiesLength = 0;
  #remainingLength = 0;

  /** Begins anew, for a receiver of `isV5`. */
  begin(isV5: boolean, qos: QoS, packetId: number, flags: number): void {
    this.isV5 = isV5;
    this.qos = qos;
    this.packetId = packetId;
    this.flags = flags;
    this.subscriptionIds = NO_IDS;
    this.topicAlias = 0;
    this.omitsTopic = false;
    this.topicSkip = 0;
    this.expirySeconds = -1;
  }

  /** Bytes of the whole packet with the message of `view`. */
  measure(view: PublishView): number {
    const topicLength = this.omitsTopic
      ? 2
      : view.topicEnd - view.topicAt - this.topicSkip;
    let remaining = topicLength + (this.qos > 0 ? 2 : 0) +
      view.end - view.payloadAt;
    if (this.isV5) {
      let length = view.payloadAt - view.propertiesAt;
      if (this.topicAlias > 0) length += TOPIC_ALIAS_BYTES;
      for (let i = 0; i < this.subscriptionIds.length; i++) {
        length += 1 + remainingLengthBytes(this.subscriptionIds[i]!);
      }
      this.#propertiesLength = length;
      remaining += remainingLengthBytes(length) + length;
    }
    this.#remainingLength = remaining;
    return 1 + remainingLengthBytes(remaining) + remaining;
  }

  /**
   * Writes all that stands before the payload, which {@linkcode measure} has
   * seen; returns the new end.
   */
  writeHead(out: Uint8Array, at: number, view: PublishView): number {
    out[at++] = publishFirstByte(this.qos, this.flags);
    at = writeRemainingLength(out, at, this.#remainingLength);
    if (this.omitsTopic) at = writeUint16(out, at, 0);
    else if (this.topicSkip > 0) at = this.#writeTopicEnd(out, at, view);
    else at = copy(out, at, view.bytes, view.topicAt, view.topicEnd);
    if (this.qos > 0) at = writeUint16(out, at, this.packetId);
    return this.isV5 ? this.#writeProperties(out, at, view) : at;
  }

  #writeTopicEnd(out: Uint8Array, at: number, view: PublishView): number {
    const startAt = view.topicAt + 2 + this.topicSkip;
    at = writeUint16(out, at, view.topicEnd - startAt);
    return copy(out, at, view.bytes, startAt, view.topicEnd);
  }

  #writeProperties(out: Uint8Array, at: number, view: PublishView): number {
    at = writeRemainingLength(out, at, this.#propertiesLength);
    const { bytes, propertiesAt, payloadAt, expiryAt } = view;
    const ownAt = at;
    at = copy(out, at, bytes, propertiesAt, payloadAt);
    if (expiryAt > 0 && this.expirySeconds >= 0) {
      writeUint32(out, ownAt + expiryAt - propertiesAt, this.expirySeconds);
    }
    if (this.topicAlias > 0) {
      out[at++] = TOPIC_ALIAS;
      at = writeUint16(out, at, this.topicAlias);
    }
    for (let i = 0; i < this.subscriptionIds.length; i++) {
      out[at++] = SUBSCRIPTION_IDENTIFIER;
      at = writeRemainingLength(out, at, this.subscriptionIds[i]!);
    }
    return at;
  }
}

/** Up to here a loop beats `set` and the view that it needs. */
const LOOP_BYTES_MAX = 32;

function copy(
  out: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start > LOOP_BYTES_MAX) out.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) out[at + i - start] = source[i]!;
  return at + end - start;
}

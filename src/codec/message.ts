/**
 * Owned copies of application messages: the one file that copies what must
 * outlive a turn. Everything else borrows.
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import type { PublishView } from "./publish.ts";
import { MALFORMED_PACKET } from "./reason_code.ts";
import { decodeText, encodeText, writeField } from "./text.ts";

/** What one message costs beside its bytes, about, for the limits. */
const MESSAGE_OVERHEAD_BYTES = 96;

/**
 * An application message which the broker owns. It does not change, and is
 * shared by all sessions for which it waits.
 *
 * ```text
 * bytes: [topic length, 2 bytes][topic][payload]
 *                                topicEnd^
 * ```
 */
export class Message {
  /** The topic with its length bytes, then the payload. */
  readonly bytes: Uint8Array;
  /** Where the topic ends and the payload begins. */
  readonly topicEnd: number;
  /** The quality of service it was published with. */
  readonly qos: QoS;

  /** Use {@linkcode copyMessage} or {@linkcode makeMessage}. */
  constructor(bytes: Uint8Array, topicEnd: number, qos: QoS) {
    this.bytes = bytes;
    this.topicEnd = topicEnd;
    this.qos = qos;
  }

  /** The topic name. */
  get topic(): string {
    return decodeText(this.bytes, 2, this.topicEnd);
  }

  /** The payload: a view, not to be changed. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.topicEnd);
  }

  /** Memory that it takes, bytes, about. */
  get size(): number {
    return this.bytes.length + MESSAGE_OVERHEAD_BYTES;
  }
}

/** An owned copy of the message that `view` borrows. */
export function copyMessage(view: PublishView): Message {
  const topicLength = view.topicEnd - view.topicAt;
  const bytes = new Uint8Array(topicLength + view.end - view.payloadAt);
  const source = view.bytes;
  if (view.topicEnd === view.payloadAt) {
    bytes.set(source.subarray(view.topicAt, view.end));
  } else {
    bytes.set(source.subarray(view.topicAt, view.topicEnd));
    bytes.set(source.subarray(view.payloadAt, view.end), topicLength);
  }
  return new Message(bytes, topicLength, view.qos);
}

/**
 * A message from its parts.
 *
 * @throws {ProtocolError} When the topic takes more than 65,535 bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeMessage } from "./message.ts";
 *
 * const message = makeMessage("room/1", Uint8Array.of(20), 1);
 * assertEquals(message.topic, "room/1");
 * assertEquals(message.payload, Uint8Array.of(20));
 * ```
 */
export function makeMessage(
  topic: string,
  payload: Uint8Array,
  qos: QoS,
): Message {
  const name = encodeText(topic);
  if (name.length > 65_535) {
    throw new ProtocolError(
      MALFORMED_PACKET,
      "a topic of more than 65,535 bytes",
    );
  }
  const bytes = new Uint8Array(2 + name.length + payload.length);
  const topicEnd = writeField(bytes, 0, name);
  bytes.set(payload, topicEnd);
  return new Message(bytes, topicEnd, qos);
}

/** Lets `view` borrow `message`, to be routed as if it had arrived. */
export function viewMessage(message: Message, view: PublishView): void {
  view.bytes = message.bytes;
  view.frameAt = 0;
  view.topicAt = 0;
  view.topicEnd = message.topicEnd;
  view.payloadAt = message.topicEnd;
  view.end = message.bytes.length;
  view.packetId = 0;
  view.qos = message.qos;
  view.retain = false;
  view.dup = false;
}

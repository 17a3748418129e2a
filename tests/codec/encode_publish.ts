/**
 * PUBLISH packets as the broker writes them, for tests and benches: a view of
 * a message, what is told of its receiver, and both to bytes.
 */

import { makeMessage, viewMessage } from "../../src/codec/message.ts";
import { OutgoingPublish } from "../../src/codec/outgoing_publish.ts";
import { PublishView } from "../../src/codec/publish.ts";
import type { RandomPublish } from "./random_packets_5.ts";

/** RETAIN and DUP as bits of the first byte. */
export function flagsOf(
  { retain, dup }: Pick<RandomPublish, "retain" | "dup">,
): number {
  return (retain ? 1 : 0) | (dup ? 8 : 0);
}

/** A message with these parts, as one that the broker owns is seen. */
export function viewOf(
  { topic, payload, qos, properties }: Pick<
    RandomPublish,
    "topic" | "payload" | "qos" | "properties"
  >,
): PublishView {
  const view = new PublishView();
  viewMessage(makeMessage(topic, payload, qos, properties), view);
  return view;
}

/**
 * What `packet` has beside its message. Without a topic it has an alias that
 * is known.
 */
export function outgoingOf(
  packet: RandomPublish,
  level: number,
): OutgoingPublish {
  const { topic, qos, packetId, properties } = packet;
  const outgoing = new OutgoingPublish();
  outgoing.begin(level >= 5, qos, packetId, flagsOf(packet));
  outgoing.topicAlias = properties.topicAlias ?? 0;
  outgoing.omitsTopic = topic === "";
  outgoing.subscriptionIds = properties.subscriptionIds ?? [];
  return outgoing;
}

/** Writes head and payload as `broker/send.ts` does; returns the new end. */
export function writePublish(
  outgoing: OutgoingPublish,
  out: Uint8Array,
  at: number,
  view: PublishView,
): number {
  outgoing.measure(view);
  const payload = view.bytes.subarray(view.payloadAt, view.end);
  const headEnd = outgoing.writeHead(out, at, view);
  out.set(payload, headEnd);
  return headEnd + payload.length;
}

/** A PUBLISH as bytes. */
export function encodePublish(
  packet: RandomPublish,
  level: number,
): Uint8Array {
  const outgoing = outgoingOf(packet, level);
  const view = viewOf(packet);
  const frame = new Uint8Array(outgoing.measure(view));
  const end = writePublish(outgoing, frame, 0, view);
  if (end === frame.length) return frame;
  throw new Error(`${end} bytes, and ${frame.length} were measured`);
}

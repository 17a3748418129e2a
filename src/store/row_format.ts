/**
 * Messages and grants as they lie in the rows of a durable store.
 *
 * ```text
 *   head = QoS + 4 × RETAIN + 8 × QoS as published + 32 × payloadAt
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { QoS } from "../base/qos.ts";
import type { Will } from "../codec/connect.ts";
import { makeMessage, Message, viewMessage } from "../codec/message.ts";
import { PublishView } from "../codec/publish.ts";
import { readUint32 } from "../codec/text.ts";
import { Delivery } from "../session/delivery.ts";
import { type Grant, PLAIN_GRANTS } from "../topic/subscription.ts";

const NO_IDS: readonly number[] = [];

/** A row that holds a message, or says which one. */
export interface MessageRow {
  /** See above. */
  readonly head: number;
  /** When it expires, milliseconds since 1970. */
  readonly expires_at: number | null;
  /** The message's bytes. */
  readonly body: Uint8Array | null;
}

/** What a store's clock and the broker's differ by. */
export interface ClockOffset {
  /** To be added to the broker's time for milliseconds since 1970. */
  readonly offsetMs: number;
  /** The broker's time. */
  readonly nowMs: number;
}

/** How a message goes out, and where its payload begins. */
export function headOf(
  message: Message,
  qos: QoS,
  retain: boolean,
): number {
  return qos + (retain ? 4 : 0) + message.qos * 8 + message.payloadAt * 32;
}

/** When `message` expires, milliseconds since 1970; null for never. */
export function expiresAt(
  message: Message,
  offsetMs: number,
): number | null {
  const { expiresAtMs } = message;
  return expiresAtMs === Infinity ? null : Math.round(expiresAtMs + offsetMs);
}

/** The message of a row. */
export function messageOf(row: MessageRow, clock: ClockOffset): Message {
  const bytes = row.body;
  assert(bytes !== null, "a row with a message");
  const topicEnd = 2 + (bytes[0]! << 8 | bytes[1]!);
  const payloadAt = Math.floor(row.head / 32);
  const qos = (row.head >> 3 & 3) as QoS;
  const message = new Message(bytes, topicEnd, qos, payloadAt);
  if (row.expires_at === null) return message;
  const view = new PublishView();
  viewMessage(message, view);
  const { expiryAt } = view;
  // A clock that was set back must not lengthen its life.
  const mostMs = clock.nowMs + readUint32(bytes, expiryAt) * 1000;
  const atMs = Math.min(row.expires_at - clock.offsetMs, mostMs);
  return new Message(bytes, topicEnd, qos, payloadAt, expiryAt, atMs);
}

/** What a delivery has beyond its head; null for the usual one. */
export function extraOf({ subscriptionIds, share }: Delivery): string | null {
  if (subscriptionIds.length === 0 && share === "") return null;
  return JSON.stringify([subscriptionIds, share]);
}

/** The delivery of `message` by a row. */
export function deliveryOf(
  message: Message,
  head: number,
  extra: string | null,
): Delivery {
  const qos = (head & 3) as QoS;
  const retain = (head & 4) !== 0;
  if (extra === null) return new Delivery(message, qos, retain);
  const [ids, share] = JSON.parse(extra) as [number[], string];
  return new Delivery(message, qos, retain, ids, share);
}

/** The deliveries of a page of rows. */
export function pageOf(
  rows: readonly (MessageRow & { readonly extra: string | null })[],
  clock: ClockOffset,
): Delivery[] {
  return rows.map((row) =>
    deliveryOf(messageOf(row, clock), row.head, row.extra)
  );
}

/** The options of a grant as a number. */
export function optionsOf(grant: Grant): number {
  return grant.qos + (grant.noLocal ? 4 : 0) +
    (grant.retainAsPublished ? 8 : 0);
}

/** A grant from its options and identifiers. */
export function grantOf(options: number, ids: string | null): Grant {
  const qos = (options & 3) as QoS;
  if (options === qos && ids === null) return PLAIN_GRANTS[qos];
  return {
    qos,
    noLocal: (options & 4) !== 0,
    retainAsPublished: (options & 8) !== 0,
    subscriptionIds: ids === null ? NO_IDS : JSON.parse(ids) as number[],
  };
}

/** A will that waits, as head, delay and body. */
export function willValues(
  will: Will | undefined,
): [number, number, Uint8Array] | [null, null, null] {
  if (will === undefined) return [null, null, null];
  const { topic, payload, qos, retain, properties } = will;
  const message = makeMessage(topic, payload, qos, properties);
  const delay = properties.willDelaySeconds ?? 0;
  return [headOf(message, qos, retain), delay, message.bytes];
}

/** The will of a row. */
export function willOf(
  head: number,
  delay: number,
  body: Uint8Array,
): Will {
  const row = { head, expires_at: null, body };
  const message = messageOf(row, { offsetMs: 0, nowMs: 0 });
  const { topic, payload, qos, properties } = message;
  return {
    topic,
    payload,
    qos,
    retain: (head & 4) !== 0,
    properties: { ...properties, willDelaySeconds: delay },
  };
}

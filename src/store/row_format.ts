/**
 * Messages and grants as they lie in the rows of a durable store.
 *
 * ```text
 *   head = QoS + 4 × RETAIN + 8 × QoS as published + 32 × payloadAt
 * ```
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Will } from "../codec/connect.ts";
import { makeMessage, Message, viewMessage } from "../codec/message.ts";
import { PublishView } from "../codec/publish.ts";
import { readUint32 } from "../codec/text.ts";
import { Delivery } from "../session/delivery.ts";
import { type Grant, PLAIN_GRANTS } from "../topic/subscription.ts";

const NO_IDS: readonly number[] = [];
/** Stands for one that can't be read: without a topic, and expired. */
const LOST = new Delivery(
  new Message(Uint8Array.of(0, 0), 2, 0, 2, 0, -Infinity),
  0,
);

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

/**
 * The message of a row.
 *
 * @throws When it is none.
 */
export function messageOf(row: MessageRow, clock: ClockOffset): Message {
  const { body: bytes, head } = row;
  if (!(bytes instanceof Uint8Array)) throw new Error("a row without bytes");
  const topicEnd = 2 + (bytes[0]! << 8 | bytes[1]!);
  const payloadAt = Math.floor(head / 32);
  const qos = (head >> 3 & 3) as QoS;
  const isWhole = topicEnd <= payloadAt && payloadAt <= bytes.length;
  if (!isWhole || qos > 2 || (head & 3) > 2) throw new Error("no message");
  const message = new Message(bytes, topicEnd, qos, payloadAt);
  if (row.expires_at === null) return message;
  const view = new PublishView();
  viewMessage(message, view);
  const { expiryAt } = view;
  if (expiryAt === 0) throw new Error("a message that does not expire");
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

/**
 * The delivery of `message` by a row.
 *
 * @throws When it says none.
 */
export function deliveryOf(
  message: Message,
  head: number,
  extra: string | null,
): Delivery {
  const qos = (head & 3) as QoS;
  const retain = (head & 4) !== 0;
  if (extra === null) return new Delivery(message, qos, retain);
  const [ids, share] = JSON.parse(extra) as [number[], string];
  const isSound = Array.isArray(ids) && typeof share === "string";
  if (!isSound) throw new Error("nothing that stands beside a message");
  return new Delivery(message, qos, retain, ids, share);
}

/**
 * The deliveries of a page of rows. One that can't be read is as if its time
 * were over, so that the others behind it come to their client.
 *
 * @param lost Told why one can't be.
 */
export function pageOf(
  rows: readonly (MessageRow & { readonly extra: string | null })[],
  clock: ClockOffset,
  lost: (why: unknown) => void,
): Delivery[] {
  return rows.map((row) => {
    try {
      return deliveryOf(messageOf(row, clock), row.head, row.extra);
    } catch (error) {
      lost(error);
      return LOST;
    }
  });
}

/** The options of a grant as a number. */
export function optionsOf(grant: Grant): number {
  return grant.qos + (grant.noLocal ? 4 : 0) +
    (grant.retainAsPublished ? 8 : 0);
}

/**
 * A grant from its options and identifiers.
 *
 * @throws When they are none.
 */
export function grantOf(options: number, ids: string | null): Grant {
  const qos = (options & 3) as QoS;
  if (qos > 2) throw new Error("a grant of QoS 3");
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

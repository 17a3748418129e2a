/**
 * A PUBLISH written anew with another topic: where it was a number (MQTT 5.0
 * section 3.3.2.3.4), or where a mount point goes before it. What follows in
 * the broker knows neither.
 *
 * @module
 */

import { QOS_BITS } from "./packet_type.ts";
import type { PublishView } from "./publish.ts";
import {
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";

/** A topic alias takes this much: its identifier and two bytes. */
const TOPIC_ALIAS_BYTES = 3;
/** Beyond this `set` beats a loop over words; below it, its view costs. */
export const WORDS_BYTES_MAX = 256;

/** How many bytes the packet of `view` takes with a topic of `topicBytes`. */
export function expandedSize(
  view: PublishView,
  topicBytes: number,
  isV5: boolean,
): number {
  const remaining = expandedRemaining(view, topicBytes, isV5);
  return 1 + remainingLengthBytes(remaining) + remaining;
}

function expandedRemaining(
  view: PublishView,
  topicBytes: number,
  isV5: boolean,
): number {
  const rest = topicBytes + (view.qos > 0 ? 2 : 0) + view.end - view.payloadAt;
  if (!isV5) return rest;
  const properties = propertiesLength(view);
  return rest + remainingLengthBytes(properties) + properties;
}

function propertiesLength(view: PublishView): number {
  const length = view.payloadAt - view.propertiesAt;
  return view.topicAlias > 0 ? length - TOPIC_ALIAS_BYTES : length;
}

/**
 * Writes the packet of `view` with another topic, without an alias, and lets
 * `view` show it.
 *
 * @param topic The topic with its length bytes.
 * @param out Where to: there is room for {@linkcode expandedSize} from `at`.
 * @param words The same memory as `out`.
 */
export function expandAlias(
  view: PublishView,
  topic: Uint8Array,
  isV5: boolean,
  out: Uint8Array,
  words: DataView,
  at: number,
): void {
  const { bytes } = view;
  const hasAlias = view.topicAlias > 0;
  const aliasAt = hasAlias ? view.topicAliasAt : view.payloadAt;
  const frameAt = at;
  out[at++] = bytes[view.frameAt]!;
  const remaining = expandedRemaining(view, topic.length, isV5);
  at = writeRemainingLength(out, at, remaining);
  const topicAt = at;
  for (let i = 0; i < topic.length; i++) out[at++] = topic[i]!;
  const topicEnd = at;
  if ((bytes[view.frameAt]! & QOS_BITS) !== 0) {
    out[at++] = view.packetId >> 8;
    out[at++] = view.packetId;
  }
  const length = propertiesLength(view);
  if (isV5) at = writeRemainingLength(out, at, length);
  const propertiesAt = at;
  if (length > 0) {
    for (let i = view.propertiesAt; i < aliasAt; i++) out[at++] = bytes[i]!;
    const restAt = hasAlias ? aliasAt + TOPIC_ALIAS_BYTES : aliasAt;
    for (let i = restAt; i < view.payloadAt; i++) out[at++] = bytes[i]!;
  }
  if (view.expiryAt > 0) {
    const shift = view.expiryAt > aliasAt ? TOPIC_ALIAS_BYTES : 0;
    view.expiryAt += propertiesAt - view.propertiesAt - shift;
  }
  const payloadAt = at;
  at = copyPayload(view, out, words, at);
  view.bytes = out;
  view.frameAt = frameAt;
  view.topicAt = topicAt;
  view.topicEnd = topicEnd;
  view.propertiesAt = propertiesAt;
  view.payloadAt = payloadAt;
  view.end = at;
  view.topicAlias = view.topicAliasAt = 0;
}

/**
 * Expands a packet that is like the last one but for its payload, behind it.
 *
 * @param view Shows the last one, expanded; then this one.
 * @param words The memory in which the packet lies as it came.
 * @param payloadAt Where its payload begins there.
 */
export function expandAlike(
  view: PublishView,
  out: DataView,
  words: DataView,
  payloadAt: number,
): void {
  const { bytes, frameAt, end } = view;
  const size = end - frameAt;
  const headEnd = view.payloadAt + size;
  for (let i = frameAt, at = end; at < headEnd;) bytes[at++] = bytes[i++]!;
  view.frameAt = end;
  view.topicAt += size;
  view.topicEnd += size;
  view.propertiesAt += size;
  view.payloadAt = headEnd;
  view.end = end + size;
  if (view.expiryAt > 0) view.expiryAt += size;
  copyWords(out, headEnd, view.end, words, payloadAt);
}

/** Copies `words` from `from` on to `out[at, end)`. */
function copyWords(
  out: DataView,
  at: number,
  end: number,
  words: DataView,
  from: number,
): void {
  for (; at + 4 <= end; at += 4, from += 4) {
    out.setUint32(at, words.getUint32(from));
  }
  for (; at < end; at++, from++) out.setUint8(at, words.getUint8(from));
}

function copyPayload(
  view: PublishView,
  out: Uint8Array,
  words: DataView,
  at: number,
): number {
  const { bytes, payloadAt, end } = view;
  const outEnd = at + end - payloadAt;
  if (end - payloadAt > WORDS_BYTES_MAX) {
    out.set(bytes.subarray(payloadAt, end), at);
  } else copyWords(words, at, outEnd, view.words, payloadAt);
  return outEnd;
}

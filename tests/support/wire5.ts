/**
 * MQTT 5.0 on the wire, as a test sees it: encoders for what a client sends.
 * What a server sends is read by `wire5_server.ts`. Like `wire.ts`, which is
 * for the older versions, it is an oracle: it shares no code with `src/codec`
 * and writes what it is asked for, right or wrong.
 */

import {
  AUTH,
  CONNECT,
  type ConnectFields as OldConnectFields,
  connectFlags,
  DISCONNECT,
  field,
  frame,
  join,
  type Part,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  type PublishFields as OldPublishFields,
  PUBREC,
  PUBREL,
  raw,
  SUBSCRIBE,
  type Text,
  u16,
  UNSUBSCRIBE,
  type Will as OldWill,
} from "./wire.ts";
import { block, type PropertyBlock } from "./wire5_properties.ts";

export {
  frame,
  join,
  longer,
  type Part,
  pingreq,
  type Qos,
  shorter,
  type Text,
  u16,
  withFlags,
} from "./wire.ts";
export { type DisconnectPacket, type PublishPacket } from "./wire5_server.ts";
export { decode, type ServerPacket } from "./wire5_server.ts";
export { block, encode, type Properties } from "./wire5_properties.ts";

export interface Will extends OldWill {
  properties?: PropertyBlock;
}

export interface ConnectFields
  extends Omit<OldConnectFields, "cleanSession" | "will"> {
  cleanStart?: boolean;
  will?: Will;
  properties?: PropertyBlock;
}

export interface PublishFields extends OldPublishFields {
  properties?: PropertyBlock;
}

/** Subscription options, or the byte that stands for them. */
export interface Subscription {
  filter: Text;
  qos?: number;
  noLocal?: boolean;
  retainAsPublished?: boolean;
  retainHandling?: number;
  /** Replaces the options byte. */
  options?: number;
}

/** A CONNECT; `more` is put after the last field. */
export function connect(
  fields: ConnectFields = {},
  ...more: Part[]
): Uint8Array {
  const { will, userName, password, cleanStart = true } = fields;
  const parts: Part[] = [
    field(fields.protocolName ?? "MQTT"),
    fields.level ?? 5,
    fields.flags ?? connectFlags({ ...fields, cleanSession: cleanStart }),
    u16(fields.keepAliveS ?? 0),
    block(fields.properties),
    field(fields.clientId ?? "client"),
  ];
  if (will) {
    parts.push(block(will.properties), field(will.topic));
    parts.push(field(will.payload ?? ""));
  }
  if (userName !== undefined) parts.push(field(userName));
  if (password !== undefined) parts.push(field(password));
  return frame(CONNECT << 4, ...parts, ...more);
}

export function publish(fields: PublishFields): Uint8Array {
  const qos = fields.qos ?? 0;
  const firstByte = (PUBLISH << 4) | (fields.dup ? 8 : 0) | (qos << 1) |
    (fields.retain ? 1 : 0);
  const id = qos > 0 ? u16(fields.packetId ?? 1) : [];
  const payload = raw(fields.payload ?? "");
  const properties = block(fields.properties);
  return frame(firstByte, field(fields.topic), id, properties, payload);
}

export function puback(id: number, ...more: Reason): Uint8Array {
  return frame(PUBACK << 4, u16(id), ...reasonParts(more));
}

export function pubrec(id: number, ...more: Reason): Uint8Array {
  return frame(PUBREC << 4, u16(id), ...reasonParts(more));
}

export function pubrel(id: number, ...more: Reason): Uint8Array {
  return frame((PUBREL << 4) | 2, u16(id), ...reasonParts(more));
}

export function pubcomp(id: number, ...more: Reason): Uint8Array {
  return frame(PUBCOMP << 4, u16(id), ...reasonParts(more));
}

export function subscribe(
  packetId: number,
  subscriptions: readonly Subscription[],
  properties?: PropertyBlock,
): Uint8Array {
  const parts = subscriptions.map((one) =>
    join(field(one.filter), one.options ?? optionsOf(one))
  );
  const head = join(u16(packetId), block(properties));
  return frame((SUBSCRIBE << 4) | 2, head, ...parts);
}

export function unsubscribe(
  packetId: number,
  filters: readonly Text[],
  properties?: PropertyBlock,
): Uint8Array {
  const parts = filters.map((filter) => field(filter));
  const head = join(u16(packetId), block(properties));
  return frame((UNSUBSCRIBE << 4) | 2, head, ...parts);
}

export function disconnect(...more: Reason): Uint8Array {
  return frame(DISCONNECT << 4, ...reasonParts(more));
}

export function auth(...more: Reason): Uint8Array {
  return frame(AUTH << 4, ...reasonParts(more));
}

/** What may be left out at the end of most packets, in this order. */
type Reason = [reason?: number, properties?: PropertyBlock];

function reasonParts([reason, properties]: Reason): Part[] {
  if (reason === undefined) return [];
  return properties === undefined ? [reason] : [reason, block(properties)];
}

function optionsOf(one: Subscription): number {
  return (one.qos ?? 0) | (one.noLocal ? 4 : 0) |
    (one.retainAsPublished ? 8 : 0) | ((one.retainHandling ?? 0) << 4);
}

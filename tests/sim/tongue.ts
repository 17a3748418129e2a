/**
 * MQTT 3.1, 3.1.1 and 5.0 as one language, for the clients of the simulated
 * world that is switched off: what they say as bytes, and what comes as
 * packets of 5.0, whichever version the connection speaks.
 */

import * as old from "../support/wire.ts";
import * as v5 from "../support/wire5.ts";

export type Level = 3 | 4 | 5;
export type Qos = old.Qos;

/** Never, in seconds: 5.0 section 3.1.2.11.2. */
export const FOREVER_SECONDS = 0xffff_ffff;

/** A will that a client leaves with the broker. */
export interface SimWill {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly delaySeconds: number;
}

/** How a client connects. */
export interface Terms {
  readonly level: Level;
  readonly isClean: boolean;
  /** How long the session outlives the connection. */
  readonly expirySeconds: number;
  readonly keepAliveS: number;
  readonly receiveMaximum: number;
  readonly will: SimWill | undefined;
}

/** What a client publishes. */
export interface Publish {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
  /** Sent with 5.0 only. */
  readonly expirySeconds: number | undefined;
}

/** What a server says, as far as clients of the simulation listen. */
export type Answer =
  | { type: "connack"; isPresent: boolean; reason: number }
  | {
    type: "publish";
    topic: string;
    payload: string;
    qos: number;
    retain: boolean;
    dup: boolean;
    packetId: number;
    expirySeconds: number | undefined;
  }
  | {
    type: "puback" | "pubrec" | "pubrel" | "pubcomp" | "suback" | "unsuback";
    packetId: number;
    reason: number;
  }
  | { type: "other" };

export type Received = Extract<Answer, { type: "publish" }>;

export function connectBytes(clientId: string, terms: Terms): Uint8Array {
  const { level, isClean, keepAliveS, will } = terms;
  if (level < 5) {
    const common = { level, cleanSession: isClean, keepAliveS, clientId };
    return old.connect(will === undefined ? common : { ...common, will });
  }
  const { receiveMaximum, expirySeconds } = terms;
  return v5.connect({
    clientId,
    cleanStart: isClean,
    keepAliveS,
    properties: {
      receiveMaximum,
      ...(expirySeconds > 0 && { sessionExpirySeconds: expirySeconds }),
    },
    ...(will !== undefined && {
      will: { ...will, properties: { willDelaySeconds: will.delaySeconds } },
    }),
  });
}

export function publishBytes(
  level: Level,
  { expirySeconds, ...publish }: Publish,
  packetId: number,
  dup: boolean,
): Uint8Array {
  const fields = { ...publish, packetId, dup };
  if (level < 5) return old.publish(fields);
  const properties = expirySeconds === undefined
    ? {}
    : { messageExpirySeconds: expirySeconds };
  return v5.publish({ ...fields, properties });
}

export function subscribeBytes(
  level: Level,
  packetId: number,
  filter: string,
  qos: Qos,
): Uint8Array {
  if (level < 5) return old.subscribe(packetId, [filter, qos]);
  return v5.subscribe(packetId, [{ filter, qos }]);
}

export function unsubscribeBytes(
  level: Level,
  packetId: number,
  filter: string,
): Uint8Array {
  if (level < 5) return old.unsubscribe(packetId, filter);
  return v5.unsubscribe(packetId, [filter]);
}

export function disconnectBytes(
  level: Level,
  reason: number,
  expirySeconds: number | undefined,
): Uint8Array {
  if (level < 5) return old.disconnect();
  if (expirySeconds === undefined) return v5.disconnect(reason);
  return v5.disconnect(reason, { sessionExpirySeconds: expirySeconds });
}

export function answerBytes(
  type: "puback" | "pubrec" | "pubrel" | "pubcomp",
  packetId: number,
): Uint8Array {
  return old[type](packetId); // alike in all versions when all is well
}

/** Where the first packet in `bytes` ends; 0 while it is not whole. */
export function firstEnd(bytes: Uint8Array): number {
  let length = 0;
  for (let at = 1, weight = 1; at < bytes.length; at++, weight *= 128) {
    length += (bytes[at]! & 127) * weight;
    if (bytes[at]! >= 128) continue;
    const end = at + 1 + length;
    return end <= bytes.length ? end : 0;
  }
  return 0;
}

/** Reads one whole packet. */
export function decodeAnswer(level: Level, bytes: Uint8Array): Answer {
  if (level === 5) return fromNew(v5.decode(bytes)[0]!);
  return fromOld(old.decode(bytes)[0]!);
}

function fromNew(packet: v5.ServerPacket): Answer {
  switch (packet.type) {
    case "connack": {
      const { type, flags, reason } = packet;
      return { type, isPresent: flags > 0, reason };
    }
    case "publish": {
      const { properties, ...rest } = packet;
      return { ...rest, expirySeconds: properties.messageExpirySeconds };
    }
    case "suback":
    case "unsuback": {
      const { type, packetId, reasons } = packet;
      return { type, packetId, reason: reasons[0]! };
    }
    case "disconnect":
    case "auth":
    case "pingresp":
      return { type: "other" };
    default: {
      const { type, packetId, reason } = packet;
      return { type, packetId, reason };
    }
  }
}

function fromOld(packet: old.ServerPacket): Answer {
  switch (packet.type) {
    case "connack": {
      const { type, flags, returnCode } = packet;
      return { type, isPresent: flags > 0, reason: returnCode };
    }
    case "publish":
      return { ...packet, expirySeconds: undefined };
    case "suback": {
      const { type, packetId, returnCodes } = packet;
      return { type, packetId, reason: returnCodes[0]! };
    }
    case "pingresp":
      return { type: "other" };
    default:
      return { ...packet, reason: 0 };
  }
}

/**
 * Sample packets of each type of MQTT 3.1.1, in our form and in that of
 * `mqtt-packet`, and streams of them as a socket would bring them.
 */

import { Buffer } from "node:buffer";
import type { QoS } from "../../src/base/qos.ts";
import {
  writeAcknowledgement,
  writeBodiless,
} from "../../src/codec/acknowledgement.ts";
import { encodeConnack } from "../../src/codec/connack.ts";
import { type Connect, encodeConnect } from "../../src/codec/connect.ts";
import { OutgoingPublish } from "../../src/codec/outgoing_publish.ts";
import * as types from "../../src/codec/packet_type.ts";
import { NO_PROPERTIES } from "../../src/codec/properties.ts";
import { encodeSuback } from "../../src/codec/suback.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
} from "../../src/codec/subscribe.ts";
import { encodeText } from "../../src/codec/text.ts";
import { viewOf, writePublish } from "../../tests/codec/encode_publish.ts";
import { Random } from "../../tests/fuzz/random.ts";

/** Packets of one kind. */
export interface Sample {
  readonly name: string;
  /** The protocol level: 4 is MQTT 3.1.1, 5 is 5.0. */
  readonly level: number;
  /** {@linkcode SAMPLE_PACKETS} packets as `mqtt-packet` takes them. */
  readonly packets: readonly object[];
  /** Writes the one at `index`, which is ready too; returns the new end. */
  write(out: Uint8Array, at: number, index: number): number;
}

/** A stream of packets in chunks, each both as an array and as a Buffer. */
export interface Stream {
  readonly count: number;
  readonly chunks: readonly Uint8Array[];
  readonly buffers: readonly Uint8Array[];
}

export const SAMPLE_PACKETS = 64;
/** Room for any of the packets. */
export const PACKET_BYTES_MAX = 32 << 10;
const SEED = 20;
/** The protocol level: MQTT 3.1.1. */
const LEVEL = 4;

/** All kinds, in the order of their type. */
export function samples(): Sample[] {
  return [
    ...connectSamples(),
    sample(
      types.CONNACK,
      () => ({ reason: 0, sessionPresent: true, properties: NO_PROPERTIES }),
      () => ({ returnCode: 0, sessionPresent: true }),
      (out, at, packet) => append(out, at, encodeConnack(packet, LEVEL)),
    ),
    ...publishSamples(),
    acknowledgement(types.PUBACK),
    acknowledgement(types.PUBREC),
    acknowledgement(types.PUBREL),
    acknowledgement(types.PUBCOMP),
    ...subscriptionSamples(),
    acknowledgement(types.UNSUBACK),
    bodiless(types.PINGREQ),
    bodiless(types.PINGRESP),
    bodiless(types.DISCONNECT),
  ];
}

/** PUBLISH alone: sizes and levels of quality. */
export function publishSamples(): Sample[] {
  return [
    publishSample(0, 64),
    publishSample(1, 64),
    publishSample(2, 64),
    publishSample(0, 1024),
    publishSample(0, 16_384),
  ];
}

/** At least `bytesMin` of packets of one kind, the last one whole. */
export function streamOf(
  { write }: Sample,
  bytesMin: number,
  chunkBytes: number,
): Stream {
  const all = new Uint8Array(bytesMin + PACKET_BYTES_MAX);
  let end = 0;
  let count = 0;
  while (end < bytesMin) end = write(all, end, count++ % SAMPLE_PACKETS);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < end; at += chunkBytes) {
    chunks.push(all.subarray(at, Math.min(at + chunkBytes, end)));
  }
  const buffers = chunks.map(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer, byteOffset, length)
  );
  return { count, chunks, buffers };
}

function sample<P>(
  type: number,
  ourPacket: (id: number) => P,
  theirPacket: (id: number) => object,
  write: (out: Uint8Array, at: number, packet: P) => number,
): Sample {
  const name = types.PACKET_NAMES[type]!;
  const cmd = name.toLowerCase();
  const ours: P[] = [];
  const packets: object[] = [];
  for (let index = 0; index < SAMPLE_PACKETS; index++) {
    const id = 1 + index * 1009; // both bytes of an id are in use
    ours.push(ourPacket(id));
    packets.push({ cmd, ...theirPacket(id) });
  }
  return {
    name,
    level: LEVEL,
    packets,
    write: (out, at, index) => write(out, at, ours[index]!),
  };
}

/** What our encoders return is copied, as into a connection's queue. */
function append(out: Uint8Array, at: number, packet: Uint8Array): number {
  out.set(packet, at);
  return at + packet.length;
}

function acknowledgement(type: number): Sample {
  return sample(
    type,
    (id) => id,
    (id) => ({ messageId: id }),
    (out, at, id) => writeAcknowledgement(out, at, type, id),
  );
}

function bodiless(type: number): Sample {
  return sample(
    type,
    () => type,
    () => ({}),
    (out, at) => writeBodiless(out, at, type),
  );
}

function connectSamples(): Sample[] {
  const topic = "site/7/device/70/state";
  const payload = encodeText("lost");
  const userName = "device-70";
  const password = encodeText("correct horse battery");
  const full = connectSample(
    {
      will: { topic, payload, qos: 1, retain: true, properties: NO_PROPERTIES },
      userName,
      password,
    },
    {
      will: { topic, payload: Buffer.from(payload), qos: 1, retain: true },
      username: userName,
      password: Buffer.from(password),
    },
  );
  const none = { will: undefined, userName: undefined, password: undefined };
  return [
    connectSample(none, {}),
    { ...full, name: `${full.name}, will and login` },
  ];
}

function connectSample(
  ours: Pick<Connect, "will" | "userName" | "password">,
  theirs: object,
): Sample {
  return sample<Connect>(
    types.CONNECT,
    (id) => ({
      level: 4,
      clientId: `device-${id}`,
      cleanSession: true,
      keepAliveSeconds: 60,
      properties: NO_PROPERTIES,
      ...ours,
    }),
    (id) => ({
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: `device-${id}`,
      clean: true,
      keepalive: 60,
      ...theirs,
    }),
    (out, at, connect) => append(out, at, encodeConnect(connect)),
  );
}

/** Ours forwards a message that it has. Theirs begins with text. */
function publishSample(qos: QoS, payloadBytes: number): Sample {
  const random = new Random(SEED);
  const payload = new Uint8Array(payloadBytes);
  for (let i = 0; i < payloadBytes; i++) payload[i] = random.below(256);
  const topicOf = (id: number) =>
    `site/${id % 97}/device/${id}/sensor/${id % 7}`;
  const outgoing = new OutgoingPublish();
  const made = sample(
    types.PUBLISH,
    (id) => ({
      view: viewOf({
        topic: topicOf(id),
        payload,
        qos,
        properties: NO_PROPERTIES,
      }),
      id: qos > 0 ? id : 0,
    }),
    (id) => ({
      topic: topicOf(id),
      payload: Buffer.from(payload),
      qos,
      retain: false,
      dup: false,
      ...(qos > 0 && { messageId: id }),
    }),
    (out, at, { view, id }) => {
      outgoing.begin(false, qos, id, 0);
      return writePublish(outgoing, out, at, view);
    },
  );
  const size = payloadBytes < 1024
    ? `${payloadBytes} B`
    : `${payloadBytes / 1024} KiB`;
  return { ...made, name: `${made.name} QoS ${qos}, ${size}` };
}

/** Three filters each. */
function subscriptionSamples(): Sample[] {
  const filtersOf = (id: number) => [
    `site/${id % 97}/device/${id}/#`,
    `site/${id % 97}/alarm`,
    "site/+/notice",
  ];
  const qos = 1 as const;
  const options = {
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  } as const;
  return [
    sample(
      types.SUBSCRIBE,
      (id) => ({
        packetId: id,
        entries: filtersOf(id).map((filter) => ({ filter, qos, ...options })),
        properties: NO_PROPERTIES,
      }),
      (id) => ({
        messageId: id,
        subscriptions: filtersOf(id).map((topic) => ({ topic, qos })),
      }),
      (out, at, packet) => append(out, at, encodeSubscribe(packet, LEVEL)),
    ),
    sample(
      types.SUBACK,
      (id) => ({
        packetId: id,
        reasonCodes: [1, 1, 0],
        properties: NO_PROPERTIES,
      }),
      (id) => ({ messageId: id, granted: [1, 1, 0] }),
      (out, at, packet) => append(out, at, encodeSuback(packet, LEVEL)),
    ),
    sample(
      types.UNSUBSCRIBE,
      (id) => ({
        packetId: id,
        filters: filtersOf(id),
        properties: NO_PROPERTIES,
      }),
      (id) => ({ messageId: id, unsubscriptions: filtersOf(id) }),
      (out, at, packet) => append(out, at, encodeUnsubscribe(packet, LEVEL)),
    ),
  ];
}

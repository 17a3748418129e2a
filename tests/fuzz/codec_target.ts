/**
 * The framer and the decoders behind it: any bytes are packets and then, at
 * worst, one ProtocolError; however they are split they are the same ones;
 * and what was read is read again when it is written.
 */

import {
  encodeAcknowledgement5,
  packetIdOf,
  readAcknowledgement,
  readBodiless,
  reasonOf,
} from "../../src/codec/acknowledgement.ts";
import { encodeAuth, readAuth } from "../../src/codec/auth.ts";
import { encodeConnack, readConnack } from "../../src/codec/connack.ts";
import { encodeConnect, readConnect } from "../../src/codec/connect.ts";
import {
  encodeDisconnect,
  readDisconnect,
} from "../../src/codec/disconnect.ts";
import { Framer } from "../../src/codec/framer.ts";
import { copyMessage, viewMessage } from "../../src/codec/message.ts";
import * as packetType from "../../src/codec/packet_type.ts";
import { decodeProperties, NO_PROPERTIES } from "../../src/codec/properties.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import {
  encodeSuback,
  encodeUnsuback,
  readSuback,
  readUnsuback,
} from "../../src/codec/suback.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
  readSubscribe,
  readUnsubscribe,
} from "../../src/codec/subscribe.ts";
import { ALL_FRAMES } from "../codec/fixtures.ts";
import { ALL_FRAMES_5 } from "../codec/fixtures_5.ts";
import { assertEquals } from "../support/std_assert.ts";
import { join } from "../support/wire.ts";
import type { Target } from "./fuzzer.ts";
import { mutate } from "./mutate.ts";
import { pieces, Random } from "./random.ts";

const FRAMES: readonly Uint8Array[] = [...ALL_FRAMES, ...ALL_FRAMES_5];
const PACKET_BYTES_MAX = 4096;
const PROBE_SPLITS = 3;

const FIRST_BYTES = [
  packetType.FIRST_BYTE_VALID_3_1,
  packetType.FIRST_BYTE_VALID,
  packetType.FIRST_BYTE_VALID_5,
];

/** How the stream is read: the first byte of the input says it. */
interface Reading {
  readonly level: number;
  readonly sender: packetType.Sender;
}

/** A packet that was read, and how it would be written. */
interface Read {
  readonly value: unknown;
  readonly written?: Uint8Array;
}

export const CODEC_TARGET: Target = {
  name: "codec",
  make(random) {
    const frames = random.chance(50) ? ALL_FRAMES : ALL_FRAMES_5;
    const stream = join(...random.list(1, 5, () => random.pick(frames)));
    return join(random.below(6), mutate(random, stream, FRAMES));
  },
  run(input) {
    const [first = 0] = input;
    const stream = input.subarray(1);
    const sender = first % 2 === 0 ? "client" : "server";
    const reading: Reading = { level: 3 + (first >> 1) % 3, sender };
    const whole = outcome(reading, [stream]);
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    assertEquals(outcome(reading, bytes), whole);
    for (let seed = 1; seed <= PROBE_SPLITS; seed++) {
      const parts = pieces(new Random(seed), stream);
      assertEquals(outcome(reading, parts), whole);
    }
  },
};

/** All packets, and what came last, in words. */
function outcome(
  reading: Reading,
  parts: readonly Uint8Array[],
): readonly string[] {
  const framer = new Framer(PACKET_BYTES_MAX);
  framer.firstBytes = FIRST_BYTES[reading.level - 3]!;
  const words: string[] = [];
  try {
    for (const part of parts) {
      const chunk = part.slice();
      framer.feed(chunk, chunk.length);
      while (framer.next()) words.push(readFrame(framer, reading));
      // A chunk is only lent.
      chunk.fill(0xee);
    }
    words.push(`and ${framer.keptBytes} bytes`);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    words.push(`0x${error.reason.toString(16)} ${error.message}`);
  }
  return words;
}

function readFrame(framer: Framer, reading: Reading): string {
  const { bytes, start, body, end } = framer;
  const { value, written } = read(bytes, start, body, end, reading);
  const words = JSON.stringify(value);
  if (written === undefined) return words;
  const again = new Framer(written.length);
  again.firstBytes = framer.firstBytes;
  again.feed(written, written.length);
  assertEquals(again.next(), true);
  const { value: same } = read(written, 0, again.body, again.end, reading);
  assertEquals(JSON.stringify(same), words, "written and read again");
  return words;
}

function read(
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  reading: Reading,
): Read {
  const { level, sender } = reading;
  const type = bytes[start]! >> 4;
  switch (type) {
    case packetType.CONNECT: {
      const value = readConnect(bytes, at, end);
      const isKnown = value.level >= 3 && value.level <= 5;
      return isKnown ? { value, written: encodeConnect(value) } : { value };
    }
    case packetType.CONNACK: {
      const value = readConnack(bytes, at, end, level);
      return { value, written: encodeConnack(value, level) };
    }
    case packetType.PUBLISH:
      return { value: readMessage(bytes, start, at, end, reading) };
    case packetType.SUBSCRIBE: {
      const value = readSubscribe(bytes, at, end, level);
      return { value, written: encodeSubscribe(value, level) };
    }
    case packetType.SUBACK: {
      const value = readSuback(bytes, at, end, level);
      return { value, written: encodeSuback(value, level) };
    }
    case packetType.UNSUBSCRIBE: {
      const value = readUnsubscribe(bytes, at, end, level);
      return { value, written: encodeUnsubscribe(value, level) };
    }
    case packetType.UNSUBACK: {
      const value = readUnsuback(bytes, at, end, level);
      return { value, written: encodeUnsuback(value, level) };
    }
    case packetType.PINGREQ:
    case packetType.PINGRESP:
      return { value: readBodiless(type, at, end) ?? type };
    case packetType.DISCONNECT: {
      const value = readDisconnect(bytes, at, end, level, sender);
      return level < 5
        ? { value }
        : { value, written: encodeDisconnect(value) };
    }
    case packetType.AUTH: {
      const value = readAuth(bytes, at, end, sender);
      return { value, written: encodeAuth(value) };
    }
    default:
      return readAnswer(type, bytes, at, end, level);
  }
}

function readAnswer(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  level: number,
): Read {
  const value = readAcknowledgement(type, bytes, at, end, level);
  const packetId = packetIdOf(value);
  const reason = reasonOf(value);
  const properties = NO_PROPERTIES;
  const written = encodeAcknowledgement5({
    type,
    packetId,
    reason,
    properties,
  });
  return { value: [type, packetId, reason], written };
}

/** A PUBLISH as its parts, which an owned copy of it has too. */
function readMessage(
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  { level, sender }: Reading,
): unknown {
  const view = new PublishView();
  readPublish(bytes, start, at, end, level, view, sender);
  const parts = partsOf(view, level);
  if (sender === "server") return parts;
  const copied = new PublishView();
  viewMessage(copyMessage(view, 0), copied);
  const { topic, payload, qos } = partsOf(copied, level);
  assertEquals([topic, payload, qos], [parts.topic, parts.payload, parts.qos]);
  return parts;
}

function partsOf(view: PublishView, level: number) {
  const { bytes, topicAt, topicEnd, propertiesAt, payloadAt } = view;
  return {
    topic: [...bytes.subarray(topicAt, topicEnd)],
    payload: [...bytes.subarray(payloadAt, view.end)],
    qos: view.qos,
    packetId: view.packetId,
    retain: view.retain,
    dup: view.dup,
    alias: view.topicAlias,
    properties: level < 5 || propertiesAt === payloadAt
      ? undefined
      : decodeProperties("PUBLISH", bytes, propertiesAt, payloadAt),
  };
}

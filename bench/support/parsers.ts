/**
 * A stream of packets through our framer and readers, as a connection sends
 * it, and through `mqtt-packet`'s parser. Both count what they found.
 */

import {
  readAcknowledgement,
  readBodiless,
} from "../../src/codec/acknowledgement.ts";
import { readConnack } from "../../src/codec/connack.ts";
import { readConnect } from "../../src/codec/connect.ts";
import { Framer } from "../../src/codec/framer.ts";
import * as types from "../../src/codec/packet_type.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { readSuback } from "../../src/codec/suback.ts";
import { readSubscribe, readUnsubscribe } from "../../src/codec/subscribe.ts";
import { decodeText } from "../../src/codec/text.ts";
import type { MqttPacket } from "./oracles.ts";
import { PACKET_BYTES_MAX, type Stream } from "./packets.ts";

/** The protocol level: MQTT 3.1.1. */
const LEVEL = 4;

/** Parses a whole stream, again and again; returns how many packets. */
export type Parse = () => number;

/** Does what is to be done with the frame that a framer has found. */
export type ReadFrame = (framer: Framer, view: PublishView) => void;

/** Where results go, so that making them can't be optimized away. */
export const last: { read: unknown } = { read: undefined };

/** Ours. */
export function ourParser({ chunks }: Stream, read: ReadFrame): Parse {
  const framer = new Framer(PACKET_BYTES_MAX);
  const view = new PublishView();
  return () => {
    let count = 0;
    for (const chunk of chunks) {
      framer.feed(chunk, chunk.length);
      while (framer.next()) {
        read(framer, view);
        count++;
      }
    }
    return count;
  };
}

/** Theirs. */
export function theirParser(
  oracle: MqttPacket,
  { buffers }: Stream,
  level: number = LEVEL,
): Parse {
  const parser = oracle.parser({ protocolVersion: level });
  let count = 0;
  parser.on("packet", (packet) => {
    last.read = packet;
    count++;
  });
  parser.on("error", (error) => {
    throw error;
  });
  return () => {
    count = 0;
    for (const buffer of buffers) parser.parse(buffer);
    return count;
  };
}

/** As the broker does it: a PUBLISH is a view. */
export function readFrame(framer: Framer, view: PublishView): void {
  const { bytes, start, body, end } = framer;
  const type = bytes[start]! >> 4;
  switch (type) {
    case types.PUBLISH:
      readPublish(bytes, start, body, end, LEVEL, view);
      break;
    case types.CONNECT:
      last.read = readConnect(bytes, body, end);
      break;
    case types.CONNACK:
      last.read = readConnack(bytes, body, end, LEVEL);
      break;
    case types.SUBSCRIBE:
      last.read = readSubscribe(bytes, body, end, LEVEL);
      break;
    case types.SUBACK:
      last.read = readSuback(bytes, body, end, LEVEL);
      break;
    case types.UNSUBSCRIBE:
      last.read = readUnsubscribe(bytes, body, end, LEVEL);
      break;
    case types.PINGREQ:
    case types.PINGRESP:
    case types.DISCONNECT:
      readBodiless(type, body, end);
      break;
    default:
      last.read = readAcknowledgement(type, bytes, body, end, LEVEL);
  }
}

/** A PUBLISH of level 5, properties included. */
export function readPublish5(framer: Framer, view: PublishView): void {
  const { bytes, start, body, end } = framer;
  readPublish(bytes, start, body, end, 5, view);
}

/**
 * As {@linkcode readFrame} does it, and the topic of a PUBLISH as text: what
 * a cache miss needs.
 */
export function readFrameAndTopic(framer: Framer, view: PublishView): void {
  readFrame(framer, view);
  last.read = decodeText(view.bytes, view.topicAt + 2, view.topicEnd);
}

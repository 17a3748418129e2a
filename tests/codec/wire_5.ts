/**
 * Level 5 for tests: bytes to packets in one step each, a PUBLISH too, which
 * the codec itself never makes into an object.
 */

import {
  packetIdOf,
  readAcknowledgement,
  reasonOf,
} from "../../src/codec/acknowledgement.ts";
import type { Acknowledgement } from "../../src/codec/acknowledgement.ts";
import {
  decodeProperties,
  NO_PROPERTIES,
  readProperties,
} from "../../src/codec/properties.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { decodeText } from "../../src/codec/text.ts";
import type { RandomPublish } from "./random_packets_5.ts";

/** Where the body begins, as any reader of a whole frame would find it. */
export function bodyAt(frame: Uint8Array): number {
  let at = 1;
  while (frame[at]! >= 128) at++;
  return at + 1;
}

/** Reads a whole frame of level 5. */
export function read<T>(
  frame: Uint8Array,
  reader: (bytes: Uint8Array, at: number, end: number, level: number) => T,
): T {
  return reader(frame, bodyAt(frame), frame.length, 5);
}

const NAMES = ["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const;

/** An acknowledgement with the properties that the codec drops. */
export function readWholeAcknowledgement(frame: Uint8Array): Acknowledgement {
  const type = frame[0]! >> 4;
  const at = bodyAt(frame);
  const value = readAcknowledgement(type, frame, at, frame.length, 5);
  const properties = frame.length - at > 3
    ? readProperties(NAMES[type - 4]!, frame, at + 3, frame.length)
    : NO_PROPERTIES;
  return {
    type,
    packetId: packetIdOf(value),
    reason: reasonOf(value),
    properties,
  };
}

/** A PUBLISH as its parts, from a server. */
export function readWholePublish(frame: Uint8Array): RandomPublish {
  const view = new PublishView();
  readPublish(frame, 0, bodyAt(frame), frame.length, 5, view, "server");
  const { propertiesAt, payloadAt, end, qos, packetId, retain, dup } = view;
  return {
    topic: decodeText(frame, view.topicAt + 2, view.topicEnd),
    payload: frame.slice(payloadAt, end),
    qos,
    packetId,
    retain,
    dup,
    properties: decodeProperties("PUBLISH", frame, propertiesAt, payloadAt),
  };
}

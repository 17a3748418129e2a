/**
 * Properties, read and written: MQTT 5.0 section 2.2.2. Which there are and
 * where they may stand is the table of `codec/property.ts`; those of a
 * PUBLISH on its way are read by `codec/publish_properties.ts`, without an
 * object.
 *
 * @module
 */

import { PROPERTIES, type Property, type PropertyPacket } from "./property.ts";
import { PropertyReader, type Value } from "./property_reader.ts";
import { utf8Length } from "../base/utf8.ts";
import { ProtocolError } from "./protocol_error.ts";
import { MALFORMED_PACKET, PROTOCOL_ERROR } from "./reason_code.ts";
import {
  readVariableByteInteger,
  remainingLengthBytes,
  writeRemainingLength,
} from "./remaining_length.ts";
import { writeField, writeText, writeUint16, writeUint32 } from "./text.ts";

/** The properties of a packet: those that it has are set. */
export interface Properties {
  /** 1 when the payload is UTF-8, 0 when nothing is said about it. */
  readonly payloadFormat?: number;
  /** How long a message is worth being delivered. */
  readonly messageExpirySeconds?: number;
  /** What the payload is. */
  readonly contentType?: string;
  /** Where an answer is to be published. */
  readonly responseTopic?: string;
  /** What an answer is to repeat: a copy. */
  readonly correlationData?: Uint8Array;
  /** Of a SUBSCRIBE at most one; of a PUBLISH those that matched. */
  readonly subscriptionIds?: readonly number[];
  /** How long the session outlives its connection; 0xffffffff: for ever. */
  readonly sessionExpirySeconds?: number;
  /** The client identifier that the broker has chosen. */
  readonly assignedClientId?: string;
  /** The keep alive that holds instead of the client's. */
  readonly serverKeepAliveSeconds?: number;
  /** The name of the way of enhanced authentication. */
  readonly authenticationMethod?: string;
  /** What it has to say: a copy, never logged. */
  readonly authenticationData?: Uint8Array;
  /** Whether reason strings and user properties may come with any packet. */
  readonly requestProblemInformation?: boolean;
  /** How long a will waits for its client to come back. */
  readonly willDelaySeconds?: number;
  /** Whether the client wants response information. */
  readonly requestResponseInformation?: boolean;
  /** Where the client may have its answers sent. */
  readonly responseInformation?: string;
  /** Another server to be used. */
  readonly serverReference?: string;
  /** Why, in words, for people. */
  readonly reasonString?: string;
  /** How many QoS 1 and 2 messages may be in flight to the sender. */
  readonly receiveMaximum?: number;
  /** The greatest alias that the sender takes. */
  readonly topicAliasMaximum?: number;
  /** The number that stands for the topic. */
  readonly topicAlias?: number;
  /** The greatest QoS that the broker grants, 0 or 1. */
  readonly maximumQos?: number;
  /** Whether the broker retains messages. */
  readonly retainAvailable?: boolean;
  /** Names and values in their order; a name may come again. */
  readonly userProperties?: readonly (readonly [string, string])[];
  /** The largest packet that the sender takes, bytes. */
  readonly maximumPacketSize?: number;
  /** Whether filters may have wildcards. */
  readonly wildcardSubscriptionAvailable?: boolean;
  /** Whether subscriptions may have identifiers. */
  readonly subscriptionIdsAvailable?: boolean;
  /** Whether subscriptions may be shared. */
  readonly sharedSubscriptionAvailable?: boolean;
}

/** Of a packet without properties, and of every packet of MQTT 3. */
export const NO_PROPERTIES: Properties = Object.freeze({});

/**
 * The end of the property block whose length stands at `at`.
 *
 * @throws {ProtocolError} When it does not end before `end`.
 */
export function propertiesEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  // Most lengths are a byte.
  if (at < end && bytes[at]! < 0x80 && at + 1 + bytes[at]! <= end) {
    return at + 1 + bytes[at]!;
  }
  const length = readVariableByteInteger(bytes, at, end, "property length");
  const blockEnd = at + remainingLengthBytes(length) + length;
  if (blockEnd <= end) return blockEnd;
  throw new ProtocolError(
    MALFORMED_PACKET,
    "a property length that goes beyond its packet",
  );
}

/**
 * The beginning of the property block whose length stands at `at`, and has
 * been checked by {@linkcode propertiesEnd}.
 */
export function propertiesStart(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}

/**
 * The properties whose length stands at `at`.
 *
 * @throws {ProtocolError} When the block is malformed, or has what `packet`
 * must not have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readProperties } from "./properties.ts";
 *
 * const bytes = Uint8Array.of(3, 33, 0, 20);
 * const properties = readProperties("CONNECT", bytes, 0, bytes.length);
 * assertEquals(properties, { receiveMaximum: 20 });
 * ```
 */
export function readProperties(
  packet: PropertyPacket,
  bytes: Uint8Array,
  at: number,
  end: number,
): Properties {
  if (at < end && bytes[at] === 0) return NO_PROPERTIES;
  const blockEnd = propertiesEnd(bytes, at, end);
  return decodeProperties(packet, bytes, propertiesStart(bytes, at), blockEnd);
}

/** The properties in `bytes[at, end)`: a block without its length. */
export function decodeProperties(
  packet: PropertyPacket,
  bytes: Uint8Array,
  at: number,
  end: number,
): Properties {
  if (at === end) return NO_PROPERTIES;
  const reader = new PropertyReader(packet, bytes, at, end);
  const found: Record<string, Value | Value[]> = {};
  while (reader.next()) {
    const { field, type, repeatsIn } = reader.property;
    const value = reader.readValue();
    const before = found[field];
    if (before !== undefined && !repeatsIn.includes(packet)) {
      reader.fail(PROTOCOL_ERROR, "stands there twice");
    }
    if (type !== "pair" && type !== "variable") found[field] = value;
    else if (before === undefined) found[field] = [value];
    else (before as Value[]).push(value);
  }
  const properties = found as Properties;
  if (
    properties.authenticationData !== undefined &&
    properties.authenticationMethod === undefined
  ) {
    // Section 3.1.2.11.10; the other packets of section 4.12 repeat it.
    throw new ProtocolError(
      PROTOCOL_ERROR,
      `${packet} with Authentication Data and no Authentication Method`,
    );
  }
  return properties;
}

/** How many bytes `properties` take, with the length before them. */
export function propertiesSize(properties: Properties): number {
  const length = blockLength(properties);
  return remainingLengthBytes(length) + length;
}

/** Writes `properties` behind their length; returns the new end. */
export function writeProperties(
  out: Uint8Array,
  at: number,
  properties: Properties,
): number {
  const blockAt = writeRemainingLength(out, at, blockLength(properties));
  return writeBlock(out, blockAt, properties);
}

/**
 * `properties` as a block without its length, in the order of their
 * identifiers.
 *
 * @throws {ProtocolError} When a text or bytes take more than 65,535 bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeProperties } from "./properties.ts";
 *
 * assertEquals(
 *   encodeProperties({ userProperties: [["a", "b"]] }),
 *   Uint8Array.of(38, 0, 1, 0x61, 0, 1, 0x62),
 * );
 * ```
 */
export function encodeProperties(properties: Properties): Uint8Array {
  const out = new Uint8Array(blockLength(properties));
  writeBlock(out, 0, properties);
  return out;
}

function blockLength(properties: Properties): number {
  if (properties === NO_PROPERTIES) return 0;
  let length = 0;
  for (const property of PROPERTIES) {
    for (const value of valuesOf(property, properties)) {
      length += 1 + valueLength(property, value);
    }
  }
  return length;
}

function writeBlock(
  out: Uint8Array,
  at: number,
  properties: Properties,
): number {
  if (properties === NO_PROPERTIES) return at;
  for (const property of PROPERTIES) {
    for (const value of valuesOf(property, properties)) {
      out[at] = property.id;
      at = writeValue(out, at + 1, property, value);
    }
  }
  return at;
}

const NO_VALUES: readonly Value[] = [];

function valuesOf(
  { field, type }: Property,
  properties: Properties,
): readonly Value[] {
  const value = properties[field];
  if (value === undefined) return NO_VALUES;
  return type === "pair" || type === "variable"
    ? value as readonly Value[]
    : [value as Value];
}

function valueLength(property: Property, value: Value): number {
  switch (property.type) {
    case "byte":
    case "flag":
      return 1;
    case "uint16":
      return 2;
    case "uint32":
      return 4;
    case "variable":
      return remainingLengthBytes(value as number);
    case "text":
      return fieldLength(property, utf8Length(value as string));
    case "binary":
      return fieldLength(property, (value as Uint8Array).length);
    case "pair": {
      const [name, text] = value as readonly [string, string];
      return fieldLength(property, utf8Length(name)) +
        fieldLength(property, utf8Length(text));
    }
  }
}

function fieldLength({ name }: Property, length: number): number {
  if (length <= 65_535) return 2 + length;
  throw new ProtocolError(
    MALFORMED_PACKET,
    `a ${name} of more than 65,535 bytes`,
  );
}

function writeValue(
  out: Uint8Array,
  at: number,
  { type }: Property,
  value: Value,
): number {
  switch (type) {
    case "byte":
    case "flag":
      out[at] = Number(value);
      return at + 1;
    case "uint16":
      return writeUint16(out, at, value as number);
    case "uint32":
      return writeUint32(out, at, value as number);
    case "variable":
      return writeRemainingLength(out, at, value as number);
    case "text":
      return writeText(out, at, value as string);
    case "binary":
      return writeField(out, at, value as Uint8Array);
    case "pair": {
      const [name, text] = value as readonly [string, string];
      return writeText(out, writeText(out, at, name), text);
    }
  }
}

/**
 * The properties of MQTT 5.0 on the wire, as a test sees them: the table of
 * section 2.2.2.2, an encoder that writes what a test asks for, right or
 * wrong, and a decoder that finds fault. Part of the oracle in `wire5.ts`.
 */

import {
  field,
  join,
  type Part,
  remainingLength,
  type Text,
  u16,
} from "./wire.ts";
import { check, type Reader } from "./wire_reader.ts";

/** The numbers of a packet's properties by name, and its texts likewise. */
export interface Properties {
  payloadFormat?: number;
  messageExpirySeconds?: number;
  contentType?: Text;
  responseTopic?: Text;
  correlationData?: Text;
  subscriptionIds?: number[];
  sessionExpirySeconds?: number;
  assignedClientId?: Text;
  serverKeepAliveSeconds?: number;
  authenticationMethod?: Text;
  authenticationData?: Text;
  requestProblemInformation?: number;
  willDelaySeconds?: number;
  requestResponseInformation?: number;
  responseInformation?: Text;
  serverReference?: Text;
  reasonString?: Text;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQos?: number;
  retainAvailable?: number;
  userProperties?: readonly (readonly [Text, Text])[];
  maximumPacketSize?: number;
  wildcardSubscriptionAvailable?: number;
  subscriptionIdsAvailable?: number;
  sharedSubscriptionAvailable?: number;
}

/** Properties, or the bytes of a block where a test needs them wrong. */
export type PropertyBlock = Properties | Uint8Array;

type Kind = "byte" | "u16" | "u32" | "varint" | "text" | "binary" | "pair";

type Name = keyof Properties;

/** By identifier: name and data type, table 2-4. */
const TABLE: ReadonlyMap<number, readonly [name: Name, kind: Kind]> = new Map([
  [0x01, ["payloadFormat", "byte"]],
  [0x02, ["messageExpirySeconds", "u32"]],
  [0x03, ["contentType", "text"]],
  [0x08, ["responseTopic", "text"]],
  [0x09, ["correlationData", "binary"]],
  [0x0b, ["subscriptionIds", "varint"]],
  [0x11, ["sessionExpirySeconds", "u32"]],
  [0x12, ["assignedClientId", "text"]],
  [0x13, ["serverKeepAliveSeconds", "u16"]],
  [0x15, ["authenticationMethod", "text"]],
  [0x16, ["authenticationData", "binary"]],
  [0x17, ["requestProblemInformation", "byte"]],
  [0x18, ["willDelaySeconds", "u32"]],
  [0x19, ["requestResponseInformation", "byte"]],
  [0x1a, ["responseInformation", "text"]],
  [0x1c, ["serverReference", "text"]],
  [0x1f, ["reasonString", "text"]],
  [0x21, ["receiveMaximum", "u16"]],
  [0x22, ["topicAliasMaximum", "u16"]],
  [0x23, ["topicAlias", "u16"]],
  [0x24, ["maximumQos", "byte"]],
  [0x25, ["retainAvailable", "byte"]],
  [0x26, ["userProperties", "pair"]],
  [0x27, ["maximumPacketSize", "u32"]],
  [0x28, ["wildcardSubscriptionAvailable", "byte"]],
  [0x29, ["subscriptionIdsAvailable", "byte"]],
  [0x2a, ["sharedSubscriptionAvailable", "byte"]],
]);

const REPEATABLE: readonly Name[] = ["subscriptionIds", "userProperties"];

/** Those that a server may only send with a value above 0. */
const NEVER_ZERO: readonly Name[] = [
  "subscriptionIds",
  "receiveMaximum",
  "maximumPacketSize",
  "topicAlias",
];

/** The length of a block and the block. */
export function block(given: PropertyBlock = {}): Uint8Array {
  const bytes = given instanceof Uint8Array ? given : encode(given);
  return join(remainingLength(bytes.length), bytes);
}

/** A block's bytes, in the order in which the names are given. */
export function encode(given: Properties): Uint8Array {
  const parts = Object.entries(given).flatMap(([name, value]) => {
    const [id, kind] = find(name);
    const values = REPEATABLE.includes(name as Name) ? value : [value];
    return (values as unknown[]).map((one) => join(id, valueOf(kind, one)));
  });
  return join(...parts);
}

/** Four bytes, high byte first. */
export function u32(value: number): Uint8Array {
  return join(u16(Math.floor(value / 65_536)), u16(value % 65_536));
}

/** Reads a block; `allowed` are the names that this packet may have. */
export function readBlock(
  reader: Reader,
  allowed: readonly Name[],
): Properties {
  const size = reader.varint();
  const end = reader.at + size;
  check(end <= reader.length, "a property block is cut off");
  const found: Record<string, unknown> = {};
  while (reader.at < end) {
    const id = reader.varint();
    const known = TABLE.get(id);
    check(known !== undefined, `unknown property ${id}`);
    const [name, kind] = known;
    check(allowed.includes(name), `${name} has no place in this packet`);
    const value = readValue(reader, kind);
    const isWrongZero = NEVER_ZERO.includes(name) && value === 0;
    check(!isWrongZero, `${name} is 0`);
    if (REPEATABLE.includes(name)) {
      found[name] = [...(found[name] as unknown[] ?? []), value];
    } else {
      check(!(name in found), `${name} twice`);
      found[name] = value;
    }
  }
  check(reader.at === end, "a property ends behind its block");
  return found as Properties;
}

function find(name: string): readonly [id: number, kind: Kind] {
  for (const [id, [known, kind]] of TABLE) {
    if (known === name) return [id, kind];
  }
  throw new Error(`no property is called ${name}`);
}

function valueOf(kind: Kind, value: unknown): Part {
  switch (kind) {
    case "byte":
      return value as number;
    case "u16":
      return u16(value as number);
    case "u32":
      return u32(value as number);
    case "varint":
      return remainingLength(value as number);
    case "text":
    case "binary":
      return field(value as Text);
    case "pair":
      return join(...(value as readonly Text[]).map(field));
  }
}

/** Binary data become one character for each byte. */
function readValue(reader: Reader, kind: Kind): unknown {
  switch (kind) {
    case "byte": {
      const byte = reader.byte();
      check(byte < 2, `a switch that is ${byte}`);
      return byte;
    }
    case "u16":
      return reader.u16();
    case "u32":
      return reader.u16() * 65_536 + reader.u16();
    case "varint":
      return reader.varint();
    case "text":
      return reader.text();
    case "binary":
      return reader.binary();
    case "pair":
      return [reader.text(), reader.text()];
  }
}

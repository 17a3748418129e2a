/**
 * What the conformance tests of MQTT 5.0 say over and over, as `talk.ts` does
 * for the older versions. It speaks through `support/wire5.ts` only and judges
 * the broker by nothing but its bytes.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  connect,
  type ConnectFields,
  decode,
  type DisconnectPacket,
  pingreq,
  type Properties,
  puback,
  pubcomp,
  publish,
  type PublishFields,
  type PublishPacket,
  pubrec,
  pubrel,
  type ServerPacket,
  subscribe,
  type Subscription,
  type Text,
} from "../support/wire5.ts";

export { ILL_FORMED, statement } from "./talk.ts";

/** A session expiry interval that never ends. */
export const FOREVER_SECONDS = 0xffff_ffff;
export const DAY_MS = 86_400_000;

/** Malformed packet and protocol error, where either may be meant. */
export const FAULTY: readonly number[] = [0x81, 0x82];

/** Fields of a client whose session outlives its connections. */
export const STORED: ConnectFields = {
  clientId: "stored",
  cleanStart: false,
  properties: { sessionExpirySeconds: FOREVER_SECONDS },
};

/** A connection that the broker has accepted. */
export interface Greeting {
  client: TestClient;
  sessionPresent: boolean;
  /** The properties of the CONNACK. */
  properties: Properties;
  /** What came right after the CONNACK. */
  packets: ServerPacket[];
}

/** Connects; fails unless the first answer is a CONNACK that accepts. */
export function greet(
  broker: TestBroker,
  fields: ConnectFields = {},
): Greeting {
  const client = broker.open();
  client.send(connect(fields));
  const [connack, ...packets] = read(client);
  assert(connack?.type === "connack", `no CONNACK: ${client.closeReason}`);
  assertEquals(connack.reason, 0, client.closeReason);
  assert(!client.closed, `closed: ${client.closeReason}`);
  const { flags, properties } = connack;
  return { client, sessionPresent: flags === 1, properties, packets };
}

/** Connects a client that nothing waits for. */
export function dial(
  broker: TestBroker,
  fields: ConnectFields = {},
): TestClient {
  const { client, packets } = greet(broker, fields);
  assertEquals(packets, []);
  return client;
}

/** Everything that came since the last look. */
export function read(client: TestClient): ServerPacket[] {
  return decode(client.bytes());
}

/** Sends, and reads the answers. */
export function ask(client: TestClient, bytes: Uint8Array): ServerPacket[] {
  client.send(bytes);
  return read(client);
}

/**
 * A packet in a few words: "puback 7 10" is a PUBACK of packet id 7 with
 * reason code 0x10, "publish a=x" a message.
 */
export function brief(packet: ServerPacket): string {
  const hex = (code: number) => code.toString(16).padStart(2, "0");
  switch (packet.type) {
    case "pingresp":
      return packet.type;
    case "publish":
      return `publish ${packet.topic}=${packet.payload}`;
    case "suback":
    case "unsuback":
      return [packet.type, packet.packetId, ...packet.reasons.map(hex)]
        .join(" ");
    case "connack":
    case "disconnect":
    case "auth":
      return `${packet.type} ${hex(packet.reason)}`;
    default:
      return `${packet.type} ${packet.packetId} ${hex(packet.reason)}`;
  }
}

/** Sends, and reads the answers in a few words each. */
export function hear(client: TestClient, bytes: Uint8Array): string[] {
  return ask(client, bytes).map(brief);
}

/** Reads, and fails if anything but PUBLISH came. */
export function messages(client: TestClient): PublishPacket[] {
  return read(client).map(asPublish);
}

/** The payloads of the messages that came. */
export function payloads(client: TestClient): string[] {
  return messages(client).map((message) => message.payload);
}

export function asPublish(packet: ServerPacket): PublishPacket {
  assert(packet.type === "publish", `not a PUBLISH: ${brief(packet)}`);
  return packet;
}

/** The only message that came. */
export function onlyMessage(client: TestClient): PublishPacket {
  const all = messages(client);
  assertEquals(all.length, 1, `expected one message, got ${all.length}`);
  return all[0]!;
}

/** A filter with its options, or just a filter. */
export type Wanted = string | Subscription;

/** Subscribes with packet id 1; returns the messages behind the SUBACK. */
export function listen(
  client: TestClient,
  wanted: Wanted,
  qos = 0,
  properties: Properties = {},
): PublishPacket[] {
  const one = typeof wanted === "string" ? { filter: wanted, qos } : wanted;
  const packets = ask(client, subscribe(1, [one], properties));
  const isSuback = (packet: ServerPacket) => packet.type === "suback";
  const granted = packets.filter(isSuback).map(brief);
  assertEquals(granted, [`suback 1 0${one.qos ?? 0}`], client.closeReason);
  return packets.filter((packet) => !isSuback(packet)).map(asPublish);
}

/** A connected client that listens to one filter. */
export function listener(
  broker: TestBroker,
  wanted: Wanted,
  qos = 0,
  fields: ConnectFields = {},
): TestClient {
  const client = dial(broker, { clientId: "listener", ...fields });
  assertEquals(listen(client, wanted, qos), []);
  return client;
}

/** Publishes and plays the sender's side of the QoS; id 1 by default. */
export function tell(client: TestClient, fields: PublishFields): void {
  const packetId = fields.packetId ?? 1;
  if (fields.qos === undefined || fields.qos === 0) {
    return client.send(publish(fields));
  }
  const answers = ask(client, publish(fields));
  const [answer, ...rest] = answers;
  const expected = fields.qos === 1 ? "puback" : "pubrec";
  assert(answer?.type === expected, `no ${expected}: ${answers.map(brief)}`);
  assertEquals(answer.packetId, packetId);
  // 0x10: nobody was there to hear it.
  assert([0, 0x10].includes(answer.reason), `refused: ${brief(answer)}`);
  assertEquals(rest.filter(({ type }) => type !== "publish"), []);
  if (fields.qos !== 2) return;
  assertEquals(hear(client, pubrel(packetId)), [`pubcomp ${packetId} 00`]);
}

/** Plays the receiver's side for messages that came. */
export function settle(client: TestClient, got: PublishPacket[]): void {
  for (const { qos, packetId } of got) {
    if (qos === 1) assertEquals(hear(client, puback(packetId)), []);
    if (qos !== 2) continue;
    assertEquals(hear(client, pubrec(packetId)), [`pubrel ${packetId} 00`]);
    assertEquals(hear(client, pubcomp(packetId)), []);
  }
}

/** Fails unless these bytes are answered by this DISCONNECT and an end. */
export function expectDisconnect(
  client: TestClient,
  bytes: Uint8Array,
  reason: number | readonly number[],
  what = "",
): DisconnectPacket {
  assert(!client.closed, `closed too early: ${client.closeReason} ${what}`);
  client.send(bytes);
  return expectGone(client, reason, what || `${bytes}`);
}

/** Fails unless the broker has just sent this DISCONNECT, and closed. */
export function expectGone(
  client: TestClient,
  reason: number | readonly number[],
  what = "",
): DisconnectPacket {
  const [packet, ...more] = read(client);
  assert(client.closed, `still open after ${what}`);
  assert(packet?.type === "disconnect", `no DISCONNECT after ${what}`);
  assertEquals(more, []);
  expectReason(packet.reason, reason, what);
  return packet;
}

/** Fails unless a CONNECT is refused with this code and nothing follows. */
export function expectConnack(
  broker: TestBroker,
  bytes: Uint8Array,
  reason: number | readonly number[],
  what = "",
): Properties {
  const client = broker.open();
  const [connack, ...more] = ask(client, bytes);
  assert(connack?.type === "connack", `no CONNACK after ${what || bytes}`);
  expectReason(connack.reason, reason, what || `${bytes}`);
  assertEquals(more, []);
  assertEquals(connack.flags, 0);
  assert(client.closed, `still open after ${what || bytes}`);
  return connack.properties;
}

/** Fails unless the connection ends, whatever is or is not said before. */
export function expectEnd(
  client: TestClient,
  bytes: Uint8Array,
  what = "",
): void {
  assert(!client.closed, `closed too early: ${client.closeReason} ${what}`);
  client.send(bytes);
  assert(client.closed, `still open after ${what || bytes}`);
  for (const packet of read(client)) {
    const isRefusal = packet.type === "disconnect" || packet.type === "connack";
    assert(isRefusal && packet.reason >= 0x80, `${brief(packet)} ${what}`);
  }
}

/**
 * Connects clients that take packets of 16 bytes and more (a CONNACK with
 * every limit takes 16), sends each these packets, and returns the answers to
 * the last. Fails where one is larger than its client takes.
 */
export function answersWithinLimits(
  broker: TestBroker,
  ...packets: Uint8Array[]
): ServerPacket[] {
  const last: ServerPacket[] = [];
  for (let maximumPacketSize = 16; maximumPacketSize < 150;) {
    const client = dial(broker, { properties: { maximumPacketSize } });
    for (const [at, bytes] of packets.entries()) {
      client.send(bytes);
      const answer = client.bytes();
      const isTooLarge = answer.length > maximumPacketSize;
      assert(!isTooLarge, `${answer.length} bytes, not ${maximumPacketSize}`);
      if (at === packets.length - 1) last.push(...decode(answer));
    }
    maximumPacketSize++;
  }
  return last;
}

/** Fails unless the connection is open and answers a ping. */
export function expectAlive(client: TestClient, what = ""): void {
  assert(!client.closed, `closed: ${client.closeReason} ${what}`);
  assertEquals(hear(client, pingreq()), ["pingresp"]);
}

/** The user properties that pass through the broker in tests. */
export const PAIRS: readonly (readonly [Text, Text])[] = [
  ["b", "2"],
  ["a", "1"],
  ["b", "1"],
  ["", ""],
  ["b", "2"],
];

function expectReason(
  got: number,
  allowed: number | readonly number[],
  what: string,
): void {
  const codes = typeof allowed === "number" ? [allowed] : allowed;
  const hex = (code: number) => `0x${code.toString(16)}`;
  const text = `${hex(got)}, not ${codes.map(hex)}, after ${what}`;
  assert(codes.includes(got), text);
}

/**
 * What the conformance tests of MQTT 3.1 and 3.1.1 say over and over: connect,
 * subscribe, send and read back, expect an end. It speaks through
 * `support/wire.ts` only and judges the broker by nothing but its bytes.
 */

import { assert, assertEquals } from "@std/assert";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  type ConnectFields,
  decode,
  pingreq,
  puback,
  pubcomp,
  publish,
  type PublishFields,
  type PublishPacket,
  pubrec,
  pubrel,
  type Qos,
  type ServerPacket,
  subscribe,
  type Text,
} from "../support/wire.ts";

export type Options = ConstructorParameters<typeof TestBroker>[0];

/**
 * A test of one or more statements, whose numbers begin its name. It gets a
 * broker of its own, whose inner consistency is checked when it is done.
 */
export function statement(
  name: string,
  run: (broker: TestBroker) => void,
  options: Options = {},
): void {
  Deno.test(name, () => {
    const broker = new TestBroker(options);
    run(broker);
    broker.checkInvariants();
  });
}

export { ILL_FORMED } from "../support/ill_formed.ts";

/** A connection that the broker has accepted. */
export interface Greeting {
  client: TestClient;
  sessionPresent: boolean;
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
  assertEquals(connack.returnCode, 0);
  assert(!client.closed, `closed: ${client.closeReason}`);
  return { client, sessionPresent: (connack.flags & 1) !== 0, packets };
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

/** Connects with clean session 0. */
export function dialStored(broker: TestBroker, clientId: Text): TestClient {
  return dial(broker, { clientId, cleanSession: false });
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

/** Reads, and fails if anything but PUBLISH came. */
export function messages(client: TestClient): PublishPacket[] {
  return read(client).map(asPublish);
}

/** The payloads of the messages that came. */
export function payloads(client: TestClient): string[] {
  return messages(client).map((message) => message.payload);
}

export function asPublish(packet: ServerPacket): PublishPacket {
  assert(packet.type === "publish", `not a PUBLISH: ${packet.type}`);
  return packet;
}

/** The only message that came. */
export function onlyMessage(client: TestClient): PublishPacket {
  const all = messages(client);
  assertEquals(all.length, 1, `expected one message, got ${all.length}`);
  return all[0]!;
}

/** Subscribes with packet id 1; returns the messages behind the SUBACK. */
export function listen(
  client: TestClient,
  filter: Text,
  qos: Qos = 0,
): PublishPacket[] {
  const packets = ask(client, subscribe(1, [filter, qos]));
  const granted = { type: "suback", packetId: 1, returnCodes: [qos] };
  const isSuback = (packet: ServerPacket) => packet.type === "suback";
  assertEquals(packets.find(isSuback), granted as ServerPacket);
  return packets.filter((packet) => !isSuback(packet)).map(asPublish);
}

/** A connected client that listens to one filter. */
export function listener(
  broker: TestBroker,
  filter: Text,
  qos: Qos = 0,
  fields: ConnectFields = {},
): TestClient {
  const client = dial(broker, { clientId: "listener", ...fields });
  assertEquals(listen(client, filter, qos), []);
  return client;
}

/** Publishes and plays the sender's side of the QoS; id 1 by default. */
export function tell(client: TestClient, fields: PublishFields): void {
  const packetId = fields.packetId ?? 1;
  const answers = ask(client, publish(fields));
  if (fields.qos === 1) assertEquals(answers, [{ type: "puback", packetId }]);
  if (fields.qos !== 2) return;
  assertEquals(answers, [{ type: "pubrec", packetId }]);
  const last = ask(client, pubrel(packetId));
  assertEquals(last, [{ type: "pubcomp", packetId }]);
}

/** Plays the receiver's side for messages that came. */
export function settle(client: TestClient, got: PublishPacket[]): void {
  for (const { qos, packetId } of got) {
    if (qos === 1) assertEquals(ask(client, puback(packetId)), []);
    if (qos !== 2) continue;
    const answers = ask(client, pubrec(packetId));
    assertEquals(answers, [{ type: "pubrel", packetId }]);
    assertEquals(ask(client, pubcomp(packetId)), []);
  }
}

/** Fails unless these bytes end the connection and nothing is answered. */
export function expectEnd(
  client: TestClient,
  bytes: Uint8Array,
  what = "",
): void {
  assert(!client.closed, `closed too early: ${client.closeReason} ${what}`);
  client.send(bytes);
  assert(client.closed, `still open after ${what || bytes}`);
  assert(client.closeReason !== "", "an end without a reason");
  assertEquals(read(client), [], `an answer to ${what || bytes}`);
}

/** The same for the first bytes on a connection of their own. */
export function expectNoEntry(
  broker: TestBroker,
  bytes: Uint8Array,
  what = "",
): void {
  expectEnd(broker.open(), bytes, what);
}

/** Fails unless the CONNECT is refused with this code and nothing follows. */
export function expectRefusal(
  broker: TestBroker,
  bytes: Uint8Array,
  returnCode: number,
): void {
  const client = broker.open();
  const refusal: ServerPacket = { type: "connack", flags: 0, returnCode };
  assertEquals(ask(client, bytes), [refusal]);
  assert(client.closed, `still open after return code ${returnCode}`);
}

/** Fails unless the connection is open and answers a ping. */
export function expectAlive(client: TestClient, what = ""): void {
  assert(!client.closed, `closed: ${client.closeReason} ${what}`);
  assertEquals(ask(client, pingreq()), [{ type: "pingresp" }]);
}

/**
 * Bytes that break the protocol, sent to a broker process: the connection is
 * closed, the log says why, and a client beside it notices nothing. Whether
 * every kind of bad byte is found is the matter of `tests/codec/` and
 * `tests/fuzz/`.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { testBroker } from "../support/e2e.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  connect,
  disconnect,
  field,
  frame,
  join,
  pingreq,
  puback,
  publish,
  subscribe,
  u16,
  unsubscribe,
  withFlags,
} from "../support/wire.ts";

type Case = readonly [what: string, bytes: Uint8Array];

const ILL_FORMED = Uint8Array.of(0x61, 0xc3, 0x28);

/** Sent as the first bytes of a connection. */
const BEFORE_CONNECT: Case[] = [
  ["a packet before CONNECT", pingreq()],
  ["a PUBLISH before CONNECT", publish({ topic: "a" })],
  ["text of another protocol", new TextEncoder().encode("GET / HTTP/1.1\r\n")],
  ["packet type 0", Uint8Array.of(0x00, 0x00)],
  ["a remaining length of five bytes", join(0x10, [255, 255, 255, 255, 1])],
  ["a CONNECT with reserved flags", withFlags(connect(), 1)],
  ["a CONNECT with its reserved bit", connect({ flags: 0x03 })],
  ["a CONNECT cut short inside", frame(0x10, field("MQTT"), 4, 2)],
  ["a protocol name of another kind", connect({ protocolName: "MQTX" })],
  ["a client id that is not UTF-8", connect({ clientId: ILL_FORMED })],
  ["a client id with U+0000", connect({ clientId: "a\0b" })],
  ["a will of QoS 3", connect({ will: { topic: "w", qos: 3 } })],
  ["bytes after the last field", connect({}, 1, 2, 3)],
  ["a CONNECT above 64 KiB", join(0x10, [0x80, 0x80, 0x08])],
];

/** Sent by a client that has been accepted. */
const AFTER_CONNECT: Case[] = [
  ["a second CONNECT", connect({ clientId: "again" })],
  ["a packet that only a server sends", Uint8Array.of(0x20, 2, 0, 0)],
  ["packet type 15", Uint8Array.of(0xf0, 0x00)],
  ["a PUBLISH of QoS 3", publish({ topic: "a", qos: 3 })],
  ["a PUBLISH with packet id 0", publish({ topic: "a", qos: 1, packetId: 0 })],
  ["a PUBLISH to a wildcard", publish({ topic: "a/+" })],
  ["a PUBLISH to #", publish({ topic: "#" })],
  ["a PUBLISH to no topic", publish({ topic: "" })],
  ["a topic that is not UTF-8", publish({ topic: ILL_FORMED })],
  ["a topic with U+0000", publish({ topic: "a\0b" })],
  ["a topic longer than its packet", frame(0x30, u16(9), [0x61])],
  ["a SUBSCRIBE with reserved flags", withFlags(subscribe(1, ["a", 0]), 0)],
  ["a SUBSCRIBE without a filter", frame(0x82, u16(1))],
  ["a SUBSCRIBE with QoS 3", subscribe(1, ["a", 3])],
  ["a SUBSCRIBE with packet id 0", subscribe(0, ["a", 0])],
  ["a filter with # inside", subscribe(1, ["a/#/b", 0])],
  ["a filter with a+", subscribe(1, ["a+", 0])],
  ["an UNSUBSCRIBE without a filter", frame(0xa2, u16(1))],
  ["an UNSUBSCRIBE with reserved flags", withFlags(unsubscribe(1, "a"), 0)],
  ["a PUBACK with flags", withFlags(puback(1), 2)],
  ["a PUBACK cut short", frame(0x40, 1)],
  ["a PINGREQ with a body", frame(0xc0, 1)],
  ["a DISCONNECT with flags", withFlags(disconnect(), 1)],
  ["a remaining length of five bytes", join(0x30, [255, 255, 255, 255, 1])],
  ["a PUBLISH above 10 MiB", join(0x30, [0x80, 0x80, 0x80, 0x08])],
];

testBroker("bad bytes before CONNECT end the connection", async (broker) => {
  using healthy = await RawClient.connected(broker.port, { clientId: "well" });
  for (const [what, bytes] of BEFORE_CONNECT) {
    using client = await RawClient.open(broker.port);
    await client.send(bytes);
    const answer = await explained(client.untilClosed(), what);
    // Nothing, or a CONNACK that refuses.
    assertEquals(answer.length === 0 || (answer[3] ?? 0) > 0, true, what);
    assertEquals(await healthy.packetsBeforePong(), [], what);
  }
});

testBroker("bad bytes after CONNECT end the connection", async (broker) => {
  using healthy = await RawClient.connected(broker.port, { clientId: "well" });
  await healthy.send(subscribe(1, ["#", 0]));
  await healthy.packet("suback");
  for (const [what, bytes] of AFTER_CONNECT) {
    using client = await RawClient.connected(broker.port, { clientId: "bad" });
    await client.send(bytes);
    const answer = await explained(client.untilClosed(), what);
    assertEquals(answer.length, 0, what);
    assertEquals(await healthy.packetsBeforePong(), [], what);
  }
});

testBroker("an unacceptable protocol level is told so", async (broker) => {
  using client = await RawClient.open(broker.port);
  await client.send(connect({ level: 2 }));
  assertEquals((await client.packet("connack")).returnCode, 1);
  assertEquals((await client.untilClosed()).length, 0);
});

testBroker("what stands before a bad packet still counts", async (broker) => {
  using healthy = await RawClient.connected(broker.port, { clientId: "well" });
  await healthy.send(subscribe(1, ["a", 0]));
  await healthy.packet("suback");
  using client = await RawClient.connected(broker.port, { clientId: "bad" });
  await client.send(publish({ topic: "a", payload: "good" }), [0xf0, 0x00]);
  await client.untilClosed();
  assertEquals((await healthy.packet("publish")).payload, "good");
});

testBroker(
  "a broken rule is logged with client id and address",
  async (broker) => {
    using client = await RawClient.connected(broker.port, { clientId: "bad" });
    const { address } = client;
    await client.send(publish({ topic: "a/+" }));
    await client.untilClosed();
    const line = await broker.logged("protocol_error");
    assertEquals(line.client_id, "bad");
    assertEquals(line.address, address);
    assertMatch(line.message, /\S/);
  },
);

testBroker("a half packet does not outlive the keep alive", async (broker) => {
  const fields = { clientId: "half", keepAliveS: 1 };
  using client = await RawClient.connected(broker.port, fields);
  await client.send(publish({ topic: "a", payload: "x" }).subarray(0, 3));
  assertEquals((await client.untilClosed()).length, 0);
  const line = await broker.logged(
    "client_disconnected",
    ({ client_id }) => client_id === "half",
  );
  assertMatch(`${line.reason} ${line.message}`, /keep.?alive/i);
});

/** A case that is not noticed shall be named by its failure. */
async function explained<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Error(`${what}: ${cause}`, { cause });
  }
}

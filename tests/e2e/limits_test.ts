/**
 * Limits that need a clock or many sockets, set small by their flags: a
 * connection that says nothing, a packet that stops half way, one client too
 * many. What each limit does is tested in `tests/broker/`.
 */

import { assertEquals } from "@std/assert";
import { testBroker } from "../support/e2e.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, publish } from "../support/wire.ts";

testBroker("a connection that says nothing is closed", async (broker) => {
  using well = await RawClient.connected(broker.port, { clientId: "well" });
  using silent = await RawClient.open(broker.port);
  assertEquals((await silent.untilClosed()).length, 0);
  assertEquals(await well.packetsBeforePong(), []);
}, { args: ["--connect-timeout-ms", "1000"] });

testBroker("a CONNECT that stops half way is closed", async (broker) => {
  using half = await RawClient.open(broker.port);
  await half.send(connect().subarray(0, 5));
  assertEquals((await half.untilClosed()).length, 0);
}, { args: ["--connect-timeout-ms", "1000"] });

testBroker("a PUBLISH that stops half way is closed", async (broker) => {
  using half = await RawClient.connected(broker.port, { clientId: "half" });
  await half.send(publish({ topic: "a", payload: "text" }).subarray(0, 6));
  assertEquals((await half.untilClosed()).length, 0);
}, { args: ["--partial-packet-timeout-ms", "1000"] });

testBroker("one connection too many is closed", async (broker) => {
  using first = await RawClient.connected(broker.port, { clientId: "1" });
  using second = await RawClient.connected(broker.port, { clientId: "2" });
  using third = await RawClient.open(broker.port);
  assertEquals((await third.untilClosed()).length, 0);
  assertEquals(await first.packetsBeforePong(), []);
  assertEquals(await second.packetsBeforePong(), []);
  await broker.logged("connection_refused");
}, { args: ["--connections-max", "2"] });

testBroker("a packet above the flag's size is refused", async (broker) => {
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  await ann.send(publish({ topic: "a", payload: new Uint8Array(2000) }));
  assertEquals((await ann.untilClosed()).length, 0);
}, { args: ["--packet-bytes-max", "1000"] });

/**
 * Everything that ends a connection because time passes, on the virtual
 * clock: to the millisecond, and never because the broker did not listen.
 */

import { assert, assertEquals } from "@std/assert";
import { dial, expectAlive, listen, read } from "../conformance/talk.ts";
import { TestBroker } from "../support/test_broker.ts";
import { connect, pingreq, publish } from "../support/wire.ts";
import { concat, flood, logged } from "./setting.ts";

Deno.test("no CONNECT in time ends a connection", () => {
  const broker = new TestBroker({ connectTimeoutMs: 500 });
  const client = broker.open();
  broker.advance(499);
  assert(!client.closed);
  broker.advance(1);
  assert(client.closed);
  assertEquals(logged(broker, "timeout").length, 1);
  assertEquals(broker.core.nextDeadlineMs > broker.nowMs, true);
});

Deno.test("a CONNECT that comes byte by byte has no longer time", () => {
  const broker = new TestBroker({ connectTimeoutMs: 500 });
  const client = broker.open();
  for (const byte of connect()) {
    client.send(Uint8Array.of(byte));
    broker.advance(40);
  }
  assert(client.closed);
  assertEquals(broker.core.partialBytes, 0);
  broker.checkInvariants();
});

Deno.test("the connect time-out ends with CONNECT", () => {
  const broker = new TestBroker({ connectTimeoutMs: 500 });
  const client = dial(broker);
  broker.advance(1_000_000);
  expectAlive(client);
});

Deno.test("half a packet that does not go on ends a connection", () => {
  const broker = new TestBroker({ partialPacketTimeoutMs: 300 });
  const client = dial(broker);
  client.send(publish({ topic: "abc" }).subarray(0, 4));
  broker.advance(299);
  assert(!client.closed);
  broker.advance(1);
  assert(client.closed);
  assertEquals(broker.core.partialBytes, 0);
  broker.checkInvariants();
});

Deno.test("each further byte of a packet gives it new time", () => {
  const broker = new TestBroker({ partialPacketTimeoutMs: 300 });
  const client = dial(broker);
  const packet = publish({ topic: "abcdef", qos: 1 });
  for (const byte of packet) {
    broker.advance(299);
    client.send(Uint8Array.of(byte));
  }
  assertEquals(read(client), [{ type: "puback", packetId: 1 }]);
  broker.advance(1_000_000);
  assert(!client.closed);
});

Deno.test("every half packet has the time, not only the first", () => {
  const broker = new TestBroker({ partialPacketTimeoutMs: 300 });
  const client = dial(broker);
  const packet = publish({ topic: "abcdef" });
  for (let round = 0; round < 5; round++) {
    client.send(packet.subarray(0, 3));
    broker.advance(200);
    client.send(packet.subarray(3));
    broker.advance(500);
    assert(!client.closed, client.closeReason);
  }
  client.send(packet.subarray(0, 3));
  broker.advance(300);
  assert(client.closed);
});

Deno.test("[MQTT-3.1.2-24] a drop of bytes is no sign of life", () => {
  const broker = new TestBroker();
  const client = dial(broker, { keepAliveS: 2 });
  const packet = publish({ topic: "abcdefghij" });
  for (let at = 0; at < 4; at++) {
    client.send(packet.subarray(at, at + 1));
    broker.advance(700);
  }
  assert(!client.closed);
  broker.advance(200);
  assert(client.closed, "three seconds without a whole packet");
});

Deno.test("a large packet on its way is a sign of life", () => {
  const broker = new TestBroker();
  const client = dial(broker, { keepAliveS: 2 });
  const packet = publish({ topic: "a", payload: new Uint8Array(100_000) });
  for (let at = 0; at < packet.length; at += 12_000) {
    client.send(packet.subarray(at, at + 12_000));
    broker.advance(2900);
    assert(!client.closed, client.closeReason);
  }
});

Deno.test("half a packet of a paused publisher keeps its time", () => {
  const broker = new TestBroker({
    writeQueueHighBytes: 1024,
    publisherPauseMs: 5000,
    partialPacketTimeoutMs: 1000,
  });
  const slow = dial(broker, { clientId: "slow" });
  listen(slow, "slow");
  slow.reading = false;
  const teller = dial(broker, { clientId: "teller", keepAliveS: 600 });
  const rest = publish({ topic: "more" });
  teller.send(concat([flood("slow", 0, 2, 1000), rest.subarray(0, 3)]));
  assert(teller.paused);
  broker.advance(5000);
  assert(!teller.paused);
  assert(!teller.closed, `closed while not read: ${teller.closeReason}`);
  broker.advance(500);
  assert(!teller.closed, `closed too early: ${teller.closeReason}`);
  broker.advance(500);
  assert(teller.closed, "half a packet that does not go on");
});

Deno.test("without keep alive a half packet after a pause ends too", () => {
  const broker = new TestBroker({
    writeQueueHighBytes: 1024,
    writeQueueBytesMax: 65_536,
    partialPacketTimeoutMs: 1000,
  });
  const client = dial(broker);
  client.reading = false;
  const pings = Array.from({ length: 33_000 }, pingreq);
  client.send(concat([...pings, publish({ topic: "more" }).subarray(0, 3)]));
  assert(client.paused);
  broker.advance(5000);
  assert(!client.closed);
  client.reading = true;
  client.take(1_000_000);
  assert(!client.paused);
  broker.advance(1000);
  assert(client.closed, "half a packet stays for ever");
});

Deno.test("an idle broker needs no timer", () => {
  const broker = new TestBroker();
  const client = dial(broker);
  client.send(pingreq());
  broker.advance(60_000);
  assertEquals(broker.core.nextDeadlineMs, Infinity);
  assertEquals(broker.core.pool.freeBytes, 0);
});

/**
 * What clients can make the broker keep, beside messages: each of it counts
 * against a limit of all clients together, and is uncounted when it goes.
 */

import { assert, assertEquals } from "@std/assert";
import { ask, dial } from "../conformance/talk.ts";
import { PendingLogins } from "./setting.ts";
import { checkInvariants } from "../../src/broker/invariants.ts";
import { upgradeRequest } from "../support/web_socket.ts";
import { WebSocketPeer, withDriver } from "../support/web_socket_peer.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  publish,
  type Qos,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import * as talk5 from "../conformance/talk5.ts";
import * as wire5 from "../support/wire5.ts";

function many(count: number, filter: (i: number) => string): [string, Qos][] {
  return Array.from({ length: count }, (_, i) => [filter(i), 0]);
}

Deno.test("controlPacketBytesMax: PUBLISH may be larger", () => {
  const broker = new TestBroker({ controlPacketBytesMax: 100 });
  const filters = (count: number) => many(count, (i) => `f/${10 + i}`);
  const fits = subscribe(1, ...filters(13));
  assertEquals(fits.length, 95);
  const client = dial(broker);
  client.send(publish({ topic: "a", payload: "x".repeat(1000) }));
  assertEquals(ask(client, fits).length, 1);
  // Its head says enough: nothing of it is kept.
  client.send(subscribe(1, ...filters(14)).subarray(0, 2));
  assert(client.closed);
  assertEquals(
    client.closeReason,
    "SUBSCRIBE of 102 bytes is above the limit of 100 for packets " +
      "without a message",
  );
  assertEquals(broker.core.partialBytes, 0);
});

Deno.test("[MQTT5-3.2.2-15] above the announced size is another reason", () => {
  for (const [bytes, code] of [[150, 0x97], [250, 0x95]] as const) {
    const broker = new TestBroker({
      controlPacketBytesMax: 100,
      packetBytesMax: 200,
    });
    const client = talk5.dial(broker);
    const packet = wire5.subscribe(1, [{ filter: "f".repeat(bytes) }]);
    talk5.expectDisconnect(client, packet, code);
  }
});

Deno.test("subscriptionsBytesMax counts text and levels, each once", () => {
  const deep = (name: string) => `${name}${"/+".repeat(100)}`;
  const broker = new TestBroker({ subscriptionsBytesMax: 100_000 });
  const [a, b] = ["a", "b"].map((clientId) => dial(broker, { clientId }));
  const codes = (client: TestClient, ...filters: string[]) => {
    const asked = filters.map((filter): [string, Qos] => [filter, 0]);
    const [suback] = ask(client, subscribe(1, ...asked));
    assert(suback?.type === "suback");
    return suback.returnCodes;
  };
  assertEquals(codes(a!, deep("a"), deep("b"), deep("c")), [0, 0, 0x80]);
  assertEquals(codes(b!, deep("a"), deep("b"), deep("c")), [0, 0, 0x80]);
  for (const client of [a!, b!]) ask(client, unsubscribe(2, deep("a")));
  assertEquals(codes(b!, deep("c")), [0]);
});

Deno.test("subscriptionsBytesMax counts the names of groups", () => {
  const broker = new TestBroker({ subscriptionsBytesMax: 10_000 });
  const client = dial(broker);
  const named = (name: string): [string, Qos] => [`$share/${name}/a`, 0];
  const names = Array.from({ length: 5 }, (_, i) => `${i}`.repeat(3000));
  const [suback] = ask(client, subscribe(1, ...names.map(named)));
  assertEquals<unknown>(suback, {
    type: "suback",
    packetId: 1,
    returnCodes: [0, 0, 0x80, 0x80, 0x80],
  });
  client.drop();
  assertEquals([broker.core.groupBytes, broker.core.router.filterBytes], [
    0,
    0,
  ]);
  broker.checkInvariants();
});

Deno.test("willBytesMax: who would bring more is refused", () => {
  const broker = new TestBroker({ willBytesMax: 10_000 });
  const will = { topic: "w", payload: new Uint8Array(8000) };
  const first = talk5.dial(broker, { clientId: "1", will });
  const second = broker.open();
  second.send(wire5.connect({ clientId: "2", will }));
  const [connack] = talk5.read(second);
  assert(connack?.type === "connack" && connack.reason === 0x97);
  assert(second.closed);
  const old = broker.open();
  const [refusal] = ask(old, connect({ clientId: "3", will }));
  assert(refusal?.type === "connack" && refusal.returnCode === 3);
  assertEquals(old.closeReason, "the wills of all clients take too much");
  first.send(wire5.disconnect());
  assertEquals(broker.core.willBytes, 0);
  dial(broker, { clientId: "3", will }).drop();
  assertEquals(broker.core.willBytes, 0);
});

Deno.test("a will is counted as long as it waits", () => {
  const broker = new TestBroker();
  const pairs = Array.from({ length: 100 }, () => ["a", ""] as const);
  const will = {
    topic: "w",
    payload: "x",
    properties: { willDelaySeconds: 60, userProperties: pairs },
  };
  const fields = { ...talk5.STORED, will };
  talk5.dial(broker, { ...fields, clientId: "due" }).drop();
  talk5.dial(broker, { ...fields, clientId: "back" }).drop();
  const both = broker.core.willBytes;
  assert(both > 2 * 100 * 100, "what pairs take is counted");
  talk5.dial(broker, { ...talk5.STORED, clientId: "back" });
  assertEquals(broker.core.willBytes, both / 2);
  broker.advance(60_000);
  assertEquals(broker.core.willBytes, 0);
});

Deno.test("topicAliasBytesMax: who adds to it is closed, 5.0 is told", () => {
  const broker = new TestBroker({ topicAliasBytesMax: 3000 });
  const named = (topicAlias: number, topic = "t".repeat(1000)) =>
    wire5.publish({ topic, properties: { topicAlias } });
  const first = talk5.dial(broker, { clientId: "1" });
  first.send(named(1));
  first.send(named(2));
  first.send(named(2, "short"));
  first.send(named(2));
  assert(!first.closed);
  broker.checkInvariants();
  const second = talk5.dial(broker, { clientId: "2" });
  talk5.expectDisconnect(second, named(1), 0x97);
  first.drop();
  assertEquals(broker.core.aliasBytes, 0);
  talk5.dial(broker, { clientId: "2" }).send(named(1));
  broker.checkInvariants();
});

Deno.test("topicAliasBytesMax: topics go out whole above it", () => {
  const broker = new TestBroker({ topicAliasBytesMax: 2500 });
  const properties = { topicAliasMaximum: 10 };
  const reader = talk5.dial(broker, { clientId: "reader", properties });
  talk5.listen(reader, "#");
  const teller = talk5.dial(broker, { clientId: "teller" });
  const topics = ["a", "b", "c", "a"].map((name) => name.repeat(1000));
  for (const topic of topics) {
    teller.send(wire5.publish({ topic }));
    broker.checkInvariants();
  }
  const got = talk5.messages(reader).map(({ topic }) => topic);
  assertEquals(got, topics);
  assertEquals(broker.core.aliasBytes, 0);
});

Deno.test("what comes while a login is checked counts as half packets", () => {
  const logins = new PendingLogins();
  const broker = new TestBroker({
    authenticator: logins,
    partialBytesMax: 65_536,
  });
  const client = broker.open();
  client.send(connect({ clientId: "1" }));
  const pings = 50_000;
  for (let i = 0; i < 50; i++) {
    client.send(new Uint8Array(1000).fill(0xc0).map((b, i) => i & 1 ? 0 : b));
    broker.checkInvariants();
  }
  assert(broker.core.partialBytes > pings);
  logins.answer("allow");
  assertEquals(broker.core.partialBytes, 0);
  assertEquals(ask(client, new Uint8Array(0)).length, 1 + pings / 2);
  const [greedy, other] = ["2", "3"].map((clientId) => {
    const client = broker.open();
    client.send(connect({ clientId }));
    return client;
  });
  greedy!.send(new Uint8Array(50_000));
  other!.send(new Uint8Array(20_000));
  assert(greedy!.closed && !other!.closed);
  broker.checkInvariants();
});

Deno.test("half a WebSocket request counts as a half packet", () => {
  withDriver((driver) => {
    const { core } = driver;
    const client = new WebSocketPeer(driver);
    const request = upgradeRequest();
    for (const byte of request.subarray(0, 100)) {
      client.send(Uint8Array.of(byte));
      checkInvariants(core);
      assert(core.partialBytes >= 1);
    }
    client.send(request.subarray(100));
    assertEquals(core.partialBytes, 0);
    const gone = new WebSocketPeer(driver);
    gone.send(request.subarray(0, 100));
    assert(core.partialBytes >= 100);
    driver.closed(gone.connection, "gone");
    assertEquals(core.partialBytes, 0);
  });
});

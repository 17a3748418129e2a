/**
 * What the broker counts, hooks, and publishers and subscribers inside of
 * the process.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { publishLocal, subscribeLocal } from "../../src/broker/local.ts";
import { endSession } from "../../src/broker/sessions.ts";
import { NO_PROPERTIES } from "../../src/codec/properties.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import {
  dial,
  dialStored,
  listen,
  messages,
  read,
  tell,
} from "../conformance/talk.ts";
import * as talk5 from "../conformance/talk5.ts";
import { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  join,
  pingreq,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";

const BYTES = new Uint8Array(3);

Deno.test("bytes and packets are counted both ways", () => {
  const broker = new TestBroker();
  const client = broker.open();
  const chunk = join(connect(), subscribe(1, ["a", 0]), pingreq());
  client.send(chunk);
  client.send(publish({ topic: "a", payload: "x" }));
  const { counters } = broker.core;
  const sent = client.bytes().length;
  assertEquals(counters.bytesSent, sent);
  assertEquals(
    counters.bytesReceived,
    chunk.length + publish({ topic: "a", payload: "x" }).length,
  );
  assertEquals(counters.packetsReceived, 4);
  assertEquals([counters.publishReceived, counters.publishSent], [1, 1]);
});

Deno.test("packets in a chunk that ends the connection count too", () => {
  const broker = new TestBroker();
  const client = dial(broker);
  client.send(join(pingreq(), pingreq(), disconnect()));
  assertEquals(broker.core.counters.packetsReceived, 4);
});

Deno.test("what is copied for many is counted for each", () => {
  const broker = new TestBroker();
  for (const clientId of ["1", "2", "3"]) {
    listen(dial(broker, { clientId }), "a");
  }
  const both = join(publish({ topic: "a" }), publish({ topic: "a" }));
  dial(broker, { clientId: "teller" }).send(both);
  const { counters } = broker.core;
  assertEquals([counters.publishReceived, counters.publishSent], [2, 6]);
});

Deno.test("each client's messages are counted, whichever way they go", () => {
  const broker = new TestBroker();
  const teller = dial(broker, { clientId: "teller" });
  teller.send(publish({ topic: "a/kept", payload: "x", retain: true }));
  const receivers = ([0, 1, 2] as const).map((qos) => {
    const client = dialStored(broker, `old ${qos}`);
    const first = listen(client, "a/#", qos).length;
    return { client, count: () => first + messages(client).length };
  });
  for (const topicAliasMaximum of [0, 3]) {
    const properties = { topicAliasMaximum };
    const clientId = `fresh ${topicAliasMaximum}`;
    const client = talk5.dial(broker, { clientId, properties });
    const first = talk5.listen(client, "a/#").length;
    const count = () => first + talk5.messages(client).length;
    receivers.push({ client, count });
  }
  for (const payload of ["x", "x".repeat(20_000)]) {
    const one = publish({ topic: "a/1", payload });
    teller.send(join(one, one, publish({ topic: "a/2", payload })));
    tell(teller, { topic: "a/1", payload, qos: 2 });
  }
  for (const { client, count } of receivers) {
    assertEquals([client.connection!.publishSent, count()], [9, 9]);
  }
  assertEquals(broker.core.counters.publishSent, 9 * receivers.length);
  // A connection counts its own, and what was sent before is sent again.
  receivers[1]!.client.drop();
  const again = broker.open();
  again.send(connect({ clientId: "old 1", cleanSession: false }));
  const resent = read(again).filter(({ type }) => type === "publish").length;
  assertEquals([again.connection!.publishSent, resent], [2, 2]);
});

Deno.test("hooks are told what happens, in order", () => {
  const seen: string[] = [];
  const broker = new TestBroker({
    hooks: {
      onConnect: ({ clientId, userName }) =>
        seen.push(`+${clientId} ${userName}`),
      onDisconnect: ({ clientId }, why) => seen.push(`-${clientId} ${why}`),
      onPublish: ({ clientId, topic, qos, retain, payload }) =>
        seen.push(`${clientId} ${topic} ${qos} ${retain} ${payload.length}`),
      onSubscribe: (_, filter, qos) => seen.push(`sub ${filter} ${qos}`),
      onUnsubscribe: (_, filter) => seen.push(`unsub ${filter}`),
    },
  });
  const client = dial(broker, {
    clientId: "ada",
    userName: "me",
    will: { topic: "w", qos: 1, retain: true },
  });
  client.send(subscribe(1, ["a", 1], ["b", 2]));
  client.send(publish({ topic: "x", payload: "abc" }));
  client.send(publish({ topic: "x", qos: 2 }));
  client.send(publish({ topic: "x", qos: 2, dup: true }));
  client.send(unsubscribe(2, "a", "never"));
  client.drop();
  assertEquals(seen, [
    "+ada me",
    "sub a 1",
    "sub b 2",
    "ada x 0 false 3",
    "ada x 2 false 0",
    "unsub a",
    "ada w 1 true 0",
    "-ada the network broke",
  ]);
});

Deno.test("the process publishes to clients, with QoS and retain", () => {
  const broker = new TestBroker();
  const client = dialStored(broker, "reader");
  listen(client, "a", 2);
  publishLocal(broker.core, "a", BYTES, 2, true, NO_PROPERTIES);
  broker.core.endTurn();
  const got = messages(client).map(({ qos, retain }) => [qos, retain]);
  assertEquals(got, [[2, false]]);
  assertEquals(broker.core.retained.size, 1);
  publishLocal(broker.core, "a", new Uint8Array(), 0, true, NO_PROPERTIES);
  assertEquals(broker.core.retained.size, 0);
});

Deno.test("a subscriber in the process gets all, also of one chunk", () => {
  const broker = new TestBroker();
  publishLocal(broker.core, "a/0", BYTES, 1, true, NO_PROPERTIES);
  const got: string[] = [];
  const session = subscribeLocal(
    broker.core,
    "\0local",
    "a/+",
    (message, retain) => got.push(`${message.topic} ${message.qos} ${retain}`),
  );
  const client = dial(broker);
  client.send(join(
    publish({ topic: "a/1" }),
    publish({ topic: "a/1" }),
    publish({ topic: "b" }),
    publish({ topic: "a/2", qos: 1, packetId: 3 }),
  ));
  assertEquals(read(client), [{ type: "puback", packetId: 3 }]);
  assertEquals(got, [
    "a/0 1 true",
    "a/1 0 false",
    "a/1 0 false",
    "a/2 1 false",
  ]);
  broker.checkInvariants();
  endSession(broker.core, session);
  client.send(publish({ topic: "a/1" }));
  assertEquals(got.length, 4);
  broker.checkInvariants();
});

Deno.test("the process is held to the rules of topics, too", () => {
  const broker = new TestBroker({
    subscriptionsTotalMax: 1,
    topicLevelsMax: 2,
  });
  const subscribeTo = (filter: string) =>
    subscribeLocal(broker.core, "\0l", filter, () => {});
  const publishTo = (topic: string) =>
    publishLocal(broker.core, topic, BYTES, 0, false, NO_PROPERTIES);
  for (const topic of ["", "a/+", "a\0", "a/b/c"]) {
    assertThrows(() => publishTo(topic), ProtocolError);
  }
  assertThrows(() => subscribeTo("a#"), ProtocolError);
  subscribeTo("a");
  assertThrows(() => subscribeTo("b"), ProtocolError, "too many");
  broker.checkInvariants();
});

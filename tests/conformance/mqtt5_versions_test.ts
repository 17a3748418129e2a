/**
 * MQTT 5.0 and 3.1.1 at the same broker: messages, retained messages and
 * sessions that clients of one version leave to clients of the other.
 */

import { assert, assertEquals } from "@std/assert";
import { decode as decodeOld } from "../support/wire.ts";
import { puback, publish } from "../support/wire5.ts";
import {
  dial as dialOld,
  greet as greetOld,
  listen as listenOld,
  listener as listenerOld,
  messages as messagesOld,
  payloads as payloadsOld,
  read as readOld,
  tell as tellOld,
} from "./talk.ts";
import {
  asPublish,
  brief,
  dial,
  expectGone,
  greet,
  hear,
  listen,
  listener,
  messages,
  onlyMessage,
  PAIRS,
  payloads,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

const STORED_OLD = { clientId: "stored", cleanSession: false };

const FULL = {
  payloadFormat: 1,
  messageExpirySeconds: 100,
  contentType: "text/plain",
  responseTopic: "answers",
  correlationData: "7",
  userProperties: PAIRS,
};

const LEVELS = [0, 1, 2] as const;

statement("MQTT 5.0: 3.1.1 gets the messages without properties", (broker) => {
  const old = listenerOld(broker, "a", 2, { clientId: "old" });
  const teller = dial(broker);
  for (const qos of LEVELS) {
    const payload = `${qos}`;
    tell(teller, { topic: "a", qos, payload, properties: FULL });
    const got = messagesOld(old);
    assertEquals(got.map((one) => [one.topic, one.payload, one.qos]), [
      ["a", payload, qos],
    ]);
  }
});

statement("MQTT 5.0: an alias does not show in 3.1.1", (broker) => {
  const old = listenerOld(broker, "a", 0, { clientId: "old" });
  const teller = dial(broker);
  for (const topic of ["a", ""]) {
    const properties = { topicAlias: 1 };
    tell(teller, { topic, payload: "x", properties });
    assertEquals(messagesOld(old).map((one) => one.topic), ["a"]);
  }
});

statement("MQTT 5.0: messages of 3.1.1 have no properties", (broker) => {
  const client = listener(broker, "a", 2, {
    properties: { topicAliasMaximum: 0 },
  });
  const teller = dialOld(broker);
  for (const qos of LEVELS) {
    tellOld(teller, { topic: "a", qos, payload: "x" });
    const got = messages(client);
    assertEquals(got.map((one) => one.properties), [{}]);
    assertEquals(got.map((one) => one.qos), [qos]);
    settle(client, got);
  }
});

statement("MQTT 5.0: retained messages reach both versions", (broker) => {
  const teller = dial(broker, { clientId: "teller" });
  const oldTeller = dialOld(broker, { clientId: "oldTeller" });
  tell(teller, { topic: "r/5", payload: "5", retain: true, properties: FULL });
  tellOld(oldTeller, { topic: "r/3", payload: "3", retain: true });
  const old = listenOld(dialOld(broker), "r/+");
  assertEquals(old.map(({ payload }) => payload).sort(), ["3", "5"]);
  const got = listen(dial(broker), "r/+");
  got.sort((a, b) => a.topic < b.topic ? -1 : 1);
  assertEquals(got.map((one) => one.properties), [{}, FULL]);
  tellOld(oldTeller, { topic: "r/5", payload: "", retain: true });
  assertEquals(listen(dial(broker), "r/5"), []);
});

statement("MQTT 5.0: what waits reaches the other version", (broker) => {
  const oldFields = { ...STORED_OLD, clientId: "old" };
  listenerOld(broker, "a", 1, oldFields).drop();
  listener(broker, "a", 1, STORED).drop();
  tell(dial(broker), { topic: "a", qos: 1, payload: "5", properties: FULL });
  tellOld(dialOld(broker), { topic: "a", qos: 1, payload: "3" });
  const old = greetOld(broker, oldFields).packets;
  assertEquals(
    old.map((one) => one.type === "publish" && one.payload),
    ["5", "3"],
  );
  const got = greet(broker, STORED).packets.map(asPublish);
  assertEquals(got.map((one) => one.properties), [FULL, {}]);
});

statement("MQTT 5.0: a message expires for 3.1.1 as well", (broker) => {
  const oldFields = { ...STORED_OLD, clientId: "old" };
  listenerOld(broker, "a", 1, oldFields).drop();
  const properties = { messageExpirySeconds: 5 };
  tell(dial(broker), { topic: "a", qos: 1, properties });
  broker.advance(6_000);
  assertEquals(greetOld(broker, oldFields).packets, []);
});

statement("MQTT 5.0: a client may come back with another version", (broker) => {
  listener(broker, "a", 1, STORED).drop();
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 1, payload: "1", properties: FULL });
  const old = greetOld(broker, STORED_OLD);
  assertEquals(old.sessionPresent, true);
  assertEquals(
    old.packets.map((one) => one.type === "publish" && one.payload),
    ["1"],
  );
  old.client.drop();
  const back = greet(broker, STORED);
  assertEquals(back.sessionPresent, true);
  const got = back.packets.map(asPublish);
  assertEquals(got.map(({ payload, dup }) => [payload, dup]), [["1", true]]);
  assertEquals(got[0]?.properties, FULL);
  settle(back.client, got);
});

statement("MQTT 5.0: a clean session of 3.1.1 ends a stored one", (broker) => {
  listener(broker, "a", 1, STORED).drop();
  dialOld(broker, { clientId: "stored" }).drop();
  assertEquals(greet(broker, STORED).sessionPresent, false);
});

statement("MQTT 5.0: versions take over from each other", (broker) => {
  const old = dialOld(broker, { clientId: "same" });
  const client = dial(broker, { clientId: "same" });
  assert(old.closed);
  assertEquals(readOld(old), [], "3.1.1 has no DISCONNECT of the server");
  dialOld(broker, { clientId: "same" });
  expectGone(client, 0x8e);
});

statement("MQTT 5.0: 3.1.1 is told nothing that it doesn't know", (broker) => {
  const old = dialOld(broker);
  old.send(publish({ topic: "nobody", qos: 1, packetId: 8 }));
  assertEquals(Array.from(old.bytes()), [0x40, 2, 0, 8]);
  old.send(Uint8Array.of(0xf0, 0));
  assert(old.closed);
  assertEquals(decodeOld(old.bytes()), []);
});

statement("MQTT 5.0: overlapping and no local stay with 5.0", (broker) => {
  const client = listener(broker, { filter: "a", qos: 1, noLocal: true });
  const old = listenerOld(broker, "a", 1, { clientId: "old" });
  tellOld(dialOld(broker), { topic: "a", qos: 1, payload: "x" });
  const got = onlyMessage(client);
  assertEquals(brief(got), "publish a=x");
  assertEquals(hear(client, puback(got.packetId)), []);
  assertEquals(payloadsOld(old), ["x"]);
  tell(client, { topic: "a", payload: "own" });
  assertEquals(payloads(client), []);
  assertEquals(payloadsOld(old), ["own"]);
});

statement("MQTT 5.0: a will of either version reaches both", (broker) => {
  const old = listenerOld(broker, "will", 0, { clientId: "old" });
  const client = listener(broker, "will", 0, { clientId: "new" });
  const will = {
    topic: "will",
    payload: "5",
    properties: { payloadFormat: 1 },
  };
  dial(broker, { will }).drop();
  dialOld(broker, { will: { topic: "will", payload: "3" } }).drop();
  assertEquals(payloadsOld(old), ["5", "3"]);
  const got = messages(client).map((one) => one.properties);
  assertEquals(got, [{ payloadFormat: 1 }, {}]);
});

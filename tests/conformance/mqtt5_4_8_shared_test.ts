/**
 * MQTT 5.0, section 4.8.2: shared subscriptions. Which member gets a message
 * is left to the server; these tests ask only for what is not.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  type ConnectFields,
  puback,
  pubcomp,
  publish,
  type PublishPacket,
  pubrec,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  dial,
  expectDisconnect,
  FAULTY,
  FOREVER_SECONDS,
  greet,
  hear,
  listen,
  listener,
  messages,
  payloads,
  settle,
  statement,
  tell,
} from "./talk5.ts";

const SHARED = "$share/group/a";

/** A member of the group, by its client id, and how it comes back. */
function fieldsOf(
  clientId: string,
  sessionExpirySeconds = FOREVER_SECONDS,
): ConnectFields {
  return { clientId, cleanStart: false, properties: { sessionExpirySeconds } };
}

/** Members of the group, each with one message of this QoS in flight. */
function busyPair(
  broker: TestBroker,
  qos: 1 | 2,
  sessionExpirySeconds = FOREVER_SECONDS,
): { client: TestClient; open: PublishPacket }[] {
  const teller = dial(broker, { clientId: "teller" });
  const pair = ["left", "right"].map((clientId) =>
    listener(broker, SHARED, 2, fieldsOf(clientId, sessionExpirySeconds))
  );
  const held = pair.map((client) => ({ client, got: [] as PublishPacket[] }));
  for (let sent = 0; held.some(({ got }) => got.length === 0); sent++) {
    assert(sent < 200, "one member gets nothing");
    tell(teller, { topic: "a", qos, payload: `${sent}` });
    for (const one of held) one.got.push(...messages(one.client));
  }
  return held.map(({ client, got }) => {
    const [open, ...others] = got;
    settle(client, others);
    return { client, open: open! };
  });
}

statement(
  "[MQTT-4.8.2-1][MQTT-4.8.2-2] a shared filter has a name and a filter",
  (broker) => {
    const filters = [
      "$share/",
      "$share//",
      "$share//a",
      "$share/g",
      "$share/g/",
      "$share/#/a",
      "$share/+/a",
      "$share/g+/a",
      "$share/g#/a",
      "$share/g/a#",
      "$share/g/#/a",
    ];
    for (const filter of filters) {
      const packet = subscribe(1, [{ filter }]);
      expectDisconnect(dial(broker), packet, FAULTY, filter);
    }
  },
);

statement(
  "[MQTT-4.8.2-1][MQTT-4.8.2-2] every other character may be in a name",
  (broker) => {
    const names = ["g", "1", "$share", "$", "ü 😀", "x".repeat(100)];
    for (const name of names) {
      const client = listener(broker, `$share/${name}/a/+`);
      tell(dial(broker), { topic: "a/b", payload: "x" });
      assertEquals(payloads(client), ["x"], name);
      client.drop();
    }
    listen(dial(broker), "$share/g//");
    listen(dial(broker), "$share/g/#");
  },
);

statement(
  "MQTT 5.0: a message goes to one member, and every member gets some",
  (broker) => {
    const ids = ["a", "b", "c"];
    const members = ids.map((clientId) =>
      listener(broker, SHARED, 1, { clientId })
    );
    const teller = dial(broker);
    const sent = Array.from({ length: 60 }, (_, at) => `${at}`);
    for (const [at, payload] of sent.entries()) {
      tell(teller, { topic: "a", qos: at % 2 === 0 ? 1 : 0, payload });
    }
    const got = members.map((client) => {
      const all = messages(client);
      settle(client, all);
      return all.map(({ payload }) => payload);
    });
    const everything = got.flat().toSorted((a, b) => Number(a) - Number(b));
    assertEquals(everything, sent);
    assert(got.every(({ length }) => length > 0), `${got}`);
  },
);

statement(
  "MQTT 5.0: groups and plain subscriptions are independent",
  (broker) => {
    const first = listener(broker, "$share/one/a");
    const second = listener(broker, "$share/two/a", 0, { clientId: "two" });
    const plain = listener(broker, "a", 0, { clientId: "plain" });
    listen(first, "a");
    tell(dial(broker), { topic: "a" });
    assertEquals(messages(first).length, 2, "shared and plain");
    assertEquals(messages(second).length, 1);
    assertEquals(messages(plain).length, 1);
  },
);

statement(
  "MQTT 5.0: a group with several filters is a group for each",
  (broker) => {
    const first = listener(broker, "$share/g/a/+");
    const second = listener(broker, "$share/g/a/b", 0, { clientId: "two" });
    tell(dial(broker), { topic: "a/b" });
    assertEquals(messages(first).length, 1);
    assertEquals(messages(second).length, 1);
  },
);

statement(
  "MQTT 5.0: who unsubscribes or ends leaves the group",
  (broker) => {
    const ids = ["a", "b", "c"];
    const [first, second, third] = ids.map((clientId) =>
      listener(broker, SHARED, 0, { clientId })
    );
    assertEquals(hear(first!, unsubscribe(1, [SHARED])), ["unsuback 1 00"]);
    second!.drop();
    const teller = dial(broker);
    for (let at = 0; at < 9; at++) tell(teller, { topic: "a" });
    assertEquals(messages(third!).length, 9);
    hear(third!, unsubscribe(1, [SHARED]));
    const nobody = publish({ topic: "a", qos: 1 });
    assertEquals(hear(teller, nobody), ["puback 1 10"]);
  },
);

statement(
  "MQTT 5.0: a shared subscription has its identifier",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    listen(client, SHARED, 1, { subscriptionIds: [77] });
    tell(dial(broker), { topic: "a", qos: 1 });
    const [got] = messages(client);
    assertEquals(got?.properties, { subscriptionIds: [77] });
  },
);

statement(
  "[MQTT-4.8.2-3] each member gets the QoS that it was granted",
  (broker) => {
    const members = [0, 1, 2].map((qos) =>
      listener(broker, SHARED, qos, { clientId: `granted${qos}` })
    );
    const teller = dial(broker);
    const seen = members.map(() => new Set<number>());
    for (let at = 0; at < 60; at++) {
      tell(teller, { topic: "a", qos: 2 });
      for (const [granted, client] of members.entries()) {
        const got = messages(client);
        for (const { qos } of got) seen[granted]!.add(qos);
        settle(client, got);
      }
    }
    assertEquals(seen, [new Set([0]), new Set([1]), new Set([2])]);
  },
);

statement(
  "[MQTT-4.8.2-4] QoS 2 is completed by the member that has begun it",
  (broker) => {
    const [left, right] = busyPair(broker, 2);
    left!.client.drop();
    broker.advance(60_000);
    assertEquals(messages(right!.client), [], "it went to another");
    const back = greet(broker, fieldsOf("left"));
    const got = back.packets.map(asPublish);
    assertEquals(got, [{ ...left!.open, dup: true }]);
    settle(back.client, got);
  },
);

statement(
  "[MQTT-4.8.2-4] QoS 2 behind its PUBREC is completed as well",
  (broker) => {
    const [left, right] = busyPair(broker, 2);
    const { packetId } = left!.open;
    hear(left!.client, pubrec(packetId));
    left!.client.drop();
    assertEquals(messages(right!.client), [], "it went to another");
    const back = greet(broker, fieldsOf("left"));
    assertEquals(back.packets.map(brief), [`pubrel ${packetId} 00`]);
    assertEquals(ask(back.client, pubcomp(packetId)), []);
  },
);

statement(
  "[MQTT-4.8.2-5] QoS 2 of a session that ends goes to no other member",
  (broker) => {
    for (const seconds of [0, 5]) {
      const [left, right] = busyPair(broker, 2, seconds);
      left!.client.drop();
      broker.advance(60_000);
      assertEquals(messages(right!.client), [], `expiry ${seconds}`);
      const back = greet(broker, fieldsOf("left"));
      assertEquals(back.packets, []);
      for (const clientId of ["left", "right"]) {
        dial(broker, { clientId }).drop();
      }
    }
  },
);

statement(
  "[MQTT-4.8.2-6] what a member refuses goes to no other member",
  (broker) => {
    for (const qos of [1, 2] as const) {
      const [left, right] = busyPair(broker, qos);
      const refuse = qos === 1 ? puback : pubrec;
      const refusal = refuse(left!.open.packetId, 0x83);
      assertEquals(ask(left!.client, refusal), []);
      assertEquals(messages(right!.client), []);
      left!.client.drop();
      broker.advance(60_000);
      assertEquals(messages(right!.client), [], "on its end");
      const back = greet(broker, fieldsOf("left"));
      assertEquals(back.packets, [], "again");
      for (const clientId of ["left", "right"]) {
        dial(broker, { clientId }).drop();
      }
    }
  },
);

statement(
  "MQTT 5.0: QoS 1 of a session that ends goes to another member",
  (broker) => {
    const [left, right] = busyPair(broker, 1, 0);
    left!.client.drop();
    broker.advance(1_000);
    assertEquals(payloads(right!.client), [left!.open.payload]);
  },
);

statement(
  "MQTT 5.0: QoS 1 of a member that goes away is delivered once",
  (broker) => {
    const [left, right] = busyPair(broker, 1);
    left!.client.drop();
    broker.advance(1_000);
    const taken = payloads(right!.client);
    const back = greet(broker, fieldsOf("left"));
    const repeated = back.packets.map(asPublish).map(({ payload }) => payload);
    assertEquals([...taken, ...repeated], [left!.open.payload]);
  },
);

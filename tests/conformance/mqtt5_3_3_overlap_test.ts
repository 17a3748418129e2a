/**
 * MQTT 5.0, section 3.3.4: overlapping subscriptions and subscription
 * identifiers.
 */

import { assertEquals } from "@std/assert";
import {
  puback,
  publish,
  type PublishPacket,
  subscribe,
  type Subscription,
} from "../support/wire5.ts";
import type { TestClient } from "../support/test_broker.ts";
import {
  ask,
  asPublish,
  brief,
  dial,
  expectDisconnect,
  FAULTY,
  greet,
  hear,
  listen,
  listener,
  messages,
  onlyMessage,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** Subscribes to each filter by a packet of its own. */
function overlap(
  client: TestClient,
  ...wanted: readonly (readonly [Subscription, id?: number])[]
): void {
  for (const [one, id] of wanted) {
    listen(client, one, 0, id === undefined ? {} : { subscriptionIds: [id] });
  }
}

/** The identifiers of a message, sorted. */
function idsOf(message: PublishPacket | undefined): number[] {
  return (message?.properties.subscriptionIds ?? []).toSorted((a, b) => a - b);
}

statement(
  "[MQTT-3.3.4-2] overlapping subscriptions give the highest QoS",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    overlap(
      client,
      [{ filter: "a/#", qos: 0 }],
      [{ filter: "a/+", qos: 2 }],
      [{ filter: "a/b", qos: 1 }],
    );
    const teller = dial(broker);
    const seen = ([0, 1, 2] as const).map((qos) => {
      tell(teller, { topic: "a/b", qos });
      const got = messages(client);
      settle(client, got);
      return got.map((one) => one.qos);
    });
    assertEquals(seen, [[0], [1], [2]]);
    tell(teller, { topic: "a/b/c", qos: 2 });
    assertEquals(onlyMessage(client).qos, 0);
  },
);

statement(
  "[MQTT-3.3.4-3][MQTT-3.3.4-4] one copy has the ids of all that match",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    overlap(
      client,
      [{ filter: "a/#", qos: 0 }, 1],
      [{ filter: "a/+", qos: 2 }, 268_435_455],
      [{ filter: "a/b", qos: 1 }],
      [{ filter: "b/b", qos: 1 }, 7],
      [{ filter: "+/b", qos: 1 }, 300],
    );
    const teller = dial(broker);
    for (const qos of [0, 1, 2] as const) {
      tell(teller, { topic: "a/b", qos });
      const got = messages(client);
      assertEquals(got.map(idsOf), [[1, 300, 268_435_455]]);
      settle(client, got);
    }
    tell(teller, { topic: "b/b" });
    assertEquals(idsOf(onlyMessage(client)), [7, 300]);
    tell(teller, { topic: "a" });
    assertEquals(idsOf(onlyMessage(client)), [1]);
  },
);

statement(
  "[MQTT-3.3.4-3] each client gets its own ids beside the properties",
  (broker) => {
    const properties = { contentType: "type" };
    const clients = [1, 2, 3].map((id) => {
      const client = dial(broker, { clientId: `listener${id}` });
      overlap(client, [{ filter: "a", qos: id % 3 }, id]);
      return client;
    });
    const plain = listener(broker, "a", 1);
    tell(dial(broker), { topic: "a", qos: 1, properties });
    const seen = clients.map((client) => onlyMessage(client).properties);
    assertEquals(
      seen,
      [1, 2, 3].map((id) => ({ contentType: "type", subscriptionIds: [id] })),
    );
    assertEquals(onlyMessage(plain).properties, { contentType: "type" });
  },
);

statement(
  "[MQTT-3.3.4-3] an id stays with its subscription, and is replaced with it",
  (broker) => {
    const client = dial(broker, STORED);
    overlap(client, [{ filter: "a", qos: 1 }, 5], [{ filter: "b" }, 5]);
    client.drop();
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    const back = greet(broker, STORED);
    assertEquals(back.packets.map(asPublish).map(idsOf), [[5]]);
    settle(back.client, back.packets.map(asPublish));
    overlap(back.client, [{ filter: "a", qos: 1 }, 6]);
    tell(teller, { topic: "a" });
    assertEquals(idsOf(onlyMessage(back.client)), [6]);
    overlap(back.client, [{ filter: "a", qos: 1 }]);
    tell(teller, { topic: "a" });
    assertEquals(idsOf(onlyMessage(back.client)), []);
    tell(teller, { topic: "b" });
    assertEquals(idsOf(onlyMessage(back.client)), [5]);
  },
);

statement(
  "[MQTT-3.3.4-3] a message that waits keeps the ids of its time",
  (broker) => {
    const client = dial(broker, {
      ...STORED,
      properties: { ...STORED.properties, receiveMaximum: 1 },
    });
    overlap(client, [{ filter: "a", qos: 1 }, 5], [{ filter: "+", qos: 1 }, 6]);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1, payload: "1" });
    tell(teller, { topic: "a", qos: 1, payload: "2" });
    const first = onlyMessage(client);
    assertEquals(idsOf(first), [5, 6]);
    const [second] = ask(client, puback(first.packetId));
    assertEquals(second && brief(second), "publish a=2");
    assertEquals(idsOf(second && asPublish(second)), [5, 6]);
  },
);

statement(
  "[MQTT-3.3.4-3] retained messages have the id of the new subscription",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "x", retain: true });
    overlap(client, [{ filter: "#", retainHandling: 2 }, 1]);
    const got = listen(client, "a", 0, { subscriptionIds: [2] });
    assertEquals(got.length, 1);
    const ids = idsOf(got[0]);
    assertEquals(ids.includes(2), true, `${ids}`);
  },
);

statement(
  "[MQTT-3.3.4-5] a copy for each subscription has its identifier",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    overlap(
      client,
      [{ filter: "a/#", qos: 0 }, 1],
      [{ filter: "a/+", qos: 2, retainAsPublished: true }, 300],
      [{ filter: "a/b", qos: 1 }],
    );
    const teller = dial(broker);
    for (const qos of [0, 1, 2] as const) {
      tell(teller, { topic: "a/b", qos, payload: "x", retain: true });
      const got = messages(client);
      const seen = got.map((one) => [idsOf(one)[0] ?? 0, one.qos, one.retain]);
      seen.sort(([a], [b]) => Number(a) - Number(b));
      assertEquals(seen, [
        [0, Math.min(qos, 1), false],
        [1, 0, false],
        [300, qos, true],
      ]);
      settle(client, got);
    }
  },
  { deliversEach: true },
);

statement(
  "[MQTT-3.3.4-5] no local takes away one copy of several",
  (broker) => {
    const client = dial(broker);
    overlap(
      client,
      [{ filter: "a/#", noLocal: true }, 1],
      [{ filter: "a/+" }, 2],
    );
    client.send(publish({ topic: "a/b" }));
    assertEquals(messages(client).map(idsOf), [[2]]);
  },
  { deliversEach: true },
);

statement("[MQTT-3.3.4-6] a client sends no subscription id", (broker) => {
  const client = dial(broker);
  const properties = { subscriptionIds: [1] };
  expectDisconnect(client, publish({ topic: "a", properties }), FAULTY);
});

statement(
  "MQTT 5.0: a SUBSCRIBE has at most one id, and never 0 (3.8.2.1.2)",
  (broker) => {
    for (const subscriptionIds of [[0], [1, 2], [1, 1]]) {
      const bytes = subscribe(1, [{ filter: "a" }], { subscriptionIds });
      expectDisconnect(dial(broker), bytes, 0x82, `${subscriptionIds}`);
    }
  },
);

statement(
  "MQTT 5.0: one id may stand for several filters of a SUBSCRIBE",
  (broker) => {
    const client = dial(broker);
    const wanted = [{ filter: "a" }, { filter: "b" }];
    const bytes = subscribe(1, wanted, { subscriptionIds: [9] });
    assertEquals(hear(client, bytes), ["suback 1 00 00"]);
    for (const topic of ["a", "b"]) {
      tell(client, { topic });
      assertEquals(idsOf(onlyMessage(client)), [9]);
    }
  },
);

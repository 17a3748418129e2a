/**
 * MQTT 5.0, section 3.2.2.3: a server that leaves out a part of MQTT says so
 * in its CONNACK and refuses what needs that part.
 */

import { assertEquals } from "@std/assert";
import { connect, publish, subscribe } from "../support/wire5.ts";
import {
  dial,
  expectAlive,
  expectConnack,
  expectDisconnect,
  greet,
  hear,
  listener,
  onlyMessage,
  statement,
  tell,
} from "./talk5.ts";

const WILL = { topic: "will", payload: "gone" };

statement(
  "[MQTT-3.2.2-9][MQTT-3.2.2-10] without QoS 1 subscriptions are accepted",
  (broker) => {
    const { client, properties } = greet(broker, { clientId: "listener" });
    assertEquals(properties.maximumQos, 0);
    const wanted = [0, 1, 2].map((qos) => ({ filter: `a/${qos}`, qos }));
    assertEquals(hear(client, subscribe(1, wanted)), ["suback 1 00 00 00"]);
    tell(dial(broker), { topic: "a/2" });
    assertEquals(onlyMessage(client).qos, 0);
  },
  { features: { maximumQos: 0 } },
);

statement(
  "[MQTT-3.2.2-9][MQTT-3.2.2-10] without QoS 2 as well",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.maximumQos, 1);
    const wanted = [0, 1, 2].map((qos) => ({ filter: `a/${qos}`, qos }));
    assertEquals(hear(client, subscribe(1, wanted)), ["suback 1 00 01 01"]);
    tell(client, { topic: "b", qos: 1 });
    expectAlive(client);
  },
  { features: { maximumQos: 1 } },
);

statement(
  "[MQTT-3.2.2-11] a PUBLISH above the maximum QoS ends the connection",
  (broker) => {
    const witness = listener(broker, "a", 0);
    const packet = publish({ topic: "a", qos: 2 });
    expectDisconnect(dial(broker), packet, 0x9b);
    expectAlive(witness);
  },
  { features: { maximumQos: 1 } },
);

statement(
  "[MQTT-3.2.2-12] a will above the maximum QoS is refused",
  (broker) => {
    for (const qos of [1, 2] as const) {
      const will = { ...WILL, qos };
      expectConnack(broker, connect({ will }), 0x9b);
    }
    dial(broker, { will: WILL });
  },
  { features: { maximumQos: 0 } },
);

statement(
  "[MQTT-3.2.2-13] without retained messages a retained will is refused",
  (broker) => {
    const will = { ...WILL, retain: true };
    expectConnack(broker, connect({ will }), 0x9a);
    const { properties } = greet(broker, { will: WILL });
    assertEquals(properties.retainAvailable, 0);
  },
  { features: { retain: false } },
);

statement(
  "[MQTT-3.2.2-14] without retained messages RETAIN ends the connection",
  (broker) => {
    for (const qos of [0, 1, 2] as const) {
      const packet = publish({ topic: "a", qos, payload: "x", retain: true });
      expectDisconnect(dial(broker), packet, 0x9a, `QoS ${qos}`);
    }
    const client = dial(broker);
    tell(client, { topic: "a", payload: "x", qos: 1 });
    expectAlive(client);
  },
  { features: { retain: false } },
);

statement(
  "MQTT 5.0: without wildcards a filter that has one is a fault (3.2.2.3.11)",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.wildcardSubscriptionAvailable, 0);
    assertEquals(hear(client, subscribe(1, [{ filter: "a" }])), [
      "suback 1 00",
    ]);
    for (const filter of ["a/+", "#", "$share/g/#"]) {
      const wanted = [{ filter: "b" }, { filter }];
      expectDisconnect(dial(broker), subscribe(1, wanted), 0xa2, filter);
    }
  },
  { features: { wildcards: false } },
);

statement(
  "MQTT 5.0: without shared subscriptions one is a fault (3.2.2.3.13)",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.sharedSubscriptionAvailable, 0);
    const wanted = ["a", "$share/g/a"].map((filter) => ({ filter }));
    expectDisconnect(client, subscribe(1, wanted), 0x9e);
  },
  { features: { sharedSubscriptions: false } },
);

statement(
  "MQTT 5.0: without subscription identifiers one is a fault (3.2.2.3.12)",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.subscriptionIdsAvailable, 0);
    const wanted = [{ filter: "a" }];
    assertEquals(hear(client, subscribe(1, wanted)), ["suback 1 00"]);
    const packet = subscribe(2, wanted, { subscriptionIds: [1] });
    expectDisconnect(client, packet, 0xa1);
  },
  { features: { subscriptionIds: false } },
);

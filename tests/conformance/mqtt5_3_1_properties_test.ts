/**
 * MQTT 5.0, section 3.1.2.11: what the properties of a CONNECT make the
 * server do or leave. Topic aliases are in `mqtt5_3_3_alias_test.ts`, receive
 * maximum is in `mqtt5_4_9_flow_test.ts`.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  connect,
  type ConnectFields,
  disconnect,
  frame,
  puback,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  dial,
  expectAlive,
  expectDisconnect,
  expectGone,
  greet,
  listen,
  listener,
  messages,
  payloads,
  read,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** A client that takes packets of so many bytes. */
function narrow(maximumPacketSize: number): ConnectFields {
  const properties = { ...STORED.properties, maximumPacketSize };
  return { clientId: "narrow", cleanStart: false, properties };
}

statement(
  "[MQTT-3.1.2-24] no PUBLISH is larger than the client takes",
  (broker) => {
    const client = listener(broker, "a", 0, narrow(40));
    const teller = dial(broker);
    for (let length = 20; length <= 60; length++) {
      teller.send(publish({ topic: "a", payload: "x".repeat(length) }));
      const bytes = client.bytes();
      assert(bytes.length <= 40, `${bytes.length} bytes`);
      // The fixed header, topic and property length take 6 bytes.
      assertEquals(bytes.length > 0, length + 6 <= 40, `length ${length}`);
    }
    expectAlive(client);
  },
);

statement(
  "[MQTT-3.1.2-24] properties and packet id count as well",
  (broker) => {
    const client = listener(broker, "a", 1, narrow(40));
    const teller = dial(broker);
    const properties = { contentType: "x".repeat(10) };
    for (let length = 5; length <= 30; length++) {
      const payload = "x".repeat(length);
      tell(teller, { topic: "a", qos: 1, payload, properties });
      const got = messages(client);
      assertEquals(got.length, length + 8 + 13 <= 40 ? 1 : 0, `${length}`);
      settle(client, got);
    }
  },
);

statement(
  "[MQTT-3.1.2-24] retained and waiting messages count as well",
  (broker) => {
    const teller = dial(broker);
    const large = "x".repeat(100);
    tell(teller, { topic: "r/large", payload: large, retain: true });
    tell(teller, { topic: "r/small", payload: "x", retain: true });
    const client = dial(broker, narrow(40));
    const retained = listen(client, "r/+", 1);
    assertEquals(retained.map(({ topic }) => topic), ["r/small"]);
    client.drop();
    tell(teller, { topic: "r/large", qos: 1, payload: large });
    tell(teller, { topic: "r/small", qos: 1, payload: "y" });
    const back = greet(broker, narrow(40));
    assertEquals(back.packets.map(brief), ["publish r/small=y"]);
  },
);

statement(
  "[MQTT-3.1.2-24] what the broker itself takes at most is no matter",
  (broker) => {
    const { limits } = broker.core.options;
    const teller = dial(broker);
    const payload = "x".repeat(300_000);
    tell(teller, { topic: "kept", retain: true, payload });
    // An operator may change the limit while clients are connected.
    limits.packetBytesMax = 100_000;
    const client = listener(broker, "live", 0, narrow(200_000));
    assertEquals(listen(client, "kept"), []);
    limits.packetBytesMax = 1_000_000;
    const other = dial(broker, { clientId: "other" });
    tell(other, { topic: "live", payload });
    assertEquals(messages(client), []);
    tell(other, { topic: "live", payload: "small" });
    assertEquals(payloads(client), ["small"]);
  },
);

statement(
  "[MQTT-3.1.2-25] what is too large is dropped as if it were delivered",
  (broker) => {
    const client = listener(broker, "a", 2, narrow(40));
    const teller = dial(broker);
    for (let round = 0; round < 200; round++) {
      const qos = round % 2 === 0 ? 1 : 2;
      tell(teller, { topic: "a", qos, payload: "x".repeat(100) });
    }
    tell(teller, { topic: "a", qos: 1, payload: "next" });
    const got = messages(client);
    assertEquals(got.map(({ payload }) => payload), ["next"]);
    settle(client, got);
    client.drop();
    const wide = greet(broker, { ...STORED, clientId: "narrow" });
    assertEquals(wide.packets, [], "it waited after all");
  },
);

statement(
  "[MQTT-3.1.2-25] what is too large to be repeated holds up nothing",
  (broker) => {
    for (const qos of [1, 2] as const) {
      const fields = { ...STORED, clientId: "narrow" };
      const client = listener(broker, "a", 2, fields);
      const teller = dial(broker);
      for (const payload of ["x".repeat(100), "small"]) {
        tell(teller, { topic: "a", qos, payload });
      }
      assertEquals(messages(client).length, 2);
      client.drop();
      const properties = { ...narrow(60).properties, receiveMaximum: 1 };
      const back = greet(broker, { ...narrow(60), properties });
      const got = back.packets.map(asPublish);
      assertEquals(got.map(({ payload }) => payload), ["small"]);
      settle(back.client, got);
      tell(teller, { topic: "a", qos, payload: "next" });
      assertEquals(payloads(back.client), ["next"]);
      back.client.drop();
      dial(broker, { ...fields, cleanStart: true }).drop();
    }
  },
);

statement(
  "[MQTT-3.1.2-25] others get what is too large for one",
  (broker) => {
    const client = listener(broker, "a", 1, narrow(40));
    const other = listener(broker, "a", 1, { clientId: "other" });
    const payload = "x".repeat(100);
    tell(dial(broker), { topic: "a", qos: 1, payload });
    assertEquals(payloads(client), []);
    assertEquals(payloads(other), [payload]);
  },
);

statement(
  "[MQTT-3.1.2-28] response information is for those that ask",
  (broker) => {
    const informed = (requestResponseInformation: number) =>
      greet(broker, { properties: { requestResponseInformation } })
        .properties.responseInformation;
    assertEquals(informed(1), "answers/client/");
    assertEquals(informed(0), undefined);
    const { properties } = greet(broker);
    assertEquals(properties.responseInformation, undefined);
  },
  { responseInformation: "answers/%c/" },
);

/** Those answers to packets with which something is wrong that explain it. */
function explained(client: TestClient): string[] {
  const $SYS = { topic: "$SYS/theirs", packetId: 3 };
  const packets = [
    subscribe(1, [{ filter: "a" }, { filter: "b" }]),
    unsubscribe(2, ["never", "subscribed"]),
    publish({ ...$SYS, qos: 1 }),
    publish({ ...$SYS, qos: 2 }),
    pubrel(5),
    pubrec(6),
    puback(7),
  ];
  return packets.flatMap((bytes) => ask(client, bytes)).filter((packet) =>
    packet.type !== "pingresp" && Object.keys(packet.properties).length > 0
  ).map(brief);
}

statement(
  "[MQTT-3.1.2-29] without problem information no acknowledgement explains",
  (broker) => {
    const explaining = ["suback 1 00 97", "puback 3 87", "pubrec 3 87"];
    assertEquals(explained(dial(broker)), explaining);
    const properties = { requestProblemInformation: 0 };
    assertEquals(explained(dial(broker, { properties })), []);
  },
  { subscriptionsMax: 1 },
);

statement(
  "[MQTT-3.1.2-29] without problem information a PUBLISH keeps its own",
  (broker) => {
    const properties = { requestProblemInformation: 0 };
    const client = listener(broker, "a", 0, { properties });
    const userProperties = [["a", "b"]] as const;
    dial(broker).send(publish({ topic: "a", properties: { userProperties } }));
    assertEquals(messages(client)[0]?.properties, { userProperties });
  },
);

statement("MQTT 5.0: an end by the server says why", (broker) => {
  for (const properties of [{}, { requestProblemInformation: 1 }]) {
    const client = dial(broker, { properties });
    const packet = expectDisconnect(client, frame(0xf1), 0x81);
    const reason = packet.properties.reasonString;
    assert(typeof reason === "string" && reason.length > 5, `${reason}`);
  }
  const old = dial(broker);
  dial(broker);
  const { properties } = expectGone(old, 0x8e);
  assertNotEquals(properties.reasonString, undefined);
});

/** Sends what gets each kind of answer, and checks the size of each. */
function expectSmall(broker: TestBroker, size: number): void {
  const properties = { maximumPacketSize: size };
  const { client } = greet(broker, { clientId: "small", properties });
  const teller = dial(broker, { clientId: "teller" });
  const packets = [
    subscribe(1, [{ filter: "a", qos: 2 }]),
    subscribe(1, [{ filter: "a/#/b" }]),
    unsubscribe(1, ["x"]),
    publish({ topic: "nobody", qos: 1, packetId: 3 }),
    publish({ topic: "nobody", qos: 2, packetId: 4 }),
    pubrel(4),
    pubrel(5),
    pubrec(6),
    frame(0xf1),
  ];
  for (const bytes of packets) {
    if (client.closed) break;
    client.send(bytes);
    tell(teller, { topic: "a", payload: "x".repeat(size) });
    const got = client.bytes();
    let at = 0;
    while (at < got.length) {
      const length = 2 + got[at + 1]!;
      assert(length <= size, `${length} bytes for a limit of ${size}`);
      at += length;
    }
  }
}

statement(
  "[MQTT-3.1.2-24] no packet at all is larger than the client takes",
  (broker) => {
    // Below 30 bytes a CONNACK with the server's limits may not fit itself.
    for (let size = 30; size < 120; size++) expectSmall(broker, size);
  },
);

statement(
  "[MQTT-3.1.2-24] a CONNECT may change what was allowed before",
  (broker) => {
    const client = listener(broker, "a", 1, narrow(40));
    client.send(disconnect());
    const teller = dial(broker);
    const payload = "x".repeat(100);
    tell(teller, { topic: "a", qos: 1, payload });
    const wide = greet(broker, narrow(1000));
    const got = wide.packets.map(asPublish);
    assertEquals(got.map((one) => one.payload), [payload]);
    settle(wide.client, got);
    assertEquals(read(wide.client), []);
  },
);

statement(
  "[MQTT-3.1.2-24] a CONNACK is a packet, too",
  (broker) => {
    for (let maximumPacketSize = 1; maximumPacketSize < 30;) {
      const client = broker.open();
      client.send(connect({ properties: { maximumPacketSize } }));
      const { length } = client.bytes();
      const what = `${length} bytes for a limit of ${maximumPacketSize}`;
      assert(length <= maximumPacketSize, what);
      assert(length > 0 || client.closed, "neither answer nor end");
      maximumPacketSize++;
    }
  },
);

statement(
  "[MQTT-3.1.2-24] SUBACK and UNSUBACK are no larger than the client takes",
  (broker) => {
    const all = Array.from({ length: 100 }, (_, at) => `a/${at}`);
    const packets = [
      subscribe(1, all.map((filter) => ({ filter }))),
      unsubscribe(1, all),
    ];
    for (const bytes of packets) {
      const client = dial(broker, narrow(50));
      client.send(bytes);
      const { length } = client.bytes();
      assert(length <= 50, `${length} bytes for a limit of 50`);
    }
  },
);

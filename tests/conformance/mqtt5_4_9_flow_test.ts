/**
 * MQTT 5.0, sections 3.3.4 and 4.9: receive maximum and send quota, in both
 * directions.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  pingreq,
  puback,
  pubcomp,
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
  greet,
  hear,
  listener,
  messages,
  payloads,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** A listener that takes so many messages at a time. */
function limited(broker: TestBroker, receiveMaximum: number): TestClient {
  const properties = { ...STORED.properties, receiveMaximum };
  return listener(broker, "a/#", 2, { ...STORED, properties });
}

/** Publishes messages 1 to `count`. */
function flood(broker: TestBroker, count: number, qos?: 1 | 2): void {
  const teller = dial(broker, { clientId: "teller" });
  for (let at = 1; at <= count; at++) {
    const level = qos ?? (at % 2 === 0 ? 1 : 2);
    tell(teller, { topic: "a", qos: level, payload: `${at}` });
  }
}

statement(
  "[MQTT-3.3.4-9][MQTT-4.9.0-2] no more than receive maximum is in flight",
  (broker) => {
    for (const receiveMaximum of [1, 2, 7]) {
      const client = limited(broker, receiveMaximum);
      flood(broker, 20);
      const open = messages(client);
      assertEquals(open.length, receiveMaximum);
      let received = open.length;
      while (open.length > 0) {
        const { qos, packetId } = open.shift()!;
        if (qos === 2) {
          const released = hear(client, pubrec(packetId));
          assertEquals(released, [`pubrel ${packetId} 00`], "quota too early");
        }
        const last = qos === 1 ? puback(packetId) : pubcomp(packetId);
        const next = ask(client, last).map(asPublish);
        assertEquals(next.length, received < 20 ? 1 : 0);
        received += next.length;
        open.push(...next);
      }
      assertEquals(received, 20);
      client.drop();
      dial(broker, { ...STORED, cleanStart: true }).drop();
    }
  },
);

statement(
  "[MQTT-3.3.4-9] a PUBREC of 0x80 or above frees a place at once",
  (broker) => {
    const client = limited(broker, 1);
    flood(broker, 3, 2);
    const [first] = messages(client);
    const next = ask(client, pubrec(first!.packetId, 0x83));
    assertEquals(next.map(brief), ["publish a=2"]);
  },
);

statement(
  "[MQTT-3.3.4-9] a PUBACK of 0x80 or above frees a place as well",
  (broker) => {
    const client = limited(broker, 1);
    flood(broker, 2, 1);
    const [first] = messages(client);
    const next = hear(client, puback(first!.packetId, 0x97));
    assertEquals(next, ["publish a=2"]);
  },
);

statement(
  "[MQTT-3.3.4-9] what a resumed session repeats counts as well",
  (broker) => {
    const client = limited(broker, 5);
    flood(broker, 8, 1);
    assertEquals(payloads(client), ["1", "2", "3", "4", "5"]);
    client.drop();
    const properties = { ...STORED.properties, receiveMaximum: 2 };
    const back = greet(broker, { ...STORED, properties });
    const got = back.packets.map(asPublish);
    assertEquals(got.map((one) => one.payload), ["1", "2"]);
    const next = got.flatMap((one) => hear(back.client, puback(one.packetId)));
    assertEquals(next, ["publish a=3", "publish a=4"]);
  },
);

statement(
  "[MQTT-3.3.4-9] a PUBCOMP for the last connection makes no extra room",
  (broker) => {
    const client = limited(broker, 6);
    flood(broker, 6, 2);
    const ids = messages(client).map(({ packetId }) => packetId);
    const released = ids.slice(0, 3);
    for (const id of released) hear(client, pubrec(id));
    client.drop();
    const properties = { ...STORED.properties, receiveMaximum: 2 };
    const back = greet(broker, { ...STORED, properties });
    const isMessage = (text: string) => text.startsWith("publish");
    let open = back.packets.map(brief).filter(isMessage).length;
    for (const id of released) {
      open += hear(back.client, pubcomp(id)).filter(isMessage).length;
      assert(open <= 2, `${open} at a time`);
    }
    assertEquals(open, 2);
  },
);

statement(
  "[MQTT-4.9.0-3] an acknowledgement that comes late is processed",
  (broker) => {
    for (const acknowledge of [puback, pubrec]) {
      const qos = acknowledge === puback ? 1 : 2;
      const client = limited(broker, 5);
      flood(broker, 5, qos);
      const ids = messages(client).map(({ packetId }) => packetId);
      client.drop();
      const properties = { ...STORED.properties, receiveMaximum: 2 };
      const back = greet(broker, { ...STORED, properties });
      assertEquals(back.packets.length, 2);
      // The last ones have not been repeated yet.
      for (const id of ids.toReversed()) {
        for (const bytes of [acknowledge(id), pubcomp(id)]) {
          back.client.send(bytes);
          expectOpen(back.client);
        }
      }
      tell(dial(broker), { topic: "a", payload: "next" });
      assertEquals(payloads(back.client), ["next"]);
      back.client.drop();
      assertEquals(greet(broker, STORED).packets, []);
      dial(broker, { ...STORED, cleanStart: true }).drop();
    }
  },
);

/** Fails unless the connection is open; what came is read away. */
function expectOpen(client: TestClient): void {
  assert(!client.closed, client.closeReason);
  client.bytes();
}

statement(
  "[MQTT-3.3.4-10][MQTT-4.9.0-3] at the maximum all else goes on",
  (broker) => {
    const client = limited(broker, 1);
    flood(broker, 3);
    assertEquals(payloads(client), ["1"]);
    const packets = [
      pingreq(),
      subscribe(1, [{ filter: "b" }]),
      unsubscribe(2, ["b"]),
      publish({ topic: "c", qos: 1, packetId: 3 }),
      publish({ topic: "c", qos: 2, packetId: 4 }),
      pubrel(4),
    ];
    const answers = packets.flatMap((bytes) => hear(client, bytes));
    assertEquals(answers, [
      "pingresp",
      "suback 1 00",
      "unsuback 2 00",
      "puback 3 10",
      "pubrec 4 10",
      "pubcomp 4 00",
    ]);
    tell(dial(broker), { topic: "a", qos: 0, payload: "zero" });
    assertEquals(payloads(client), ["zero"], "QoS 0 needs no quota");
  },
);

statement(
  "[MQTT-4.9.0-1] the first quota is above 0 and within the maximum",
  (broker) => {
    for (const receiveMaximum of [1, 50, 65_535]) {
      const client = limited(broker, receiveMaximum);
      flood(broker, 60, 1);
      const { length } = messages(client);
      assertEquals(length > 0 && length <= receiveMaximum, true, `${length}`);
      client.drop();
      dial(broker, { ...STORED, cleanStart: true }).drop();
    }
  },
);

statement(
  "[MQTT-4.9.0-2] quota does not grow above its first value",
  (broker) => {
    const client = limited(broker, 2);
    // Acknowledgements of nothing must not make room.
    for (const id of [1, 2, 3]) {
      client.send(puback(id));
      client.send(pubcomp(id));
    }
    client.bytes();
    flood(broker, 5, 1);
    assertEquals(payloads(client), ["1", "2"]);
  },
);

statement(
  "[MQTT-3.3.4-7] a client above the server's receive maximum is cut off",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.receiveMaximum, 3);
    for (const packetId of [1, 2, 3]) {
      const packet = publish({ topic: "a", qos: 2, packetId });
      assertEquals(hear(client, packet), [`pubrec ${packetId} 10`]);
    }
    const again = publish({ topic: "a", qos: 2, packetId: 2, dup: true });
    assertEquals(ask(client, again).length, 1, "a repetition is no more");
    const fourth = publish({ topic: "a", qos: 2, packetId: 4 });
    expectDisconnect(client, fourth, 0x93);
  },
  { inflightInMax: 3 },
);

statement(
  "[MQTT-3.3.4-7] within the receive maximum there is no end of messages",
  (broker) => {
    const client = dial(broker);
    for (let round = 1; round <= 50; round++) {
      tell(client, { topic: "a", qos: 2, packetId: round });
      tell(client, { topic: "a", qos: 1, packetId: round });
    }
    for (const packetId of [1, 2, 3]) {
      ask(client, publish({ topic: "a", qos: 2, packetId }));
    }
    assertEquals(hear(client, pubrel(2)), ["pubcomp 2 00"]);
    const next = publish({ topic: "a", qos: 2, packetId: 4 });
    assertEquals(hear(client, next), ["pubrec 4 10"]);
    expectAlive(client);
  },
  { inflightInMax: 3 },
);

/**
 * MQTT 3.1.1, section 3.1: what the clean session flag, the client id and the
 * keep alive of a CONNECT do. The order of what is sent again after a return
 * is in `mqtt3_4_delivery_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  pingreq,
  publish,
  unsubscribe,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  dialStored,
  expectAlive,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  payloads,
  settle,
  statement,
  tell,
} from "./talk.ts";

const STORED = { clientId: "stored", cleanSession: false };
const CLEAN = { clientId: "stored", cleanSession: true };

statement(
  "[MQTT-3.1.2-4] clean session 0 continues the stored session",
  (broker) => {
    const first = greet(broker, STORED);
    assertEquals(first.sessionPresent, false);
    listen(first.client, "a", 1);
    first.client.send(disconnect());
    const second = greet(broker, STORED);
    assertEquals(second.sessionPresent, true);
    second.client.send(publish({ topic: "a", payload: "still here" }));
    assertEquals(payloads(second.client), ["still here"]);
    second.client.drop();
    const third = greet(broker, STORED);
    assertEquals(third.sessionPresent, true);
    ask(third.client, unsubscribe(1, "a"));
    third.client.drop();
    const fourth = greet(broker, STORED);
    assertEquals(fourth.sessionPresent, true);
    fourth.client.send(publish({ topic: "a" }));
    assertEquals(messages(fourth.client), []);
  },
);

statement(
  "[MQTT-3.1.2-5] an offline session collects messages of QoS 1 and 2",
  (broker) => {
    const client = dialStored(broker, "stored");
    listen(client, "a/#", 2);
    const teller = dial(broker, { clientId: "teller" });
    client.send(disconnect());
    tell(teller, { topic: "a/0", payload: "zero" });
    tell(teller, { topic: "a/1", payload: "one", qos: 1 });
    tell(teller, { topic: "b/1", payload: "not asked for", qos: 1 });
    tell(teller, { topic: "a/2", payload: "two", qos: 2 });
    broker.advance(3_600_000);
    const { client: back, packets } = greet(broker, STORED);
    const got = packets.map(asPublish);
    assertEquals(
      got.map(({ payload, qos, dup, retain }) => ({
        payload,
        qos,
        dup,
        retain,
      })),
      [
        { payload: "one", qos: 1, dup: false, retain: false },
        { payload: "two", qos: 2, dup: false, retain: false },
      ],
    );
    settle(back, got);
    back.send(disconnect());
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-3.1.2-5] QoS 0 may be collected as well, where it is asked for",
  (broker) => {
    listener(broker, "a", 1, STORED).send(disconnect());
    tell(dial(broker), { topic: "a", payload: "zero" });
    const { packets } = greet(broker, STORED);
    assertEquals(packets.map((packet) => asPublish(packet).payload), ["zero"]);
  },
  { queueQos0: true },
);

statement(
  "[MQTT-3.1.2-6] clean session 1 drops the older session",
  (broker) => {
    listener(broker, "a", 1, STORED).send(disconnect());
    tell(dial(broker), { topic: "a", qos: 1 });
    const clean = greet(broker, CLEAN);
    assertEquals(clean.sessionPresent, false);
    assertEquals(clean.packets, []);
    clean.client.send(publish({ topic: "a" }));
    assertEquals(messages(clean.client), []);
    clean.client.send(disconnect());
    const { sessionPresent, packets } = greet(broker, STORED);
    assertEquals(sessionPresent, false);
    assertEquals(packets, []);
  },
);

statement(
  "[MQTT-3.1.2-6] a clean session ends with its connection",
  (broker) => {
    const teller = dial(broker);
    for (const end of ["drop", "disconnect"]) {
      const client = listener(broker, "a", 1, CLEAN);
      if (end === "drop") client.drop();
      else client.send(disconnect());
      tell(teller, { topic: "a", qos: 1 });
      const { client: next, sessionPresent, packets } = greet(broker, STORED);
      assertEquals(sessionPresent, false);
      assertEquals(packets, []);
      next.send(publish({ topic: "a" }));
      assertEquals(messages(next), []);
      next.send(disconnect());
    }
  },
);

statement(
  "[MQTT-3.1.2-6] a clean session forgets unfinished QoS 2 messages",
  (broker) => {
    const witness = listener(broker, "a");
    const message = publish({ topic: "a", qos: 2, packetId: 9 });
    for (const payload of ["first", "second"]) {
      const client = dial(broker, CLEAN);
      const sent = publish({ topic: "a", qos: 2, packetId: 9, payload });
      assertEquals(ask(client, sent), [{ type: "pubrec", packetId: 9 }]);
      assertEquals(ask(client, message), [{ type: "pubrec", packetId: 9 }]);
      client.drop();
    }
    assertEquals(payloads(witness), ["first", "second"]);
  },
);

statement(
  "[MQTT-3.1.2-7] retained messages outlive the session that sent them",
  (broker) => {
    const clean = dial(broker, CLEAN);
    tell(clean, { topic: "clean", payload: "kept", retain: true });
    clean.send(disconnect());
    const stored = dialStored(broker, "stored");
    tell(stored, { topic: "stored", payload: "kept", retain: true });
    stored.drop();
    dial(broker, CLEAN).drop();
    const got = listen(dial(broker), "#").map(({ topic }) => topic);
    assertEquals(got.sort(), ["clean", "stored"]);
  },
);

statement(
  "[MQTT-3.1.3-2] state belongs to a client id, to the letter",
  (broker) => {
    listener(broker, "a", 1, STORED).send(disconnect());
    const others = ["Stored", "stored ", " stored", "store", "stored1"];
    for (const clientId of others) {
      const { sessionPresent, client } = greet(broker, {
        clientId,
        cleanSession: false,
      });
      assertEquals(sessionPresent, false, clientId);
      client.drop();
    }
    assertEquals(greet(broker, STORED).sessionPresent, true);
  },
);

statement(
  "[MQTT-3.1.4-3] an accepted CONNECT is followed by its clean session flag",
  (broker) => {
    const seen: boolean[] = [];
    for (const fields of [STORED, STORED, CLEAN, STORED, STORED, CLEAN]) {
      const { client, sessionPresent } = greet(broker, fields);
      seen.push(sessionPresent);
      client.drop();
    }
    assertEquals(seen, [false, true, false, false, true, false]);
  },
);

statement(
  "[MQTT-3.1.4-3] a refused CONNECT leaves the stored session alone",
  (broker) => {
    const online = listener(broker, "a", 1, STORED);
    for (const fault of [{ flags: 0x03 }, { level: 9 }]) {
      broker.open().send(connect({ ...CLEAN, ...fault }));
    }
    expectAlive(online);
    online.send(disconnect());
    assertEquals(greet(broker, STORED).sessionPresent, true);
  },
);

statement(
  "[MQTT-3.1.2-24] one and a half keep alives of silence end a connection",
  (broker) => {
    const witness = listener(broker, "will");
    const will = { topic: "will", payload: "silent" };
    const client = dial(broker, { keepAliveS: 10, will });
    broker.advance(14_900);
    assert(!client.closed, "closed before its time");
    broker.advance(1_200);
    assert(client.closed, "still open after its time");
    assert(client.closeReason !== "");
    // As if the network had failed: the will is published.
    assertEquals(onlyMessage(witness).payload, "silent");
  },
);

statement(
  "[MQTT-3.1.2-24] every control packet starts the keep alive anew",
  (broker) => {
    const client = dial(broker, { keepAliveS: 10 });
    for (let round = 0; round < 6; round++) {
      broker.advance(14_000);
      if (round % 2 === 0) expectAlive(client);
      else tell(client, { topic: "a", qos: 1 });
    }
    assert(!client.closed);
    broker.advance(16_100);
    assert(client.closed);
  },
);

statement(
  "[MQTT-3.1.2-24] what the server sends does not keep a client alive",
  (broker) => {
    const client = listener(broker, "a", 0, { keepAliveS: 10 });
    const teller = dial(broker);
    for (let second = 0; second < 17; second++) {
      tell(teller, { topic: "a" });
      broker.advance(1_000);
    }
    assert(client.closed);
    expectAlive(teller);
  },
);

statement("[MQTT-3.1.2-24] keep alive 0 has no end", (broker) => {
  const client = dial(broker, { keepAliveS: 0 });
  broker.advance(7 * 86_400_000);
  expectAlive(client);
});

statement("[MQTT-3.1.2-24] the longest keep alive is honoured", (broker) => {
  const client = dial(broker, { keepAliveS: 65_535 });
  broker.advance(65_535_000);
  assertEquals(ask(client, pingreq()), [{ type: "pingresp" }]);
  broker.advance(98_300_000);
  assert(!client.closed, "closed before its time");
  broker.advance(5_000);
  assert(client.closed, "still open after its time");
});

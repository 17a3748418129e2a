/**
 * MQTT 3.1.1, section 3.1: the will. Its form in the CONNECT is in
 * `mqtt3_3_1_connect_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  frame,
  join,
  publish,
  type Qos,
  subscribe,
} from "../support/wire.ts";
import {
  dial,
  expectEnd,
  expectRefusal,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  payloads,
  statement,
} from "./talk.ts";

const WILL = { topic: "will", payload: "gone" };

statement(
  "[MQTT-3.1.2-8] a will is published when the network fails",
  (broker) => {
    const witness = listener(broker, "will");
    const client = dial(broker, { will: WILL });
    assertEquals(messages(witness), [], "published too early");
    client.drop();
    assertEquals(onlyMessage(witness), {
      type: "publish",
      topic: "will",
      payload: "gone",
      qos: 0,
      retain: false,
      dup: false,
      packetId: 0,
    });
  },
);

statement(
  "[MQTT-3.1.2-8] a will is published when the broker ends the connection",
  (broker) => {
    const witness = listener(broker, "will");
    expectEnd(dial(broker, { will: WILL }), frame(0xf0));
    assertEquals(payloads(witness), ["gone"], "after a violation");
    const silent = dial(broker, { will: WILL, keepAliveS: 1 });
    broker.advance(2_000);
    assert(silent.closed);
    assertEquals(payloads(witness), ["gone"], "after the keep alive");
    dial(broker, { will: WILL });
    dial(broker);
    assertEquals(payloads(witness), ["gone"], "after a take-over");
  },
);

statement(
  "[MQTT-3.1.2-8] a will of a refused CONNECT is not kept",
  (broker) => {
    const witness = listener(broker, "will");
    const fields = { clientId: "", cleanSession: false, will: WILL };
    expectRefusal(broker, connect(fields), 2);
    broker.advance(60_000);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.1.2-8] a will with a payload of any bytes is published whole",
  (broker) => {
    const witness = listener(broker, "will");
    const payload = Uint8Array.of(0, 255, 0xc0, 0x80);
    dial(broker, { will: { topic: "will", payload } }).drop();
    assertEquals(onlyMessage(witness).payload, "\0\xff\xc0\x80");
    dial(broker, { will: { topic: "will", payload: "" } }).drop();
    assertEquals(onlyMessage(witness).payload, "");
  },
);

statement("[MQTT-3.1.2-9] will QoS is used", (broker) => {
  const witness = listener(broker, "will/#", 2);
  for (const qos of [0, 1, 2] as const) {
    dial(broker, { will: { topic: `will/${qos}`, qos } }).drop();
  }
  const got = messages(witness).map(({ topic, qos }) => [topic, qos]);
  assertEquals(got, [["will/0", 0], ["will/1", 1], ["will/2", 2]]);
});

statement(
  "[MQTT-3.1.2-9] a will is delivered like any other message",
  (broker) => {
    const qosOf = (granted: Qos): number => {
      const clientId = `witness${granted}`;
      const witness = listener(broker, "will", granted, { clientId });
      dial(broker, { will: { ...WILL, qos: 2 } }).drop();
      const { qos } = onlyMessage(witness);
      witness.send(disconnect());
      return qos;
    };
    assertEquals([qosOf(0), qosOf(1), qosOf(2)], [0, 1, 2]);
  },
);

statement("[MQTT-3.1.2-10] a published will is forgotten", (broker) => {
  const witness = listener(broker, "will");
  const fields = { clientId: "stored", cleanSession: false };
  dial(broker, { ...fields, will: WILL }).drop();
  assertEquals(payloads(witness), ["gone"]);
  broker.advance(60_000);
  greet(broker, fields).client.drop();
  broker.advance(60_000);
  assertEquals(messages(witness), []);
});

statement("[MQTT-3.1.2-10] a DISCONNECT removes the will", (broker) => {
  const witness = listener(broker, "will");
  const fields = { clientId: "stored", cleanSession: false };
  dial(broker, { ...fields, will: WILL }).send(disconnect());
  greet(broker, fields).client.drop();
  assertEquals(messages(witness), []);
});

statement("[MQTT-3.1.2-10] each connection has its own will", (broker) => {
  const witness = listener(broker, "will");
  const fields = { clientId: "stored", cleanSession: false };
  dial(broker, { ...fields, will: WILL }).send(disconnect());
  const will = { topic: "will", payload: "another" };
  greet(broker, { ...fields, will }).client.drop();
  assertEquals(payloads(witness), ["another"]);
});

statement("[MQTT-3.1.2-12] without the will flag comes no will", (broker) => {
  const witness = listener(broker, "#");
  dial(broker).drop();
  expectEnd(dial(broker), frame(0xf0));
  dial(broker, { keepAliveS: 1 });
  broker.advance(2_000);
  assertEquals(messages(witness), []);
});

statement(
  "[MQTT-3.1.2-16] will retain 0 leaves no retained message",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, { will: WILL }).drop();
    assertEquals(onlyMessage(witness).retain, false);
    assertEquals(listen(witness, "will"), []);
  },
);

statement(
  "[MQTT-3.1.2-16] will retain 0 does not change a retained message",
  (broker) => {
    const witness = dial(broker, { clientId: "witness" });
    witness.send(publish({ topic: "will", payload: "old", retain: true }));
    dial(broker, { will: WILL }).drop();
    const got = listen(witness, "will");
    assertEquals(got.map(({ payload }) => payload), ["old"]);
  },
);

statement("[MQTT-3.1.2-17] will retain 1 is retained", (broker) => {
  const witness = listener(broker, "will", 2);
  dial(broker, { will: { ...WILL, qos: 2, retain: true } }).drop();
  assertEquals(onlyMessage(witness).retain, false);
  const [kept] = listen(dial(broker), "will", 2);
  assertEquals(kept?.payload, "gone");
  assertEquals(kept?.retain, true);
  assertEquals(kept?.qos, 2);
});

statement(
  "[MQTT-3.1.2-17] an empty will with retain 1 removes what was retained",
  (broker) => {
    const witness = dial(broker, { clientId: "witness" });
    witness.send(publish({ topic: "will", payload: "old", retain: true }));
    const will = { topic: "will", payload: "", retain: true };
    dial(broker, { will }).drop();
    assertEquals(listen(witness, "will"), []);
  },
);

statement(
  "[MQTT-3.14.4-3] a DISCONNECT discards the will",
  (broker) => {
    const witness = listener(broker, "will");
    const client = dial(broker, { will: WILL });
    client.send(disconnect());
    assert(client.closed);
    client.drop();
    broker.advance(600_000);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.14.4-3] a DISCONNECT that is not whole discards nothing",
  (broker) => {
    const witness = listener(broker, "will");
    const client = dial(broker, { will: WILL });
    client.send(Uint8Array.of(0xe0));
    client.drop();
    assertEquals(payloads(witness), ["gone"]);
    const pipelined = dial(broker, { will: WILL });
    pipelined.send(join(subscribe(1, ["a", 0]), disconnect()));
    assertEquals(messages(witness), []);
  },
);

/**
 * MQTT 3.1.1, section 3.3: PUBLISH. Retained messages have a file of their
 * own, `mqtt3_3_3_retain_test.ts`; topic names too, `mqtt3_4_7_topic_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  frame,
  join,
  publish,
  pubrel,
  type Qos,
  subscribe,
  u16,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  dialStored,
  expectAlive,
  expectEnd,
  greet,
  ILL_FORMED,
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
const LEVELS: readonly Qos[] = [0, 1, 2];

statement("[MQTT-3.3.1-1] what is sent again has DUP 1", (broker) => {
  const client = dialStored(broker, "stored");
  listen(client, "a", 2);
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 1 });
  tell(teller, { topic: "a", qos: 2 });
  assertEquals(messages(client).map(({ dup }) => dup), [false, false]);
  client.drop();
  const second = greet(broker, STORED);
  assertEquals(dups(second.packets.map(asPublish)), [true, true]);
  second.client.drop();
  const third = greet(broker, STORED);
  const repeated = third.packets.map(asPublish);
  assertEquals(dups(repeated), [true, true]);
  settle(third.client, repeated);
});

statement(
  "[MQTT-3.3.1-1] what is sent for the first time has DUP 0",
  (broker) => {
    listener(broker, "a", 2, STORED).drop();
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    const { packets } = greet(broker, STORED);
    assertEquals(dups(packets.map(asPublish)), [false, false]);
  },
);

statement("[MQTT-3.3.1-2] QoS 0 is sent with DUP 0", (broker) => {
  const client = listener(broker, "a", 2);
  const low = listener(broker, "a", 0, { clientId: "low" });
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 0 });
  tell(teller, { topic: "a", qos: 1, dup: true });
  tell(teller, { topic: "a", qos: 2, dup: true });
  assertEquals(dups(messages(low)), [false, false, false]);
  assertEquals(dups(messages(client)), [false, false, false]);
});

statement("[MQTT-3.3.1-2] DUP 1 with QoS 0 is a violation", (broker) => {
  const witness = listener(broker, "a");
  expectEnd(dial(broker), publish({ topic: "a", dup: true }));
  assertEquals(messages(witness), []);
});

statement("[MQTT-3.3.1-3] incoming DUP is not passed on", (broker) => {
  const witness = listener(broker, "a", 2);
  const teller = dial(broker);
  for (const qos of [1, 2] as const) {
    for (const dup of [true, false]) {
      tell(teller, { topic: "a", qos, dup, payload: "x" });
      const { dup: passedOn, payload } = onlyMessage(witness);
      assertEquals(passedOn, false);
      assertEquals(payload, "x");
    }
  }
});

statement("[MQTT-3.3.1-4] QoS 3 ends the connection", (broker) => {
  const witness = listener(broker, "a", 2);
  for (const retain of [true, false]) {
    for (const dup of [true, false]) {
      const packet = publish({ topic: "a", qos: 3, retain, dup });
      expectEnd(dial(broker), packet);
    }
  }
  assertEquals(messages(witness), []);
  assertEquals(listen(dial(broker), "a"), []);
});

statement("[MQTT-3.3.2-1] a PUBLISH begins with its topic", (broker) => {
  const cut = [
    frame(0x30),
    frame(0x30, 0),
    frame(0x30, u16(1)),
    frame(0x30, u16(3), 97, 98),
    frame(0x30, u16(65_535), 97, 98),
  ];
  for (const packet of cut) expectEnd(dial(broker), packet);
  const client = listener(broker, "a");
  client.send(frame(0x30, u16(1), 97));
  assertEquals(onlyMessage(client).payload, "");
});

statement("[MQTT-3.3.2-1] the topic is UTF-8", (broker) => {
  for (const [what, topic] of ILL_FORMED) {
    for (const qos of LEVELS) {
      expectEnd(dial(broker), publish({ topic, qos }), what);
    }
  }
});

statement(
  "[MQTT-3.3.2-2][MQTT-4.7.1-1] a topic with a wildcard is a violation",
  (broker) => {
    const witness = listener(broker, "#", 2);
    const topics = ["#", "+", "a/#", "a/+", "+/a", "a/+/b", "a#", "a+b", "#/a"];
    for (const topic of topics) {
      for (const qos of LEVELS) {
        expectEnd(dial(broker), publish({ topic, qos }), topic);
        const retained = publish({ topic, qos, retain: true });
        expectEnd(dial(broker), retained, topic);
      }
    }
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.3.2-3] the topic that arrives is the one that was sent",
  (broker) => {
    const names = ["a", "a/b", "a//b", "/", "/a", "a/", "a b", "ä/€/😀"];
    const client = listener(broker, "#", 1);
    ask(client, subscribe(2, ["+/+", 1], ["a/#", 0]));
    for (const topic of names) {
      tell(dial(broker), { topic, qos: 1 });
      assertEquals(onlyMessage(client).topic, topic);
    }
  },
);

statement(
  "[MQTT-3.3.4-1] the answer to a PUBLISH depends on its QoS",
  (broker) => {
    const client = dial(broker);
    const send = (qos: Qos) =>
      ask(client, publish({ topic: "a", qos, packetId: 7 }));
    assertEquals(send(0), []);
    assertEquals(send(1), [{ type: "puback", packetId: 7 }]);
    assertEquals(send(2), [{ type: "pubrec", packetId: 7 }]);
    assertEquals(ask(client, pubrel(7)), [{ type: "pubcomp", packetId: 7 }]);
    expectAlive(client);
  },
);

statement(
  "[MQTT-3.3.5-1] overlapping subscriptions deliver at the highest QoS",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const filters = subscribe(1, ["a/b", 0], ["a/+", 2], ["#", 1]);
    assertEquals(ask(client, filters), [
      { type: "suback", packetId: 1, returnCodes: [0, 2, 1] },
    ]);
    const teller = dial(broker);
    const qosOf = (topic: string, qos: Qos): number => {
      tell(teller, { topic, qos });
      return onlyMessage(client).qos;
    };
    assertEquals(LEVELS.map((qos) => qosOf("a/b", qos)), [0, 1, 2]);
    assertEquals(LEVELS.map((qos) => qosOf("a/c", qos)), [0, 1, 2]);
    assertEquals(LEVELS.map((qos) => qosOf("b", qos)), [0, 1, 1]);
  },
);

statement(
  "[MQTT-3.3.5-1] the order of overlapping subscriptions is no matter",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    ask(client, subscribe(1, ["#", 2], ["a/+", 0], ["a/b", 1]));
    const teller = dial(broker);
    tell(teller, { topic: "a/b", qos: 2 });
    assertEquals(onlyMessage(client).qos, 2);
  },
);

statement(
  "[MQTT-3.3.5-1] a payload arrives as it was sent, at any length",
  (broker) => {
    const client = listener(broker, "a", 1);
    const teller = dial(broker);
    for (const length of [0, 1, 121, 122, 123, 124, 16_379, 16_380, 70_000]) {
      const payload = Uint8Array.from({ length }, (_, at) => at * 31);
      tell(teller, { topic: "a", payload, qos: 1 });
      const got = onlyMessage(client).payload;
      assertEquals(got.length, length);
      const isSame = payload.every((byte, at) => got.charCodeAt(at) === byte);
      assert(isSame, `${length} bytes arrived changed`);
    }
  },
);

statement(
  "[MQTT-3.3.4-1] messages in one chunk are answered one by one",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const packets = [
      publish({ topic: "a", qos: 1, packetId: 1, payload: "1" }),
      publish({ topic: "a", qos: 0, payload: "2" }),
      publish({ topic: "a", qos: 2, packetId: 2, payload: "3" }),
      pubrel(2),
    ];
    assertEquals(ask(client, join(...packets)), [
      { type: "puback", packetId: 1 },
      { type: "pubrec", packetId: 2 },
      { type: "pubcomp", packetId: 2 },
    ]);
    assertEquals(payloads(witness), ["1", "2", "3"]);
  },
);

function dups(all: { dup: boolean }[]): boolean[] {
  return all.map(({ dup }) => dup);
}

statement(
  "[MQTT-3.3.5-2] what may not be published is acknowledged as usual",
  (broker) => {
    const witness = listener(broker, "$SYS/#", 2, { clientId: "witness" });
    const teller = dial(broker);
    // `tell` plays the sender's side, and fails where it is not answered.
    for (const qos of LEVELS) tell(teller, { topic: "$SYS/theirs", qos });
    expectAlive(teller);
    assertEquals(messages(witness), []);
  },
);

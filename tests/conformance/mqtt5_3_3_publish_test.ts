/**
 * MQTT 5.0, section 3.3: what a PUBLISH carries through the broker. Retained
 * messages, topic aliases and overlapping subscriptions have files of their
 * own.
 */

import { assert, assertEquals } from "@std/assert";
import { field, join as joinBytes } from "../support/wire.ts";
import {
  frame,
  type Properties,
  puback,
  publish,
  type Qos,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  dial,
  expectDisconnect,
  FAULTY,
  greet,
  hear,
  ILL_FORMED,
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

/** Everything that a message carries to its receivers. */
const FULL: Properties = {
  payloadFormat: 1,
  contentType: "text/plain; charset=utf-8",
  responseTopic: "answers/ü",
  correlationData: "\x00\x01~",
  userProperties: PAIRS,
};

statement("[MQTT-3.3.1-1] what is repeated has DUP 1", (broker) => {
  const client = listener(broker, "a", 2, STORED);
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 1 });
  tell(teller, { topic: "a", qos: 2 });
  assertEquals(messages(client).map(({ dup }) => dup), [false, false]);
  client.drop();
  const { packets } = greet(broker, STORED);
  assertEquals(packets.map(asPublish).map(({ dup }) => dup), [true, true]);
});

statement("[MQTT-3.3.1-2] QoS 0 with DUP is a fault", (broker) => {
  const client = listener(broker, "a", 2);
  tell(dial(broker), { topic: "a", qos: 0 });
  assertEquals(onlyMessage(client).dup, false);
  const wrong = publish({ topic: "a", qos: 0, dup: true });
  expectDisconnect(client, wrong, FAULTY);
});

statement("[MQTT-3.3.1-3] incoming DUP is not passed on", (broker) => {
  const client = listener(broker, "a", 2);
  const teller = dial(broker);
  for (const qos of [1, 2] as const) {
    tell(teller, { topic: "a", qos, dup: true });
    const got = messages(client);
    assertEquals(got.map(({ dup }) => dup), [false]);
    settle(client, got);
  }
});

statement("[MQTT-3.3.1-4] QoS 3 is malformed", (broker) => {
  for (const dup of [false, true]) {
    const packet = publish({ topic: "a", qos: 3, dup });
    expectDisconnect(dial(broker), packet, 0x81);
  }
});

statement("[MQTT-3.3.2-1] the topic name is the first field", (broker) => {
  for (const [what, topic] of ILL_FORMED) {
    expectDisconnect(dial(broker), publish({ topic }), 0x81, what);
  }
  const cut = [frame(0x30), frame(0x30, 0), frame(0x30, 0, 5, 97)];
  for (const packet of cut) expectDisconnect(dial(broker), packet, 0x81);
  const client = listener(broker, "#");
  client.send(frame(0x30, field("a/b"), 0, 120));
  assertEquals(messages(client).map(brief), ["publish a/b=x"]);
});

statement("[MQTT-3.3.2-2] a topic name has no wildcards", (broker) => {
  for (const topic of ["#", "+", "a/+", "a/#", "a/+/b", "a+", "#a"]) {
    for (const qos of [0, 1, 2] as const) {
      const client = dial(broker);
      const packet = publish({ topic, qos });
      expectDisconnect(client, packet, FAULTY, topic);
    }
  }
});

statement(
  "[MQTT-3.3.2-3] the topic that is received matches the filter",
  (broker) => {
    const client = listener(broker, "a/+/c");
    const teller = dial(broker);
    for (const topic of ["a/b/c", "a//c", "a/b", "a/b/c/d", "b/b/c"]) {
      tell(teller, { topic });
    }
    assertEquals(messages(client).map(({ topic }) => topic), ["a/b/c", "a//c"]);
  },
);

statement(
  "[MQTT-3.3.2-4] the payload format indicator is passed on",
  (broker) => {
    const client = listener(broker, "a");
    const teller = dial(broker);
    for (const properties of [{}, { payloadFormat: 0 }, { payloadFormat: 1 }]) {
      tell(teller, { topic: "a", payload: "ü", properties });
      assertEquals(onlyMessage(client).properties, properties);
    }
    const wrong = { payloadFormat: 2 };
    const packet = publish({ topic: "a", properties: wrong });
    expectDisconnect(teller, packet, 0x82);
  },
);

statement(
  "[MQTT-3.3.2-4] a payload is no matter of the broker's unless it is asked",
  (broker) => {
    const client = listener(broker, "a");
    const payload = Uint8Array.of(0xff);
    const properties = { payloadFormat: 1 };
    const message = { topic: "a", qos: 1, payload, properties } as const;
    assertEquals(hear(dial(broker), publish(message)), ["puback 1 00"]);
    assertEquals(messages(client).map(brief), ["publish a=\xff"]);
  },
);

statement(
  "MQTT 5.0: a payload that is not the UTF-8 it says is refused (3.3.2.3.2)",
  (broker) => {
    const client = listener(broker, "a");
    const payload = Uint8Array.of(0xff);
    const teller = dial(broker);
    const send = (payloadFormat: number, qos: 0 | 1 | 2) =>
      publish({ topic: "a", qos, payload, properties: { payloadFormat } });
    assertEquals(hear(teller, send(0, 1)), ["puback 1 00"]);
    assertEquals(payloads(client), ["\xff"]);
    assertEquals(hear(teller, send(1, 1)), ["puback 1 99"]);
    assertEquals(hear(teller, send(1, 2)), ["pubrec 1 99"]);
    expectDisconnect(teller, send(1, 0), 0x99);
    assertEquals(payloads(client), []);
    const text = { topic: "a", payload: "ü", properties: { payloadFormat: 1 } };
    tell(dial(broker), text);
    assertEquals(payloads(client).length, 1);
  },
  { checksPayloadFormat: true },
);

statement(
  "[MQTT-3.3.2-5] a message that expires before delivery is deleted",
  (broker) => {
    listener(broker, "a", 1, STORED).drop();
    const teller = dial(broker);
    const wait = (payload: string, messageExpirySeconds: number) =>
      tell(teller, {
        topic: "a",
        qos: 1,
        payload,
        properties: { messageExpirySeconds },
      });
    wait("short", 5);
    wait("long", 100);
    wait("short too", 9);
    tell(teller, { topic: "a", qos: 1, payload: "endless" });
    broker.advance(10_000);
    const { packets } = greet(broker, STORED);
    const got = packets.map(brief);
    assertEquals(got, ["publish a=long", "publish a=endless"]);
  },
);

statement(
  "[MQTT-3.3.2-5] a message that waits for a window may expire",
  (broker) => {
    const properties = { receiveMaximum: 1 };
    const client = listener(broker, "a", 1, { properties });
    const teller = dial(broker);
    const expiry = { messageExpirySeconds: 5 };
    tell(teller, { topic: "a", qos: 1, payload: "first" });
    tell(teller, { topic: "a", qos: 1, payload: "old", properties: expiry });
    tell(teller, { topic: "a", qos: 1, payload: "last" });
    const first = onlyMessage(client);
    assertEquals(first.payload, "first");
    broker.advance(6_000);
    const next = ask(client, puback(first.packetId)).map(brief);
    assertEquals(next, ["publish a=last"]);
  },
);

statement(
  "[MQTT-3.3.2-5] a retained message expires",
  (broker) => {
    const teller = dial(broker);
    const properties = { messageExpirySeconds: 5 };
    tell(teller, { topic: "a", payload: "x", retain: true, properties });
    broker.advance(3_000);
    assertEquals(listen(dial(broker, { clientId: "b" }), "a").length, 1);
    broker.advance(3_000);
    assertEquals(listen(dial(broker, { clientId: "c" }), "a"), []);
  },
);

statement(
  "[MQTT-3.3.2-6] the expiry interval is lessened by the waiting time",
  (broker) => {
    listener(broker, "a", 1, STORED).drop();
    const properties = { messageExpirySeconds: 100 };
    tell(dial(broker), {
      topic: "a",
      qos: 1,
      retain: true,
      payload: "x",
      properties,
    });
    broker.advance(30_000);
    const [waiting] = greet(broker, STORED).packets.map(asPublish);
    assertEquals(waiting?.properties, { messageExpirySeconds: 70 });
    const [retained] = listen(dial(broker, { clientId: "new" }), "a");
    assertEquals(retained?.properties, { messageExpirySeconds: 70 });
  },
);

statement(
  "[MQTT-3.3.2-6] without waiting the expiry interval is passed on",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (const messageExpirySeconds of [1, 100, 0xffff_ffff]) {
      for (const qos of [0, 1, 2] as const) {
        const properties = { messageExpirySeconds };
        tell(teller, { topic: "a", qos, properties });
        const got = messages(client);
        assertEquals(got.map((one) => one.properties), [properties]);
        settle(client, got);
      }
    }
  },
);

statement("[MQTT-3.3.2-13] the response topic is UTF-8", (broker) => {
  for (const [what, responseTopic] of ILL_FORMED) {
    const packet = publish({ topic: "a", properties: { responseTopic } });
    expectDisconnect(dial(broker), packet, 0x81, what);
  }
});

statement("[MQTT-3.3.2-14] the response topic has no wildcards", (broker) => {
  for (const responseTopic of ["#", "a/+", "+/b", "a/#"]) {
    const packet = publish({ topic: "a", properties: { responseTopic } });
    expectDisconnect(dial(broker), packet, FAULTY, responseTopic);
  }
});

statement(
  "[MQTT-3.3.2-15][MQTT-3.3.2-16][MQTT-3.3.2-17] properties pass unaltered",
  (broker) => {
    const clients = [0, 1, 2].map((qos) =>
      listener(broker, "a", qos, { clientId: `listener${qos}` })
    );
    const teller = dial(broker);
    for (const qos of [0, 1, 2] as const) {
      tell(teller, { topic: "a", qos, payload: "x", properties: FULL });
      for (const client of clients) {
        const got = messages(client);
        assertEquals(got.map((one) => one.properties), [FULL]);
        settle(client, got);
      }
    }
  },
);

statement(
  "[MQTT-3.3.2-15][MQTT-3.3.2-17] they wait and are retained with a message",
  (broker) => {
    listener(broker, "a", 1, STORED).drop();
    const teller = dial(broker);
    tell(teller, {
      topic: "a",
      qos: 1,
      payload: "x",
      retain: true,
      properties: FULL,
    });
    const back = greet(broker, STORED);
    const waiting = back.packets.map(asPublish);
    assertEquals(waiting.map((one) => one.properties), [FULL]);
    back.client.drop();
    const again = greet(broker, STORED).packets.map(asPublish);
    assertEquals(again.map((one) => one.properties), [FULL], "repeated");
    const retained = listen(dial(broker, { clientId: "new" }), "a");
    assertEquals(retained.map((one) => one.properties), [FULL], "retained");
  },
);

statement(
  "[MQTT-3.3.2-16] correlation data are any bytes",
  (broker) => {
    const client = listener(broker, "a");
    const teller = dial(broker);
    const every = Uint8Array.from({ length: 256 }, (_, at) => at);
    for (const correlationData of [every, new Uint8Array(0)]) {
      tell(teller, { topic: "a", properties: { correlationData } });
      const expected = String.fromCharCode(...correlationData);
      const got = onlyMessage(client).properties;
      assertEquals(got, { correlationData: expected });
    }
  },
);

statement("[MQTT-3.3.2-18] user properties keep their order", (broker) => {
  const client = listener(broker, "a", 1);
  const pair = (at: number) => [`key${at % 3}`, `value${at}`] as const;
  const userProperties = Array.from({ length: 50 }, (_, at) => pair(at));
  tell(dial(broker), { topic: "a", qos: 1, properties: { userProperties } });
  assertEquals(onlyMessage(client).properties, { userProperties });
});

statement("[MQTT-3.3.2-19] the content type is UTF-8", (broker) => {
  for (const [what, contentType] of ILL_FORMED) {
    const packet = publish({ topic: "a", properties: { contentType } });
    expectDisconnect(dial(broker), packet, 0x81, what);
  }
});

statement("[MQTT-3.3.2-20] the content type is passed on", (broker) => {
  const client = listener(broker, "a");
  for (const contentType of ["", "a", "ü".repeat(300)]) {
    tell(dial(broker), { topic: "a", properties: { contentType } });
    assertEquals(onlyMessage(client).properties, { contentType });
  }
});

statement("[MQTT-3.3.4-1] QoS decides on the answer", (broker) => {
  const client = listener(broker, "a", 0, { clientId: "other" });
  const teller = dial(broker);
  const answers = ([0, 1, 2] as const).map((qos: Qos) =>
    hear(teller, publish({ topic: "a", qos, packetId: 9, payload: `${qos}` }))
  );
  assertEquals(answers, [[], ["puback 9 00"], ["pubrec 9 00"]]);
  assertEquals(payloads(client), ["0", "1", "2"]);
});

statement(
  "MQTT 5.0: properties of other packets, or twice, are faults",
  (broker) => {
    const twice = (bytes: number[]) => joinBytes(bytes, bytes);
    const cases: [string, Uint8Array, number][] = [
      ["unknown", Uint8Array.of(0x7f, 1), 0x81],
      ["of a CONNECT", Uint8Array.of(0x11, 0, 0, 0, 1), 0x81],
      ["of a will", Uint8Array.of(0x18, 0, 0, 0, 1), 0x81],
      ["a reason string", Uint8Array.of(0x1f, 0, 1, 97), 0x81],
      ["cut", Uint8Array.of(0x02, 0, 0, 0), 0x81],
      ["format twice", twice([0x01, 1]), 0x82],
      ["expiry twice", twice([0x02, 0, 0, 0, 1]), 0x82],
      ["type twice", twice([0x03, 0, 1, 97]), 0x82],
      ["response topic twice", twice([0x08, 0, 1, 97]), 0x82],
      ["data twice", twice([0x09, 0, 1, 97]), 0x82],
      ["alias twice", twice([0x23, 0, 1]), 0x82],
    ];
    for (const [what, properties, reason] of cases) {
      const packet = publish({ topic: "a", properties });
      expectDisconnect(dial(broker), packet, reason, what);
    }
    const client = dial(broker);
    assert(!client.closed);
  },
);

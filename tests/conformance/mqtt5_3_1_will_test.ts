/**
 * MQTT 5.0, sections 3.1.2.5 to 3.1.2.7, 3.1.3.2 and 3.14.4: the will and its
 * delay. Its form in the CONNECT is in `mqtt5_3_1_connect_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  type ConnectFields,
  disconnect,
  frame,
  type Properties,
  publish,
} from "../support/wire5.ts";
import {
  dial,
  expectConnack,
  expectDisconnect,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  PAIRS,
  payloads,
  statement,
  STORED,
} from "./talk5.ts";

const WILL = { topic: "will", payload: "gone" };
const PAUSE_MS = 10_000;

/** A will that waits for ten seconds, of a session that lives longer. */
function delayed(
  willDelaySeconds = PAUSE_MS / 1000,
  sessionExpirySeconds = 100,
): ConnectFields {
  return {
    clientId: "delayed",
    cleanStart: false,
    properties: { sessionExpirySeconds },
    will: { ...WILL, properties: { willDelaySeconds } },
  };
}

/** The same client without a will. */
function calm(cleanStart = false): ConnectFields {
  const properties = { sessionExpirySeconds: 100 };
  return { clientId: "delayed", cleanStart, properties };
}

statement("[MQTT-3.1.2-7] a will is kept and published", (broker) => {
  const witness = listener(broker, "will");
  const client = dial(broker, { will: WILL });
  broker.advance(3_600_000);
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
    properties: {},
  });
});

statement("[MQTT-3.1.2-7] a will belongs to its connection", (broker) => {
  const witness = listener(broker, "will");
  dial(broker, { ...STORED, will: WILL }).send(disconnect());
  greet(broker, STORED).client.drop();
  broker.advance(PAUSE_MS);
  assertEquals(messages(witness), []);
  const will = { topic: "will", payload: "another" };
  greet(broker, { ...STORED, will }).client.drop();
  assertEquals(payloads(witness), ["another"]);
});

statement("[MQTT-3.1.2-7] a refused CONNECT leaves no will", (broker) => {
  const witness = listener(broker, "will");
  const clientId = "x".repeat(31);
  expectConnack(broker, connect({ clientId, will: WILL }), 0x85);
  broker.advance(60_000);
  assertEquals(messages(witness), []);
}, { clientIdBytesMax: 30 });

statement(
  "[MQTT-3.1.2-8] a will without a delay follows every kind of end",
  (broker) => {
    const witness = listener(broker, "will");
    const ends = (what: string) =>
      assertEquals(payloads(witness), ["gone"], what);
    dial(broker, { will: WILL }).drop();
    ends("a loss");
    expectDisconnect(dial(broker, { will: WILL }), frame(0xf1), 0x81);
    ends("a violation");
    const silent = dial(broker, { will: WILL, keepAliveS: 1 });
    broker.advance(2_500);
    assert(silent.closed);
    ends("the keep alive");
    dial(broker, { will: WILL });
    dial(broker);
    ends("a take-over");
    for (const reason of [0x04, 0x80, 0x81, 0x98, 0x99]) {
      dial(broker, { will: WILL }).send(disconnect(reason));
      ends(`DISCONNECT ${reason}`);
    }
  },
);

statement("[MQTT-3.1.2-8] a will waits for its delay", (broker) => {
  const witness = listener(broker, "will");
  dial(broker, delayed()).drop();
  broker.advance(PAUSE_MS - 1_000);
  assertEquals(messages(witness), [], "too early");
  broker.advance(2_000);
  assertEquals(payloads(witness), ["gone"]);
  broker.advance(200_000);
  assertEquals(messages(witness), [], "twice");
});

statement(
  "[MQTT-3.1.2-8] a will waits after DISCONNECT 0x04 as well",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed()).send(disconnect(0x04));
    assertEquals(messages(witness), [], "too early");
    broker.advance(PAUSE_MS + 1_000);
    assertEquals(payloads(witness), ["gone"]);
  },
);

statement(
  "[MQTT-3.1.2-8] a will does not wait longer than its session lives",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed(1000, 5)).drop();
    broker.advance(4_000);
    assertEquals(messages(witness), [], "too early");
    broker.advance(2_000);
    assertEquals(payloads(witness), ["gone"], "5 seconds");
    dial(broker, delayed(1000, 0)).drop();
    assertEquals(payloads(witness), ["gone"], "0 seconds");
    dial(broker, delayed(1000)).send(
      disconnect(0x04, { sessionExpirySeconds: 0 }),
    );
    assertEquals(payloads(witness), ["gone"], "ended by DISCONNECT");
  },
);

statement(
  "[MQTT-3.1.2-8] clean start 1 ends the session, so the will comes",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed()).drop();
    dial(broker, calm(true)).drop();
    assertEquals(payloads(witness), ["gone"], "while it waits");
    broker.advance(PAUSE_MS * 2);
    assertEquals(messages(witness), [], "twice");
    dial(broker, { ...delayed(), cleanStart: true });
    dial(broker, calm(true));
    assertEquals(payloads(witness), ["gone"], "at a take-over");
  },
);

statement("[MQTT-3.1.2-10] a published will is forgotten", (broker) => {
  const witness = listener(broker, "will");
  dial(broker, delayed(1)).drop();
  broker.advance(2_000);
  assertEquals(payloads(witness), ["gone"]);
  greet(broker, calm()).client.drop();
  broker.advance(200_000);
  assertEquals(messages(witness), []);
});

statement(
  "[MQTT-3.1.2-10][MQTT-3.14.4-3] a DISCONNECT 0x00 removes the will",
  (broker) => {
    const witness = listener(broker, "will");
    const forms = [
      disconnect(),
      disconnect(0),
      disconnect(0, {}),
      disconnect(0, { userProperties: PAIRS }),
      disconnect(0, { sessionExpirySeconds: 0 }),
    ];
    for (const bytes of forms) {
      const client = dial(broker, { ...delayed(1), cleanStart: true });
      client.send(bytes);
      assert(client.closed);
      client.drop();
      broker.advance(200_000);
      assertEquals(messages(witness), [], `${bytes}`);
    }
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
  },
);

statement(
  "[MQTT-3.1.2-14] will retain 0 leaves and changes nothing retained",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, { will: WILL }).drop();
    assertEquals(onlyMessage(witness).retain, false);
    assertEquals(listen(witness, "will"), []);
    witness.send(publish({ topic: "will", payload: "old", retain: true }));
    messages(witness);
    dial(broker, { will: WILL }).drop();
    messages(witness);
    const got = listen(witness, "will");
    assertEquals(got.map(({ payload }) => payload), ["old"]);
  },
);

statement("[MQTT-3.1.2-15] will retain 1 is retained", (broker) => {
  const witness = listener(broker, "will", 2);
  dial(broker, { will: { ...WILL, qos: 2, retain: true } }).drop();
  assertEquals(onlyMessage(witness).retain, false);
  const [kept] = listen(dial(broker), "will", 2);
  assertEquals(kept?.payload, "gone");
  assertEquals(kept?.retain, true);
  assertEquals(kept?.qos, 2);
});

statement(
  "[MQTT-3.1.2-15] an empty will with retain 1 removes what was retained",
  (broker) => {
    const witness = dial(broker, { clientId: "witness" });
    witness.send(publish({ topic: "will", payload: "old", retain: true }));
    const will = { topic: "will", payload: "", retain: true };
    dial(broker, { will }).drop();
    assertEquals(listen(witness, "will"), []);
  },
);

statement(
  "[MQTT-3.1.3-9] a will is not sent to those that come back in time",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed()).drop();
    broker.advance(PAUSE_MS - 1_000);
    const { sessionPresent } = greet(broker, calm());
    assertEquals(sessionPresent, true);
    broker.advance(200_000);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.1.3-9] a take-over is a coming back in time",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed());
    const second = greet(broker, delayed()).client;
    broker.advance(PAUSE_MS * 2);
    assertEquals(messages(witness), []);
    second.drop();
    broker.advance(PAUSE_MS + 1_000);
    assertEquals(payloads(witness), ["gone"], "the second will");
  },
);

statement(
  "[MQTT-3.1.3-9] without a delay a take-over publishes the will",
  (broker) => {
    const witness = listener(broker, "will");
    dial(broker, delayed(0));
    greet(broker, calm());
    assertEquals(payloads(witness), ["gone"]);
  },
);

/** What a witness gets of a will with these properties. */
function publishedAs(broker: TestBroker, properties: Properties): Properties {
  const witness = listener(broker, "will", 2, { clientId: "witness" });
  dial(broker, { will: { ...WILL, qos: 1, properties } }).drop();
  const got = onlyMessage(witness);
  witness.send(disconnect());
  return got.properties;
}

statement(
  "[MQTT-3.1.3-10] the user properties of a will keep their order",
  (broker) => {
    const properties = { userProperties: PAIRS };
    assertEquals(publishedAs(broker, properties), properties);
  },
);

statement("MQTT 5.0: a will is published with its properties", (broker) => {
  const properties = {
    payloadFormat: 1,
    contentType: "text/plain",
    responseTopic: "answers",
    correlationData: "7",
    userProperties: PAIRS,
  };
  assertEquals(publishedAs(broker, properties), properties);
  assertEquals(publishedAs(broker, { willDelaySeconds: 0 }), {});
  const { messageExpirySeconds } = publishedAs(broker, {
    messageExpirySeconds: 60,
  });
  assertEquals(messageExpirySeconds, 60);
});

statement(
  "MQTT 5.0: the expiry of a will counts from its publication",
  (broker) => {
    const witness = listener(broker, "will");
    const fields = delayed();
    const properties = { willDelaySeconds: 10, messageExpirySeconds: 3 };
    dial(broker, { ...fields, will: { ...WILL, properties } }).drop();
    broker.advance(PAUSE_MS + 1_000);
    const got = onlyMessage(witness);
    assertEquals(got.properties, { messageExpirySeconds: 3 });
  },
);

/**
 * MQTT 5.0, sections 3.1.2.4, 3.1.2.10, 3.1.2.11.2, 3.1.4 and 4.1: sessions,
 * how long they live, take-over and keep alive.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  type ConnectFields,
  disconnect,
  pingreq,
  publish,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  DAY_MS,
  dial,
  expectAlive,
  expectConnack,
  expectGone,
  FAULTY,
  FOREVER_SECONDS,
  greet,
  hear,
  listen,
  listener,
  messages,
  payloads,
  read,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** A client id whose session lives for some seconds after its connection. */
function storedFor(sessionExpirySeconds: number): ConnectFields {
  return {
    clientId: "stored",
    cleanStart: false,
    properties: { sessionExpirySeconds },
  };
}

statement("[MQTT-3.1.2-4] clean start 1 drops the older session", (broker) => {
  const teller = dial(broker);
  listener(broker, "a", 1, STORED).drop();
  tell(teller, { topic: "a", qos: 1, payload: "lost" });
  const fresh = greet(broker, { ...STORED, cleanStart: true });
  assertEquals(fresh.sessionPresent, false);
  assertEquals(fresh.packets, []);
  tell(teller, { topic: "a", qos: 1 });
  assertEquals(messages(fresh.client), [], "an old subscription");
});

statement(
  "[MQTT-3.1.2-4] what clean start 1 begins lives as long as its expiry",
  (broker) => {
    listener(broker, "a", 1, { ...STORED, cleanStart: true }).drop();
    broker.advance(DAY_MS);
    tell(dial(broker), { topic: "a", qos: 1, payload: "kept" });
    const back = greet(broker, STORED);
    assertEquals(back.sessionPresent, true);
    assertEquals(back.packets.map(brief), ["publish a=kept"]);
  },
);

statement("[MQTT-3.1.2-5] clean start 0 resumes the session", (broker) => {
  const teller = dial(broker);
  const client = listener(broker, "a", 2, STORED);
  tell(teller, { topic: "a", qos: 1, payload: "open" });
  assertEquals(payloads(client), ["open"]);
  client.drop();
  tell(teller, { topic: "a", qos: 2, payload: "waits" });
  const back = greet(broker, STORED);
  const got = back.packets.map(asPublish);
  assertEquals(got.map((one) => one.payload), ["open", "waits"]);
  assertEquals(got.map((one) => one.dup), [true, false]);
  tell(teller, { topic: "a", payload: "new" });
  assertEquals(payloads(back.client), ["new"], "no subscription");
});

statement(
  "[MQTT-3.1.2-6][MQTT-3.1.4-4] clean start 0 makes a session at first",
  (broker) => {
    const { client, sessionPresent } = greet(broker, STORED);
    assertEquals(sessionPresent, false);
    listen(client, "a", 1);
    client.drop();
    assertEquals(greet(broker, STORED).sessionPresent, true);
  },
);

statement(
  "[MQTT-3.1.2-22] silence for one and a half keep alives ends it",
  (broker) => {
    for (const keepAliveS of [1, 10, 65_535]) {
      const client = dial(broker, { keepAliveS });
      broker.advance(keepAliveS * 1500 - 1);
      assert(!client.closed, "closed too early");
      broker.advance(1000);
      assert(client.closed, "still open");
    }
  },
);

statement(
  "[MQTT-3.1.2-22] any packet counts, and 0 turns the keep alive off",
  (broker) => {
    const endless = dial(broker, { clientId: "endless" });
    const client = dial(broker, { keepAliveS: 10 });
    const packets = [pingreq(), publish({ topic: "a" })];
    for (let round = 0; round < 10; round++) {
      broker.advance(14_000);
      client.send(packets[round % 2]!);
      assert(!client.closed);
    }
    broker.advance(30 * DAY_MS);
    assert(client.closed);
    expectAlive(endless);
  },
);

statement(
  "[MQTT-3.1.2-22] the end by keep alive publishes the will",
  (broker) => {
    const witness = listener(broker, "will");
    const will = { topic: "will", payload: "gone" };
    const client = dial(broker, { keepAliveS: 2, will });
    read(client);
    broker.advance(4_000);
    assertEquals(payloads(witness), ["gone"]);
  },
);

statement(
  "MQTT 5.0: an end by keep alive has reason code 0x8D, if any",
  (broker) => {
    const client = dial(broker, { keepAliveS: 2 });
    broker.advance(4_000);
    assert(client.closed);
    const got = read(client).map(brief);
    assert(["", "disconnect 8d"].includes(got.join()), `${got}`);
  },
);

statement(
  "[MQTT-3.1.2-23] a session with an expiry survives its connection",
  (broker) => {
    listener(broker, "a", 2, storedFor(10)).drop();
    broker.advance(9_000);
    tell(dial(broker), { topic: "a", qos: 2, payload: "x" });
    const back = greet(broker, storedFor(10));
    assertEquals(back.sessionPresent, true);
    assertEquals(back.packets.map(brief), ["publish a=x"]);
  },
);

statement(
  "[MQTT-3.1.2-23] without an expiry it ends with its connection",
  (broker) => {
    const clientId = "stored";
    const without = { clientId, cleanStart: false };
    for (const fields of [without, storedFor(0)]) {
      listener(broker, "a", 1, fields).drop();
      assertEquals(greet(broker, without).sessionPresent, false);
      dial(broker, { clientId });
    }
  },
);

statement("[MQTT-3.1.3-2] state belongs to a client id", (broker) => {
  for (const [at, clientId] of ["a", "A", "b", "a ", "ä"].entries()) {
    const client = listener(broker, `own/${at}`, 1, { ...STORED, clientId });
    client.drop();
  }
  const teller = dial(broker);
  tell(teller, { topic: "own/1", qos: 1 });
  const heard = ["a", "A", "b"].map((clientId) =>
    greet(broker, { ...STORED, clientId }).packets.length
  );
  assertEquals(heard, [0, 1, 0]);
});

statement(
  "[MQTT-3.1.4-3] who is replaced gets DISCONNECT 0x8E",
  (broker) => {
    const old = dial(broker, { clientId: "same" });
    const other = dial(broker, { clientId: "Same" });
    const { client, sessionPresent } = greet(broker, { clientId: "same" });
    expectGone(old, 0x8e, "a take-over");
    assertEquals(sessionPresent, false);
    expectAlive(client);
    expectAlive(other);
  },
);

statement(
  "[MQTT-3.1.4-3] the session of who is replaced goes over",
  (broker) => {
    const old = listener(broker, "a", 1, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1, payload: "open" });
    read(old);
    const back = greet(broker, STORED);
    expectGone(old, 0x8e, "a take-over");
    assertEquals(back.sessionPresent, true);
    assertEquals(back.packets.map(brief), ["publish a=open"]);
    const fresh = greet(broker, { ...STORED, cleanStart: true });
    expectGone(back.client, 0x8e, "a take-over");
    assertEquals(fresh.sessionPresent, false);
    assertEquals(fresh.packets, []);
  },
);

statement(
  "[MQTT-3.1.4-3] a CONNECT that is refused replaces nobody",
  (broker) => {
    const old = dial(broker, { clientId: "same" });
    const will = { topic: "a/#" };
    expectConnack(broker, connect({ clientId: "same", will }), FAULTY);
    expectAlive(old);
  },
);

statement("[MQTT-3.1.4-5] a good CONNECT has CONNACK 0x00", (broker) => {
  assertEquals(hear(broker.open(), connect()), ["connack 00"]);
  const all = connect({
    clientId: "full",
    keepAliveS: 60,
    userName: "user",
    password: "word",
    will: { topic: "a", qos: 2, retain: true },
    properties: {
      sessionExpirySeconds: 60,
      receiveMaximum: 65_535,
      maximumPacketSize: 0xffff_ffff,
      topicAliasMaximum: 65_535,
      requestResponseInformation: 1,
      requestProblemInformation: 1,
      userProperties: [["a", "1"], ["a", "1"]],
    },
  });
  assertEquals(hear(broker.open(), all), ["connack 00"]);
});

statement(
  "[MQTT-4.1.0-1] a session stays for as long as its connection is open",
  (broker) => {
    const client = listener(broker, "a", 1, storedFor(1));
    broker.advance(DAY_MS);
    tell(dial(broker), { topic: "a", qos: 1, payload: "x" });
    assertEquals(payloads(client), ["x"]);
    client.drop();
    broker.advance(500);
    const back = greet(broker, storedFor(1));
    assertEquals(back.sessionPresent, true);
    broker.advance(DAY_MS);
    assertEquals(messages(back.client), [], "a repetition");
    expectAlive(back.client);
  },
);

statement(
  "[MQTT-4.1.0-2] a session is gone when its expiry has passed",
  (broker) => {
    const teller = dial(broker);
    for (const seconds of [1, 100, 86_400]) {
      listener(broker, "a", 1, storedFor(seconds)).drop();
      tell(teller, { topic: "a", qos: 1 });
      broker.advance(seconds * 1000 + 1000);
      const back = greet(broker, storedFor(seconds));
      assertEquals(back.sessionPresent, false, `${seconds} seconds`);
      assertEquals(back.packets, []);
      tell(teller, { topic: "a", qos: 1 });
      assertEquals(messages(back.client), []);
    }
  },
);

statement(
  "[MQTT-4.1.0-2] an expiry counts from the last end of a connection",
  (broker) => {
    listener(broker, "a", 1, storedFor(10)).drop();
    for (let round = 0; round < 3; round++) {
      broker.advance(8_000);
      const { client, sessionPresent } = greet(broker, storedFor(10));
      assertEquals(sessionPresent, true);
      broker.advance(8_000);
      client.drop();
    }
  },
);

statement(
  "[MQTT-4.1.0-2] each connection sets the expiry anew",
  (broker) => {
    listener(broker, "a", 1, storedFor(FOREVER_SECONDS)).drop();
    broker.advance(1000 * DAY_MS);
    greet(broker, storedFor(1)).client.drop();
    broker.advance(2_000);
    assertEquals(greet(broker, STORED).sessionPresent, false);
  },
);

statement(
  "[MQTT-4.1.0-2] a DISCONNECT may change the expiry",
  (broker) => {
    const { client } = greet(broker, storedFor(1));
    client.send(disconnect(0, { sessionExpirySeconds: 100 }));
    broker.advance(50_000);
    const longer = greet(broker, storedFor(100));
    assertEquals(longer.sessionPresent, true);
    longer.client.send(disconnect(0, { sessionExpirySeconds: 0 }));
    assertEquals(greet(broker, STORED).sessionPresent, false);
  },
);

statement(
  "MQTT 5.0: an expiry of 0 stays 0 at a DISCONNECT (3.14.2.2.2)",
  (broker) => {
    const client = dial(broker, { clientId: "none", cleanStart: false });
    client.send(disconnect(0, { sessionExpirySeconds: 5 }));
    assert(client.closed);
    const [answer, ...more] = read(client);
    assertEquals(more, []);
    assertEquals(answer && brief(answer), "disconnect 82");
    const again = dial(broker, { clientId: "none", cleanStart: false });
    const same = disconnect(0, { sessionExpirySeconds: 0 });
    assertEquals(ask(again, same), []);
  },
);

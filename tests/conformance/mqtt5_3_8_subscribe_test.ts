/**
 * MQTT 5.0, sections 3.8 and 3.9: SUBSCRIBE and SUBACK. Retain options are in
 * `mqtt5_3_3_retain_test.ts`, identifiers in `mqtt5_3_3_overlap_test.ts`.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { TestClient } from "../support/test_broker.ts";
import {
  disconnect,
  frame,
  puback,
  publish,
  subscribe,
  u16,
  withFlags,
} from "../support/wire5.ts";
import {
  answersWithinLimits,
  ask,
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

const LEVELS = [0, 1, 2] as const;

statement(
  "[MQTT-3.8.1-1] a SUBSCRIBE with other flags than 2 is malformed",
  (broker) => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const packet = withFlags(subscribe(1, [{ filter: "a" }]), flags);
      expectDisconnect(dial(broker), packet, 0x81, `flags ${flags}`);
    }
  },
);

statement("[MQTT-3.8.3-1] topic filters are UTF-8", (broker) => {
  for (const [what, filter] of ILL_FORMED) {
    const packet = subscribe(1, [{ filter: "ok" }, { filter }]);
    expectDisconnect(dial(broker), packet, 0x81, what);
  }
  assertEquals(listen(dial(broker), "Grüße/+/世界/😀"), []);
});

statement(
  "[MQTT-3.8.3-2] a SUBSCRIBE without a topic filter is a fault",
  (broker) => {
    expectDisconnect(dial(broker), subscribe(1, []), FAULTY);
    expectDisconnect(dial(broker), subscribe(1, [], {}), FAULTY);
    const cut = [
      frame(0x82, u16(1), 0, 0, 1, 97),
      frame(0x82, u16(1), 0, 0, 2, 97),
      frame(0x82, u16(1), 0, 0),
    ];
    for (const packet of cut) expectDisconnect(dial(broker), packet, 0x81);
  },
);

statement(
  "[MQTT-3.8.3-3] no local keeps a message from its own publisher",
  (broker) => {
    const own = listener(broker, { filter: "a", qos: 2, noLocal: true });
    const other = listener(broker, "a", 2, { clientId: "other" });
    for (const qos of LEVELS) {
      own.send(publish({ topic: "a", qos, packetId: 9, payload: `${qos}` }));
    }
    const heard = ask(own, publish({ topic: "a" })).map(brief);
    assertEquals(heard.filter((one) => one.startsWith("publish")), []);
    assertEquals(payloads(other), ["0", "1", "2", ""]);
    tell(other, { topic: "a", payload: "theirs" });
    assertEquals(payloads(own), ["theirs"]);
  },
);

statement(
  "[MQTT-3.8.3-3] no local is about the client id, not the connection",
  (broker) => {
    const wanted = { filter: "a", qos: 1, noLocal: true };
    const first = listener(broker, wanted, 0, STORED);
    first.send(publish({ topic: "a", qos: 1, payload: "own" }));
    first.send(disconnect());
    const back = greet(broker, STORED);
    assertEquals(back.packets, []);
    back.client.send(publish({ topic: "a", payload: "own" }));
    assertEquals(messages(back.client), []);
  },
);

statement(
  "[MQTT-3.8.3-3] another subscription of the client still counts",
  (broker) => {
    const client = listener(broker, { filter: "a", noLocal: true });
    listen(client, "+", 0, { subscriptionIds: [4] });
    client.send(publish({ topic: "a" }));
    assertEquals(onlyMessage(client).properties, { subscriptionIds: [4] });
  },
);

statement(
  "[MQTT-3.8.3-3] no local keeps the will of a client from itself",
  (broker) => {
    const wanted = { filter: "will", qos: 1, noLocal: true };
    const witness = listener(broker, wanted, 0, { clientId: "witness" });
    for (const willDelaySeconds of [0, 5]) {
      const properties = { willDelaySeconds };
      const will = { topic: "will", qos: 1 as const, properties };
      const fields = { ...STORED, cleanStart: true, will };
      listener(broker, wanted, 0, fields).drop();
      broker.advance(10_000);
      const back = greet(broker, STORED);
      assertEquals([back.sessionPresent, back.packets], [true, []]);
      assertEquals(payloads(witness), [""]);
    }
  },
);

statement(
  "[MQTT-3.8.3-3] no local keeps retained messages from who has sent them",
  (broker) => {
    const client = dial(broker);
    const other = dial(broker, { clientId: "other" });
    tell(client, { topic: "a/1", payload: "own", retain: true });
    tell(other, { topic: "a/2", payload: "theirs", retain: true });
    const wanted = { filter: "a/+", noLocal: true };
    const seen = (one: TestClient) =>
      listen(one, wanted).map(({ payload }) => payload);
    assertEquals(seen(client), ["theirs"]);
    assertEquals(seen(other), ["own"]);
    tell(other, { topic: "a/1", payload: "theirs too", retain: true });
    assertEquals(payloads(client), ["theirs too"]);
    assertEquals(seen(client).sort(), ["theirs", "theirs too"]);
    assertEquals(listen(other, "a/1").length, 1, "without the option");
    // Who it is a client id says, whatever the connection and the version.
    dial(broker, { clientId: "other" });
    const back = dial(broker, { clientId: "other" });
    assertEquals(seen(back), []);
    assertEquals(seen(dial(broker, { clientId: "third" })).length, 2);
  },
);

statement(
  "[MQTT-3.8.3-4] no local on a shared subscription is a protocol error",
  (broker) => {
    const shared = { filter: "$share/group/a", noLocal: true };
    for (const wanted of [[shared], [{ filter: "a" }, shared]]) {
      expectDisconnect(dial(broker), subscribe(1, wanted), 0x82);
    }
  },
);

statement(
  "[MQTT-3.8.3-5] reserved bits in the options are malformed",
  (broker) => {
    for (const options of [0x40, 0x80, 0xc0, 0x41, 0x8a]) {
      const packet = subscribe(1, [{ filter: "a", options }]);
      expectDisconnect(dial(broker), packet, 0x81, `options ${options}`);
    }
  },
);

statement(
  "MQTT 5.0: QoS 3 and retain handling 3 are protocol errors (3.8.3.1)",
  (broker) => {
    for (const options of [0x03, 0x07, 0x0b, 0x30, 0x31, 0x3e]) {
      const packet = subscribe(1, [{ filter: "a", options }]);
      expectDisconnect(dial(broker), packet, FAULTY, `options ${options}`);
    }
  },
);

statement(
  "[MQTT-3.8.4-1][MQTT-3.8.4-2] a SUBSCRIBE is answered by its SUBACK",
  (broker) => {
    const client = dial(broker);
    for (const id of [1, 300, 65_535]) {
      const packet = subscribe(id, [{ filter: `a/${id}`, qos: 1 }]);
      assertEquals(hear(client, packet), [`suback ${id} 01`]);
    }
    const full = { subscriptionIds: [1], userProperties: PAIRS };
    const packet = subscribe(2, [{ filter: "b" }], full);
    assertEquals(hear(client, packet), ["suback 2 00"]);
  },
);

statement(
  "[MQTT-3.8.4-3] the same filter replaces the subscription",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const teller = dial(broker);
    for (const qos of [1, 2, 0, 1]) {
      listen(client, "a/+", qos);
      tell(teller, { topic: "a/b", qos: 2 });
      const got = messages(client);
      assertEquals(got.map((one) => one.qos), [qos]);
      settle(client, got);
    }
    listen(client, { filter: "a/+", noLocal: true });
    client.send(publish({ topic: "a/b" }));
    assertEquals(messages(client), [], "no local");
    listen(client, { filter: "a/+", retainAsPublished: true });
    client.send(publish({ topic: "a/b", retain: true, payload: "x" }));
    assertEquals(onlyMessage(client).retain, true, "retain as published");
  },
);

statement(
  "[MQTT-3.8.4-3] a shared subscription is replaced likewise",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const teller = dial(broker);
    for (const qos of [1, 2, 0]) {
      listen(client, "$share/g/a", qos);
      tell(teller, { topic: "a", qos: 2 });
      const got = messages(client);
      assertEquals(got.map((one) => one.qos), [qos]);
      settle(client, got);
    }
    listen(client, "a");
    tell(teller, { topic: "a" });
    assertEquals(messages(client).length, 2, "beside the one not shared");
  },
);

statement(
  "[MQTT-3.8.4-4] a replaced subscription gets the retained again",
  (broker) => {
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "x", retain: true });
    const client = dial(broker, { clientId: "listener" });
    for (const qos of [0, 0, 1]) {
      const got = listen(client, "a", qos);
      assertEquals(got.map(({ payload }) => payload), ["x"]);
    }
  },
);

statement(
  "[MQTT-3.8.4-4] a replacement loses no message that waits",
  (broker) => {
    const properties = { ...STORED.properties, receiveMaximum: 1 };
    const client = listener(broker, "a", 1, { ...STORED, properties });
    const teller = dial(broker);
    for (const payload of ["1", "2", "3"]) {
      tell(teller, { topic: "a", qos: 1, payload });
    }
    const open = messages(client);
    for (const qos of [2, 0, 1]) open.push(...listen(client, "a", qos));
    const seen: string[] = [];
    while (open.length > 0) {
      const { payload, packetId } = open.shift()!;
      seen.push(payload);
      for (const next of ask(client, puback(packetId))) {
        assert(next.type === "publish");
        open.push(next);
      }
    }
    assertEquals(seen, ["1", "2", "3"]);
  },
);

statement(
  "[MQTT-3.8.4-5] several filters are like several SUBSCRIBEs",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const wanted = [
      { filter: "a", qos: 1 },
      { filter: "b", qos: 2 },
      { filter: "a", qos: 0 },
    ];
    const answer = hear(client, subscribe(1, wanted));
    assertEquals(answer, ["suback 1 01 02 00"]);
    const teller = dial(broker);
    for (const topic of ["a", "b"]) tell(teller, { topic, qos: 2 });
    const got = messages(client).map(({ topic, qos }) => [topic, qos]);
    assertEquals(got, [["a", 0], ["b", 2]], "the last of equal ones holds");
  },
);

statement(
  "[MQTT-3.8.4-6][MQTT-3.9.3-1] each filter has its code, in their order",
  (broker) => {
    const client = dial(broker);
    const wanted = Array.from({ length: 100 }, (_, at) => ({
      filter: `a/${at}`,
      qos: at * 7 % 3,
    }));
    const codes = wanted.map(({ qos }) => ` 0${qos}`).join("");
    const answer = hear(client, subscribe(5, wanted));
    assertEquals(answer, [`suback 5${codes}`]);
  },
);

statement(
  "[MQTT-3.8.4-7][MQTT-3.9.3-2] what fails has a code of 0x80 or above",
  (broker) => {
    const teller = dial(broker);
    tell(teller, { topic: "c", payload: "retained", retain: true });
    const client = dial(broker, { clientId: "listener" });
    const wanted = ["a", "b", "c"].map((filter) => ({ filter, qos: 1 }));
    const [answer, ...more] = ask(client, subscribe(1, wanted));
    assertEquals(more, [], "of what was refused");
    assert(answer?.type === "suback");
    assertEquals(answer.reasons, [1, 1, 0x97]);
    assertNotEquals(answer.properties.reasonString, undefined, "not why");
    for (const topic of ["a", "b", "c"]) tell(teller, { topic });
    assertEquals(messages(client).map(({ topic }) => topic), ["a", "b"]);
  },
  { subscriptionsMax: 2 },
);

statement(
  "[MQTT-3.8.4-8] a message has the lower of its QoS and the granted one",
  (broker) => {
    const teller = dial(broker);
    for (const granted of LEVELS) {
      const client = listener(broker, "a", granted);
      for (const qos of LEVELS) {
        tell(teller, { topic: "a", qos });
        const got = messages(client);
        assertEquals(got.map((one) => one.qos), [Math.min(qos, granted)]);
        settle(client, got);
      }
      client.drop();
    }
  },
);

statement(
  "[MQTT-3.9.2-1][MQTT-3.9.2-2] a SUBACK fits its receiver",
  (broker) => {
    const wanted = ["a", "b", "c"].map((filter) => ({ filter }));
    const packet = subscribe(1, wanted);
    const answers = answersWithinLimits(broker, packet).map(brief);
    assertEquals(new Set(answers), new Set(["suback 1 00 00 97"]));
  },
  { subscriptionsMax: 2 },
);

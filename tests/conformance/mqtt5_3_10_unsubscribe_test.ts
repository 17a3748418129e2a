/**
 * MQTT 5.0, sections 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK.
 */

import { assertEquals } from "@std/assert";
import {
  frame,
  puback,
  pubcomp,
  publish,
  pubrec,
  subscribe,
  u16,
  unsubscribe,
  withFlags,
} from "../support/wire5.ts";
import {
  answersWithinLimits,
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
  statement,
  STORED,
  tell,
} from "./talk5.ts";

statement(
  "[MQTT-3.10.1-1] an UNSUBSCRIBE with other flags than 2 is malformed",
  (broker) => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const packet = withFlags(unsubscribe(1, ["a"]), flags);
      expectDisconnect(dial(broker), packet, 0x81, `flags ${flags}`);
    }
  },
);

statement("[MQTT-3.10.3-1] topic filters are UTF-8", (broker) => {
  for (const [what, filter] of ILL_FORMED) {
    const packet = unsubscribe(1, ["ok", filter]);
    expectDisconnect(dial(broker), packet, 0x81, what);
  }
});

statement(
  "[MQTT-3.10.3-2] an UNSUBSCRIBE without a topic filter is a fault",
  (broker) => {
    expectDisconnect(dial(broker), unsubscribe(1, []), FAULTY);
    const cut = [
      frame(0xa2, u16(1), 0, 0),
      frame(0xa2, u16(1), 0, 0, 2, 97),
      frame(0xa2, u16(1)),
    ];
    for (const packet of cut) expectDisconnect(dial(broker), packet, 0x81);
  },
);

statement(
  "[MQTT-3.10.4-1] filters are compared character by character",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const held = ["a/+", "a/b", "a/#", "A/b", "$share/g/a/b"];
    for (const filter of held) listen(client, filter);
    const others = ["a/c", "+/b", "#", "a/B", "a", "a/b/", "$share/h/a/b"];
    const none = hear(client, unsubscribe(1, others));
    assertEquals(none, [`unsuback 1${" 11".repeat(others.length)}`]);
    for (const filter of held) {
      const first = hear(client, unsubscribe(2, [filter]));
      assertEquals(first, ["unsuback 2 00"], filter);
      const second = hear(client, unsubscribe(3, [filter]));
      assertEquals(second, ["unsuback 3 11"], filter);
    }
    tell(dial(broker), { topic: "a/b" });
    assertEquals(messages(client), []);
  },
);

statement(
  "[MQTT-3.10.4-1] only the subscription of that client ends",
  (broker) => {
    const client = listener(broker, "a");
    const other = listener(broker, "a", 0, { clientId: "other" });
    hear(client, unsubscribe(1, ["a"]));
    tell(dial(broker), { topic: "a" });
    assertEquals(messages(client).length, 0);
    assertEquals(messages(other).length, 1);
  },
);

statement(
  "[MQTT-3.10.4-2] retained messages that wait are not added any more",
  (broker) => {
    const teller = dial(broker);
    for (const topic of ["a/1", "a/2", "b/1"]) {
      tell(teller, { topic, qos: 1, retain: true, payload: "x" });
    }
    const properties = { receiveMaximum: 1 };
    const client = dial(broker, { clientId: "listener", properties });
    const wanted = ["a/+", "b/+"].map((filter) => ({ filter, qos: 1 }));
    const [, first, ...more] = ask(client, subscribe(1, wanted));
    const { topic, packetId } = asPublish(first!);
    assertEquals([topic.slice(0, 2), more], ["a/", []]);
    assertEquals(hear(client, unsubscribe(2, ["a/+"])), ["unsuback 2 00"]);
    const next = hear(client, puback(packetId));
    assertEquals(next, ["publish b/1=x"]);
  },
);

statement("[MQTT-3.10.4-2] no new message is added", (broker) => {
  const client = listener(broker, "a", 2);
  listen(client, "+", 0);
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 2 });
  assertEquals(onlyMessage(client).qos, 2);
  hear(client, unsubscribe(1, ["a"]));
  tell(teller, { topic: "a", qos: 2 });
  assertEquals(onlyMessage(client).qos, 0, "of the other subscription");
  hear(client, unsubscribe(2, ["+"]));
  tell(teller, { topic: "a", qos: 2 });
  assertEquals(messages(client), []);
});

statement("[MQTT-3.10.4-3] a delivery that began is completed", (broker) => {
  const client = listener(broker, "a", 2, STORED);
  const teller = dial(broker);
  tell(teller, { topic: "a", qos: 1, payload: "1" });
  tell(teller, { topic: "a", qos: 2, payload: "2" });
  const [first, second] = messages(client);
  assertEquals(hear(client, unsubscribe(1, ["a"])), ["unsuback 1 00"]);
  const released = hear(client, pubrec(second!.packetId));
  assertEquals(released, [`pubrel ${second!.packetId} 00`]);
  client.drop();
  const back = greet(broker, STORED);
  assertEquals(back.packets.map(brief).toSorted(), [
    "publish a=1",
    `pubrel ${second!.packetId} 00`,
  ]);
  assertEquals(ask(back.client, puback(first!.packetId)), []);
  assertEquals(ask(back.client, pubcomp(second!.packetId)), []);
});

statement(
  "[MQTT-3.10.4-4][MQTT-3.10.4-5] it is answered with its id, always",
  (broker) => {
    const client = listener(broker, "a");
    for (const id of [1, 300, 65_535]) {
      const never = hear(client, unsubscribe(id, ["never"]));
      assertEquals(never, [`unsuback ${id} 11`]);
    }
    const bytes = unsubscribe(2, ["a"], { userProperties: PAIRS });
    assertEquals(hear(client, bytes), ["unsuback 2 00"]);
  },
);

statement(
  "[MQTT-3.10.4-6] several filters are like several UNSUBSCRIBEs",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const wanted = ["a", "b", "c"].map((filter) => ({ filter }));
    hear(client, subscribe(1, wanted));
    const answer = hear(client, unsubscribe(2, ["a", "c", "a"]));
    assertEquals(answer, ["unsuback 2 00 00 11"]);
    const teller = dial(broker);
    for (const topic of ["a", "b", "c"]) {
      teller.send(publish({ topic, payload: topic }));
    }
    assertEquals(payloads(client), ["b"]);
  },
);

statement(
  "[MQTT-3.11.3-1][MQTT-3.11.3-2] each filter has its code, in their order",
  (broker) => {
    const client = dial(broker);
    const all = Array.from({ length: 60 }, (_, at) => `a/${at}`);
    const held = all.filter((_, at) => at % 3 !== 0);
    hear(client, subscribe(1, held.map((filter) => ({ filter }))));
    const codes = all.map((_, at) => at % 3 !== 0 ? " 00" : " 11").join("");
    assertEquals(hear(client, unsubscribe(9, all)), [`unsuback 9${codes}`]);
  },
);

statement(
  "[MQTT-3.11.2-1][MQTT-3.11.2-2] an UNSUBACK fits its receiver",
  (broker) => {
    const packet = unsubscribe(1, ["a", "b"]);
    const answers = answersWithinLimits(broker, packet).map(brief);
    assertEquals(new Set(answers), new Set(["unsuback 1 11 11"]));
  },
);

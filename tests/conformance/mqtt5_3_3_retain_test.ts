/**
 * MQTT 5.0, sections 3.3.1.3 and 3.8.3.1: retained messages, and what the
 * options of a subscription make of them.
 */

import { assertEquals } from "@std/assert";
import {
  disconnect,
  publish,
  type PublishPacket,
  type Qos,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import {
  ask,
  brief,
  DAY_MS,
  dial,
  greet,
  hear,
  listen,
  listener,
  messages,
  onlyMessage,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

const LEVELS: readonly Qos[] = [0, 1, 2];

/** What a new subscription gets, as `topic=payload`, sorted. */
function texts(got: PublishPacket[]): string[] {
  return got.map(({ topic, payload }) => `${topic}=${payload}`).sort();
}

statement(
  "[MQTT-3.3.1-5] a retained message is kept for later subscribers",
  (broker) => {
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "old", qos: 2, retain: true });
    tell(teller, { topic: "a", payload: "kept", qos: 1, retain: true });
    teller.send(disconnect());
    broker.advance(30 * DAY_MS);
    for (const clientId of ["first", "second"]) {
      assertEquals(texts(listen(dial(broker, { clientId }), "a")), ["a=kept"]);
    }
  },
);

statement(
  "[MQTT-3.3.1-5] a retained message is kept with its QoS",
  (broker) => {
    const teller = dial(broker, { clientId: "teller" });
    for (const qos of LEVELS) {
      tell(teller, { topic: `a/${qos}`, payload: "x", qos, retain: true });
    }
    const seen = LEVELS.map((granted) => {
      const client = dial(broker);
      const got = listen(client, "a/+", granted);
      got.sort((a, b) => a.topic < b.topic ? -1 : 1);
      return got.map(({ qos, retain }) => retain ? qos : -1);
    });
    assertEquals(seen, [[0, 0, 0], [0, 1, 1], [0, 1, 2]]);
  },
);

statement(
  "[MQTT-3.3.1-6][MQTT-3.3.1-7] an empty message removes what was retained",
  (broker) => {
    const teller = dial(broker, { clientId: "teller" });
    for (const qos of LEVELS) {
      tell(teller, { topic: "a", payload: "old", retain: true });
      const witness = listener(
        broker,
        {
          filter: "a",
          qos: 2,
          retainHandling: 2,
        },
        0,
        { clientId: `witness${qos}` },
      );
      tell(teller, { topic: "a", payload: "", qos, retain: true });
      assertEquals(onlyMessage(witness).payload, "", "it is delivered");
      assertEquals(listen(dial(broker), "a"), []);
    }
  },
);

statement(
  "[MQTT-3.3.1-7] an empty message with properties is not retained",
  (broker) => {
    const properties = { contentType: "nothing" };
    tell(dial(broker), { topic: "a", retain: true, properties });
    assertEquals(listen(dial(broker), "a"), []);
  },
);

statement(
  "[MQTT-3.3.1-8] RETAIN 0 neither stores nor changes anything",
  (broker) => {
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "kept", payload: "kept", retain: true });
    for (const payload of ["other", ""]) {
      tell(teller, { topic: "kept", payload, qos: 1 });
      tell(teller, { topic: "never", payload, qos: 2 });
    }
    assertEquals(texts(listen(dial(broker), "#")), ["kept=kept"]);
  },
);

statement(
  "[MQTT-3.3.1-9] retain handling 0 sends at every SUBSCRIBE",
  (broker) => {
    const teller = dial(broker, { clientId: "teller" });
    for (const topic of ["a", "a/b", "b"]) {
      tell(teller, { topic, payload: "x", retain: true });
    }
    const client = dial(broker);
    for (let round = 0; round < 3; round++) {
      assertEquals(texts(listen(client, "a/#")), ["a/b=x", "a=x"]);
    }
  },
);

statement(
  "[MQTT-3.3.1-10] retain handling 1 sends to a new subscription only",
  (broker) => {
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "a", payload: "x", retain: true });
    const client = dial(broker, STORED);
    const wanted = { filter: "a", qos: 1, retainHandling: 1 };
    assertEquals(texts(listen(client, wanted)), ["a=x"], "new");
    assertEquals(listen(client, wanted), [], "the same again");
    assertEquals(listen(client, { ...wanted, qos: 0 }), [], "another QoS");
    client.drop();
    const back = greet(broker, STORED).client;
    assertEquals(listen(back, wanted), [], "known from before");
    ask(back, unsubscribe(1, ["a"]));
    assertEquals(texts(listen(back, wanted)), ["a=x"], "new again");
    const wider = { ...wanted, filter: "+" };
    assertEquals(texts(listen(back, wider)), ["a=x"], "another filter");
  },
);

statement("[MQTT-3.3.1-11] retain handling 2 sends nothing", (broker) => {
  const client = dial(broker);
  tell(client, { topic: "a", payload: "x", retain: true });
  const wanted = { filter: "a", retainHandling: 2 };
  assertEquals(listen(client, wanted), []);
  assertEquals(listen(client, wanted), []);
  tell(client, { topic: "a", payload: "y" });
  assertEquals(texts(messages(client)), ["a=y"], "it is a subscription");
});

statement(
  "[MQTT-3.3.1-12] retain as published 0 forwards with RETAIN 0",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (const qos of LEVELS) {
      for (const retain of [true, false]) {
        tell(teller, { topic: "a", payload: "x", qos, retain });
        assertEquals(onlyMessage(client).retain, false);
      }
    }
  },
);

statement(
  "[MQTT-3.3.1-13] retain as published 1 forwards RETAIN as it came",
  (broker) => {
    const wanted = { filter: "a", qos: 2, retainAsPublished: true };
    const client = listener(broker, wanted);
    const plain = listener(broker, "a", 2, { clientId: "plain" });
    const teller = dial(broker);
    for (const qos of LEVELS) {
      for (const retain of [true, false]) {
        tell(teller, { topic: "a", payload: "x", qos, retain });
        assertEquals(onlyMessage(client).retain, retain);
        assertEquals(onlyMessage(plain).retain, false);
      }
    }
  },
);

statement(
  "[MQTT-3.3.1-13] RETAIN survives the waiting for a client",
  (broker) => {
    const wanted = { filter: "+", qos: 1, retainAsPublished: true };
    listener(broker, wanted, 0, STORED).drop();
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "1", qos: 1, retain: true });
    tell(teller, { topic: "b", payload: "2", qos: 1 });
    const { packets } = greet(broker, STORED);
    assertEquals(packets.map(brief), ["publish a=1", "publish b=2"]);
    const flags = packets.map((one) => one.type === "publish" && one.retain);
    assertEquals(flags, [true, false]);
  },
);

statement(
  "MQTT 5.0: a retained message has RETAIN 1 whatever is asked for",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "x", retain: true });
    for (const retainAsPublished of [false, true]) {
      const [got] = listen(client, { filter: "a", retainAsPublished });
      assertEquals(got?.retain, true);
    }
  },
);

statement(
  "MQTT 5.0: a shared subscription gets no retained messages (4.8.2)",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "x", retain: true });
    for (const retainHandling of [0, 1, 2]) {
      const filter = `$share/group${retainHandling}/a`;
      assertEquals(listen(client, { filter, retainHandling }), []);
    }
    client.send(publish({ topic: "b" }));
    const wanted = [{ filter: "$share/g/a" }, { filter: "a" }];
    const got = hear(client, subscribe(2, wanted)).sort();
    assertEquals(got, ["publish a=x", "suback 2 00 00"]);
  },
);

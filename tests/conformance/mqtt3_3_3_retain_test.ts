/**
 * MQTT 3.1.1, section 3.3.1.3: retained messages.
 */

import { assertEquals } from "@std/assert";
import {
  disconnect,
  puback,
  publish,
  type PublishPacket,
  type Qos,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  statement,
  tell,
} from "./talk.ts";

const LEVELS: readonly Qos[] = [0, 1, 2];

/** What a new subscription gets, as `topic=payload`, sorted. */
function texts(got: PublishPacket[]): string[] {
  return got.map(({ topic, payload }) => `${topic}=${payload}`).sort();
}

statement(
  "[MQTT-3.3.1-5] a retained message is kept for later subscribers",
  (broker) => {
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "kept", qos: 1, retain: true });
    teller.send(disconnect());
    broker.advance(30 * 86_400_000);
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
      return got.map(({ qos }) => qos);
    });
    assertEquals(seen, [[0, 0, 0], [0, 1, 1], [0, 1, 2]]);
  },
);

statement(
  "[MQTT-3.3.1-6] a new subscription gets the last message of each topic",
  (broker) => {
    const client = dial(broker);
    const topics = ["a", "a/b", "a/b/c", "a/c", "b", "/", "$x/a"];
    for (const topic of topics) {
      tell(client, { topic, payload: "old", retain: true });
      tell(client, { topic, payload: "new", qos: 1, retain: true });
    }
    const got = (filter: string) =>
      listen(client, filter)
        .map(({ topic, payload }) => {
          assertEquals(payload, "new");
          return topic;
        }).sort();
    assertEquals(got("a"), ["a"]);
    assertEquals(got("a/+"), ["a/b", "a/c"]);
    assertEquals(got("a/#"), ["a", "a/b", "a/b/c", "a/c"]);
    assertEquals(got("+/+"), ["/", "a/b", "a/c"]);
    assertEquals(got("#"), ["/", "a", "a/b", "a/b/c", "a/c", "b"]);
    assertEquals(got("$x/#"), ["$x/a"]);
    assertEquals(got("c"), []);
    assertEquals(got("a/b/c/d"), []);
    assertEquals(got("a/b/+/#"), ["a/b/c"]);
  },
);

statement(
  "[MQTT-3.3.1-6] more retained messages than fit the window all come",
  (broker) => {
    const client = dial(broker);
    const topics = Array.from({ length: 250 }, (_, at) => `a/${1000 + at}`);
    for (const topic of topics) {
      tell(client, { topic, payload: topic, qos: 1, retain: true });
    }
    const got: string[] = [];
    for (let open = listen(client, "a/#", 1); open.length > 0;) {
      got.push(...open.map(({ topic }) => topic));
      open = open.flatMap(({ packetId }) =>
        ask(client, puback(packetId)).map(asPublish)
      );
    }
    assertEquals(got.sort(), topics);
  },
);

statement(
  "[MQTT-3.3.1-6] an offline session gets no retained message on return",
  (broker) => {
    const fields = { clientId: "stored", cleanSession: false };
    tell(dial(broker), { topic: "a", payload: "kept", retain: true });
    const client = dial(broker, fields);
    assertEquals(listen(client, "a", 1).length, 1);
    client.drop();
    // The subscription is not a new one.
    assertEquals(greet(broker, fields).packets, []);
  },
);

statement(
  "[MQTT-3.3.1-7] a retained message of QoS 0 replaces the older one",
  (broker) => {
    const client = dial(broker);
    for (const qos of LEVELS) {
      tell(client, { topic: "a", payload: "old", qos, retain: true });
      tell(client, { topic: "a", payload: "new", qos: 0, retain: true });
      const got = listen(client, "a", 2);
      assertEquals(texts(got), ["a=new"]);
      assertEquals(got[0]?.qos, 0);
      ask(client, unsubscribe(2, "a"));
    }
  },
);

statement(
  "[MQTT-3.3.1-7] a message too large to retain discards the older one",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "old", retain: true });
    tell(client, { topic: "b", payload: "other", retain: true });
    const payload = "x".repeat(5_000);
    tell(client, { topic: "a", payload, qos: 0, retain: true });
    assertEquals(texts(listen(client, "#")), ["b=other"]);
  },
  { retainedBytesMax: 2_000 },
);

statement(
  "[MQTT-3.3.1-8] what a new subscription brings has RETAIN 1",
  (broker) => {
    const client = dial(broker);
    for (const qos of LEVELS) {
      tell(client, { topic: `a/${qos}`, payload: "x", qos, retain: true });
    }
    const all = [...listen(client, "a/#", 1), ...listen(client, "+/0", 0)];
    assertEquals(all.map(({ retain }) => retain), [true, true, true, true]);
  },
);

statement(
  "[MQTT-3.3.1-9] what an old subscription brings has RETAIN 0",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (const qos of LEVELS) {
      tell(teller, { topic: "a", qos, retain: true });
      tell(teller, { topic: "a", qos, retain: false });
    }
    const retains = messages(client).map(({ retain }) => retain);
    assertEquals(retains, [false, false, false, false, false, false]);
  },
);

statement(
  "[MQTT-3.3.1-9] what a stored session collects has RETAIN 0",
  (broker) => {
    const fields = { clientId: "stored", cleanSession: false };
    listener(broker, "a", 1, fields).drop();
    tell(dial(broker), { topic: "a", qos: 1, retain: true });
    const { packets } = greet(broker, fields);
    assertEquals(packets.map((packet) => asPublish(packet).retain), [false]);
  },
);

statement(
  "[MQTT-3.3.1-10] an empty retained message is delivered and clears",
  (broker) => {
    const client = listener(broker, "#", 2);
    const teller = dial(broker);
    for (const qos of LEVELS) {
      tell(teller, { topic: "a", payload: "old", qos, retain: true });
      tell(teller, { topic: "b", payload: "stays", qos, retain: true });
      messages(client);
      tell(teller, { topic: "a", payload: "", qos, retain: true });
      const { topic, payload, retain } = onlyMessage(client);
      assertEquals([topic, payload, retain], ["a", "", false]);
      const newcomer = dial(broker, { clientId: "newcomer" });
      assertEquals(texts(listen(newcomer, "#")), ["b=stays"]);
      newcomer.send(disconnect());
    }
  },
);

statement("[MQTT-3.3.1-11] an empty message is not retained", (broker) => {
  const client = dial(broker);
  for (const qos of LEVELS) {
    tell(client, { topic: "a", payload: "", qos, retain: true });
    assertEquals(listen(client, "#"), []);
    ask(client, unsubscribe(2, "#"));
  }
});

statement("[MQTT-3.3.1-12] with RETAIN 0 nothing is retained", (broker) => {
  const client = dial(broker);
  for (const qos of LEVELS) {
    tell(client, { topic: "a", payload: "x", qos });
    assertEquals(listen(client, "#"), []);
    ask(client, unsubscribe(2, "#"));
  }
});

statement(
  "[MQTT-3.3.1-12] with RETAIN 0 a retained message stays as it is",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "kept", qos: 1, retain: true });
    for (const qos of LEVELS) {
      tell(client, { topic: "a", payload: "x", qos });
      tell(client, { topic: "a", payload: "", qos });
    }
    const got = listen(client, "a", 2);
    assertEquals(texts(got), ["a=kept"]);
    assertEquals(got[0]?.qos, 1);
  },
);

statement(
  "[MQTT-3.3.1-6] a subscription and a message in one chunk keep apart",
  (broker) => {
    const client = dial(broker);
    tell(client, { topic: "a", payload: "kept", retain: true });
    const bytes = [
      ...subscribe(1, ["a", 0]),
      ...publish({ topic: "a", payload: "live" }),
    ];
    const [suback, kept, live] = ask(client, Uint8Array.from(bytes));
    // The retained message may come before the SUBACK; here it comes after.
    assertEquals(suback?.type, "suback");
    assertEquals(asPublish(kept!).retain, true);
    assertEquals(asPublish(live!).retain, false);
  },
);

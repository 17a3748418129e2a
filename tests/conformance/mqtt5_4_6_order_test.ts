/**
 * MQTT 5.0, sections 4.5 and 4.6: who gets a message, and in which order
 * messages and acknowledgements come.
 */

import { assertEquals } from "@std/assert";
import type { TestBroker } from "../support/test_broker.ts";
import {
  disconnect,
  join,
  puback,
  pubcomp,
  publish,
  type PublishPacket,
  pubrec,
  pubrel,
  type Qos,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  dial,
  greet,
  hear,
  listener,
  messages,
  payloads,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** The numbers from 0 as text. */
function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at}`);
}

function texts(got: PublishPacket[]): string[] {
  return got.map(({ payload }) => payload);
}

statement(
  "[MQTT-4.5.0-1] a message reaches every session that matches",
  (broker) => {
    const filters = ["a/b", "a/+", "a/#", "#", "+/b", "a/c", "b/#", "a"];
    const online = filters.map((filter, at) =>
      listener(broker, filter, 1, { clientId: `online${at}` })
    );
    const offline = filters.map((filter, at) => {
      const fields = { ...STORED, clientId: `offline${at}` };
      listener(broker, filter, 1, fields).send(disconnect());
      return fields;
    });
    const teller = listener(broker, "a/b", 1, { clientId: "teller" });
    teller.send(publish({ topic: "a/b", qos: 1, packetId: 5 }));
    const expected = [1, 1, 1, 1, 1, 0, 0, 0];
    assertEquals(online.map((one) => messages(one).length), expected);
    const waiting = offline.map((one) => greet(broker, one).packets.length);
    assertEquals(waiting, expected);
  },
);

statement(
  "[MQTT-4.6.0-1] messages are repeated in the order of their first sending",
  (broker) => {
    const client = listener(broker, "a/#", 2, STORED);
    const teller = dial(broker);
    for (const [at, payload] of numbers(12).entries()) {
      const qos = at % 2 === 0 ? 1 : 2;
      tell(teller, { topic: `a/${at % 3}`, qos, payload });
    }
    const first = messages(client);
    // Holes in the row of open messages.
    for (const at of [0, 4, 6]) ask(client, puback(first[at]!.packetId));
    client.drop();
    const left = ["1", "2", "3", "5", "7", "8", "9", "10", "11"];
    for (let round = 0; round < 3; round++) {
      const { client: back, packets } = greet(broker, STORED);
      assertEquals(texts(packets.map(asPublish)), left);
      back.drop();
    }
  },
);

statement(
  "[MQTT-4.6.0-1] what is repeated comes before what has waited",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 2, payload: "0" });
    tell(teller, { topic: "a", qos: 1, payload: "1" });
    messages(client);
    client.drop();
    tell(teller, { topic: "a", qos: 1, payload: "2" });
    tell(teller, { topic: "a", qos: 2, payload: "3" });
    const { client: back, packets } = greet(broker, STORED);
    const got = packets.map(asPublish);
    assertEquals(texts(got), ["0", "1", "2", "3"]);
    assertEquals(got.map(({ dup }) => dup), [true, true, false, false]);
    settle(back, got);
  },
);

statement(
  "[MQTT-4.6.0-2] PUBACK comes in the order of PUBLISH",
  (broker) => {
    const client = dial(broker);
    const ids = [9, 3, 65_535, 1, 500];
    const packets = ids.map((packetId) =>
      publish({ topic: "a", qos: 1, packetId })
    );
    const answers = hear(client, join(...packets));
    assertEquals(answers, ids.map((id) => `puback ${id} 10`));
  },
);

statement(
  "[MQTT-4.6.0-3] PUBREC comes in the order of PUBLISH",
  (broker) => {
    const client = dial(broker);
    const ids = [9, 3, 65_535, 1, 500];
    const packets = ids.map((packetId) =>
      publish({ topic: "a", qos: 2, packetId })
    );
    const answers = hear(client, join(...packets));
    assertEquals(answers, ids.map((id) => `pubrec ${id} 10`));
    const last = hear(client, join(...ids.map((id) => pubrel(id))));
    assertEquals(last, ids.map((id) => `pubcomp ${id} 00`));
  },
);

/** Four messages in flight, and the order in which their PUBRECs come. */
function shuffledPubrecs(broker: TestBroker) {
  const client = listener(broker, "a", 2, STORED);
  const teller = dial(broker);
  for (const payload of numbers(4)) {
    tell(teller, { topic: "a", qos: 2, payload });
  }
  const ids = messages(client).map(({ packetId }) => packetId);
  const shuffled = [2, 0, 3, 1].map((at) => ids[at]!);
  const packets = shuffled.map((id) => pubrec(id));
  const answers = hear(client, join(...packets));
  const expected = shuffled.map((id) => `pubrel ${id} 00`);
  return { client, answers, expected };
}

statement("[MQTT-4.6.0-4] PUBREL comes in the order of PUBREC", (broker) => {
  const { answers, expected } = shuffledPubrecs(broker);
  assertEquals(answers, expected);
});

statement(
  "[MQTT-4.6.0-4] PUBREL is repeated in the order of PUBREC",
  (broker) => {
    const { client, expected } = shuffledPubrecs(broker);
    client.drop();
    for (let round = 0; round < 2; round++) {
      const { client: back, packets } = greet(broker, STORED);
      assertEquals(packets.map(brief), expected);
      back.drop();
    }
  },
);

statement(
  "[MQTT-4.6.0-5][MQTT-4.6.0-6] messages of a topic and QoS keep their order",
  (broker) => {
    const teller = dial(broker);
    const clients = [0, 1, 2].map((granted) =>
      listener(broker, "a/+", granted, { clientId: `granted${granted}` })
    );
    const sent = numbers(30);
    for (const [at, payload] of sent.entries()) {
      const qos = (at % 3) as Qos;
      tell(teller, { topic: `a/${at % 2}`, qos, payload });
    }
    for (const client of clients) {
      // More than is asked for: the order holds across topics and QoS.
      assertEquals(payloads(client), sent);
    }
  },
);

statement(
  "[MQTT-4.6.0-6] messages of one chunk keep their order",
  (broker) => {
    const properties = { topicAliasMaximum: 2 };
    const client = listener(broker, "#", 2, { properties });
    const packets = numbers(50).map((payload, at) =>
      publish({ topic: "a", qos: (at % 2) as Qos, packetId: at + 1, payload })
    );
    dial(broker).send(join(...packets));
    assertEquals(payloads(client), numbers(50));
  },
);

statement(
  "[MQTT-4.6.0-6] messages that waited for a session keep their order",
  (broker) => {
    const client = listener(broker, "a/#", 2, STORED);
    client.send(disconnect());
    const teller = dial(broker);
    for (const [at, payload] of numbers(60).entries()) {
      const qos = at % 3 === 0 ? 2 : 1;
      tell(teller, { topic: `a/${at % 7}`, qos, payload });
    }
    const { client: back, packets } = greet(broker, STORED);
    const got = packets.map(asPublish);
    assertEquals(texts(got), numbers(60));
    settle(back, got);
    back.send(disconnect());
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.6.0-6] more messages than the client takes keep their order",
  (broker) => {
    const properties = { receiveMaximum: 7 };
    const client = listener(broker, "a", 2, { properties });
    const teller = dial(broker);
    for (const [at, payload] of numbers(100).entries()) {
      tell(teller, { topic: "a", qos: at % 2 === 0 ? 1 : 2, payload });
    }
    // An acknowledgement makes room, and the next message may follow it.
    const got: string[] = [];
    for (let open = messages(client); open.length > 0;) {
      got.push(...texts(open));
      open = open.flatMap((message) => follow(message));
    }
    assertEquals(got, numbers(100));

    function follow({ qos, packetId }: PublishPacket): PublishPacket[] {
      if (qos === 1) return ask(client, puback(packetId)).map(asPublish);
      const [released, ...early] = ask(client, pubrec(packetId));
      assertEquals(released && brief(released), `pubrel ${packetId} 00`);
      return [...early, ...ask(client, pubcomp(packetId))].map(asPublish);
    }
  },
);

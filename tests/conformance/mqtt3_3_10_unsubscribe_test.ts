/**
 * MQTT 3.1.1, sections 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK.
 */

import { assertEquals } from "@std/assert";
import {
  longer,
  pubcomp,
  publish,
  pubrec,
  shorter,
  subscribe,
  unsubscribe,
  withFlags,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  expectAlive,
  expectEnd,
  greet,
  ILL_FORMED,
  listen,
  listener,
  messages,
  onlyMessage,
  settle,
  statement,
  tell,
} from "./talk.ts";

const STORED = { clientId: "stored", cleanSession: false };

statement("[MQTT-3.10.1-1] UNSUBSCRIBE has flags 2", (broker) => {
  for (let flags = 0; flags < 16; flags++) {
    const client = dial(broker);
    const packet = withFlags(unsubscribe(1, "a"), flags);
    if (flags !== 2) expectEnd(client, packet, `flags ${flags}`);
    else assertEquals(ask(client, packet).length, 1);
  }
});

statement("[MQTT-3.10.3-1] the filters are UTF-8", (broker) => {
  for (const [what, filter] of ILL_FORMED) {
    expectEnd(dial(broker), unsubscribe(1, filter), what);
    expectEnd(dial(broker), unsubscribe(1, "good", filter), what);
  }
  const client = listener(broker, "ä/😀");
  ask(client, unsubscribe(1, "ä/😀"));
  client.send(publish({ topic: "ä/😀" }));
  assertEquals(messages(client), []);
});

statement("[MQTT-3.10.3-1] the filters are packed closely", (broker) => {
  const packet = unsubscribe(1, "ab", "cd");
  for (let count = 1; count < 4; count++) {
    expectEnd(dial(broker), shorter(packet, count), `without ${count}`);
  }
  expectEnd(dial(broker), longer(packet, 0));
  // Four bytes fewer: one filter is left, and whole.
  assertEquals(ask(dial(broker), shorter(packet, 4)).length, 1);
});

statement(
  "[MQTT-3.10.3-2] an UNSUBSCRIBE has at least one filter",
  (broker) => {
    expectEnd(dial(broker), unsubscribe(1));
    assertEquals(ask(dial(broker), unsubscribe(1, "a")).length, 1);
  },
);

statement(
  "[MQTT-3.10.4-1] only the filter with the same text is removed",
  (broker) => {
    const client = dial(broker);
    ask(client, subscribe(1, ["a/+", 0]));
    const others = ["a/b", "a/#", "#", "+/+", "A/+", "a/+/", "a", "/a/+"];
    for (const other of others) {
      assertEquals(ask(client, unsubscribe(2, other)).length, 1);
      client.send(publish({ topic: "a/b" }));
      assertEquals(messages(client).length, 1, other);
    }
    ask(client, unsubscribe(3, "a/+"));
    client.send(publish({ topic: "a/b" }));
    assertEquals(messages(client), []);
  },
);

statement(
  "[MQTT-3.10.4-1] other subscriptions and other clients are not touched",
  (broker) => {
    const client = dial(broker, { clientId: "first" });
    ask(client, subscribe(1, ["a/b", 2], ["a/+", 1]));
    const other = listener(broker, "a/b", 2, { clientId: "second" });
    ask(client, unsubscribe(2, "a/b"));
    tell(dial(broker), { topic: "a/b", qos: 2 });
    assertEquals(onlyMessage(client).qos, 1);
    assertEquals(onlyMessage(other).qos, 2);
  },
);

statement(
  "[MQTT-3.10.4-2] after the removal no new messages come",
  (broker) => {
    const client = listener(broker, "a", 1, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    settle(client, messages(client));
    ask(client, unsubscribe(1, "a"));
    tell(teller, { topic: "a", qos: 1 });
    assertEquals(messages(client), []);
    client.drop();
    tell(teller, { topic: "a", qos: 1 });
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-3.10.4-3] a delivery that has begun is finished",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1, payload: "1" });
    tell(teller, { topic: "a", qos: 2, payload: "2" });
    tell(teller, { topic: "a", qos: 2, payload: "3" });
    const got = messages(client);
    ask(client, pubrec(got[2]!.packetId));
    ask(client, unsubscribe(1, "a"));
    client.drop();
    const { client: back, packets } = greet(broker, STORED);
    const [one, two, released] = packets;
    assertEquals(one, { ...got[0]!, dup: true });
    assertEquals(two, { ...got[1]!, dup: true });
    assertEquals(released, { type: "pubrel", packetId: got[2]!.packetId });
    assertEquals(packets.length, 3);
    settle(back, [asPublish(one!), asPublish(two!)]);
    assertEquals(ask(back, pubcomp(got[2]!.packetId)), []);
    back.drop();
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-3.10.4-4] an UNSUBSCRIBE is answered by an UNSUBACK",
  (broker) => {
    const client = dial(broker);
    ask(client, subscribe(1, ["a", 0]));
    client.send(unsubscribe(0x1234, "a"));
    assertEquals(Array.from(client.bytes()), [0xb0, 2, 0x12, 0x34]);
  },
);

statement(
  "[MQTT-3.10.4-5] an UNSUBACK comes even for nothing",
  (broker) => {
    const client = dial(broker);
    const filters = ["a", "#", "never/+/there"];
    for (const [at, filter] of filters.entries()) {
      assertEquals(ask(client, unsubscribe(at + 1, filter)), [
        { type: "unsuback", packetId: at + 1 },
      ]);
    }
    expectAlive(client);
  },
);

statement(
  "[MQTT-3.10.4-6] several filters act like several UNSUBSCRIBEs",
  (broker) => {
    const client = dial(broker);
    ask(client, subscribe(1, ["a", 0], ["b", 0], ["c", 0], ["d", 0]));
    const answers = ask(client, unsubscribe(2, "a", "none", "c", "a"));
    assertEquals(answers, [{ type: "unsuback", packetId: 2 }]);
    for (const topic of ["a", "b", "c", "d"]) client.send(publish({ topic }));
    assertEquals(messages(client).map(({ topic }) => topic), ["b", "d"]);
  },
);

statement(
  "[MQTT-3.10.4-2] a subscription can come back",
  (broker) => {
    const client = dial(broker);
    for (let round = 0; round < 3; round++) {
      listen(client, "a/#", 1);
      client.send(publish({ topic: "a/b" }));
      assertEquals(messages(client).length, 1);
      ask(client, unsubscribe(2, "a/#"));
      client.send(publish({ topic: "a/b" }));
      assertEquals(messages(client), []);
    }
  },
);

/**
 * MQTT 3.1.1, sections 3.8 and 3.9: SUBSCRIBE and SUBACK. Which filter
 * matches what is in `mqtt3_4_7_topic_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  disconnect,
  field,
  frame,
  join,
  longer,
  publish,
  type Qos,
  shorter,
  subscribe,
  u16,
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
  payloads,
  read,
  statement,
  tell,
} from "./talk.ts";

const LEVELS: readonly Qos[] = [0, 1, 2];

statement("[MQTT-3.8.1-1] SUBSCRIBE has flags 2", (broker) => {
  for (let flags = 0; flags < 16; flags++) {
    const client = dial(broker);
    const packet = withFlags(subscribe(1, ["a", 0]), flags);
    if (flags !== 2) expectEnd(client, packet, `flags ${flags}`);
    else assertEquals(ask(client, packet).length, 1);
  }
});

statement("[MQTT-3.8.3-1] the filters are UTF-8", (broker) => {
  for (const [what, filter] of ILL_FORMED) {
    expectEnd(dial(broker), subscribe(1, [filter, 0]), what);
    const second = subscribe(1, ["good", 0], [filter, 0]);
    expectEnd(dial(broker), second, what);
  }
  const client = dial(broker);
  assertEquals(listen(client, "ä/世界/😀"), []);
  client.send(publish({ topic: "ä/世界/😀" }));
  assertEquals(onlyMessage(client).topic, "ä/世界/😀");
});

statement(
  "[MQTT-3.8.3-1] a malformed SUBSCRIBE subscribes to nothing",
  (broker) => {
    const fields = { clientId: "stored", cleanSession: false };
    const client = dial(broker, fields);
    expectEnd(client, subscribe(1, ["good", 1], ["bad\0", 1]));
    const { client: back } = greet(broker, fields);
    back.send(publish({ topic: "good" }));
    assertEquals(messages(back), []);
  },
);

statement("[MQTT-3.8.3-3] a SUBSCRIBE has at least one filter", (broker) => {
  expectEnd(dial(broker), subscribe(1));
  assertEquals(ask(dial(broker), subscribe(1, ["a", 0])).length, 1);
});

statement(
  "[MQTT-3.8.3-2] a server without wildcards refuses filters that have them",
  (broker) => {
    const client = dial(broker);
    const packet = subscribe(1, ["a", 1], ["+", 1], ["a/#", 1], ["a/b", 1]);
    assertEquals(ask(client, packet), [
      { type: "suback", packetId: 1, returnCodes: [1, 0x80, 0x80, 1] },
    ]);
    for (const topic of ["a", "a/b", "a/c", "b"]) {
      client.send(publish({ topic }));
    }
    assertEquals(messages(client).map(({ topic }) => topic), ["a", "a/b"]);
  },
  { features: { wildcards: false } },
);

statement(
  "[MQTT-3.8.3-3] a filter comes with a QoS and nothing is left over",
  (broker) => {
    const one = subscribe(1, ["ab", 0]);
    for (let count = 1; count < 5; count++) {
      expectEnd(dial(broker), shorter(one, count), `without ${count}`);
    }
    const two = subscribe(1, ["ab", 0], ["cd", 0]);
    for (let count = 1; count < 5; count++) {
      expectEnd(dial(broker), shorter(two, count), `without ${count}`);
    }
    expectEnd(dial(broker), longer(one, 0));
    expectEnd(dial(broker), frame(0x82, u16(1), field("ab")));
  },
);

statement(
  "[MQTT-3.8.3-4] a QoS above 2 or a reserved bit is a violation",
  (broker) => {
    for (const bits of [3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 0x81, 255]) {
      expectEnd(dial(broker), subscribe(1, ["a", bits]), `bits ${bits}`);
      expectEnd(dial(broker), subscribe(1, ["a", 0], ["b", bits]));
    }
    for (const qos of LEVELS) listen(dial(broker), "a", qos);
  },
);

statement("[MQTT-3.8.4-1] a SUBSCRIBE is answered by a SUBACK", (broker) => {
  const client = dial(broker);
  client.send(subscribe(10, ["a/b", 1]));
  assertEquals(Array.from(client.bytes()), [0x90, 3, 0, 10, 1]);
  client.send(join(subscribe(11, ["b", 0]), subscribe(12, ["c", 2])));
  assertEquals(read(client), [
    { type: "suback", packetId: 11, returnCodes: [0] },
    { type: "suback", packetId: 12, returnCodes: [2] },
  ]);
});

statement("[MQTT-3.8.4-2] the SUBACK has the same packet id", (broker) => {
  const client = dial(broker);
  for (const packetId of [1, 300, 65_535, 300]) {
    const [suback] = ask(client, subscribe(packetId, ["a", 0]));
    assertEquals(suback, { type: "suback", packetId, returnCodes: [0] });
  }
});

statement(
  "[MQTT-3.8.4-3] the same filter again replaces the subscription",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const teller = dial(broker);
    for (const qos of [2, 0, 1] as const) {
      listen(client, "a/+", qos);
      tell(teller, { topic: "a/b", qos: 2 });
      assertEquals(onlyMessage(client).qos, qos);
    }
  },
);

statement(
  "[MQTT-3.8.4-3] the same filter again brings retained messages again",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    tell(client, { topic: "a", payload: "kept", qos: 1, retain: true });
    for (const qos of [1, 1, 0] as const) {
      const [kept, ...rest] = listen(client, "a", qos);
      assertEquals(kept?.payload, "kept");
      assertEquals(kept?.retain, true);
      assertEquals(kept?.qos, qos);
      assertEquals(rest, []);
    }
  },
);

statement(
  "[MQTT-3.8.4-3] the same filter again loses no message",
  (broker) => {
    const client = listener(broker, "a", 1);
    const teller = dial(broker);
    const sent: string[] = [];
    const got: string[] = [];
    for (let round = 0; round < 20; round++) {
      const payload = `${round}`;
      sent.push(payload);
      tell(teller, { topic: "a", payload, qos: 1 });
      client.send(subscribe(9, ["a", round % 3]));
    }
    for (const packet of read(client)) {
      if (packet.type === "publish") got.push(packet.payload);
    }
    assertEquals(got, sent);
  },
);

statement(
  "[MQTT-3.8.4-4] several filters act like several SUBSCRIBEs",
  (broker) => {
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "A", retain: true });
    tell(teller, { topic: "b", payload: "B", retain: true });
    const client = dial(broker, { clientId: "listener" });
    const packets = ask(client, subscribe(5, ["a", 0], ["b", 1], ["c", 2]));
    assertEquals(
      packets.filter(({ type }) => type === "suback"),
      [{ type: "suback", packetId: 5, returnCodes: [0, 1, 2] }],
    );
    const kept = packets.filter(({ type }) => type === "publish");
    const texts = kept.map((packet) => asPublish(packet).payload);
    assertEquals(texts.sort(), ["A", "B"]);
    for (const topic of ["a", "b", "c"]) tell(teller, { topic, qos: 2 });
    const got = messages(client).map(({ topic, qos }) => [topic, qos]);
    assertEquals(got, [["a", 0], ["b", 1], ["c", 2]]);
  },
);

statement(
  "[MQTT-3.8.4-4] a filter that stands twice counts as it stands last",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    assertEquals(ask(client, subscribe(5, ["a", 2], ["a", 0])), [
      { type: "suback", packetId: 5, returnCodes: [2, 0] },
    ]);
    tell(dial(broker), { topic: "a", qos: 2 });
    assertEquals(onlyMessage(client).qos, 0);
  },
);

statement(
  "[MQTT-3.8.4-5] there is one return code for each filter",
  (broker) => {
    const client = dial(broker);
    for (const count of [1, 2, 64, 300]) {
      const pairs = Array.from(
        { length: count },
        (_, at) => [`a/${at}`, at % 3] as const,
      );
      assertEquals(ask(client, subscribe(1, ...pairs)), [{
        type: "suback",
        packetId: 1,
        returnCodes: pairs.map(([, qos]) => qos),
      }]);
    }
  },
);

statement(
  "[MQTT-3.8.4-5][MQTT-3.9.3-2] a refused filter has return code 0x80",
  (broker) => {
    const client = dial(broker);
    const long = "x".repeat(41);
    const packet = subscribe(1, ["a", 1], [long, 1], ["b", 2]);
    assertEquals(ask(client, packet), [
      { type: "suback", packetId: 1, returnCodes: [1, 0x80, 2] },
    ]);
    for (const topic of ["a", "b"]) client.send(publish({ topic }));
    assertEquals(messages(client).map(({ topic }) => topic), ["a", "b"]);
    expectAlive(client);
  },
  { topicBytesMax: 40 },
);

statement(
  "[MQTT-3.8.4-6] the lower QoS of message and subscription counts",
  (broker) => {
    const teller = dial(broker);
    const table = LEVELS.map((granted) => {
      const clientId = `granted${granted}`;
      const client = listener(broker, "a", granted, { clientId });
      const row = LEVELS.map((qos) => {
        tell(teller, { topic: "a", qos });
        return onlyMessage(client).qos;
      });
      client.send(disconnect());
      return row;
    });
    assertEquals(table, [[0, 0, 0], [0, 1, 1], [0, 1, 2]]);
  },
);

statement(
  "[MQTT-3.9.3-1] the return codes are in the order of the filters",
  (broker) => {
    const client = dial(broker);
    const packet = subscribe(7, ["z", 2], ["a", 0], ["m", 1], ["b", 2]);
    assertEquals(ask(client, packet), [
      { type: "suback", packetId: 7, returnCodes: [2, 0, 1, 2] },
    ]);
  },
);

statement("[MQTT-3.9.3-2] granted is what was asked for", (broker) => {
  const client = dial(broker);
  for (const filter of ["a", "#", "+", "a/+/#", "$SYS/#", "/", "$x"]) {
    for (const qos of LEVELS) {
      const [suback] = ask(client, subscribe(1, [filter, qos]));
      assert(suback?.type === "suback");
      assertEquals(suback.returnCodes, [qos], filter);
    }
  }
});

statement(
  "[MQTT-3.8.4-1] a subscription works from its SUBACK on",
  (broker) => {
    const client = dial(broker, { clientId: "listener" });
    const teller = dial(broker);
    tell(teller, { topic: "a", payload: "before", qos: 1 });
    listen(client, "a", 1);
    tell(teller, { topic: "a", payload: "after", qos: 1 });
    assertEquals(payloads(client), ["after"]);
  },
);

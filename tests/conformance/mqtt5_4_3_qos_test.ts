/**
 * MQTT 5.0, sections 4.3 and 4.4: the flows of the three QoS levels in both
 * directions, and what is sent again.
 */

import { assertEquals } from "@std/assert";
import {
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type Qos,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
  brief,
  DAY_MS,
  dial,
  expectGone,
  greet,
  hear,
  listener,
  messages,
  onlyMessage,
  payloads,
  read,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

statement("[MQTT-4.3.1-1] QoS 0 is sent once, with DUP 0", (broker) => {
  const client = listener(broker, "a", 2, STORED);
  tell(dial(broker), { topic: "a", payload: "x" });
  assertEquals(onlyMessage(client), {
    type: "publish",
    topic: "a",
    payload: "x",
    qos: 0,
    retain: false,
    dup: false,
    packetId: 0,
    properties: {},
  });
  broker.advance(DAY_MS);
  assertEquals(messages(client), []);
  client.drop();
  assertEquals(greet(broker, STORED).packets, []);
});

statement(
  "[MQTT-4.3.2-1][MQTT-4.3.2-2] QoS 1 goes out under a free id, DUP 0",
  (broker) => {
    const client = listener(broker, "a", 1);
    const teller = dial(broker);
    for (let i = 0; i < 10; i++) {
      tell(teller, { topic: "a", qos: 1, packetId: 40_000 + i, dup: i > 5 });
    }
    const got = messages(client);
    assertEquals(
      got.map(({ qos, dup }) => [qos, dup]),
      Array(10).fill([1, false]),
    );
    assertEquals(new Set(got.map(({ packetId }) => packetId)).size, 10);
    settle(client, got);
  },
);

statement(
  "[MQTT-4.3.2-3] QoS 1 is open until its PUBACK, and no longer",
  (broker) => {
    const client = listener(broker, "a", 1, STORED);
    const teller = dial(broker);
    for (const payload of ["1", "2", "3"]) {
      tell(teller, { topic: "a", qos: 1, payload });
    }
    const [, second] = messages(client);
    ask(client, puback(second!.packetId));
    client.drop();
    const { client: back, packets } = greet(broker, STORED);
    const open = packets.map(asPublish);
    assertEquals(open.map(({ payload }) => payload), ["1", "3"]);
    settle(back, open);
    back.drop();
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.3.2-3] acknowledgements of another kind do not close QoS 1",
  (broker) => {
    const client = listener(broker, "a", 1, STORED);
    tell(dial(broker), { topic: "a", qos: 1 });
    const { packetId } = onlyMessage(client);
    for (const packet of [pubrec(packetId), pubcomp(packetId)]) {
      // Whether this is a violation or ignored, the message stays open.
      if (!client.closed) client.send(packet);
    }
    if (!client.closed) client.drop();
    const [repeated] = greet(broker, STORED).packets;
    assertEquals(repeated && asPublish(repeated).packetId, packetId);
  },
);

statement(
  "[MQTT-4.3.2-4][MQTT-4.3.2-5] after PUBACK the id is a new message's",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const sent = ["1", "2", "3"];
    for (const [at, payload] of sent.entries()) {
      const message = { topic: "a", qos: 1, packetId: 8, payload } as const;
      const answer = hear(client, publish({ ...message, dup: at > 0 }));
      assertEquals(answer, ["puback 8 00"]);
    }
    assertEquals(payloads(witness), sent);
  },
);

statement(
  "[MQTT-4.3.3-1][MQTT-4.3.3-2] QoS 2 goes out under a free id, DUP 0",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (let i = 0; i < 10; i++) {
      tell(teller, { topic: "a", qos: 2, packetId: 500, dup: i > 5 });
    }
    const got = messages(client);
    assertEquals(
      got.map(({ qos, dup }) => [qos, dup]),
      Array(10).fill([2, false]),
    );
    assertEquals(new Set(got.map(({ packetId }) => packetId)).size, 10);
    settle(client, got);
  },
);

statement(
  "[MQTT-4.3.3-3] a PUBLISH with QoS 2 is open until its PUBREC",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    tell(dial(broker), { topic: "a", qos: 2, payload: "x" });
    const first = onlyMessage(client);
    client.drop();
    const { client: back, packets } = greet(broker, STORED);
    assertEquals(packets, [{ ...first, dup: true }]);
    settle(back, [first]);
    back.drop();
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.3.3-4] a PUBREC is answered by PUBREL, and again when repeated",
  (broker) => {
    const client = listener(broker, "a", 2);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    const released = [`pubrel ${packetId} 00`];
    assertEquals(hear(client, pubrec(packetId)), released);
    assertEquals(hear(client, pubrec(packetId, 0)), released);
    assertEquals(ask(client, pubcomp(packetId)), []);
    assertEquals(ask(client, pubcomp(packetId)), []);
  },
);

statement(
  "[MQTT-4.3.3-4] a PUBREC of 0x80 or above is answered by nothing",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    for (const reason of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
      tell(teller, { topic: "a", qos: 2 });
      const { packetId } = onlyMessage(client);
      assertEquals(ask(client, pubrec(packetId, reason)), []);
    }
    client.drop();
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.3.3-5][MQTT-4.3.3-6] PUBREL is open until its PUBCOMP",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    ask(client, pubrec(packetId));
    client.drop();
    for (let round = 0; round < 3; round++) {
      const { client: back, packets } = greet(broker, STORED);
      assertEquals(packets.map(brief), [`pubrel ${packetId} 00`]);
      if (round === 2) assertEquals(ask(back, pubcomp(packetId)), []);
      back.drop();
    }
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.3.3-7] a message that was sent does not expire",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    const properties = { messageExpirySeconds: 5 };
    tell(teller, { topic: "a", qos: 2, payload: "1", properties });
    tell(teller, { topic: "a", qos: 2, payload: "2", properties });
    const [first, second] = messages(client);
    broker.advance(10_000);
    const released = hear(client, pubrec(first!.packetId));
    assertEquals(released, [`pubrel ${first!.packetId} 00`]);
    client.drop();
    broker.advance(10_000);
    const { packets } = greet(broker, STORED);
    const seen = packets.map((packet) => packet.type).sort();
    assertEquals(seen, ["publish", "pubrel"]);
    const again = packets.find(({ type }) => type === "publish");
    assertEquals(again && asPublish(again).packetId, second!.packetId);
  },
);

statement(
  "[MQTT-4.3.3-8][MQTT-4.3.3-11] QoS 2 is answered by PUBREC and PUBCOMP",
  (broker) => {
    const witness = listener(broker, "a", 2);
    const client = dial(broker);
    for (const id of [1, 300, 65_535]) {
      const message = publish({ topic: "a", qos: 2, packetId: id });
      assertEquals(hear(client, message), [`pubrec ${id} 00`]);
      assertEquals(hear(client, pubrel(id)), [`pubcomp ${id} 00`]);
    }
    assertEquals(messages(witness).length, 3);
  },
);

statement(
  "[MQTT-4.3.3-9] after a PUBREC that refuses the id is a new message's",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const wrong = {
      topic: "a",
      qos: 2,
      packetId: 8,
      payload: Uint8Array.of(0xff),
      properties: { payloadFormat: 1 },
    } as const;
    assertEquals(hear(client, publish(wrong)), ["pubrec 8 99"]);
    const right = { topic: "a", qos: 2, packetId: 8, payload: "x" } as const;
    assertEquals(hear(client, publish(right)), ["pubrec 8 00"]);
    assertEquals(payloads(witness), ["x"]);
  },
  { checksPayloadFormat: true },
);

statement("[MQTT-4.3.3-10] until PUBREL an id is one message", (broker) => {
  const witness = listener(broker, "a", 2);
  const client = dial(broker);
  const message = { topic: "a", qos: 2, packetId: 8, payload: "1" } as const;
  for (const dup of [false, true, false, true]) {
    const [answer] = hear(client, publish({ ...message, dup }));
    assertEquals(answer?.slice(0, 8), "pubrec 8");
  }
  assertEquals(payloads(witness), ["1"]);
  assertEquals(hear(client, pubrel(8)), ["pubcomp 8 00"]);
  assertEquals(messages(witness), []);
});

statement(
  "[MQTT-4.3.3-10] an open id survives the connection with its session",
  (broker) => {
    const witness = listener(broker, "a", 0);
    const message = { topic: "a", qos: 2, packetId: 8, payload: "1" } as const;
    const client = dial(broker, STORED);
    ask(client, publish(message));
    client.drop();
    const back = greet(broker, STORED).client;
    const [answer] = hear(back, publish({ ...message, dup: true }));
    assertEquals(answer?.slice(0, 8), "pubrec 8");
    assertEquals(hear(back, pubrel(8)), ["pubcomp 8 00"]);
    assertEquals(payloads(witness), ["1"]);
  },
);

statement(
  "[MQTT-4.3.3-12] after PUBCOMP the id is a new message's",
  (broker) => {
    const witness = listener(broker, "a", 2);
    const client = dial(broker);
    const sent = ["1", "2", "3"];
    for (const [at, payload] of sent.entries()) {
      tell(client, { topic: "a", qos: 2, packetId: 8, payload, dup: at > 1 });
    }
    assertEquals(payloads(witness), sent);
  },
);

statement(
  "[MQTT-4.3.3-13] the flow goes on for a message that has expired",
  (broker) => {
    const properties = { messageExpirySeconds: 2 };
    listener(broker, "a", 2, STORED).drop();
    const client = dial(broker);
    const message = { topic: "a", qos: 2, packetId: 8, properties } as const;
    assertEquals(hear(client, publish(message)), ["pubrec 8 00"]);
    broker.advance(10_000);
    const again = hear(client, publish({ ...message, dup: true }));
    assertEquals(again.map((one) => one.slice(0, 8)), ["pubrec 8"]);
    assertEquals(hear(client, pubrel(8)), ["pubcomp 8 00"]);
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.4.0-1] what is open is sent again on return, under its id",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    const levels: Qos[] = [1, 2, 0, 2, 1];
    for (const [at, qos] of levels.entries()) {
      tell(teller, { topic: "a", qos, payload: `${at}` });
    }
    const first = messages(client);
    const released = first[3]!.packetId;
    ask(client, pubrec(released));
    client.drop();
    const open = [first[0]!, first[1]!, first[4]!];
    const { client: back, packets } = greet(broker, STORED);
    const repeated = packets.filter(({ type }) => type === "publish");
    assertEquals(repeated, open.map((packet) => ({ ...packet, dup: true })));
    const others = packets.filter(({ type }) => type !== "publish");
    assertEquals(others.map(brief), [`pubrel ${released} 00`]);
    settle(back, open);
    assertEquals(ask(back, pubcomp(released)), []);
  },
);

statement(
  "[MQTT-4.4.0-1] nothing is sent again while the connection lasts",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    tell(teller, { topic: "a", qos: 2 });
    const [, , third] = messages(client);
    ask(client, pubrec(third!.packetId));
    broker.advance(DAY_MS);
    assertEquals(read(client), []);
  },
);

statement("[MQTT-4.4.0-1] a take-over counts as a return", (broker) => {
  const client = listener(broker, "a", 1, STORED);
  tell(dial(broker), { topic: "a", qos: 1, payload: "x" });
  const first = onlyMessage(client);
  const { client: back, packets } = greet(broker, STORED);
  expectGone(client, 0x8e);
  assertEquals(packets, [{ ...first, dup: true }]);
  settle(back, [first]);
});

statement(
  "[MQTT-4.4.0-2] what the receiver refuses is not sent again",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    tell(teller, { topic: "a", qos: 1, payload: "kept" });
    const [first, second] = messages(client);
    assertEquals(ask(client, puback(first!.packetId, 0x80)), []);
    assertEquals(ask(client, pubrec(second!.packetId, 0x97)), []);
    client.drop();
    const { packets } = greet(broker, STORED);
    assertEquals(packets.map(brief), ["publish a=kept"]);
  },
);

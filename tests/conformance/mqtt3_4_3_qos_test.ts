/**
 * MQTT 3.1.1, sections 4.3 and 4.4: the flows of the three QoS levels in both
 * directions, and what is sent again.
 */

import { assert, assertEquals } from "@std/assert";
import {
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type Qos,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  dialStored,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  payloads,
  read,
  settle,
  statement,
  tell,
} from "./talk.ts";

const STORED = { clientId: "stored", cleanSession: false };
const DAY_MS = 86_400_000;

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
  });
  broker.advance(DAY_MS);
  assertEquals(messages(client), []);
  client.drop();
  assertEquals(greet(broker, STORED).packets, []);
});

statement(
  "[MQTT-4.3.2-1] QoS 1 goes out under a free id, with DUP 0",
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
    assert(got.every(({ packetId }) => packetId > 0));
    settle(client, got);
  },
);

statement(
  "[MQTT-4.3.2-1] QoS 1 is open until its PUBACK, and no longer",
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
  "[MQTT-4.3.2-1] acknowledgements of another kind do not close QoS 1",
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
  "[MQTT-4.3.2-2] after PUBACK the id stands for a new message",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const sent = ["1", "2", "3"];
    for (const [at, payload] of sent.entries()) {
      const message = { topic: "a", qos: 1, packetId: 8, payload } as const;
      assertEquals(ask(client, publish({ ...message, dup: at > 0 })), [
        { type: "puback", packetId: 8 },
      ]);
    }
    assertEquals(payloads(witness), sent);
  },
);

statement(
  "[MQTT-4.3.3-1] QoS 2 runs PUBLISH, PUBREC, PUBREL, PUBCOMP",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (let round = 0; round < 3; round++) {
      tell(teller, { topic: "a", qos: 2, packetId: 500, payload: "x" });
      const { packetId, qos, dup } = onlyMessage(client);
      assertEquals([qos, dup], [2, false]);
      const released = [{ type: "pubrel" as const, packetId }];
      assertEquals(ask(client, pubrec(packetId)), released);
      assertEquals(ask(client, pubcomp(packetId)), []);
    }
  },
);

statement(
  "[MQTT-4.3.3-1] a PUBLISH with QoS 2 is open until its PUBREC",
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
  "[MQTT-4.3.3-1] after PUBREL the PUBLISH is never sent again",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    ask(client, pubrec(packetId));
    client.drop();
    for (let round = 0; round < 3; round++) {
      const { client: back, packets } = greet(broker, STORED);
      assertEquals(packets, [{ type: "pubrel", packetId }]);
      if (round === 2) assertEquals(ask(back, pubcomp(packetId)), []);
      back.drop();
    }
    assertEquals(greet(broker, STORED).packets, []);
  },
);

statement(
  "[MQTT-4.3.3-1] a PUBREC that comes again is answered by PUBREL again",
  (broker) => {
    const client = listener(broker, "a", 2);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    const released = [{ type: "pubrel" as const, packetId }];
    assertEquals(ask(client, pubrec(packetId)), released);
    assertEquals(ask(client, pubrec(packetId)), released);
    assertEquals(ask(client, pubcomp(packetId)), []);
    assertEquals(ask(client, pubcomp(packetId)), []);
  },
);

statement(
  "[MQTT-4.3.3-1] acknowledgements of another kind do not close QoS 2",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    for (const packet of [puback(packetId), pubcomp(packetId)]) {
      if (!client.closed) client.send(packet);
    }
    if (!client.closed) client.drop();
    const { packets } = greet(broker, STORED);
    assertEquals(packets.map(asPublish).map((one) => one.packetId), [packetId]);
  },
);

statement(
  "[MQTT-4.3.3-2] until PUBREL an id stands for one message",
  (broker) => {
    const witness = listener(broker, "a", 2);
    const client = dial(broker);
    const message = { topic: "a", qos: 2, packetId: 8, payload: "1" } as const;
    for (const dup of [false, true, false, true]) {
      assertEquals(ask(client, publish({ ...message, dup })), [
        { type: "pubrec", packetId: 8 },
      ]);
    }
    assertEquals(payloads(witness), ["1"]);
    assertEquals(ask(client, pubrel(8)), [{ type: "pubcomp", packetId: 8 }]);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-4.3.3-2] after PUBCOMP the id stands for a new message",
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
  "[MQTT-4.3.3-2] each id is followed for itself",
  (broker) => {
    const witness = listener(broker, "a", 0);
    const client = dial(broker);
    const send = (packetId: number) =>
      ask(client, publish({ topic: "a", qos: 2, packetId, payload: "x" }));
    for (const packetId of [1, 2, 65_535]) send(packetId);
    assertEquals(messages(witness).length, 3);
    ask(client, pubrel(2));
    for (const packetId of [1, 2, 65_535]) send(packetId);
    assertEquals(messages(witness).length, 1);
  },
);

statement(
  "[MQTT-4.3.3-2] QoS 1 under the id of an open QoS 2 is a message",
  (broker) => {
    const witness = listener(broker, "#", 0);
    const client = dial(broker);
    ask(client, publish({ topic: "two", qos: 2, packetId: 8 }));
    const other = publish({ topic: "one", qos: 1, packetId: 8 });
    assertEquals(ask(client, other), [{ type: "puback", packetId: 8 }]);
    ask(client, publish({ topic: "two", qos: 2, packetId: 8, dup: true }));
    assertEquals(messages(witness).map(({ topic }) => topic), ["two", "one"]);
  },
);

statement(
  "[MQTT-4.3.3-2] an open id survives the connection with its session",
  (broker) => {
    const witness = listener(broker, "a", 0);
    const message = { topic: "a", qos: 2, packetId: 8, payload: "1" } as const;
    const client = dialStored(broker, "stored");
    ask(client, publish(message));
    client.drop();
    const { client: back } = greet(broker, STORED);
    const answers = ask(back, publish({ ...message, dup: true }));
    assertEquals(answers, [{ type: "pubrec", packetId: 8 }]);
    assertEquals(ask(back, pubrel(8)), [{ type: "pubcomp", packetId: 8 }]);
    back.drop();
    const { client: again } = greet(broker, STORED);
    assertEquals(ask(again, pubrel(8)), [{ type: "pubcomp", packetId: 8 }]);
    assertEquals(payloads(witness), ["1"]);
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
    assertEquals(
      packets.filter(({ type }) => type === "publish"),
      open.map((packet) => ({ ...packet, dup: true })),
    );
    assertEquals(
      packets.filter(({ type }) => type !== "publish"),
      [{ type: "pubrel", packetId: released }],
    );
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

statement(
  "[MQTT-4.4.0-1] a take-over counts as a return",
  (broker) => {
    const client = listener(broker, "a", 1, STORED);
    tell(dial(broker), { topic: "a", qos: 1, payload: "x" });
    const first = onlyMessage(client);
    const { client: back, packets } = greet(broker, STORED);
    assert(client.closed);
    assertEquals(packets, [{ ...first, dup: true }]);
    settle(back, [first]);
  },
);

statement(
  "[MQTT-4.4.0-1] a clean session has nothing to send again",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    assertEquals(messages(client).length, 2);
    client.drop();
    const fields = { clientId: "listener", cleanSession: false };
    const { client: next, packets } = greet(broker, fields);
    assertEquals(packets, []);
    listen(next, "b");
    assertEquals(messages(next), []);
  },
);

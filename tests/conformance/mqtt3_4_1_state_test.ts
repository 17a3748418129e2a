/**
 * MQTT 3.1.1, sections 4.1 and 4.5: what belongs to a session and for how
 * long, and who receives a message.
 */

import { assertEquals } from "@std/assert";
import {
  disconnect,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import {
  ask,
  dial,
  dialStored,
  expectAlive,
  greet,
  listen,
  listener,
  messages,
  payloads,
  statement,
  tell,
} from "./talk.ts";

const STORED = { clientId: "stored", cleanSession: false };
const HOUR_MS = 3_600_000;

statement(
  "[MQTT-4.1.0-1] every part of a session's state is kept",
  (broker) => {
    const client = dialStored(broker, "stored");
    const teller = dial(broker);
    // A subscription, an unreceived and an unreleased message, an open one
    // of the client's own, and one that waits.
    listen(client, "a", 2);
    tell(teller, { topic: "a", qos: 1, payload: "open" });
    tell(teller, { topic: "a", qos: 2, payload: "released" });
    const [open, released] = messages(client);
    ask(client, pubrec(released!.packetId));
    ask(client, publish({ topic: "b", qos: 2, packetId: 77 }));
    client.drop();
    tell(teller, { topic: "a", qos: 2, payload: "waiting" });
    broker.advance(HOUR_MS);
    const witness = listener(broker, "b");
    const { client: back, packets } = greet(broker, STORED);
    assertEquals(packets[0], { ...open!, dup: true });
    assertEquals(packets[1], { type: "pubrel", packetId: released!.packetId });
    const waiting = packets[2];
    assertEquals(waiting?.type === "publish" && waiting.payload, "waiting");
    assertEquals(packets.length, 3);
    const repeated = publish({ topic: "b", qos: 2, packetId: 77, dup: true });
    assertEquals(ask(back, repeated), [{ type: "pubrec", packetId: 77 }]);
    assertEquals(ask(back, pubrel(77)), [{ type: "pubcomp", packetId: 77 }]);
    assertEquals(messages(witness), [], "passed on twice");
    assertEquals(ask(back, pubcomp(released!.packetId)), []);
    tell(teller, { topic: "a", payload: "live" });
    assertEquals(payloads(back), ["live"]);
  },
);

statement(
  "[MQTT-4.1.0-1] a session survives many returns",
  (broker) => {
    const teller = dial(broker);
    dialStored(broker, "stored").send(subscribe(1, ["a", 1]));
    for (let round = 0; round < 20; round++) {
      const payload = `${round}`;
      tell(teller, { topic: "a", qos: 1, payload });
      const { client, packets, sessionPresent } = greet(broker, STORED);
      assertEquals(sessionPresent, true);
      // The open message of each round is still there.
      assertEquals(packets.length, round + 1);
      if (round % 2 === 0) client.drop();
      else client.send(disconnect());
    }
  },
);

statement(
  "[MQTT-4.1.0-2] a session lasts as long as its connection",
  (broker) => {
    const clean = listener(broker, "a", 2, { clientId: "clean" });
    const stored = listener(broker, "a", 2, STORED);
    broker.advance(1000 * 24 * HOUR_MS);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 2, payload: "x" });
    for (const client of [clean, stored]) {
      assertEquals(payloads(client), ["x"]);
      expectAlive(client);
    }
  },
);

statement(
  "[MQTT-4.5.0-1] a message reaches every session that matches",
  (broker) => {
    const filters = ["a/b", "a/+", "a/#", "#", "+/b", "a/c", "b/#", "a"];
    const online = filters.map((filter, at) =>
      listener(broker, filter, 1, { clientId: `online${at}` })
    );
    const offline = filters.map((filter, at) => {
      const fields = { clientId: `offline${at}`, cleanSession: false };
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
  "[MQTT-4.5.0-1] the sender receives what it subscribes to itself",
  (broker) => {
    const client = listener(broker, "a", 1);
    const packets = ask(client, publish({ topic: "a", qos: 1, packetId: 5 }));
    const types = packets.map(({ type }) => type).sort();
    assertEquals(types, ["puback", "publish"]);
  },
);

statement(
  "[MQTT-4.5.0-1] who subscribes or leaves later changes nothing before",
  (broker) => {
    const teller = dial(broker);
    const client = dialStored(broker, "stored");
    tell(teller, { topic: "a", qos: 1, payload: "too early" });
    listen(client, "a", 1);
    client.drop();
    tell(teller, { topic: "a", qos: 1, payload: "in time" });
    const { client: back, packets } = greet(broker, STORED);
    assertEquals(packets.length, 1);
    ask(back, unsubscribe(1, "a"));
    back.drop();
    tell(teller, { topic: "a", qos: 1, payload: "too late" });
    assertEquals(greet(broker, STORED).packets.length, 1);
  },
);

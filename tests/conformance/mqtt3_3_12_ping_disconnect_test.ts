/**
 * MQTT 3.1.1, sections 3.12 to 3.14: PINGREQ, PINGRESP and DISCONNECT. What a
 * DISCONNECT means for a will is in `mqtt3_3_1_will_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  disconnect,
  join,
  longer,
  pingreq,
  publish,
  subscribe,
  withFlags,
} from "../support/wire.ts";
import {
  ask,
  dial,
  dialStored,
  expectAlive,
  expectEnd,
  greet,
  listen,
  listener,
  messages,
  payloads,
  read,
  statement,
} from "./talk.ts";

statement("[MQTT-3.12.4-1] a PINGREQ is answered by a PINGRESP", (broker) => {
  const client = dial(broker);
  client.send(pingreq());
  assertEquals(Array.from(client.bytes()), [0xd0, 0]);
  const answers = ask(client, join(pingreq(), pingreq(), pingreq()));
  assertEquals(answers.map(({ type }) => type), [
    "pingresp",
    "pingresp",
    "pingresp",
  ]);
});

statement("[MQTT-3.12.4-1] a PINGREQ has no body", (broker) => {
  expectEnd(dial(broker), longer(pingreq(), 0));
});

statement(
  "[MQTT-3.14.1-1] a DISCONNECT with reserved bits is a violation",
  (broker) => {
    const witness = listener(broker, "will");
    const will = { topic: "will", payload: "gone" };
    for (let flags = 1; flags < 16; flags++) {
      const client = dial(broker, { will });
      expectEnd(client, withFlags(disconnect(), flags), `flags ${flags}`);
      // A violation is no DISCONNECT, so the will is published.
      assertEquals(payloads(witness), ["gone"]);
    }
    expectEnd(dial(broker, { will }), longer(disconnect(), 0));
    assertEquals(payloads(witness), ["gone"]);
    dial(broker, { will }).send(disconnect());
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.14.4-2] nothing behind a DISCONNECT is processed",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dialStored(broker, "stored");
    const behind = join(
      disconnect(),
      publish({ topic: "a", qos: 1, retain: true }),
      subscribe(1, ["a", 1]),
      pingreq(),
    );
    client.send(behind);
    assert(client.closed, "still open after DISCONNECT");
    assertEquals(read(client), []);
    assertEquals(messages(witness), []);
    assertEquals(listen(witness, "a"), []);
    const fields = { clientId: "stored", cleanSession: false };
    const { client: back } = greet(broker, fields);
    back.send(publish({ topic: "a" }));
    assertEquals(messages(back), []);
  },
);

statement(
  "[MQTT-3.14.4-2] what stands before a DISCONNECT is processed",
  (broker) => {
    const witness = listener(broker, "a", 1);
    const client = dial(broker);
    const message = publish({ topic: "a", payload: "last", qos: 1 });
    assertEquals(ask(client, join(message, disconnect())), [
      { type: "puback", packetId: 1 },
    ]);
    assert(client.closed);
    assertEquals(payloads(witness), ["last"]);
    expectAlive(witness);
  },
);

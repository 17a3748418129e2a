/**
 * MQTT 3.1.1, section 3.2: CONNACK, and what a refusal does.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  frame,
  join,
  pingreq,
  publish,
  subscribe,
} from "../support/wire.ts";
import {
  ask,
  dial,
  dialStored,
  expectNoEntry,
  expectRefusal,
  greet,
  listen,
  messages,
  type Options,
  read,
  statement,
  tell,
} from "./talk.ts";
import { TestBroker } from "../support/test_broker.ts";

const STORED = { clientId: "stored", cleanSession: false };
const CLEAN = { clientId: "stored", cleanSession: true };

const REFUSALS = [
  ["unavailable", 3],
  ["bad_credentials", 4],
  ["not_authorized", 5],
] as const;

/** A broker that refuses everybody. */
function refusing(result: (typeof REFUSALS)[number][0]): TestBroker {
  const options: Options = {
    authenticator: { authenticate: (_request, answer) => answer({ result }) },
  };
  return new TestBroker(options);
}

statement("[MQTT-3.2.0-1] the first packet is CONNACK", (broker) => {
  const client = broker.open();
  const bytes = join(subscribe(1, ["a", 0]), pingreq());
  const packets = ask(client, join(connect(), bytes));
  const types = packets.map((packet) => packet.type);
  assertEquals(types, ["connack", "suback", "pingresp"]);
});

statement("[MQTT-3.2.0-1] nothing is sent before a CONNECT", (broker) => {
  const client = broker.open();
  broker.advance(1_000);
  assertEquals(read(client), []);
  client.send(connect().subarray(0, 9));
  assertEquals(read(client), []);
});

statement(
  "[MQTT-3.2.0-1] CONNACK comes before the messages that wait",
  (broker) => {
    const client = dialStored(broker, "stored");
    listen(client, "a", 1);
    client.drop();
    tell(dial(broker), { topic: "a", qos: 1 });
    const back = broker.open();
    const types = ask(back, connect(STORED)).map((packet) => packet.type);
    assertEquals(types, ["connack", "publish"]);
  },
);

statement(
  "[MQTT-3.2.2-1] session present is 0 after clean session 1",
  (broker) => {
    assertEquals(greet(broker, CLEAN).sessionPresent, false);
    assertEquals(greet(broker, CLEAN).sessionPresent, false);
    dialStored(broker, "stored").send(disconnect());
    assertEquals(greet(broker, CLEAN).sessionPresent, false);
  },
);

statement(
  "[MQTT-3.2.2-2] session present is 1 for a stored session",
  (broker) => {
    dialStored(broker, "stored").send(disconnect());
    const client = broker.open();
    client.send(connect(STORED));
    assertEquals(Array.from(client.bytes()), [0x20, 2, 1, 0]);
  },
);

statement(
  "[MQTT-3.2.2-3] session present is 0 where nothing was stored",
  (broker) => {
    const client = broker.open();
    client.send(connect(STORED));
    assertEquals(Array.from(client.bytes()), [0x20, 2, 0, 0]);
    dial(broker, { clientId: "clean" }).drop();
    const fields = { clientId: "clean", cleanSession: false };
    assertEquals(greet(broker, fields).sessionPresent, false);
  },
);

statement(
  "[MQTT-3.2.2-4] a refusal has session present 0",
  (broker) => {
    dialStored(broker, "stored").send(disconnect());
    // `expectRefusal` compares the whole packet.
    expectRefusal(broker, connect({ ...STORED, level: 2 }), 1);
    expectRefusal(broker, connect({ ...STORED, clientId: "" }), 2);
    assertEquals(greet(broker, STORED).sessionPresent, true);
  },
);

statement(
  "[MQTT-3.2.2-4][MQTT-3.2.2-5] an authenticator's refusal ends the connection",
  () => {
    for (const [result, returnCode] of REFUSALS) {
      const broker = refusing(result);
      const fields = { userName: "user", password: "wrong" };
      expectRefusal(broker, connect(fields), returnCode);
      expectRefusal(broker, connect(STORED), returnCode);
      broker.checkInvariants();
    }
  },
);

statement(
  "[MQTT-3.2.2-5] a refused client cannot go on",
  () => {
    for (const [result, returnCode] of REFUSALS) {
      const broker = refusing(result);
      const bytes = join(connect(), publish({ topic: "a", qos: 1 }));
      expectRefusal(broker, bytes, returnCode);
      broker.checkInvariants();
    }
  },
);

statement(
  "[MQTT-3.2.2-5] an accepted client can go on",
  (broker) => {
    const client = dial(broker, { userName: "user", password: "right" });
    tell(client, { topic: "a", qos: 1 });
    assertEquals(messages(client), []);
  },
  {
    authenticator: {
      authenticate: (_request, answer) => answer({ result: "allow" }),
    },
  },
);

statement(
  "[MQTT-3.2.0-1][MQTT-3.1.4-5] a login may be answered later",
  () => {
    for (const result of ["allow", "bad_credentials"] as const) {
      let answerNow: (() => void) | undefined;
      const broker = new TestBroker({
        authenticator: {
          authenticate: (_request, answer) => {
            answerNow = () => answer({ result });
          },
        },
      });
      const client = broker.open();
      const bytes = join(connect(), pingreq(), publish({ topic: "a", qos: 1 }));
      client.send(bytes.subarray(0, bytes.length - 3));
      client.send(bytes.subarray(bytes.length - 3));
      assertEquals(read(client), [], "an answer before the login's");
      answerNow?.();
      const types = read(client).map((packet) => packet.type);
      const isAllowed = result === "allow";
      const after = isAllowed ? ["pingresp", "puback"] : [];
      assertEquals(types, ["connack", ...after]);
      assertEquals(client.closed, !isAllowed);
      broker.checkInvariants();
    }
  },
);

statement(
  "[MQTT-3.2.2-6] where no code fits there is no CONNACK",
  (broker) => {
    expectNoEntry(broker, connect({ protocolName: "HTTP" }));
    expectNoEntry(broker, connect({ flags: 0x03 }));
    expectNoEntry(broker, frame(0x10));
    const silent = broker.open();
    broker.advance(3_600_000);
    assert(silent.closed, "a connection without a CONNECT stays open");
    assertEquals(read(silent), []);
  },
);

/**
 * MQTT 3.1.1, section 3.1: the form of a CONNECT and the answer to it. Name
 * and level of the protocol are in `mqtt3_3_1_version_test.ts`; what a session
 * and a will do is in `mqtt3_3_1_session_test.ts` and
 * `mqtt3_3_1_will_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  connectFlags,
  disconnect,
  field,
  frame,
  join,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  shorter,
  subscribe,
  u16,
  unsubscribe,
} from "../support/wire.ts";
import {
  ask,
  dial,
  expectAlive,
  expectEnd,
  expectNoEntry,
  expectRefusal,
  greet,
  ILL_FORMED,
  listener,
  messages,
  onlyMessage,
  read,
  statement,
} from "./talk.ts";

const WILL = { topic: "will", payload: "gone" };

statement("[MQTT-3.1.0-1] the first packet must be CONNECT", (broker) => {
  const packets = [
    publish({ topic: "a" }),
    publish({ topic: "a", qos: 1 }),
    puback(1),
    pubrec(1),
    pubrel(1),
    pubcomp(1),
    subscribe(1, ["a", 0]),
    unsubscribe(1, "a"),
    pingreq(),
    disconnect(),
    frame(0x20, 0, 0),
    frame(0xd0),
  ];
  for (const packet of packets) expectNoEntry(broker, packet);
});

statement(
  "[MQTT-3.1.0-1] what comes before a CONNECT has no effect",
  (broker) => {
    const witness = listener(broker, "a");
    expectNoEntry(broker, join(publish({ topic: "a" }), connect()));
    assertEquals(messages(witness), []);
  },
);

statement("[MQTT-3.1.0-2] a second CONNECT ends the connection", (broker) => {
  const witness = listener(broker, "will");
  expectEnd(dial(broker), connect());
  expectEnd(dial(broker), connect({ clientId: "another" }));
  expectEnd(dial(broker, { will: WILL }), connect());
  assertEquals(onlyMessage(witness).payload, "gone");
});

statement(
  "[MQTT-3.1.2-3] the reserved connect flag must be 0",
  (broker) => {
    for (const flags of [0x02, 0x00]) {
      expectNoEntry(broker, connect({ flags: flags | 1 }));
      dial(broker, { flags });
    }
  },
);

statement(
  "[MQTT-3.1.2-9] the will flag needs a will topic and a will message",
  (broker) => {
    const whole = connect({ will: WILL });
    // Both fields; then byte by byte until no field of the will is left.
    for (let count = 1; count <= 2 + 4 + 2 + 4; count++) {
      expectNoEntry(broker, shorter(whole, count), `without ${count}`);
    }
    dial(broker, { will: WILL });
    dial(broker, { will: { topic: "will", payload: "" } });
  },
);

statement(
  "[MQTT-3.1.2-11][MQTT-3.1.2-13][MQTT-3.1.2-15] no will flag, no will bits",
  (broker) => {
    for (const bits of [0x08, 0x10, 0x18, 0x20, 0x28, 0x38]) {
      expectNoEntry(broker, connect({ flags: 0x02 | bits }), `bits ${bits}`);
    }
    dial(broker, { flags: 0x02 });
  },
);

statement(
  "[MQTT-3.1.2-11] without the will flag there are no will fields",
  (broker) => {
    expectNoEntry(broker, connect({ flags: 0x02, will: WILL }));
  },
);

statement("[MQTT-3.1.2-14] a will QoS of 3 is a violation", (broker) => {
  expectNoEntry(broker, connect({ will: { ...WILL, qos: 3 } }));
  expectNoEntry(broker, connect({ will: { ...WILL, qos: 3, retain: true } }));
  for (const qos of [0, 1, 2] as const) {
    dial(broker, { will: { ...WILL, qos } });
  }
});

statement(
  "[MQTT-3.1.2-18][MQTT-3.1.2-20] a field without its flag is a violation",
  (broker) => {
    const userName = "user";
    const password = "secret";
    expectNoEntry(broker, connect({ userName, flags: 0x02 }));
    expectNoEntry(broker, connect({ userName, password, flags: 0x82 }));
    expectNoEntry(broker, connect({ userName, password, flags: 0x02 }));
    dial(broker, { userName });
    dial(broker, { userName, password });
  },
);

statement(
  "[MQTT-3.1.2-19][MQTT-3.1.2-21] a flag without its field is a violation",
  (broker) => {
    expectNoEntry(broker, connect({ flags: 0x82 }));
    expectNoEntry(broker, connect({ userName: "user", flags: 0xc2 }));
    const whole = connect({ userName: "user", password: "pass" });
    for (let count = 1; count <= 2 + 4 + 2 + 4; count++) {
      expectNoEntry(broker, shorter(whole, count), `without ${count}`);
    }
    dial(broker, { userName: "", password: "" });
  },
);

statement(
  "[MQTT-3.1.2-22] a password without a user name is a violation",
  (broker) => {
    expectNoEntry(broker, connect({ password: "secret" }));
    dial(broker, { userName: "user", password: "secret" });
  },
);

statement(
  "[MQTT-3.1.3-1] the fields of the payload stand in one order",
  (broker) => {
    const witness = listener(broker, "#");
    const client = dial(broker, {
      clientId: "id",
      will: { topic: "topic", payload: "message" },
      userName: "user",
      password: "password",
    });
    client.drop();
    const { topic, payload } = onlyMessage(witness);
    assertEquals({ topic, payload }, { topic: "topic", payload: "message" });
    // Swapped: U+0000 may stand in a will message, not in a client id.
    const flags = connectFlags({ will: { topic } });
    const header = [field("MQTT"), 4, flags, u16(0)];
    const swapped = [field("message\0"), field("topic"), field("id")];
    expectNoEntry(broker, frame(0x10, ...header, ...swapped));
  },
);

statement(
  "[MQTT-3.1.3-3] the client id is the first field of the payload",
  (broker) => {
    const header = [field("MQTT"), 4, 0x02, u16(0)];
    expectNoEntry(broker, frame(0x10, ...header));
    expectNoEntry(broker, frame(0x10, ...header, 0));
    expectNoEntry(broker, frame(0x10, ...header, u16(5), 97));
    assertEquals(ask(broker.open(), frame(0x10, ...header, field("a"))), [
      { type: "connack", flags: 0, returnCode: 0 },
    ]);
  },
);

statement("[MQTT-3.1.3-4] the client id is UTF-8", (broker) => {
  for (const [what, clientId] of ILL_FORMED) {
    expectNoEntry(broker, connect({ clientId }), what);
  }
  dial(broker, { clientId: "Gerät 世界 😀" });
});

statement(
  "[MQTT-3.1.3-5] ids of 1 to 23 letters and digits are accepted",
  (broker) => {
    const letters = "0123456789abcdefghijklmnopqrstuvwxyz" +
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (let length = 1; length <= 23; length++) {
      dial(broker, { clientId: letters.slice(0, length) });
    }
    for (let at = 0; at < letters.length; at++) {
      dial(broker, { clientId: (letters + letters).slice(at, at + 23) });
      dial(broker, { clientId: letters[at]! });
    }
  },
);

statement(
  "[MQTT-3.1.3-6] clients with an empty id get ids of their own",
  (broker) => {
    const first = dial(broker, { clientId: "" });
    const second = dial(broker, { clientId: "" });
    for (const client of [first, second]) {
      ask(client, subscribe(1, ["a", 0]));
      expectAlive(client);
    }
    second.send(publish({ topic: "a" }));
    assertEquals(messages(first).length, 1);
    assertEquals(messages(second).length, 1);
  },
);

statement(
  "[MQTT-3.1.3-7][MQTT-3.1.3-8] an empty id needs clean session 1",
  (broker) => {
    expectRefusal(broker, connect({ clientId: "", cleanSession: false }), 2);
    dial(broker, { clientId: "", cleanSession: true });
    dial(broker, { clientId: "a", cleanSession: false });
  },
);

statement(
  "[MQTT-3.1.3-9] a refused client id is answered by return code 2",
  (broker) => {
    const witness = listener(broker, "will");
    const clientId = "x".repeat(31);
    for (const cleanSession of [true, false]) {
      const fields = { clientId, cleanSession, will: WILL };
      expectRefusal(broker, connect(fields), 2);
    }
    assertEquals(messages(witness), []);
    dial(broker, { clientId: "x".repeat(30) });
  },
  { clientIdBytesMax: 30 },
);

statement("[MQTT-3.1.3-10] the will topic is UTF-8", (broker) => {
  for (const [what, topic] of ILL_FORMED) {
    expectNoEntry(broker, connect({ will: { topic } }), what);
  }
  expectNoEntry(broker, connect({ will: { topic: "a\0" } }));
  dial(broker, { will: { topic: "世界/😀", payload: Uint8Array.of(0, 255) } });
});

statement("[MQTT-3.1.3-11] the user name is UTF-8", (broker) => {
  for (const [what, userName] of ILL_FORMED) {
    expectNoEntry(broker, connect({ userName }), what);
  }
  expectNoEntry(broker, connect({ userName: "a\0" }));
  const password = Uint8Array.of(0, 255, 0x80);
  dial(broker, { userName: "Jürgen 😀", password });
});

statement(
  "[MQTT-3.1.4-1] a malformed CONNECT ends without a CONNACK",
  (broker) => {
    const flags = connectFlags({});
    const malformed: [string, Uint8Array][] = [
      ["an empty body", frame(0x10)],
      ["a cut protocol name", frame(0x10, u16(4), 77, 81)],
      ["no level", frame(0x10, field("MQTT"))],
      ["no flags", frame(0x10, field("MQTT"), 4)],
      ["no keep alive", frame(0x10, field("MQTT"), 4, flags)],
      ["half a keep alive", frame(0x10, field("MQTT"), 4, flags, 0)],
      ["bytes after the last field", connect({}, 0)],
      ["a second client id", connect({}, field("client"))],
      ["an empty will topic", connect({ will: { topic: "" } })],
      ["a wildcard in the will topic", connect({ will: { topic: "a/#" } })],
      ["a wildcard in the will topic", connect({ will: { topic: "+/a" } })],
    ];
    for (const [what, bytes] of malformed) expectNoEntry(broker, bytes, what);
  },
);

statement(
  "[MQTT-3.1.4-2] a client replaces the one that has its id",
  (broker) => {
    const old = dial(broker, { clientId: "same" });
    const other = dial(broker, { clientId: "Same" });
    const { client, sessionPresent } = greet(broker, { clientId: "same" });
    assert(old.closed, "the older connection is still open");
    assert(old.closeReason !== "");
    assertEquals(read(old), []);
    assertEquals(sessionPresent, false);
    expectAlive(client);
    expectAlive(other);
  },
);

statement(
  "[MQTT-3.1.4-2] a stored session moves to the new connection",
  (broker) => {
    const fields = { clientId: "same", cleanSession: false };
    const old = listener(broker, "a", 1, fields);
    const { client, sessionPresent } = greet(broker, fields);
    assert(old.closed);
    assertEquals(sessionPresent, true);
    client.send(publish({ topic: "a", payload: "x" }));
    assertEquals(onlyMessage(client).payload, "x");
  },
);

statement(
  "[MQTT-3.1.4-4] a valid CONNECT is answered by return code 0",
  (broker) => {
    const client = broker.open();
    client.send(connect());
    assertEquals(Array.from(client.bytes()), [0x20, 2, 0, 0]);
    expectAlive(client);
    dial(broker, { clientId: "b", cleanSession: false, keepAliveS: 65535 });
    dial(broker, {
      clientId: "c",
      will: { topic: "w", payload: "p", qos: 2, retain: true },
      userName: "u",
      password: "p",
    });
  },
);

statement(
  "[MQTT-3.1.4-5] nothing behind a refused CONNECT is processed",
  (broker) => {
    const witness = listener(broker, "a");
    const more = [
      subscribe(1, ["a", 0]),
      publish({ topic: "a", retain: true }),
      connect(),
    ];
    const refused = connect({ clientId: "", cleanSession: false });
    // Each right behind it: a fault of one would hide the others.
    for (const packet of more) {
      expectRefusal(broker, join(refused, packet), 2);
      expectRefusal(broker, join(connect({ level: 2 }), packet), 1);
      expectNoEntry(broker, join(connect({ flags: 3 }), packet));
    }
    assertEquals(messages(witness), []);
    assertEquals(ask(witness, subscribe(2, ["a", 0])), [
      { type: "suback", packetId: 2, returnCodes: [0] },
    ]);
  },
);

statement(
  "[MQTT-3.1.4-5] what is right behind a valid CONNECT is processed",
  (broker) => {
    const client = broker.open();
    const packets = ask(
      client,
      join(connect(), subscribe(1, ["a", 0]), publish({ topic: "a" })),
    );
    const types = packets.map((packet) => packet.type);
    assertEquals(types, ["connack", "suback", "publish"]);
  },
);

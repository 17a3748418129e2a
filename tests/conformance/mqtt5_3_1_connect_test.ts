/**
 * MQTT 5.0, section 3.1: the form of a CONNECT. What it starts is in
 * `mqtt5_3_1_session_test.ts`, `mqtt5_3_1_will_test.ts` and
 * `mqtt5_3_1_properties_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import { connectFlags, field } from "../support/wire.ts";
import {
  auth,
  block,
  connect,
  disconnect,
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
} from "../support/wire5.ts";
import {
  dial,
  expectAlive,
  expectConnack,
  expectDisconnect,
  expectEnd,
  FAULTY,
  greet,
  hear,
  ILL_FORMED,
  listener,
  messages,
  onlyMessage,
  payloads,
  read,
  statement,
} from "./talk5.ts";

const WILL = { topic: "will", payload: "gone" };

statement("[MQTT-3.1.0-1] the first packet must be CONNECT", (broker) => {
  const packets = [
    publish({ topic: "a" }),
    publish({ topic: "a", qos: 1 }),
    puback(1),
    pubrec(1),
    pubrel(1),
    pubcomp(1),
    subscribe(1, [{ filter: "a" }]),
    unsubscribe(1, ["a"]),
    pingreq(),
    disconnect(),
    auth(0x18, { authenticationMethod: "none" }),
    frame(0x20, 0, 0, 0),
    frame(0xd0),
  ];
  for (const packet of packets) {
    const client = broker.open();
    client.send(packet);
    assert(client.closed, `still open after ${packet}`);
    assertEquals(read(client), [], `an answer to ${packet}`);
  }
});

statement(
  "[MQTT-3.1.0-1] what comes before a CONNECT has no effect",
  (broker) => {
    const witness = listener(broker, "a");
    expectEnd(broker.open(), join(publish({ topic: "a" }), connect()));
    assertEquals(messages(witness), []);
  },
);

statement("[MQTT-3.1.0-2] a second CONNECT is a protocol error", (broker) => {
  const witness = listener(broker, "will");
  expectDisconnect(dial(broker), connect(), 0x82);
  expectDisconnect(dial(broker), connect({ clientId: "another" }), 0x82);
  expectDisconnect(dial(broker, { will: WILL }), connect(), 0x82);
  assertEquals(payloads(witness), ["gone"]);
});

statement(
  "[MQTT-3.1.2-1] an unknown protocol name is not served",
  (broker) => {
    const names = ["", "M", "MQT", "mqtt", "MQTt", "MQTTT", "MQIsdq", "HTTP"];
    for (const protocolName of [...names, "MQIsdp"]) {
      expectEnd(broker.open(), connect({ protocolName }), protocolName);
    }
    dial(broker, { protocolName: "MQTT" });
  },
);

statement(
  "[MQTT-3.1.2-2] a later version is refused in the form of this one",
  (broker) => {
    for (const level of [6, 7, 127, 255]) {
      expectConnack(broker, connect({ level }), 0x84, `level ${level}`);
    }
    dial(broker, { level: 5 });
  },
);

statement(
  "[MQTT-3.1.2-2] what follows the version is read as its form has it",
  (broker) => {
    // Nobody knows how a later version goes on.
    const later = frame(0x10, field("MQTT"), 6, 0xff, u16(0), 0xff, 0xff);
    expectConnack(broker, later, 0x84);
    for (const level of [0, 1, 2]) {
      const client = broker.open();
      client.send(connect({ level }));
      assert(client.closed, `level ${level} was served`);
    }
  },
);

statement("[MQTT-3.1.2-3] the reserved connect flag is 0", (broker) => {
  for (const flags of [0x02, 0x00]) {
    expectConnack(broker, connect({ flags: flags | 1 }), 0x81);
    dial(broker, { flags });
  }
});

statement(
  "[MQTT-3.1.2-9] the will flag needs properties, topic and payload",
  (broker) => {
    const properties = { willDelaySeconds: 1 };
    const whole = connect({ will: { ...WILL, properties } });
    // All fields; then byte by byte until no field of the will is left.
    for (let count = 1; count <= 1 + 5 + 2 + 4 + 2 + 4; count++) {
      const what = `without ${count}`;
      expectConnack(broker, shorter(whole, count), 0x81, what);
    }
    dial(broker, { will: WILL });
    dial(broker, { will: { topic: "will", payload: "" } });
  },
);

statement(
  "[MQTT-3.1.2-11][MQTT-3.1.2-13] without the will flag no will bits",
  (broker) => {
    for (const bits of [0x08, 0x10, 0x18, 0x20, 0x28, 0x38]) {
      expectConnack(broker, connect({ flags: 0x02 | bits }), FAULTY);
    }
    dial(broker, { flags: 0x02 });
  },
);

statement("[MQTT-3.1.2-12] a will QoS of 3 is malformed", (broker) => {
  for (const retain of [false, true]) {
    const will = { ...WILL, retain, qos: 3 as const };
    expectConnack(broker, connect({ will }), 0x81);
  }
  for (const qos of [0, 1, 2] as const) {
    dial(broker, { will: { ...WILL, qos } });
  }
});

statement(
  "[MQTT-3.1.2-16][MQTT-3.1.2-18] a field without its flag is malformed",
  (broker) => {
    const userName = "user";
    const password = "secret";
    const wrong = [
      { userName, flags: 0x02 },
      { password, flags: 0x02 },
      { userName, password, flags: 0x82 },
      { userName, password, flags: 0x42 },
      { userName, password, flags: 0x02 },
    ];
    for (const fields of wrong) {
      expectConnack(broker, connect(fields), FAULTY);
    }
    dial(broker, { userName });
    dial(broker, { userName, password });
  },
);

statement(
  "[MQTT-3.1.2-17][MQTT-3.1.2-19] a flag without its field is malformed",
  (broker) => {
    expectConnack(broker, connect({ flags: 0x82 }), 0x81);
    expectConnack(broker, connect({ flags: 0x42 }), 0x81);
    const half = connect({ userName: "user", flags: 0xc2 });
    expectConnack(broker, half, 0x81);
    const whole = connect({ userName: "user", password: "pass" });
    for (let count = 1; count <= 2 + 4 + 2 + 4; count++) {
      expectConnack(broker, shorter(whole, count), 0x81, `without ${count}`);
    }
    dial(broker, { userName: "", password: "" });
  },
);

statement(
  "[MQTT-3.1.2-19] a password needs no user name in this version",
  (broker) => {
    dial(broker, { password: "secret" });
    dial(broker, { password: Uint8Array.of(0, 255, 0x80) });
  },
);

statement(
  "[MQTT-3.1.3-1] the fields of the payload stand in one order",
  (broker) => {
    const witness = listener(broker, "#");
    const properties = { contentType: "type" };
    const client = dial(broker, {
      clientId: "id",
      will: { topic: "topic", payload: "message", properties },
      userName: "user",
      password: "password",
    });
    client.drop();
    const got = onlyMessage(witness);
    assertEquals(got.topic, "topic");
    assertEquals(got.payload, "message");
    assertEquals(got.properties, properties);
    // Swapped: U+0000 may stand in a will payload, not in a client id.
    const flags = connectFlags({ will: { topic: "topic" } });
    const head = [field("MQTT"), 5, flags, u16(0), block()];
    const swapped = [field("a\0"), block(), field("topic"), field("id")];
    expectConnack(broker, frame(0x10, ...head, ...swapped), 0x81);
  },
);

statement(
  "[MQTT-3.1.3-3] the client id is the first field of the payload",
  (broker) => {
    const head = [field("MQTT"), 5, 0x02, u16(0), block()];
    expectConnack(broker, frame(0x10, ...head), 0x81);
    expectConnack(broker, frame(0x10, ...head, 0), 0x81);
    expectConnack(broker, frame(0x10, ...head, u16(5), 97), 0x81);
    const whole = frame(0x10, ...head, field("a"));
    assertEquals(hear(broker.open(), whole), ["connack 00"]);
  },
);

statement("[MQTT-3.1.3-4] the client id is UTF-8", (broker) => {
  for (const [what, clientId] of ILL_FORMED) {
    expectConnack(broker, connect({ clientId }), 0x81, what);
  }
  dial(broker, { clientId: "Gerät 世界 😀" });
});

statement(
  "[MQTT-3.1.3-5] ids of 1 to 23 letters and digits are accepted",
  (broker) => {
    const letters = "0123456789abcdefghijklmnopqrstuvwxyz" +
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const twice = letters + letters;
    for (let at = 0; at < letters.length; at++) {
      const clientId = twice.slice(at, at + 1 + at % 23);
      const { properties } = greet(broker, { clientId });
      assertEquals(properties.assignedClientId, undefined);
      dial(broker, { clientId: twice.slice(at, at + 23) });
    }
  },
);

statement(
  "[MQTT-3.1.3-8] a client id that is refused is answered by 0x85",
  (broker) => {
    const witness = listener(broker, "will");
    const clientId = "x".repeat(31);
    for (const cleanStart of [true, false]) {
      const fields = { clientId, cleanStart, will: WILL };
      expectConnack(broker, connect(fields), 0x85);
    }
    assertEquals(messages(witness), []);
    dial(broker, { clientId: "x".repeat(30) });
  },
  { clientIdBytesMax: 30 },
);

statement("[MQTT-3.1.3-11] the will topic is UTF-8", (broker) => {
  for (const [what, topic] of ILL_FORMED) {
    expectConnack(broker, connect({ will: { topic } }), 0x81, what);
  }
  dial(broker, { will: { topic: "世界/😀", payload: Uint8Array.of(0, 255) } });
});

statement("[MQTT-3.1.3-12] the user name is UTF-8", (broker) => {
  for (const [what, userName] of ILL_FORMED) {
    expectConnack(broker, connect({ userName }), 0x81, what);
  }
  const password = Uint8Array.of(0, 255, 0x80);
  dial(broker, { userName: "Jürgen 😀", password });
});

statement(
  "[MQTT-3.1.4-1] a CONNECT that is not whole ends the connection",
  (broker) => {
    const flags = connectFlags({});
    const head = [field("MQTT"), 5, flags];
    const malformed: [string, Uint8Array][] = [
      ["an empty body", frame(0x10)],
      ["a cut protocol name", frame(0x10, u16(4), 77, 81)],
      ["no level", frame(0x10, field("MQTT"))],
    ];
    for (const [what, bytes] of malformed) {
      expectEnd(broker.open(), bytes, what);
    }
    const later: [string, Uint8Array][] = [
      ["no flags", frame(0x10, field("MQTT"), 5)],
      ["no keep alive", frame(0x10, ...head)],
      ["half a keep alive", frame(0x10, ...head, 0)],
      ["no properties", frame(0x10, ...head, u16(0))],
      ["cut properties", frame(0x10, ...head, u16(0), 9, 0x11, 0)],
      ["bytes after the last field", connect({}, 0)],
      ["a second client id", connect({}, field("client"))],
    ];
    for (const [what, bytes] of later) {
      expectConnack(broker, bytes, FAULTY, what);
    }
  },
);

statement(
  "[MQTT-3.1.4-1] a will topic that is no topic ends the connection",
  (broker) => {
    for (const topic of ["", "a/#", "+/a", "#"]) {
      expectConnack(broker, connect({ will: { topic } }), FAULTY, topic);
    }
  },
);

statement(
  "[MQTT-3.1.4-1] properties of other packets, or twice, are faults",
  (broker) => {
    const has = (properties: Uint8Array) => connect({ properties });
    const byte = (id: number, value = 1) => Uint8Array.of(id, value);
    const cases: [string, Uint8Array, number][] = [
      ["unknown", byte(0x04), 0x81],
      ["of a PUBLISH", byte(0x01), 0x81],
      ["of a CONNACK", byte(0x24), 0x81],
      ["of a will", Uint8Array.of(0x18, 0, 0, 0, 1), 0x81],
      ["cut", Uint8Array.of(0x11, 0, 0), 0x81],
      ["twice", join(byte(0x17), byte(0x17)), 0x82],
      ["a switch of 2", byte(0x17, 2), 0x82],
      ["a switch of 2", byte(0x19, 2), 0x82],
      ["receive maximum 0", Uint8Array.of(0x21, 0, 0), 0x82],
      ["packet size 0", Uint8Array.of(0x27, 0, 0, 0, 0), 0x82],
      ["data without a method", Uint8Array.of(0x16, 0, 1, 65), 0x82],
    ];
    for (const [what, properties, reason] of cases) {
      expectConnack(broker, has(properties), reason, what);
    }
    const twice = Uint8Array.of(0x01, 0, 0x01, 0);
    const will = { ...WILL, properties: twice };
    expectConnack(broker, connect({ will }), 0x82, "twice in the will");
    const foreign = { ...WILL, properties: byte(0x17) };
    expectConnack(broker, connect({ will: foreign }), 0x81, "foreign");
    expectAlive(dial(broker, { properties: { receiveMaximum: 1 } }));
  },
);

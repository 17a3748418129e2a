/**
 * MQTT 5.0, sections 3.12 to 3.14: PINGREQ and DISCONNECT. What a DISCONNECT
 * does to the will is in `mqtt5_3_1_will_test.ts`, what it does to the
 * session in `mqtt5_3_1_session_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  frame,
  join,
  pingreq,
  publish,
  withFlags,
} from "../support/wire5.ts";
import {
  answersWithinLimits,
  ask,
  brief,
  dial,
  expectDisconnect,
  expectEnd,
  expectGone,
  hear,
  listener,
  messages,
  PAIRS,
  read,
  statement,
} from "./talk5.ts";

/** What a client may say at its end; 0x04 is in the tests of the will. */
const CLIENT_REASONS = [
  [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97],
  [0x98, 0x99],
].flat();

/** Those that only a server may use, of table 3-10. */
const SERVER_REASONS = [
  [0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f],
  [0xa0, 0xa1, 0xa2],
].flat();

statement("[MQTT-3.12.4-1] a PINGREQ is answered by PINGRESP", (broker) => {
  const client = dial(broker);
  client.send(pingreq());
  assertEquals(Array.from(client.bytes()), [0xd0, 0]);
  const three = join(pingreq(), pingreq(), pingreq());
  assertEquals(hear(client, three), ["pingresp", "pingresp", "pingresp"]);
});

statement(
  "[MQTT-3.14.0-1] no DISCONNECT comes before a CONNACK that accepts",
  (broker) => {
    const firsts = [
      pingreq(),
      frame(0xf1),
      connect({ flags: 0x03 }),
      connect({ level: 6 }),
      connect({ clientId: "a\0" }),
      connect({ protocolName: "HTTP" }),
    ];
    for (const bytes of firsts) {
      const client = broker.open();
      client.send(bytes);
      assert(client.closed);
      const types = read(client).map(({ type }) => type);
      assert(!types.includes("disconnect"), `${bytes}`);
    }
    const silent = broker.open();
    broker.advance(3_600_000);
    assert(silent.closed, "a connection without a CONNECT stays open");
    assertEquals(read(silent), []);
  },
);

statement(
  "[MQTT-3.14.1-1] other flags than 0 are answered by 0x81",
  (broker) => {
    for (let flags = 1; flags < 16; flags++) {
      for (const packet of [disconnect(), disconnect(0), disconnect(4)]) {
        const wrong = withFlags(packet, flags);
        expectDisconnect(dial(broker), wrong, 0x81, `flags ${flags}`);
      }
    }
  },
);

statement(
  "[MQTT-3.14.2-1] each reason code of a client is understood",
  (broker) => {
    for (const reason of CLIENT_REASONS) {
      const client = dial(broker);
      assertEquals(ask(client, disconnect(reason)), [], `reason ${reason}`);
      assert(client.closed);
    }
  },
);

statement(
  "[MQTT-3.14.2-1] other reason codes are a fault",
  (broker) => {
    for (let reason = 0; reason < 256; reason++) {
      if (CLIENT_REASONS.includes(reason)) continue;
      const isServers = SERVER_REASONS.includes(reason) || reason === 0x8c;
      const client = dial(broker);
      client.send(disconnect(reason));
      assert(client.closed);
      const answers = read(client).map(brief);
      // Of a code that a server may use, one may as well say nothing.
      const allowed = ["disconnect 81", "disconnect 82"];
      const isRight = answers.length === 1 && allowed.includes(answers[0]!) ||
        isServers && answers.length === 0;
      assert(isRight, `reason ${reason}: ${answers}`);
    }
  },
);

statement(
  "[MQTT-3.14.2-2] a DISCONNECT of the server has no session expiry",
  (broker) => {
    const properties = { sessionExpirySeconds: 100 };
    const old = dial(broker, { properties });
    dial(broker, { properties });
    // The decoder of wire5_server.ts would refuse the property as well.
    const packet = expectGone(old, 0x8e);
    assertEquals(packet.properties.sessionExpirySeconds, undefined);
  },
);

statement(
  "[MQTT-3.14.2-3][MQTT-3.14.2-4] a DISCONNECT fits its receiver",
  (broker) => {
    const answers = answersWithinLimits(broker, frame(0xf1)).map(brief);
    assertEquals(new Set(answers), new Set(["disconnect 81"]));
  },
);

statement(
  "[MQTT-3.14.4-1] what follows a DISCONNECT is not read",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const bytes = join(disconnect(), publish({ topic: "a" }), pingreq());
    assertEquals(ask(client, bytes), []);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-3.14.4-1] the server sends nothing behind its DISCONNECT",
  (broker) => {
    const client = listener(broker, "a", 1);
    const bytes = join(frame(0xf1), pingreq(), publish({ topic: "a", qos: 1 }));
    expectDisconnect(client, bytes, 0x81);
    dial(broker, { clientId: "teller" }).send(publish({ topic: "a" }));
    broker.advance(60_000);
    assertEquals(read(client), []);
  },
);

statement(
  "[MQTT-3.14.4-2] the server closes behind its DISCONNECT, and the client's",
  (broker) => {
    expectEnd(dial(broker), frame(0xf1));
    for (const bytes of [disconnect(), disconnect(4), disconnect(0, {})]) {
      const client = dial(broker);
      assertEquals(ask(client, bytes), []);
      assert(client.closed, "the client must not have to");
    }
  },
);

statement("MQTT 5.0: a DISCONNECT may have its properties", (broker) => {
  const full = { reasonString: "enough", userProperties: PAIRS };
  assertEquals(ask(dial(broker), disconnect(0, full)), []);
  const cases: [string, Uint8Array, number][] = [
    ["unknown", frame(0xe0, 0, 2, 0x7f, 0), 0x81],
    ["of a PUBLISH", frame(0xe0, 0, 2, 0x01, 0), 0x81],
    ["cut", frame(0xe0, 0, 3, 0x1f, 0), 0x81],
    ["cut", frame(0xe0, 0, 5, 0x11, 0), 0x81],
    ["twice", frame(0xe0, 0, 6, 0x1f, 0, 0, 0x1f, 0, 0), 0x82],
    ["bytes behind", frame(0xe0, 0, 0, 0), 0x81],
  ];
  for (const [what, packet, reason] of cases) {
    const properties = { sessionExpirySeconds: 10 };
    const client = dial(broker, { properties });
    expectDisconnect(client, packet, reason, what);
  }
});

statement("MQTT 5.0: a PINGREQ has no body", (broker) => {
  expectDisconnect(dial(broker), frame(0xc0, 0), 0x81);
});

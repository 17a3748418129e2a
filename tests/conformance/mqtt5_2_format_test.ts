/**
 * MQTT 5.0, chapters 1 and 2: text, variable byte integers, fixed header,
 * packet ids, property length. The rules of single packets are in the files
 * of their sections.
 */

import { assert, assertEquals } from "@std/assert";
import { field } from "../support/wire.ts";
import {
  auth,
  connect,
  type ConnectFields,
  disconnect,
  frame,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  type Text,
  u16,
  unsubscribe,
  withFlags,
} from "../support/wire5.ts";
import {
  ask,
  asPublish,
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
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** Every text of a CONNECT, as `bad`. */
function connectsWith(bad: Text): ConnectFields[] {
  const topic = "will";
  return [
    { clientId: bad },
    { userName: bad },
    { properties: { authenticationMethod: bad } },
    { properties: { userProperties: [[bad, "a"]] } },
    { properties: { userProperties: [["a", bad]] } },
    { will: { topic: bad } },
    { will: { topic, properties: { contentType: bad } } },
    { will: { topic, properties: { responseTopic: bad } } },
    { will: { topic, properties: { userProperties: [[bad, "a"]] } } },
    { will: { topic, properties: { userProperties: [["a", bad]] } } },
  ];
}

/** Every text of the other packets, as `bad`. */
function packetsWith(bad: Text): Uint8Array[] {
  const topic = "a";
  return [
    publish({ topic: bad }),
    publish({ topic, properties: { contentType: bad } }),
    publish({ topic, properties: { responseTopic: bad } }),
    publish({ topic, properties: { userProperties: [[bad, "a"]] } }),
    publish({ topic, properties: { userProperties: [["a", bad]] } }),
    subscribe(1, [{ filter: bad }]),
    subscribe(1, [{ filter: "a" }], { userProperties: [["a", bad]] }),
    unsubscribe(1, [bad]),
    unsubscribe(1, ["a"], { userProperties: [[bad, "a"]] }),
    puback(1, 0, { reasonString: bad }),
    pubrec(1, 0, { reasonString: bad }),
    pubrel(1, 0, { userProperties: [["a", bad]] }),
    pubcomp(1, 0, { reasonString: bad }),
    disconnect(0, { reasonString: bad }),
  ];
}

statement(
  "[MQTT-1.5.4-1] ill-formed UTF-8 in any text is a malformed packet",
  (broker) => {
    for (const [what, bad] of ILL_FORMED) {
      for (const fields of connectsWith(bad)) {
        expectConnack(broker, connect(fields), 0x81, what);
      }
      for (const packet of packetsWith(bad)) {
        expectDisconnect(dial(broker), packet, 0x81, `${what}: ${packet}`);
      }
    }
  },
);

statement(
  "[MQTT-1.5.4-1] every well-formed character passes through a text",
  (broker) => {
    const client = listener(broker, "#");
    const texts = [
      "\u007f",
      "\u0080",
      "\u07ff",
      "\u0800",
      "\ud7ff",
      "\ue000",
      "\ufffd",
      "\u{10000}",
      "\u{10ffff}",
      "Grüße/世界/😀",
    ];
    for (const text of texts) {
      const properties = {
        contentType: text,
        responseTopic: text,
        userProperties: [[text, text] as const],
      };
      client.send(publish({ topic: text, properties }));
      const got = onlyMessage(client);
      assertEquals(got.topic, text);
      assertEquals(got.properties, properties);
    }
  },
);

statement(
  "[MQTT-1.5.4-2] U+0000 in any text is a malformed packet",
  (broker) => {
    for (const bad of ["a\0b", "\0"]) {
      for (const fields of connectsWith(bad)) {
        expectConnack(broker, connect(fields), 0x81);
      }
      for (const packet of packetsWith(bad)) {
        expectDisconnect(dial(broker), packet, 0x81);
      }
    }
  },
);

statement("[MQTT-1.5.4-2] zero bytes in binary data are no text", (broker) => {
  const client = listener(broker, "a");
  const payload = Uint8Array.of(0, 1, 0, 255);
  const properties = { correlationData: payload };
  client.send(publish({ topic: "a", payload, properties }));
  const got = onlyMessage(client);
  assertEquals(got.payload, "\0\x01\0\xff");
  assertEquals(got.properties.correlationData, "\0\x01\0\xff");
});

statement("[MQTT-1.5.4-3] U+FEFF stays in a text", (broker) => {
  const marked = listener(broker, "\ufeffa/\ufeff", 0);
  const plain = listener(broker, "a/#", 0, { clientId: "plain" });
  const properties = { contentType: "\ufeffa\ufeff" };
  marked.send(publish({ topic: "\ufeffa/\ufeff", properties }));
  const got = onlyMessage(marked);
  assertEquals(got.topic, "\ufeffa/\ufeff");
  assertEquals(got.properties, properties);
  assertEquals(messages(plain), []);
});

statement(
  "[MQTT-1.5.5-1] a length or id in more bytes than needed is malformed",
  (broker) => {
    const topic = field("a");
    const packets: [string, Uint8Array][] = [
      ["property length 0 in two", frame(0x30, topic, 0x80, 0)],
      ["property length 0 in three", frame(0x30, topic, 0x80, 0x80, 0)],
      ["property length 2 in two", frame(0x30, topic, 0x82, 0, 1, 0)],
      ["five bytes", frame(0x30, topic, 0x80, 0x80, 0x80, 0x80, 0)],
      ["a longer five", frame(0x30, topic, 0x80, 0x80, 0x80, 0x80, 1)],
      ["an id in two", frame(0x82, u16(1), 3, 0x0b, 0x81, 0, topic, 0)],
    ];
    for (const [what, packet] of packets) {
      expectDisconnect(dial(broker), packet, 0x81, what);
    }
    const client = dial(broker);
    assertEquals(ask(client, frame(0x30, topic, 2, 1, 0)), []);
    expectAlive(client);
  },
);

statement(
  "[MQTT-1.5.5-1] the greatest subscription identifier takes four bytes",
  (broker) => {
    const client = dial(broker);
    for (const id of [1, 127, 128, 16_383, 16_384, 2_097_152, 268_435_455]) {
      const properties = { subscriptionIds: [id] };
      ask(client, subscribe(1, [{ filter: "a" }], properties));
      client.send(publish({ topic: "a" }));
      assertEquals(onlyMessage(client).properties, properties);
    }
  },
);

statement(
  "[MQTT-1.5.7-1] both texts of a user property are well-formed",
  (broker) => {
    for (const [what, bad] of ILL_FORMED) {
      for (const pair of [[bad, "a"], ["a", bad]] as const) {
        const properties = { userProperties: [pair] };
        const packet = publish({ topic: "a", properties });
        expectDisconnect(dial(broker), packet, 0x81, what);
      }
    }
    const client = listener(broker, "a");
    const userProperties = [["", ""], ["ü", "😀"]] as const;
    const properties = { userProperties };
    client.send(publish({ topic: "a", properties }));
    assertEquals(onlyMessage(client).properties, properties);
  },
);

statement(
  "[MQTT-2.1.3-1] every packet of the server has the flags of table 2-2",
  (broker) => {
    // The decoder of wire5_server.ts refuses other flags; here are the bytes.
    const client = broker.open();
    const firstByteAfter = (bytes: Uint8Array): number | undefined => {
      client.send(bytes);
      return client.bytes()[0];
    };
    assertEquals(firstByteAfter(connect()), 0x20);
    const other = [{ filter: "other", qos: 2 }];
    assertEquals(firstByteAfter(subscribe(1, other)), 0x90);
    assertEquals(firstByteAfter(publish({ topic: "a", qos: 1 })), 0x40);
    assertEquals(firstByteAfter(publish({ topic: "a", qos: 2 })), 0x50);
    assertEquals(firstByteAfter(pubrel(1)), 0x70);
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "other", qos: 2 });
    const { packetId } = onlyMessage(client);
    assertEquals(firstByteAfter(pubrec(packetId)), 0x62);
    assertEquals(firstByteAfter(pubcomp(packetId)), undefined);
    assertEquals(firstByteAfter(unsubscribe(1, ["other"])), 0xb0);
    assertEquals(firstByteAfter(pingreq()), 0xd0);
    assertEquals(firstByteAfter(frame(0x00)), 0xe0);
  },
);

statement(
  "[MQTT-2.1.3-1] wrong flags in a fixed header are malformed",
  (broker) => {
    for (let flags = 1; flags < 16; flags++) {
      expectEnd(broker.open(), withFlags(connect(), flags), `flags ${flags}`);
    }
    const packets = [
      puback(1),
      pubrec(1),
      pubrel(1),
      pubcomp(1),
      subscribe(1, [{ filter: "a" }]),
      unsubscribe(1, ["a"]),
      pingreq(),
      disconnect(),
      auth(0x18, { authenticationMethod: "none" }),
    ];
    for (const packet of packets) {
      for (let flags = 0; flags < 16; flags++) {
        if (flags === (packet[0]! & 15)) continue;
        const wrong = withFlags(packet, flags);
        expectDisconnect(dial(broker), wrong, 0x81, `${wrong}`);
      }
    }
  },
);

statement("[MQTT-2.2.1-2] QoS 0 goes out without a packet id", (broker) => {
  const client = listener(broker, "ab", 2);
  client.send(publish({ topic: "ab", payload: "xyz" }));
  const expected = [0x30, 8, 0, 2, 97, 98, 0, 120, 121, 122];
  assertEquals(Array.from(client.bytes()), expected);
});

statement("[MQTT-2.2.1-3] packet id 0 ends the connection", (broker) => {
  const packets = [
    subscribe(0, [{ filter: "a" }]),
    unsubscribe(0, ["a"]),
    publish({ topic: "a", qos: 1, packetId: 0 }),
    publish({ topic: "a", qos: 2, packetId: 0 }),
  ];
  for (const packet of packets) {
    expectDisconnect(dial(broker), packet, FAULTY);
  }
});

statement("[MQTT-2.2.1-3] packet ids reach from 1 to 65535", (broker) => {
  const client = dial(broker);
  for (const id of [1, 255, 256, 65535]) {
    const subscribed = hear(client, subscribe(id, [{ filter: "a" }]));
    assertEquals(subscribed, [`suback ${id} 00`]);
    tell(client, { topic: "b", qos: 1, packetId: id });
    tell(client, { topic: "b", qos: 2, packetId: id });
    const ended = hear(client, unsubscribe(id, ["a"]));
    assertEquals(ended, [`unsuback ${id} 00`]);
  }
});

statement(
  "[MQTT-2.2.1-4] open deliveries have different packet ids",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker, { clientId: "teller" });
    for (let i = 0; i < 60; i++) {
      tell(teller, { topic: "a", qos: i % 2 === 0 ? 1 : 2 });
    }
    const ids = messages(client).map((message) => message.packetId);
    assertEquals(ids.length, 60);
    assertEquals(new Set(ids).size, 60);
    assert(ids.every((id) => id > 0));
  },
);

statement(
  "[MQTT-2.2.1-4] a repeated delivery keeps its packet id",
  (broker) => {
    const client = listener(broker, "a", 2, STORED);
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    const first = messages(client);
    client.drop();
    const again = greet(broker, STORED);
    const repeated = again.packets.map(asPublish);
    assertEquals(
      repeated.map((message) => message.packetId),
      first.map((message) => message.packetId),
    );
    settle(again.client, repeated);
  },
);

statement(
  "[MQTT-2.2.1-5] PUBACK, PUBREC, PUBREL and PUBCOMP repeat the id",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker, { clientId: "teller" });
    for (const packetId of [1, 258, 65535]) {
      tell(teller, { topic: "b", qos: 1, packetId });
      tell(teller, { topic: "a", qos: 2, packetId });
    }
    // `settle` looks at the id in each PUBREL.
    const sent = messages(client);
    assertEquals(sent.length, 3);
    settle(client, sent);
  },
);

statement(
  "[MQTT-2.2.1-6] SUBACK and UNSUBACK repeat the packet id",
  (broker) => {
    const client = dial(broker);
    for (const id of [1, 258, 65535, 77]) {
      const subscribed = hear(client, subscribe(id, [{ filter: "a" }]));
      assertEquals(subscribed, [`suback ${id} 00`]);
      const ended = hear(client, unsubscribe(id, ["a"]));
      assertEquals(ended, [`unsuback ${id} 00`]);
    }
  },
);

statement(
  "[MQTT-2.2.2-1] a packet without properties has property length 0",
  (broker) => {
    const client = listener(broker, "a", 1);
    const bytesAfter = (bytes: Uint8Array): number[] => {
      client.send(bytes);
      return Array.from(client.bytes());
    };
    const again = bytesAfter(subscribe(7, [{ filter: "a", qos: 1 }]));
    assertEquals(again, [0x90, 4, 0, 7, 0, 1]);
    const message = bytesAfter(publish({ topic: "a", qos: 0 }));
    assertEquals(message, [0x30, 4, 0, 1, 97, 0]);
    assertEquals(bytesAfter(unsubscribe(8, ["a"])), [0xb0, 4, 0, 8, 0, 0]);
  },
);

statement(
  "[MQTT-2.2.2-1] a packet whose property length is missing is malformed",
  (broker) => {
    const old = frame(0x10, field("MQTT"), 5, 2, u16(0), field("client"));
    expectConnack(broker, old, 0x81, "a CONNECT");
    const packets = [
      frame(0x30, field("a")),
      frame(0x32, field("a"), u16(1)),
      frame(0x82, u16(1), field("a"), 0),
      frame(0xa2, u16(1), field("a")),
      frame(0x82, u16(1)),
    ];
    for (const packet of packets) {
      expectDisconnect(dial(broker), packet, FAULTY);
    }
    assertEquals(hear(dial(broker), pingreq()), ["pingresp"]);
  },
);

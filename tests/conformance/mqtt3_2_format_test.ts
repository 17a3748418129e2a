/**
 * MQTT 3.1.1, chapters 1 and 2: text, fixed header, packet ids. The rules of
 * single packets are in the files of their sections.
 */

import { assert, assertEquals } from "@std/assert";
import {
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
  subscribe,
  u16,
  unsubscribe,
  withFlags,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  dialStored,
  expectAlive,
  expectEnd,
  expectNoEntry,
  greet,
  ILL_FORMED,
  listen,
  listener,
  messages,
  onlyMessage,
  settle,
  statement,
  tell,
} from "./talk.ts";

statement(
  "[MQTT-1.5.3-1] ill-formed UTF-8 in any text ends the connection",
  (broker) => {
    for (const [what, bad] of ILL_FORMED) {
      expectNoEntry(broker, connect({ clientId: bad }), what);
      const fields = [
        publish({ topic: bad }),
        subscribe(1, [bad, 0]),
        unsubscribe(1, bad),
      ];
      for (const packet of fields) expectEnd(dial(broker), packet, what);
    }
  },
);

statement(
  "[MQTT-1.5.3-1] every well-formed character passes through a topic",
  (broker) => {
    const client = listener(broker, "#");
    const topics = [
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
    for (const topic of topics) {
      client.send(publish({ topic }));
      assertEquals(onlyMessage(client).topic, topic);
    }
  },
);

statement("[MQTT-1.5.3-2] U+0000 in a text ends the connection", (broker) => {
  expectNoEntry(broker, connect({ clientId: "a\0b" }));
  const packets = [
    publish({ topic: "a\0b" }),
    publish({ topic: "\0" }),
    subscribe(1, ["a\0b", 0]),
    unsubscribe(1, "a\0b"),
  ];
  for (const packet of packets) expectEnd(dial(broker), packet);
});

statement("[MQTT-1.5.3-2] zero bytes in a payload are no text", (broker) => {
  const client = listener(broker, "a");
  client.send(publish({ topic: "a", payload: Uint8Array.of(0, 1, 0, 255) }));
  assertEquals(onlyMessage(client).payload, "\0\x01\0\xff");
});

statement("[MQTT-1.5.3-3] U+FEFF stays in a text", (broker) => {
  const marked = listener(broker, "\ufeffa/\ufeff", 0);
  const plain = listener(broker, "a/#", 0, { clientId: "plain" });
  marked.send(publish({ topic: "\ufeffa/\ufeff" }));
  assertEquals(onlyMessage(marked).topic, "\ufeffa/\ufeff");
  assertEquals(messages(plain), []);
  plain.send(publish({ topic: "a/\ufeff" }));
  assertEquals(onlyMessage(plain).topic, "a/\ufeff");
  assertEquals(messages(marked), []);
});

statement(
  "[MQTT-2.2.2-1] every packet of the server has the flags of table 2.2",
  (broker) => {
    // The decoder of talk.ts refuses other flags; here are the bytes.
    const client = broker.open();
    const firstByteAfter = (bytes: Uint8Array): number | undefined => {
      client.send(bytes);
      return client.bytes()[0];
    };
    assertEquals(firstByteAfter(connect()), 0x20);
    assertEquals(firstByteAfter(subscribe(1, ["other", 2])), 0x90);
    assertEquals(firstByteAfter(publish({ topic: "a", qos: 1 })), 0x40);
    assertEquals(firstByteAfter(publish({ topic: "a", qos: 2 })), 0x50);
    assertEquals(firstByteAfter(pubrel(1)), 0x70);
    const other = dial(broker, { clientId: "teller" });
    tell(other, { topic: "other", qos: 2 });
    const { packetId } = onlyMessage(client);
    assertEquals(firstByteAfter(pubrec(packetId)), 0x62);
    assertEquals(firstByteAfter(pubcomp(packetId)), undefined);
    assertEquals(firstByteAfter(unsubscribe(1, "other")), 0xb0);
    assertEquals(firstByteAfter(pingreq()), 0xd0);
  },
);

statement(
  "[MQTT-2.2.2-2] wrong flags in a fixed header end the connection",
  (broker) => {
    for (let flags = 1; flags < 16; flags++) {
      expectNoEntry(broker, withFlags(connect(), flags), `flags ${flags}`);
    }
    const packets = [
      puback(1),
      pubrec(1),
      pubrel(1),
      pubcomp(1),
      subscribe(1, ["a", 0]),
      unsubscribe(1, "a"),
      pingreq(),
      disconnect(),
    ];
    for (const packet of packets) {
      for (let flags = 0; flags < 16; flags++) {
        if (flags === (packet[0]! & 15)) continue;
        expectEnd(dial(broker), withFlags(packet, flags), `flags ${flags}`);
      }
    }
  },
);

statement("[MQTT-2.2.2-2] the right flags are accepted", (broker) => {
  const client = dial(broker);
  client.send(join(puback(1), pubrec(1), pubcomp(1)));
  // A PUBREC of an unknown id may be answered by PUBREL, or by nothing.
  client.bytes();
  expectAliveAfter(pubrel(1));
  expectAliveAfter(subscribe(1, ["a", 0]));
  expectAliveAfter(unsubscribe(1, "a"));
  function expectAliveAfter(packet: Uint8Array): void {
    assertEquals(ask(client, packet).length, 1);
    expectAlive(client);
  }
});

statement("[MQTT-2.3.1-1] packet id 0 ends the connection", (broker) => {
  const packets = [
    subscribe(0, ["a", 0]),
    unsubscribe(0, "a"),
    publish({ topic: "a", qos: 1, packetId: 0 }),
    publish({ topic: "a", qos: 2, packetId: 0 }),
  ];
  for (const packet of packets) expectEnd(dial(broker), packet);
});

statement("[MQTT-2.3.1-1] a missing packet id is a violation", (broker) => {
  const bodies = [
    frame(0x82),
    frame(0x82, 1),
    frame(0xa2),
    frame(0xa2, 1),
    frame(0x32, u16(1), 97),
    frame(0x32, u16(1), 97, 1),
    frame(0x34, u16(1), 97),
  ];
  for (const packet of bodies) expectEnd(dial(broker), packet);
});

statement("[MQTT-2.3.1-1] packet ids reach from 1 to 65535", (broker) => {
  const client = dial(broker);
  for (const packetId of [1, 255, 256, 65535]) {
    assertEquals(ask(client, subscribe(packetId, ["a", 0])), [
      { type: "suback", packetId, returnCodes: [0] },
    ]);
    tell(client, { topic: "b", qos: 1, packetId });
    tell(client, { topic: "b", qos: 2, packetId });
    assertEquals(ask(client, unsubscribe(packetId, "a")), [
      { type: "unsuback", packetId },
    ]);
  }
});

statement(
  "[MQTT-2.3.1-4] open deliveries have different packet ids",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker, { clientId: "teller" });
    for (let i = 0; i < 60; i++) {
      tell(teller, { topic: "a", qos: i % 2 === 0 ? 1 : 2 });
    }
    const ids = messages(client).map((message) => message.packetId);
    assertEquals(ids.length, 60);
    assertEquals(new Set(ids).size, 60);
  },
);

statement(
  "[MQTT-2.3.1-4] an id that is in use is left out when the ids wrap",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "a", qos: 2 });
    const waiting = onlyMessage(client).packetId;
    ask(client, pubrec(waiting));
    const batch = join(...Array(64).fill(publish({ topic: "a", qos: 1 })));
    let wrapped = false;
    for (let sent = 0, last = waiting; sent < 65_600; sent += 64) {
      teller.send(batch);
      const ids = messages(client).map(({ packetId }) => packetId);
      assertEquals(ids.length, 64);
      assert(!ids.includes(waiting), "an id in use was used again");
      for (const id of ids) {
        wrapped ||= id < last;
        last = id;
      }
      client.send(join(...ids.map(puback)));
    }
    assert(wrapped, "the ids never began anew");
  },
);

statement(
  "[MQTT-2.3.1-4] a repeated delivery keeps its packet id",
  (broker) => {
    const client = dialStored(broker, "listener");
    listen(client, "a", 2);
    const teller = dial(broker, { clientId: "teller" });
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    const first = messages(client);
    client.drop();
    const again = greet(broker, { clientId: "listener", cleanSession: false });
    const repeated = again.packets.map(asPublish);
    assertEquals(
      repeated.map((message) => message.packetId),
      first.map((message) => message.packetId),
    );
    settle(again.client, repeated);
  },
);

statement("[MQTT-2.3.1-5] QoS 0 goes out without a packet id", (broker) => {
  const client = listener(broker, "ab", 2);
  client.send(publish({ topic: "ab", payload: "xyz" }));
  const expected = [0x30, 7, 0, 2, 97, 98, 120, 121, 122];
  assertEquals(Array.from(client.bytes()), expected);
});

statement(
  "[MQTT-2.3.1-5] the bytes after a topic with QoS 0 are payload",
  (broker) => {
    const client = listener(broker, "a");
    client.send(publish({ topic: "a", payload: Uint8Array.of(0, 7, 65) }));
    assertEquals(onlyMessage(client).payload, "\0\x07A");
  },
);

statement(
  "[MQTT-2.3.1-6] PUBACK, PUBREC, PUBREL and PUBCOMP repeat the id",
  (broker) => {
    const client = listener(broker, "a", 2);
    for (const packetId of [1, 258, 65535]) {
      tell(client, { topic: "b", qos: 1, packetId });
      tell(client, { topic: "b", qos: 2, packetId });
    }
    const teller = dial(broker, { clientId: "teller" });
    for (const packetId of [1, 258, 65535]) {
      tell(teller, { topic: "a", qos: 2, packetId });
    }
    // `settle` looks at the id in each PUBREL.
    const sent = messages(client);
    assertEquals(sent.length, 3);
    settle(client, sent);
  },
);

statement(
  "[MQTT-2.3.1-7] SUBACK and UNSUBACK repeat the packet id",
  (broker) => {
    const client = dial(broker);
    for (const packetId of [1, 258, 65535, 77]) {
      assertEquals(ask(client, subscribe(packetId, ["a", 1])), [
        { type: "suback", packetId, returnCodes: [1] },
      ]);
      assertEquals(ask(client, unsubscribe(packetId, "a")), [
        { type: "unsuback", packetId },
      ]);
    }
  },
);

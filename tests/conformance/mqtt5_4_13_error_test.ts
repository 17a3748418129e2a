/**
 * MQTT 5.0, sections 4.2 and 4.13: bytes in any pieces, and what happens on a
 * fault. Faults of one packet's form are in the file of that packet.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  frame,
  join,
  pingreq,
  publish,
  pubrel,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import {
  brief,
  dial,
  expectAlive,
  expectConnack,
  expectDisconnect,
  expectEnd,
  FAULTY,
  greet,
  hear,
  listener,
  messages,
  payloads,
  read,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

statement(
  "[MQTT-4.13.1-1] a fault ends its own connection only",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    const packet = subscribe(1, [{ filter: "a", options: 0x80 }]);
    expectDisconnect(client, packet, 0x81);
    expectAlive(witness);
    dial(broker).send(publish({ topic: "a", payload: "x" }));
    assertEquals(payloads(witness), ["x"]);
  },
);

statement(
  "[MQTT-4.13.1-1] packets that only a server sends are faults",
  (broker) => {
    const packets: [string, Uint8Array][] = [
      ["type 0", frame(0x00)],
      ["CONNACK", frame(0x20, 0, 0, 0)],
      ["SUBACK", frame(0x90, 0, 1, 0, 0)],
      ["UNSUBACK", frame(0xb0, 0, 1, 0, 0)],
      ["PINGRESP", frame(0xd0)],
    ];
    for (const [what, packet] of packets) {
      expectDisconnect(dial(broker), packet, FAULTY, what);
      expectEnd(broker.open(), packet, what);
    }
  },
);

statement(
  "[MQTT-4.13.1-1] a remaining length has at most four bytes",
  (broker) => {
    const tooLong = Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01);
    expectDisconnect(dial(broker), tooLong, 0x81);
    expectDisconnect(dial(broker), tooLong.subarray(0, 5), 0x81);
    expectEnd(broker.open(), join(0x10, tooLong.subarray(1)));
  },
);

statement(
  "[MQTT-1.5.5-1] a remaining length in more bytes than needed is malformed",
  (broker) => {
    expectDisconnect(dial(broker), Uint8Array.of(0xc0, 0x80, 0), 0x81);
    const overlong = Uint8Array.of(0x30, 0x85, 0x80, 0, 0, 1, 97, 0, 120);
    const witness = listener(broker, "a");
    expectDisconnect(dial(broker), overlong, 0x81);
    assertEquals(messages(witness), []);
  },
);

statement(
  "[MQTT-4.13.1-1] what came before a fault counts, what follows not",
  (broker) => {
    const witness = listener(broker, "a", 1);
    for (const qos of [0, 1] as const) {
      const client = dial(broker);
      client.send(join(
        publish({ topic: "a", payload: "before", qos }),
        frame(0xf1),
        publish({ topic: "a", payload: "after", qos, packetId: 2 }),
      ));
      assert(client.closed);
      assertEquals(payloads(witness), ["before"], `QoS ${qos}`);
      const answers = read(client).map(brief);
      assertEquals(answers.at(-1), "disconnect 81");
      assert(!answers.includes("puback 2 00"), `${answers}`);
    }
  },
);

statement(
  "[MQTT-4.13.1-1] a session survives the fault of its connection",
  (broker) => {
    const client = listener(broker, "a", 1, STORED);
    expectDisconnect(client, frame(0xf1), 0x81);
    tell(dial(broker), { topic: "a", qos: 1, payload: "x" });
    const back = greet(broker, STORED);
    assertEquals(back.sessionPresent, true);
    assertEquals(back.packets.map(brief), ["publish a=x"]);
  },
);

statement(
  "[MQTT-4.13.1-1] no garbage at the start of a connection is answered",
  (broker) => {
    const starts = [
      "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
      "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
      "SSH-2.0-OpenSSH_9.6\r\n",
      "\0\0\0\0\0\0\0\0\0\0\0\0",
    ];
    for (const text of starts) {
      const client = broker.open();
      client.send(Uint8Array.from(text, (one) => one.charCodeAt(0)));
      assert(client.closed, text);
      assertEquals(read(client), [], text);
    }
  },
);

statement(
  "[MQTT-4.13.2-1] a reason code of 0x80 or above ends the connection",
  (broker) => {
    // `expectConnack` and `expectDisconnect` see to it everywhere.
    expectConnack(broker, connect({ flags: 3 }), 0x81);
    expectDisconnect(dial(broker), frame(0xf1), 0x81);
    const client = dial(broker);
    client.send(disconnect(0x80));
    assert(client.closed);
    assertEquals(read(client), []);
  },
);

/** A whole life of a client, as its bytes. */
function story(): Uint8Array {
  const will = {
    topic: "w",
    payload: "will",
    properties: { contentType: "t" },
  };
  return join(
    connect({ clientId: "story", will, properties: { receiveMaximum: 9 } }),
    subscribe(1, [{ filter: "a/#", qos: 1 }, { filter: "b", qos: 2 }]),
    publish({ topic: "a/0", payload: "zero", properties: { topicAlias: 1 } }),
    publish({ topic: "", payload: "alias", properties: { topicAlias: 1 } }),
    publish({ topic: "a/1", payload: "one".repeat(99), qos: 1, packetId: 2 }),
    publish({ topic: "b", payload: "two", qos: 2, packetId: 3 }),
    pubrel(3),
    pingreq(),
    unsubscribe(4, ["a/#"]),
    publish({ topic: "a/2", payload: "unheard" }),
    disconnect(0, { userProperties: [["a", "b"]] }),
  );
}

/** What a client and a witness get when the story comes in such pieces. */
function outcome(broker: TestBroker, pieces: Uint8Array[]): string[] {
  const witness = listener(broker, "#", 0, { clientId: "witness" });
  const client = broker.open();
  const answers: string[] = [];
  for (const piece of pieces) {
    client.send(piece);
    answers.push(...read(client).map(brief));
  }
  assert(client.closed, "still open after DISCONNECT");
  const told = messages(witness).map(brief);
  witness.send(disconnect());
  // Answers may be woven differently.
  return [...answers.toSorted(), ...told];
}

statement("[MQTT-4.2.0-1] a stream means the same in any pieces", (broker) => {
  const bytes = story();
  const whole = outcome(broker, [bytes]);
  // Eleven answers, and five messages for the witness.
  assertEquals(whole.length, 11 + 5);
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assertEquals(outcome(broker, single), whole);
  for (let at = 1; at < bytes.length; at += 7) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    assertEquals(outcome(broker, pieces), whole, `cut at ${at}`);
  }
  for (const size of [2, 3, 5, 64, 200]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      pieces.push(bytes.subarray(at, at + size));
    }
    assertEquals(outcome(broker, pieces), whole, `pieces of ${size}`);
  }
});

statement("[MQTT-4.2.0-1] a chunk may be used again", (broker) => {
  const witness = listener(broker, "a", 1, STORED);
  const properties = { correlationData: "kept too" };
  const chunk = publish({ topic: "a", payload: "kept", qos: 1, properties });
  dial(broker).send(chunk);
  chunk.fill(0);
  const first = messages(witness);
  witness.drop();
  const again = greet(broker, STORED).packets;
  const repeated = first.map((one) => ({ ...one, dup: true }));
  assertEquals(again, repeated);
  assertEquals(first[0]?.payload, "kept");
  assertEquals(first[0]?.properties, properties);
  assertEquals(hear(dial(broker), pingreq()), ["pingresp"]);
});

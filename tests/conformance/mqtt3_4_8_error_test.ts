/**
 * MQTT 3.1.1, section 4.8: what happens on a violation, and chapter 7: bytes
 * in any pieces. Violations of one packet's form are in the file of that
 * packet.
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
  type ServerPacket,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import {
  dial,
  expectAlive,
  expectEnd,
  expectNoEntry,
  listener,
  messages,
  onlyMessage,
  payloads,
  read,
  statement,
  tell,
} from "./talk.ts";

statement(
  "[MQTT-4.8.0-1] a violation ends its own connection only",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    expectEnd(client, subscribe(1, ["a", 3]));
    expectAlive(witness);
    dial(broker).send(publish({ topic: "a", payload: "x" }));
    assertEquals(onlyMessage(witness).payload, "x");
  },
);

statement(
  "[MQTT-4.8.0-1] packets that only a server sends are violations",
  (broker) => {
    const packets: [string, Uint8Array][] = [
      ["type 0", frame(0x00)],
      ["type 15", frame(0xf0)],
      ["CONNACK", frame(0x20, 0, 0)],
      ["SUBACK", frame(0x90, 0, 1, 0)],
      ["UNSUBACK", frame(0xb0, 0, 1)],
      ["PINGRESP", frame(0xd0)],
    ];
    for (const [what, packet] of packets) {
      expectEnd(dial(broker), packet, what);
      expectNoEntry(broker, packet, what);
    }
  },
);

statement(
  "[MQTT-4.8.0-1] a remaining length has at most four bytes",
  (broker) => {
    const tooLong = Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01);
    expectEnd(dial(broker), tooLong);
    expectEnd(dial(broker), tooLong.subarray(0, 5));
    expectNoEntry(broker, join(0x10, tooLong.subarray(1)));
    // More bytes than needed, but four: the standard does not forbid it.
    const client = dial(broker);
    client.send(Uint8Array.of(0xc0, 0x80, 0x80, 0x00));
    if (!client.closed) assertEquals(read(client), [{ type: "pingresp" }]);
  },
);

statement(
  "[MQTT-4.8.0-1] an overlong remaining length does not reach others",
  (broker) => {
    // MQTT 3.1.1 leaves open whether this is a violation; 5.0 forbids it, so
    // a subscriber may be right to refuse it.
    const overlong = Uint8Array.of(0x30, 0x84, 0x80, 0, 0, 1, 97, 120);
    const witness = listener(broker, "a");
    const client = dial(broker);
    client.send(overlong);
    const got = Array.from(witness.bytes());
    assertEquals(got, client.closed ? [] : [0x30, 4, 0, 1, 97, 120]);
  },
);

statement(
  "[MQTT-4.8.0-1] what came before a violation counts, what follows not",
  (broker) => {
    const witness = listener(broker, "a", 1);
    for (const qos of [0, 1] as const) {
      const client = dial(broker);
      client.send(join(
        publish({ topic: "a", payload: "before", qos }),
        frame(0xf0),
        publish({ topic: "a", payload: "after", qos, packetId: 2 }),
      ));
      assert(client.closed);
      assertEquals(payloads(witness), ["before"], `QoS ${qos}`);
      const answers = read(client);
      assert(answers.length < 2, "an answer to what follows a violation");
    }
  },
);

statement(
  "[MQTT-4.8.0-1] no garbage at the start of a connection is answered",
  (broker) => {
    const starts = [
      "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
      "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
      "SSH-2.0-OpenSSH_9.6\r\n",
      "\0\0\0\0\0\0\0\0\0\0\0\0",
    ];
    for (const text of starts) {
      const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
      expectNoEntry(broker, bytes, text);
    }
  },
);

/** A whole life of a client, as its bytes. */
function story(): Uint8Array {
  return join(
    connect({ clientId: "story", will: { topic: "w", payload: "will" } }),
    subscribe(1, ["a/#", 1], ["b", 2]),
    publish({ topic: "a/0", payload: "zero" }),
    publish({ topic: "a/1", payload: "one".repeat(100), qos: 1, packetId: 2 }),
    publish({ topic: "b", payload: "two", qos: 2, packetId: 3 }),
    pubrel(3),
    pingreq(),
    unsubscribe(4, "a/#"),
    publish({ topic: "a/2", payload: "unheard" }),
    disconnect(),
  );
}

/** What a client and a witness get when the story comes in such pieces. */
function outcome(broker: TestBroker, pieces: Uint8Array[]): unknown[] {
  const witness = listener(broker, "#", 0, { clientId: "witness" });
  const client = broker.open();
  const answers: ServerPacket[] = [];
  for (const piece of pieces) {
    client.send(piece);
    answers.push(...read(client));
  }
  assert(client.closed, "still open after DISCONNECT");
  const told = messages(witness).map(({ topic, payload }) => topic + payload);
  witness.send(disconnect());
  // Answers may be woven differently; each kind keeps its order.
  answers.sort((a, b) => a.type.localeCompare(b.type));
  return [...answers, ...told];
}

statement(
  "[MQTT-7.1.1-1] a stream means the same in any pieces",
  (broker) => {
    const bytes = story();
    const whole = outcome(broker, [bytes]);
    // Ten answers, and four messages for the witness.
    assertEquals(whole.length, 10 + 4);
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
  },
);

statement(
  "[MQTT-7.1.1-1] a chunk may be used again after it was sent",
  (broker) => {
    const fields = { clientId: "stored", cleanSession: false };
    const witness = listener(broker, "a", 1, fields);
    const chunk = publish({ topic: "a", payload: "kept", qos: 1 });
    dial(broker).send(chunk);
    chunk.fill(0);
    assertEquals(payloads(witness), ["kept"]);
    witness.drop();
    const again = broker.open();
    again.send(connect(fields));
    const [, repeated] = read(again);
    assertEquals(repeated?.type === "publish" && repeated.payload, "kept");
  },
);

statement(
  "[MQTT-7.0.0-2] nothing beyond the standard is needed to take part",
  (broker) => {
    const client = listener(broker, "a", 2);
    const teller = dial(broker);
    for (const qos of [0, 1, 2] as const) {
      tell(teller, { topic: "a", qos, payload: `${qos}` });
    }
    assertEquals(payloads(client), ["0", "1", "2"]);
    client.send(disconnect());
    teller.send(disconnect());
    assert(client.closed && teller.closed);
  },
);

/**
 * Messages from client to client through a broker process, byte by byte: QoS
 * 0, 1 and 2, retained messages, wills, sessions that outlive a connection.
 * The rules in full are in `tests/conformance/`; this shows that they hold
 * over a real socket on both runtimes.
 */

import { assertEquals } from "@std/assert";
import { testBroker } from "../support/e2e.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  connect,
  disconnect,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type Qos,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";

/** A client with one subscription. */
async function subscriber(
  port: number,
  clientId: string,
  filter: string,
  qos: Qos,
): Promise<RawClient> {
  const client = await RawClient.connected(port, { clientId });
  await client.send(subscribe(1, [filter, qos]));
  assertEquals((await client.packet("suback")).returnCodes, [qos]);
  return client;
}

testBroker("a QoS 0 message arrives with topic and payload", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a/+", 0);
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  await ann.send(publish({ topic: "a/b", payload: "hello" }));
  const { topic, payload, qos, retain, dup } = await bob.packet("publish");
  assertEquals({ topic, payload, qos, retain, dup }, {
    topic: "a/b",
    payload: "hello",
    qos: 0,
    retain: false,
    dup: false,
  });
  assertEquals(await ann.packetsBeforePong(), []);
});

testBroker("a QoS 1 message is acknowledged both ways", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a", 1);
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  await ann.send(publish({ topic: "a", payload: "x", qos: 1, packetId: 77 }));
  assertEquals((await ann.packet("puback")).packetId, 77);
  const { qos, packetId } = await bob.packet("publish");
  assertEquals(qos, 1);
  await bob.send(puback(packetId));
  assertEquals(await bob.packetsBeforePong(), []);
});

testBroker("a QoS 2 message goes its four steps both ways", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a", 2);
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  const message = { topic: "a", payload: "x", qos: 2, packetId: 9 } as const;
  await ann.send(publish(message), publish({ ...message, dup: true }));
  assertEquals((await ann.packet("pubrec")).packetId, 9);
  assertEquals((await ann.packet("pubrec")).packetId, 9);
  await ann.send(pubrel(9));
  assertEquals((await ann.packet("pubcomp")).packetId, 9);
  const { qos, packetId } = await bob.packet("publish");
  assertEquals(qos, 2);
  await bob.send(pubrec(packetId));
  assertEquals((await bob.packet("pubrel")).packetId, packetId);
  await bob.send(pubcomp(packetId));
  assertEquals(await bob.packetsBeforePong(), [], "no second copy");
});

testBroker("a message is delivered at the lower QoS", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a", 1);
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  await ann.send(publish({ topic: "a", qos: 2, packetId: 1 }), pubrel(1));
  assertEquals((await bob.packet("publish")).qos, 1);
  await ann.send(publish({ topic: "a", qos: 0 }));
  assertEquals((await bob.packet("publish")).qos, 0);
});

testBroker("bytes that come one at a time are one stream", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a/b", 1);
  using ann = await RawClient.open(broker.port);
  const messages = [
    connect({ clientId: "ann" }),
    publish({ topic: "a/b", payload: "slow", qos: 1, packetId: 3 }),
  ];
  for (const message of messages) {
    for (const byte of message) await ann.send(byte);
  }
  assertEquals((await ann.packet("connack")).returnCode, 0);
  assertEquals((await ann.packet("puback")).packetId, 3);
  assertEquals((await bob.packet("publish")).payload, "slow");
});

testBroker("packets that come in one chunk are all served", async (broker) => {
  using ann = await RawClient.open(broker.port);
  await ann.send(
    connect({ clientId: "ann" }),
    subscribe(1, ["a", 0]),
    publish({ topic: "a", payload: "1" }),
    publish({ topic: "a", payload: "2", qos: 1, packetId: 4 }),
  );
  assertEquals((await ann.packet("connack")).returnCode, 0);
  assertEquals((await ann.packet("suback")).returnCodes, [0]);
  const rest = await ann.packetsBeforePong();
  const payloads = rest.map((packet) =>
    packet.type === "publish" ? packet.payload : packet.type
  );
  assertEquals(payloads.filter((one) => one !== "puback"), ["1", "2"]);
  assertEquals(payloads.filter((one) => one === "puback").length, 1);
});

testBroker(
  "a payload of 300 KiB arrives whole and unchanged",
  async (broker) => {
    using bob = await subscriber(broker.port, "bob", "big", 0);
    using ann = await RawClient.connected(broker.port, { clientId: "ann" });
    const payload = Uint8Array.from(
      { length: 300 * 1024 },
      (_, at) => (at * 31 + (at >> 8)) & 0xff,
    );
    await ann.send(publish({ topic: "big", payload }));
    const arrived = (await bob.packet("publish")).payload;
    assertEquals(arrived.length, payload.length);
    assertEquals(payload.every((b, at) => arrived.charCodeAt(at) === b), true);
  },
);

testBroker(
  "a retained message is kept, replaced and cleared",
  async (broker) => {
    using ann = await RawClient.connected(broker.port, { clientId: "ann" });
    const retained = { topic: "r/1", retain: true } as const;
    await ann.send(publish({ ...retained, payload: "old" }));
    await ann.send(publish({ ...retained, payload: "new" }));
    assertEquals(await ann.packetsBeforePong(), []);
    using bob = await subscriber(broker.port, "bob", "r/#", 1);
    const { payload, retain } = await bob.packet("publish");
    assertEquals({ payload, retain }, { payload: "new", retain: true });
    await ann.send(publish({ ...retained, payload: "" }));
    assertEquals((await bob.packet("publish")).retain, false);
    using eve = await subscriber(broker.port, "eve", "r/#", 1);
    assertEquals(await eve.packetsBeforePong(), []);
  },
);

testBroker(
  "a will is sent when a socket closes without a word",
  async (broker) => {
    using bob = await subscriber(broker.port, "bob", "wills/#", 0);
    const will = { topic: "wills/ann", payload: "gone", qos: 1 } as const;
    const ann = await RawClient.connected(broker.port, {
      clientId: "ann",
      will,
    });
    ann.close();
    assertEquals((await bob.packet("publish")).payload, "gone");
    using eve = await RawClient.connected(broker.port, {
      clientId: "eve",
      will,
    });
    await eve.send(disconnect());
    await eve.untilClosed();
    assertEquals(
      await bob.packetsBeforePong(),
      [],
      "DISCONNECT drops the will",
    );
  },
);

testBroker(
  "a session keeps what came while its client was away",
  async (broker) => {
    const session = { clientId: "bob", cleanSession: false };
    const { port } = broker;
    using before = await RawClient.connected(port, session);
    await before.send(subscribe(1, ["a/#", 1]));
    await before.packet("suback");
    await before.send(disconnect());
    await before.untilClosed();
    using ann = await RawClient.connected(port, { clientId: "ann" });
    for (let id = 1; id <= 20; id++) {
      const payload = `${id}`;
      await ann.send(publish({ topic: "a/b", payload, qos: 1, packetId: id }));
      await ann.packet("puback");
    }
    using after = await RawClient.open(port);
    await after.send(connect(session));
    assertEquals(await after.packet("connack"), {
      type: "connack",
      flags: 1,
      returnCode: 0,
    });
    for (let id = 1; id <= 20; id++) {
      const { payload, packetId } = await after.packet("publish");
      assertEquals(payload, `${id}`);
      await after.send(puback(packetId));
    }
    assertEquals(await after.packetsBeforePong(), []);
  },
);

testBroker(
  "what was not acknowledged comes again as a duplicate",
  async (broker) => {
    const session = { clientId: "bob", cleanSession: false };
    using before = await RawClient.connected(broker.port, session);
    await before.send(subscribe(1, ["a", 1]));
    await before.packet("suback");
    using ann = await RawClient.connected(broker.port, { clientId: "ann" });
    for (const payload of ["1", "2", "3"]) {
      await ann.send(publish({ topic: "a", payload, qos: 1, packetId: 5 }));
      await ann.packet("puback");
    }
    const first: number[] = [];
    for (let i = 0; i < 3; i++) {
      first.push((await before.packet("publish")).packetId);
    }
    before.close();
    using after = await RawClient.connected(broker.port, session);
    const again = [];
    for (let i = 0; i < 3; i++) again.push(await after.packet("publish"));
    assertEquals(again.map((one) => one.payload), ["1", "2", "3"]);
    assertEquals(again.map((one) => one.dup), [true, true, true]);
    assertEquals(again.map((one) => one.packetId), first);
  },
);

testBroker("after UNSUBSCRIBE nothing arrives any more", async (broker) => {
  using bob = await subscriber(broker.port, "bob", "a/#", 0);
  await bob.send(unsubscribe(2, "a/#"));
  assertEquals((await bob.packet("unsuback")).packetId, 2);
  using ann = await RawClient.connected(broker.port, { clientId: "ann" });
  await ann.send(publish({ topic: "a/b" }));
  assertEquals(await ann.packetsBeforePong(), []);
  assertEquals(await bob.packetsBeforePong(), []);
});

testBroker(
  "the younger connection takes the client id over",
  async (broker) => {
    const session = { clientId: "bob", cleanSession: false };
    using older = await RawClient.connected(broker.port, session);
    await older.send(subscribe(1, ["a", 1]));
    await older.packet("suback");
    using younger = await RawClient.open(broker.port);
    await younger.send(connect(session));
    assertEquals((await younger.packet("connack")).flags, 1);
    await older.untilClosed();
    using ann = await RawClient.connected(broker.port, { clientId: "ann" });
    await ann.send(publish({ topic: "a", payload: "to the younger" }));
    assertEquals((await younger.packet("publish")).payload, "to the younger");
  },
);

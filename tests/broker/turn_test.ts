/**
 * The three laws of a turn: receive, commit, flush. With a store whose
 * commits take their time nothing may leave before what it depends on is
 * kept, whatever else happens meanwhile.
 */

import { assertEquals } from "@std/assert";
import { read } from "../conformance/talk.ts";
import { WatchedStore } from "../store/journals.ts";
import { RecordingStore } from "../store/recording_store.ts";
import { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  pingreq,
  puback,
  publish,
  pubrec,
  subscribe,
} from "../support/wire.ts";

/** Connected, subscribed to a topic of their own; from here on it is slow. */
function connected(store: WatchedStore, clientIds: string[]) {
  const broker = new TestBroker({ store });
  const clients = clientIds.map((clientId) => {
    const client = broker.open();
    client.send(connect({ clientId, cleanSession: false }));
    client.send(subscribe(1, [`of/${clientId}`, 1]));
    client.bytes();
    return client;
  });
  store.isSlow = true;
  return { broker, clients };
}

Deno.test("an acknowledgement leaves when the commit is done", () => {
  const store = new WatchedStore();
  const { broker, clients: [a, b] } = connected(store, ["a", "b"]);
  a!.send(publish({ topic: "of/b", qos: 1 }));
  assertEquals(read(a!), []);
  assertEquals(read(b!).map(({ type }) => type), ["publish"], "QoS 1 may");
  store.finishOne();
  assertEquals(read(a!), [{ type: "puback", packetId: 1 }]);
  broker.checkInvariants();
});

Deno.test("so does a QoS 2 message, and its PUBREL", () => {
  const store = new WatchedStore();
  const { broker, clients: [a, b] } = connected(store, ["a", "b"]);
  b!.send(subscribe(2, ["of/b", 2]));
  store.finishOne();
  b!.bytes();
  a!.send(publish({ topic: "of/b", qos: 2 }));
  assertEquals([read(a!), read(b!)], [[], []]);
  store.finishOne();
  assertEquals(read(b!).map(({ type }) => type), ["publish"]);
  b!.send(pubrec(1));
  assertEquals(read(b!), []);
  store.finishOne();
  assertEquals(read(b!).map(({ type }) => type), ["pubrel"]);
  broker.checkInvariants();
});

Deno.test("what nobody has to keep leaves at once", () => {
  const store = new WatchedStore();
  const { broker, clients: [a] } = connected(store, ["a"]);
  const clean = broker.open();
  clean.send(connect({ clientId: "clean" }));
  clean.send(subscribe(1, ["x", 1]));
  clean.bytes();
  a!.send(publish({ topic: "x", qos: 1 }));
  assertEquals(read(a!), [{ type: "puback", packetId: 1 }]);
  assertEquals(read(clean).map(({ type }) => type), ["publish"]);
  a!.send(publish({ topic: "of/a", qos: 1, packetId: 2 }));
  clean.send(publish({ topic: "x", qos: 1, packetId: 3 }));
  assertEquals(read(clean).map(({ type }) => type), ["publish", "puback"]);
  assertEquals(store.pending.length, 1);
});

Deno.test("a queue keeps its order while its head waits", () => {
  const store = new WatchedStore();
  const { broker, clients: [a] } = connected(store, ["a"]);
  a!.send(publish({ topic: "of/a", qos: 1 }));
  assertEquals(read(a!), [], "behind its own acknowledgement");
  a!.send(pingreq());
  assertEquals(read(a!), []);
  store.finishOne();
  const types = read(a!).map(({ type }) => type);
  assertEquals(types, ["publish", "puback"]);
  store.finishOne();
  assertEquals(read(a!).map(({ type }) => type), ["pingresp"]);
  broker.checkInvariants();
});

Deno.test("a commit lets go what came before it, and nothing later", () => {
  const store = new WatchedStore();
  const { clients: [a, b] } = connected(store, ["a", "b"]);
  a!.send(
    publish({ topic: "of/c", qos: 1, packetId: 1, retain: true, payload: "p" }),
  );
  b!.send(
    publish({ topic: "of/c", qos: 1, packetId: 2, retain: true, payload: "p" }),
  );
  assertEquals(store.pending.length, 2);
  store.finishOne();
  assertEquals(read(a!), [{ type: "puback", packetId: 1 }]);
  assertEquals(read(b!), [], "acknowledged before it was kept");
  store.finishOne();
  assertEquals(read(b!), [{ type: "puback", packetId: 2 }]);
});

Deno.test("the same holds for two turns of one client", () => {
  const store = new WatchedStore();
  const { clients: [a] } = connected(store, ["a"]);
  a!.send(
    publish({ topic: "x", qos: 1, packetId: 1, retain: true, payload: "p" }),
  );
  a!.send(
    publish({ topic: "x", qos: 1, packetId: 2, retain: true, payload: "p" }),
  );
  store.finishOne();
  assertEquals(read(a!), [{ type: "puback", packetId: 1 }]);
  store.finishOne();
  assertEquals(read(a!), [{ type: "puback", packetId: 2 }]);
});

Deno.test("twenty packets in a chunk are one commit", () => {
  const store = new WatchedStore();
  const { clients: [a] } = connected(store, ["a"]);
  const packets = Array.from(
    { length: 20 },
    (_, i) => [
      ...publish({
        topic: "x",
        qos: 1,
        packetId: i + 1,
        retain: true,
        payload: "p",
      }),
    ],
  );
  a!.send(Uint8Array.from(packets.flat()));
  assertEquals(store.pending.length, 1);
  store.finishOne();
  assertEquals(read(a!).length, 20);
});

Deno.test("turns that a flush begins do not lie in one another", () => {
  const store = new WatchedStore();
  const broker = new TestBroker({ store, writeQueueHighBytes: 1024 });
  const client = broker.open();
  client.send(connect());
  const payload = new Uint8Array(600);
  for (let i = 0; i < 20_000; i++) {
    client.send(publish({ topic: `t/${i}`, payload, retain: true }));
  }
  client.bytes();
  client.send(subscribe(1, ["#", 0]));
  broker.advance(10);
  assertEquals(client.closeReason, "");
  assertEquals(read(client).length, 20_001);
});

Deno.test("a clean session begins when the end of the old one is kept", () => {
  const store = new WatchedStore();
  const { broker, clients: [a] } = connected(store, ["a"]);
  a!.drop();
  const first = broker.open();
  first.send(connect({ clientId: "a" }));
  assertEquals(read(first), [], "it ends the one that is stored");
  first.drop();
  const second = broker.open();
  second.send(connect({ clientId: "a" }));
  const other = broker.open();
  other.send(connect({ clientId: "other" }));
  assertEquals(read(other).map(({ type }) => type), ["connack"]);
  while (store.pending.length > 1) {
    assertEquals(read(second), [], "the old one may come back");
    store.finishOne();
  }
  store.finishOne();
  assertEquals(read(second).map(({ type }) => type), ["connack"]);
  second.drop();
  const third = broker.open();
  third.send(connect({ clientId: "a" }));
  assertEquals(read(third).map(({ type }) => type), ["connack"]);
});

Deno.test("a QoS 0 message that was kept leaves when that is over", () => {
  const store = new WatchedStore();
  const options = { store, queueQos0: true, inflightOutMax: 1 };
  const broker = new TestBroker(options);
  const terms = { clientId: "a", cleanSession: false };
  const a = broker.open();
  a.send(connect(terms));
  a.send(subscribe(1, ["x", 1]));
  a.drop();
  const b = broker.open();
  b.send(connect({ clientId: "b" }));
  b.send(publish({ topic: "x", payload: "p", qos: 1 }));
  b.send(publish({ topic: "x", payload: "q", qos: 1, packetId: 2 }));
  b.send(publish({ topic: "x", payload: "r" }));
  const back = broker.open();
  back.send(connect(terms));
  const types = () => read(back).map(({ type }) => type);
  assertEquals(types(), ["connack", "publish"]);
  store.isSlow = true;
  back.send(puback(1));
  assertEquals(types(), [], "it could come again");
  store.finishOne();
  assertEquals(types(), ["publish", "publish"]);
  b.send(publish({ topic: "x", payload: "s" }));
  assertEquals(types(), ["publish"], "that one is not kept");
});

Deno.test("a new QoS 0 message goes behind those that wait on disk", () => {
  const store = new RecordingStore();
  const terms = { clientId: "a", cleanSession: false };
  const first = new TestBroker({ store, queueQos0: true });
  const a = first.open();
  a.send(connect(terms));
  a.send(subscribe(1, ["x", 1]));
  a.drop();
  const b = first.open();
  b.send(connect({ clientId: "b" }));
  b.send(publish({ topic: "x", payload: "1", qos: 1 }));
  b.send(publish({ topic: "x", payload: "2", qos: 1, packetId: 2 }));
  b.send(publish({ topic: "x", payload: "3" }));
  store.inMemory = 0;
  const second = new TestBroker({ store, inflightOutMax: 1 });
  const back = second.open();
  back.send(connect(terms));
  const c = second.open();
  c.send(connect({ clientId: "c" }));
  c.send(publish({ topic: "x", payload: "4" }));
  for (const packetId of [1, 2]) back.send(puback(packetId));
  const payloads = read(back).flatMap((packet) =>
    packet.type === "publish" ? [packet.payload] : []
  );
  assertEquals(payloads, ["1", "2", "3", "4"]);
});

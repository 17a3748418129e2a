/**
 * The durable store with its thread and its file, under a broker: what it
 * keeps and gives back, and what goes on while a commit takes long or fails.
 * Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  connect,
  decode,
  pingreq,
  puback,
  publish,
  type PublishPacket,
  subscribe,
} from "../support/wire.ts";
import {
  connect as connect5,
  decode as decode5,
  publish as publish5,
} from "../support/wire5.ts";
import { closed, Disk, kept } from "./disk.ts";
import { snapshotOf } from "./snapshot.ts";

function types(client: TestClient): string[] {
  return decode(client.bytes()).map(({ type }) => type);
}

function dial(broker: TestBroker, clientId: string): TestClient {
  const client = broker.open();
  client.send(connect({ clientId, cleanSession: false }));
  return client;
}

/** A session with a subscription to `a/#` at QoS 1, which is away. */
function subscriber(broker: TestBroker): void {
  const client = dial(broker, "reader");
  client.send(subscribe(1, ["a/#", 1]));
  client.drop();
}

test("what waits comes back in order, in pages", async () => {
  using disk = new Disk();
  const first = disk.open();
  const broker = disk.broker(first);
  subscriber(broker);
  const writer = dial(broker, "writer");
  for (let i = 1; i <= 1000; i++) {
    const payload = i % 100 === 0 ? `${i} ${".".repeat(5000)}` : `${i} `;
    writer.send(publish({ topic: "a/b", qos: 1, packetId: i, payload }));
  }
  await kept(first);
  assertEquals(types(writer).length, 1001);
  await closed(first);
  const second = disk.open();
  const again = disk.broker(second);
  assertEquals(again.core.sessions.get("reader")!.backlog.onDisk, 1000);
  assertEquals(again.core.totals, broker.core.totals);
  const reader = dial(again, "reader");
  const got: number[] = [];
  for (let idle = 0; got.length < 1000 && idle < 1000; idle++) {
    await kept(second);
    for (const packet of decode(reader.bytes())) {
      if (packet.type !== "publish") continue;
      idle = 0;
      got.push(Number.parseInt(packet.payload));
      reader.send(puback(packet.packetId));
    }
  }
  assertEquals(got, Array.from({ length: 1000 }, (_, i) => i + 1));
  assertEquals(again.core.totals.backlogBytes, 0);
  await closed(second);
});

test("a session that is away keeps the first few in memory", async () => {
  using disk = new Disk();
  const store = disk.open();
  const broker = disk.broker(store);
  subscriber(broker);
  const writer = dial(broker, "writer");
  for (let i = 1; i <= 300; i++) {
    writer.send(publish({ topic: "a/b", qos: 1, packetId: i, payload: "x" }));
  }
  const { backlog } = broker.core.sessions.get("reader")!;
  assertEquals(backlog.length, 300);
  assertEquals(backlog.onDisk > 200, true);
  broker.checkInvariants();
  // At once, while nothing of it may have been written yet.
  const reader = dial(broker, "reader");
  await kept(store);
  const got = decode(reader.bytes()).filter(({ type }) => type === "publish");
  assertEquals(got.length, 100);
  await closed(store);
});

test("who comes back for the last time gets what waits on disk", async () => {
  using disk = new Disk();
  const first = disk.open();
  const broker = disk.broker(first);
  subscriber(broker);
  const writer = dial(broker, "writer");
  writer.send(publish({ topic: "a/b", qos: 1, payload: "x" }));
  await kept(first);
  await closed(first);
  const second = disk.open();
  const again = disk.broker(second);
  const reader = again.open();
  // No expiry: the session ends with this connection.
  reader.send(connect5({ clientId: "reader", cleanStart: false }));
  await kept(second);
  await kept(second);
  const packets = decode5(reader.bytes());
  assertEquals(packets.map(({ type }) => type), ["connack", "publish"]);
  assertEquals(again.core.counters.internalErrors, 0);
  reader.drop();
  await closed(second);
  const third = disk.open();
  const names = [...third.load().sessions].map(({ clientId }) => clientId);
  assertEquals(names, ["writer"]);
  await closed(third);
});

test("an unchanged broker starts as it was", async () => {
  using disk = new Disk();
  const store = disk.open();
  const broker = disk.broker(store);
  subscriber(broker);
  const writer = dial(broker, "writer");
  writer.send(publish({ topic: "r", payload: "x", retain: true }));
  writer.send(publish({ topic: "a", payload: "x", qos: 2, packetId: 7 }));
  const before = snapshotOf(broker.core);
  await closed(store);
  const second = disk.open();
  assertEquals(snapshotOf(disk.broker(second).core), before);
  await closed(second);
});

test("QoS 0 flows while a commit takes long", async () => {
  using disk = new Disk();
  const store = disk.open({ commitMs: 100 });
  const broker = disk.broker(store);
  subscriber(broker);
  const clean = broker.open();
  clean.send(connect({ clientId: "clean" }));
  clean.send(subscribe(1, ["q", 0]));
  await kept(store);
  clean.bytes();
  const other = broker.open();
  other.send(connect({ clientId: "other" }));
  other.bytes();
  other.send(publish({ topic: "a/b", qos: 1, payload: "x" }));
  assertEquals(types(other), []);
  clean.send(publish({ topic: "q", payload: "x" }));
  clean.send(pingreq());
  assertEquals(types(clean), ["publish", "pingresp"]);
  await kept(store);
  assertEquals(types(other), ["puback"]);
  await closed(store);
});

test("what is acknowledged before its commit needs none", async () => {
  using disk = new Disk();
  const store = disk.open({ commitMs: 100 });
  const broker = disk.broker(store);
  const reader = dial(broker, "reader");
  reader.send(subscribe(1, ["a/#", 1]));
  const writer = dial(broker, "writer");
  await kept(store);
  types(reader);
  types(writer);
  for (let packetId = 1; packetId < 5; packetId++) {
    writer.send(publish({ topic: "a/b", qos: 1, packetId, payload: "x" }));
    assertEquals(types(reader), ["publish"]);
    assertEquals(types(writer), []);
    reader.send(puback(packetId));
    assertEquals(types(writer), ["puback"], "there is nothing to wait for");
  }
  writer.send(publish({ topic: "a/b", qos: 1, packetId: 9, payload: "y" }));
  assertEquals(types(reader), ["publish"]);
  await kept(store);
  assertEquals(types(writer), ["puback"], "it is written");
  await closed(store);
  const second = disk.open();
  const { inflightSize } = disk.broker(second).core.sessions.get("reader")!;
  assertEquals(inflightSize, 1);
  await closed(second);
});

test("what can't be kept is not acknowledged until it can", async () => {
  using disk = new Disk();
  const store = disk.open({ faults: { after: 2, count: 3 } });
  const broker = disk.broker(store);
  subscriber(broker);
  await kept(store);
  const writer = broker.open();
  writer.send(connect({ clientId: "writer" }));
  writer.bytes();
  writer.send(publish({ topic: "a/b", qos: 1, payload: "x" }));
  await disk.logged("store_failed");
  assertEquals(types(writer), [], "a false promise");
  const clean = broker.open();
  clean.send(connect({ clientId: "clean" }));
  clean.send(subscribe(1, ["q", 1]));
  clean.send(publish({ topic: "q", qos: 1, payload: "x" }));
  assertEquals(types(clean), ["connack", "suback", "publish", "puback"]);
  refusals(broker);
  await disk.logged("store_recovered");
  assertEquals(types(writer), ["puback"]);
  assertEquals(disk.events, ["store_failed", "store_recovered"]);
  assertEquals(types(dial(broker, "reader")), []);
  await closed(store);
});

/** What is told to those who want something kept. */
function refusals(broker: TestBroker): void {
  const stored = dial(broker, "stored");
  assertEquals(decode(stored.bytes()), [
    { type: "connack", flags: 0, returnCode: 3 },
  ]);
  const old = broker.open();
  old.send(connect({ clientId: "old" }));
  old.send(publish({ topic: "a/b", qos: 1, payload: "y" }));
  assertEquals([types(old), old.closed], [["connack"], true]);
  const fresh = broker.open();
  fresh.send(connect5({ clientId: "fresh" }));
  fresh.bytes();
  fresh.send(publish5({ topic: "a/b", qos: 1, payload: "z" }));
  assertEquals([...fresh.bytes()].slice(2, 5), [0, 1, 0x97]);
}

test("a full disk keeps what it has acknowledged", async () => {
  using disk = new Disk();
  const pragmas = "PRAGMA max_page_count = 40;";
  const store = disk.open({ pragmas });
  const broker = disk.broker(store);
  subscriber(broker);
  const writer = broker.open();
  writer.send(connect({ clientId: "writer" }));
  let acknowledged = 0;
  const count = () => {
    acknowledged += types(writer).filter((type) => type === "puback").length;
  };
  for (let i = 1; i <= 500 && !store.isBroken; i++) {
    const payload = `${i} ${".".repeat(900)}`;
    writer.send(publish({ topic: "a/b", qos: 1, packetId: i, payload }));
    await Promise.race([kept(store), disk.logged("store_failed")]);
    count();
  }
  assertEquals(store.isBroken, true);
  assertEquals(acknowledged > 20, true, `${acknowledged}`);
  await closed(store);
  const second = disk.open();
  const { backlog } = disk.broker(second).core.sessions.get("reader")!;
  assertEquals(backlog.length, acknowledged);
  await closed(second);
});

test("a message stands in the file once, while anybody needs it", async () => {
  using disk = new Disk();
  const store = disk.open();
  const broker = disk.broker(store);
  for (const clientId of ["r1", "r2", "r3"]) {
    const reader = dial(broker, clientId);
    reader.send(subscribe(1, ["a", 1]));
    reader.drop();
  }
  const writer = dial(broker, "writer");
  writer.send(publish({ topic: "a", qos: 1, payload: "once" }));
  await kept(store);
  for (const clientId of ["r1", "r2", "r3"]) {
    const reader = dial(broker, clientId);
    await kept(store);
    const packet = decode(reader.bytes())
      .find(({ type }) => type === "publish") as PublishPacket;
    assertEquals(packet.payload, "once");
    reader.send(puback(packet.packetId));
  }
  await closed(store);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(store.path);
  const rows = (table: string) =>
    database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!["n"];
  assertEquals([rows("message"), rows("queue")], [0, 0]);
  database.close();
});

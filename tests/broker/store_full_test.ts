/**
 * `storeBytesMax`: what is refused while the store is full, what goes on,
 * and that it is over when there is room.
 */

import { assert, assertEquals } from "@std/assert";
import {
  dial,
  dialStored,
  greet,
  listen,
  messages,
  payloads,
} from "../conformance/talk.ts";
import { InlineStore } from "../store/inline_store.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  decode,
  puback,
  publish,
  subscribe,
} from "../support/wire.ts";
import {
  connect as connect5,
  decode as decode5,
  publish as publish5,
} from "../support/wire5.ts";
import { sessionOf } from "./setting.ts";

const FULL = "the store is full (storeBytesMax)";
const QUOTA_EXCEEDED = 0x97;
const LIMIT = 1_000_000;

/** A store that takes as much as the test says. */
class RoomyStore extends InlineStore {
  bytes = 0;
}

/** One that is full, with a session that is away and one message in it. */
function full() {
  const store = new RoomyStore();
  const broker = new TestBroker({ store, storeBytesMax: LIMIT });
  const stored = dialStored(broker, "stored");
  listen(stored, "kept", 1);
  stored.drop();
  const teller = dial(broker, { clientId: "teller" });
  teller.send(publish({ topic: "kept", payload: "1", qos: 1 }));
  assertEquals(types(teller), ["puback"]);
  store.bytes = LIMIT;
  return { broker, store, teller };
}

function types(client: TestClient): string[] {
  return decode(client.bytes()).map(({ type }) => type);
}

function dial5(broker: TestBroker, properties = {}): TestClient {
  const client = broker.open();
  client.send(connect5({ clientId: "five", properties }));
  return client;
}

function events({ logs }: TestBroker, event: string): string[] {
  return logs.filter((one) => one.event === event).map(({ level }) => level);
}

Deno.test("a 5.0 client is told why its message is not kept", () => {
  const { broker } = full();
  const client = dial5(broker);
  client.bytes();
  for (
    const fields of [
      { topic: "kept", qos: 1 },
      { topic: "kept", qos: 2 },
      { topic: "any", qos: 1, retain: true, payload: "x" },
    ] as const
  ) {
    client.send(publish5({ ...fields, packetId: 9 }));
    const [answer] = decode5(client.bytes());
    assert(answer?.type === "puback" || answer?.type === "pubrec");
    assertEquals(answer.reason, QUOTA_EXCEEDED);
    assertEquals(answer.properties.reasonString, FULL);
  }
  assertEquals(sessionOf(broker, "stored").backlogLength, 1);
  assertEquals(broker.core.retained.size, 0);
  assertEquals(broker.core.counters.storeRefused, 3);
  assertEquals(events(broker, "store_full"), ["error"]);
});

Deno.test("a client that knows no word for it is closed", () => {
  const { broker, teller } = full();
  teller.send(publish({ topic: "kept", payload: "2", qos: 1 }));
  assert(teller.closed);
  assertEquals(types(teller), []);
  assertEquals(sessionOf(broker, "stored").backlogLength, 1);
});

Deno.test("a session that is new is refused, in 3.1.1 and 5.0", () => {
  const { broker } = full();
  const old = broker.open();
  old.send(connect({ clientId: "new", cleanSession: false }));
  assertEquals([...old.bytes()], [0x20, 2, 0, 3]);
  const client = dial5(broker, { sessionExpirySeconds: 60 });
  const [connack] = decode5(client.bytes());
  assert(connack?.type === "connack");
  assertEquals(connack.reason, QUOTA_EXCEEDED);
});

Deno.test("what needs no store goes on", () => {
  const { broker, teller } = full();
  const live = dial(broker, { clientId: "live" });
  listen(live, "live", 1);
  teller.send(publish({ topic: "live", payload: "0" }));
  teller.send(publish({ topic: "live", payload: "1", qos: 1, packetId: 2 }));
  assertEquals(payloads(live), ["0", "1"]);
  assertEquals(types(teller), ["puback"]);
});

Deno.test("who has a session gets what waits, and may not add to it", () => {
  const { broker } = full();
  const { client, packets } = greet(broker, {
    clientId: "stored",
    cleanSession: false,
  });
  assertEquals(packets.map(({ type }) => type), ["publish"]);
  client.send(subscribe(5, ["more", 1]));
  const [suback] = decode(client.bytes());
  assert(suback?.type === "suback");
  assertEquals(suback.returnCodes, [0x80]);
  client.send(puback(1));
  assertEquals(sessionOf(broker, "stored").inflightSize, 0);
});

Deno.test("QoS 0 is not kept: neither retained nor queued", () => {
  const store = new RoomyStore();
  const broker = new TestBroker({
    store,
    storeBytesMax: LIMIT,
    queueQos0: true,
  });
  const stored = dialStored(broker, "stored");
  listen(stored, "kept", 1);
  stored.drop();
  const teller = dial(broker, { clientId: "teller" });
  teller.send(publish({ topic: "r", payload: "old", retain: true }));
  store.bytes = LIMIT;
  teller.send(publish({ topic: "r", payload: "new", retain: true }));
  teller.send(publish({ topic: "kept", payload: "x" }));
  const { counters, retained } = broker.core;
  // As with the limits of retained messages: none is better than an old one.
  assertEquals([retained.size, counters.retainedRefused], [0, 1]);
  assertEquals(counters.droppedStoreFull, 1);
  assertEquals(sessionOf(broker, "stored").backlogLength, 0);
});

Deno.test("a retained message can be taken away", () => {
  const { broker, store, teller } = full();
  store.bytes = 0;
  teller.send(
    publish({ topic: "r", payload: "x", retain: true, qos: 1, packetId: 3 }),
  );
  store.bytes = LIMIT;
  teller.send(publish({ topic: "r", retain: true, qos: 1, packetId: 4 }));
  assertEquals(types(teller), ["puback", "puback"]);
  assertEquals(broker.core.retained.size, 0);
});

Deno.test("it is over when a twentieth is free, and said once", () => {
  const { broker, store } = full();
  const told = (): number => {
    const client = dial5(broker);
    client.send(publish5({ topic: "kept", qos: 1, packetId: 9 }));
    const answer = decode5(client.bytes()).at(-1);
    assert(answer?.type === "puback");
    return answer.reason;
  };
  assertEquals(told(), QUOTA_EXCEEDED);
  store.bytes = LIMIT * 0.96;
  assertEquals(told(), QUOTA_EXCEEDED);
  store.bytes = LIMIT * 0.94;
  assertEquals(told(), 0);
  store.bytes = LIMIT * 0.99;
  assertEquals(told(), 0);
  assertEquals(events(broker, "store_full"), ["error"]);
  assertEquals(events(broker, "store_has_room"), ["warn"]);
});

Deno.test("0 is no limit", () => {
  const store = new RoomyStore();
  const broker = new TestBroker({ store, storeBytesMax: 0 });
  store.bytes = 2 ** 40;
  const stored = dialStored(broker, "stored");
  listen(stored, "kept", 1);
  const teller = dial(broker, { clientId: "teller" });
  teller.send(publish({ topic: "kept", payload: "x", qos: 1 }));
  assertEquals(messages(stored).length, 1);
});

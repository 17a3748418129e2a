/**
 * A chunk that is more than a turn's work: what is left of it waits, others
 * are served in between, and nothing of it is lost, whatever happens to its
 * client meanwhile.
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import {
  ask,
  dial,
  listen,
  messages,
  onlyMessage,
  payloads,
  read,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  disconnect,
  join,
  pingreq,
  publish,
  type Qos,
} from "../support/wire.ts";

const READERS = 250;
const MESSAGES = 1000;

/** A broker with many clients that read `a/+`; the last of them is shown. */
function crowded() {
  const broker = new TestBroker();
  let reader!: TestClient;
  for (let i = 0; i < READERS; i++) {
    reader = dial(broker, { clientId: `reader ${i}` });
    listen(reader, "a/+", 0);
  }
  const will = { topic: "will", payload: "lost", qos: 0, retain: false };
  const flooder = dial(broker, { clientId: "flooder", will: will as never });
  const watcher = dial(broker, { clientId: "watcher" });
  listen(watcher, "will", 0);
  return { broker, reader, flooder, watcher };
}

/** Messages that have to be delivered one by one. */
function flood(count: number, qos: Qos = 1): Uint8Array {
  return join(
    ...Array.from(
      { length: count },
      (_, i) =>
        publish({ topic: `a/${i}`, payload: `${i}`, qos, packetId: i + 1 }),
    ),
  );
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

Deno.test("others are served between the parts of a chunk", () => {
  const { broker, reader, flooder, watcher } = crowded();
  flooder.send(flood(MESSAGES));
  const first = payloads(reader);
  assertLess(first.length, MESSAGES / 2);
  assert(flooder.paused, "its client is not read from");
  assertEquals(ask(watcher, pingreq()), [{ type: "pingresp" }]);
  broker.advance(1);
  const second = payloads(reader);
  assert(second.length > 0 && first.length + second.length < MESSAGES);
  broker.advance(100);
  assertEquals([...first, ...second, ...payloads(reader)], numbers(MESSAGES));
  assert(!flooder.paused, "and now it is");
  broker.checkInvariants();
});

Deno.test("what is acknowledged is what was delivered", () => {
  const { broker, reader, flooder } = crowded();
  flooder.send(flood(MESSAGES));
  const acknowledged = read(flooder).length;
  assertLess(acknowledged, MESSAGES);
  assertEquals(payloads(reader).length, acknowledged);
  broker.advance(100);
  assertEquals(acknowledged + read(flooder).length, MESSAGES);
});

Deno.test("messages of QoS 0 that go the same way are one piece", () => {
  const { reader, flooder } = crowded();
  flooder.send(flood(MESSAGES, 0));
  assertEquals(payloads(reader), numbers(MESSAGES));
});

Deno.test("what comes meanwhile comes behind it", () => {
  const { broker, reader, flooder } = crowded();
  const bytes = join(flood(MESSAGES), publish({ topic: "a/x", payload: "x" }));
  // A read was under way when the broker stopped reading.
  const cut = bytes.length - 3;
  flooder.send(bytes.subarray(0, cut));
  flooder.send(bytes.subarray(cut));
  broker.advance(100);
  assertEquals(payloads(reader), [...numbers(MESSAGES), "x"]);
  assertEquals(broker.core.counters.bytesReceived >= bytes.length, true);
});

Deno.test("bytes that wait are counted once", () => {
  const { broker, flooder } = crowded();
  const before = broker.core.counters.bytesReceived;
  const bytes = flood(MESSAGES);
  flooder.send(bytes);
  broker.advance(100);
  assertEquals(broker.core.counters.bytesReceived - before, bytes.length);
});

Deno.test("what a client sent counts though its socket has ended", () => {
  const { broker, reader, flooder, watcher } = crowded();
  flooder.send(flood(MESSAGES));
  flooder.drop();
  assertEquals(messages(watcher), [], "the will comes behind it");
  broker.advance(100);
  assertEquals(payloads(reader), numbers(MESSAGES));
  assertEquals(onlyMessage(watcher).payload, "lost");
  assertEquals(broker.core.sessions.has("flooder"), false);
  broker.checkInvariants();
});

Deno.test("[MQTT-3.14.4-3] a DISCONNECT that waits takes the will", () => {
  const { broker, reader, flooder, watcher } = crowded();
  flooder.send(join(flood(MESSAGES), disconnect()));
  flooder.drop();
  broker.advance(100);
  assertEquals(payloads(reader), numbers(MESSAGES));
  assertEquals(messages(watcher), []);
  broker.checkInvariants();
});

Deno.test("who is taken over while it waits is forgotten", () => {
  const { broker, reader, flooder } = crowded();
  flooder.send(flood(MESSAGES));
  flooder.drop();
  const again = dial(broker, { clientId: "flooder" });
  broker.advance(100);
  assertLess(payloads(reader).length, MESSAGES);
  assertEquals(broker.core.pool.queuedBytes, 0);
  assertEquals(ask(again, pingreq()), [{ type: "pingresp" }]);
  broker.checkInvariants();
});

Deno.test("two who flood take turns", () => {
  const { broker, reader, flooder, watcher } = crowded();
  flooder.send(flood(MESSAGES));
  watcher.send(flood(MESSAGES));
  let turns = 0;
  while (flooder.paused && watcher.paused) {
    broker.advance(1);
    assertLess(++turns, 100);
  }
  const isFair = payloads(reader).length > 1.5 * MESSAGES;
  assert(isFair, "the other is not far behind");
  broker.advance(100);
  assertEquals(flooder.paused || watcher.paused, false);
});

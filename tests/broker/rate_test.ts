/**
 * Clients that send faster than they may: they are not read from for a
 * while. Nothing is lost, and nobody is held for silent who is not read from.
 */

import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../src/base/token_bucket.ts";
import { plainDoor } from "../../src/broker/door.ts";
import {
  dial,
  expectAlive,
  listener,
  payloads,
  read,
} from "../conformance/talk5.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  join,
  pingreq,
  publish,
} from "../support/wire5.ts";
import { PendingLogins } from "./setting.ts";

/** The sender's socket: what is sent waits there while nobody reads. */
class Wire {
  readonly #client: TestClient;
  readonly #broker: TestBroker;
  readonly #waiting: Uint8Array[] = [];

  constructor(broker: TestBroker, client: TestClient) {
    this.#broker = broker;
    this.#client = client;
  }

  /** How much waits, chunks. */
  get length(): number {
    return this.#waiting.length;
  }

  send(...chunks: readonly Uint8Array[]): void {
    this.#waiting.push(...chunks);
    this.#drain();
  }

  /** Time passes, and the broker reads when it likes to. */
  advance(ms: number, step = 1): void {
    for (let passed = 0; passed < ms; passed += step) {
      this.#broker.advance(step);
      this.#drain();
    }
  }

  #drain(): void {
    while (!this.#client.paused && this.#waiting.length > 0) {
      this.#client.send(this.#waiting.shift()!);
    }
  }
}

/** So many messages that say their number, each a chunk. */
function numbered(count: number, first = 0): Uint8Array[] {
  return Array.from(
    { length: count },
    (_, at) => publish({ topic: "a", payload: `${first + at}` }),
  );
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at}`);
}

Deno.test("messages above the rate come later, all and in order", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 10 });
  const ear = listener(broker, "a");
  const client = dial(broker);
  const wire = new Wire(broker, client);
  wire.send(...numbered(35));
  // A second's worth at once, and the one that was too much.
  assertEquals(payloads(ear), numbers(11));
  assert(client.paused);
  assertEquals(broker.core.counters.ratePauses, 1);
  wire.advance(99);
  assertEquals(payloads(ear), []);
  wire.advance(1);
  assertEquals(payloads(ear), ["11"]);
  wire.advance(2300);
  assertEquals(payloads(ear), numbers(35).slice(12));
  assertEquals(wire.length, 0);
  wire.advance(1000);
  assert(!client.paused);
  broker.checkInvariants();
});

Deno.test("a chunk of many messages is served whole, and paid for", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 10 });
  const ear = listener(broker, "a");
  const client = dial(broker);
  client.send(join(...numbered(110)));
  assertEquals(payloads(ear), numbers(110));
  broker.advance(9_999);
  assert(client.paused);
  broker.advance(1);
  assert(!client.paused);
});

Deno.test("bytes count where it is bytes that are bounded", () => {
  const broker = new TestBroker({ clientBytesPerSecond: 1000 });
  const ear = listener(broker, "a");
  const client = dial(broker);
  broker.advance(1000);
  const wire = new Wire(broker, client);
  const chunk = publish({ topic: "a", payload: "x".repeat(500 - 6) });
  assertEquals(chunk.length, 501);
  wire.send(chunk, chunk, chunk);
  assertEquals(payloads(ear).length, 2);
  wire.advance(1);
  assertEquals(payloads(ear).length, 0);
  wire.advance(1);
  assertEquals(payloads(ear).length, 1);
  // What no message is counts as well.
  const before = broker.core.counters.ratePauses;
  wire.advance(10_000, 100);
  for (let i = 0; i < 501; i++) client.send(pingreq());
  assertEquals(broker.core.counters.ratePauses, before + 1);
  assertEquals(read(client).length, 501);
});

Deno.test("both limits hold; the longer wait counts", () => {
  const options = { clientBytesPerSecond: 100, clientMessagesPerSecond: 1 };
  const broker = new TestBroker(options);
  const client = dial(broker);
  broker.advance(1000);
  client.send(join(...numbered(3))); // 2 too many; bytes are fewer than 100
  broker.advance(1999);
  assert(client.paused);
  broker.advance(1);
  assert(!client.paused);
  broker.advance(5000);
  client.send(publish({ topic: "a", payload: "x".repeat(493) }));
  broker.advance(3999);
  assert(client.paused);
  broker.advance(1);
  assert(!client.paused);
});

Deno.test("each client has its own rate", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 1 });
  const ear = listener(broker, "a");
  const [fast, other] = ["fast", "other"].map((clientId) =>
    dial(broker, { clientId })
  );
  fast!.send(join(...numbered(5)));
  assert(fast!.paused);
  assert(!other!.paused);
  other!.send(join(...numbered(1)));
  assert(!other!.paused);
  assertEquals(payloads(ear).length, 6);
});

Deno.test("a door's rate is that of its clients together", () => {
  const broker = new TestBroker();
  const door = plainDoor("slow", {
    messages: new TokenBucket(10, 10, broker.nowMs),
    bytes: new TokenBucket(1e6, 1e6, broker.nowMs),
  });
  const ear = listener(broker, "a");
  const [first, second] = ["first", "second"].map((clientId) => {
    const client = broker.open({ door });
    client.send(connect({ clientId }));
    read(client);
    return client;
  });
  first!.send(join(...numbered(10)));
  assert(!first!.paused);
  second!.send(join(...numbered(5)));
  assert(second!.paused && !first!.paused);
  first!.send(join(...numbered(5)));
  assert(first!.paused);
  broker.advance(500);
  assertEquals([first!.paused, second!.paused], [true, false]);
  broker.advance(500);
  assertEquals([first!.paused, second!.paused], [false, false]);
  assertEquals(payloads(ear).length, 20);
  // By another door there is no limit.
  const free = dial(broker, { clientId: "free" });
  free.send(join(...numbered(100)));
  assert(!free.paused);
  broker.checkInvariants();
});

Deno.test("a door's bytes count too", () => {
  const broker = new TestBroker();
  const bytes = new TokenBucket(1000, 1000, broker.nowMs);
  const door = plainDoor("slow", { bytes });
  const client = broker.open({ door });
  client.send(join(connect(), new Uint8Array(0)));
  client.send(publish({ topic: "a", payload: "x".repeat(2000) }));
  assert(client.paused);
  broker.advance(900);
  assert(client.paused);
  broker.advance(200);
  assert(!client.paused);
});

Deno.test("who is not read from is not silent, no half packet late", () => {
  const broker = new TestBroker({
    clientMessagesPerSecond: 1,
    partialPacketTimeoutMs: 1000,
  });
  const client = dial(broker, { keepAliveS: 2 });
  const wire = new Wire(broker, client);
  const [half] = numbered(1, 11);
  wire.send(join(...numbered(11), half!.subarray(0, 3)));
  assert(client.paused); // for ten seconds
  broker.advance(9_999);
  assert(!client.closed, client.closeReason);
  broker.advance(1);
  assert(!client.paused);
  // From now on it is: the rest does not come.
  broker.advance(999);
  assert(!client.closed, client.closeReason);
  broker.advance(1);
  assertEquals(client.closeReason, "a packet that does not go on");
  broker.checkInvariants();
});

Deno.test("after the wait the keep alive goes on where it was", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 1 });
  const client = dial(broker, { keepAliveS: 2 });
  client.send(join(...numbered(11)));
  broker.advance(10_000);
  assert(!client.paused);
  broker.advance(2_999);
  assert(!client.closed);
  broker.advance(1);
  assertEquals(
    client.closeReason,
    "nothing received for 1.5 times the keep alive",
  );
});

Deno.test("DISCONNECT behind too much is read when its time comes", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 1 });
  const ear = listener(broker, "#");
  const will = { topic: "w", payload: "lost" };
  const client = dial(broker, { will });
  const wire = new Wire(broker, client);
  wire.send(join(...numbered(3)), disconnect());
  assert(client.paused && !client.closed);
  wire.advance(2000);
  assert(client.closed);
  assertEquals(payloads(ear), numbers(3));
  assertEquals(broker.core.counters.willsPublished, 0);
  broker.checkInvariants();
});

Deno.test("a client may leave, or be closed, while it waits", () => {
  const broker = new TestBroker({ clientMessagesPerSecond: 1 });
  const gone = dial(broker, { clientId: "gone" });
  gone.send(join(...numbered(5)));
  gone.drop();
  const closed = dial(broker, { clientId: "closed" });
  closed.send(join(...numbered(5)));
  closed.connection!.close("client", "by the test");
  broker.core.endTurn();
  assert(closed.closed);
  broker.advance(10_000);
  broker.checkInvariants();
  assertEquals(broker.core.connections.size, 0);
  expectAlive(dial(broker, { clientId: "gone" }));
});

Deno.test("bytes that waited for a login are counted", () => {
  const authenticator = new PendingLogins();
  const options = { authenticator, clientMessagesPerSecond: 1 };
  const broker = new TestBroker(options);
  const client = broker.open();
  client.send(join(connect(), ...numbered(3)));
  authenticator.answer("allow");
  assert(client.paused);
  broker.advance(2000);
  assert(!client.paused);
  broker.checkInvariants();
});

Deno.test("a slow reader and the rate hold a publisher independently", () => {
  const broker = new TestBroker({
    clientMessagesPerSecond: 1,
    writeQueueHighBytes: 1024,
    publisherPauseMs: 5000,
  });
  const ear = listener(broker, "a");
  ear.reading = false;
  const client = dial(broker);
  client.send(publish({ topic: "a", payload: "x".repeat(2000) }));
  assert(client.paused); // for the slow reader
  client.send(join(...numbered(2)));
  broker.advance(3000);
  assert(client.paused); // the rate is kept, the reader is still slow
  broker.advance(2000);
  assert(!client.paused);
  client.send(join(...numbered(3)));
  ear.reading = true;
  ear.flush();
  assert(client.paused); // for the rate alone
  broker.advance(3000);
  assert(!client.paused);
  broker.checkInvariants();
});

Deno.test("without limits nothing is metered", () => {
  const broker = new TestBroker();
  const client = dial(broker);
  assertEquals(client.connection!.isMetered, false);
  client.send(join(...numbered(1000)));
  assert(!client.paused);
});

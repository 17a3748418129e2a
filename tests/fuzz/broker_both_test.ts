/**
 * A whole pure broker under random and nearly right bytes: at worst the
 * connection that sent them ends with a reason; the broker makes no error of
 * its own, its state stays whole, and its other clients do not notice.
 * Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { TestBroker } from "../support/test_broker.ts";
import { connect } from "../support/wire.ts";
import { walks } from "./fuzzer.ts";
import { pieces, type Random } from "./random.ts";
import { checkWhole, nonsense, readAny, RIOT_LIMITS, Witness } from "./riot.ts";

/** Several bad clients speak in turns, in pieces. */
function riot(random: Random): void {
  const broker = new TestBroker(RIOT_LIMITS);
  const witness = new Witness(broker);
  const talks = Array.from({ length: 4 }, () => ({
    client: broker.open(),
    parts: pieces(random, nonsense(random)),
  }));
  for (let left = true; left;) {
    left = false;
    for (const talk of talks) {
      const part = talk.parts.shift();
      if (part === undefined) continue;
      left = true;
      talk.client.reading = random.chance(90);
      talk.client.send(part);
      if (talk.client.reading) readAny(talk.client);
      if (random.chance(2)) talk.client.drop();
      if (random.chance(5)) broker.advance(random.below(3000));
    }
    checkWhole(broker);
  }
  witness.check();
  for (const { client } of talks) client.drop();
  checkWhole(broker);
  witness.check();
  broker.advance(60_000);
  checkWhole(broker);
  assertEquals(broker.core.connections.size, 1);
  assertEquals(broker.core.partialBytes, 0);
}

test("nearly right clients harm nobody but themselves", () => {
  walks(1500, riot);
});

test("random bytes end a connection, with a reason", () => {
  walks(3000, (random) => {
    const broker = new TestBroker(RIOT_LIMITS);
    const client = broker.open();
    if (random.chance(60)) client.send(connect());
    const bytes = random.bytes(random.between(1, 80));
    for (const part of pieces(random, bytes)) client.send(part);
    checkWhole(broker);
    if (client.closed) assert(client.closeReason !== "");
    broker.advance(100_000);
    checkWhole(broker);
    assertEquals(broker.core.partialBytes, 0);
  });
});

/** What a broker did with a stream, in all that can be seen of it. */
function outcome(stream: Uint8Array, parts: readonly Uint8Array[]): unknown {
  const broker = new TestBroker(RIOT_LIMITS);
  const client = broker.open();
  for (const part of parts) client.send(part);
  const { core } = broker;
  const state = {
    sent: client.bytes(),
    reason: client.closeReason,
    retained: core.retained.match("#").map(({ topic }) => topic).sort(),
    sessions: [...core.sessions.keys()],
    subscriptions: core.router.size,
    published: core.counters.publishReceived,
    bytes: client.closed ? 0 : core.counters.bytesReceived,
  };
  assert(state.bytes === 0 || state.bytes === stream.length);
  return state;
}

test("every split of a stream has the same outcome", () => {
  walks(1500, (random) => {
    const stream = nonsense(random);
    const whole = outcome(stream, [stream]);
    assertEquals(outcome(stream, pieces(random, stream)), whole);
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    assertEquals(outcome(stream, bytes), whole);
  });
});

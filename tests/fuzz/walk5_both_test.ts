/**
 * Random walks of MQTT 5.0 clients, and nearly right bytes among them: what
 * each client gets keeps to the limits that it has set, the broker makes no
 * error of its own and its state stays whole. Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import { TestBroker } from "../support/test_broker.ts";
import { connect, join, publish, subscribe } from "../support/wire5.ts";
import { forSeeds, pieces, type Random } from "./random.ts";
import { TOPICS, Walker } from "./walker5.ts";

const STEPS = 150;

function randomBroker(random: Random): TestBroker {
  return new TestBroker({
    packetBytesMax: 2000,
    inflightInMax: 20,
    inflightOutMax: random.pick([3, 10, 100]),
    backlogMessagesMax: random.pick([5, 1000]),
    queueQos0: random.chance(30),
    deliversEach: random.chance(30),
    checksPayloadFormat: random.chance(30),
    shareStrategy: random.pick(
      ["round-robin", "least-inflight", "hash-client-id", "hash-topic"],
    ),
  });
}

function checkWhole(broker: TestBroker): void {
  broker.checkInvariants();
  const fault = broker.logs.find(({ event }) => event === "internal_error");
  assertEquals(fault?.fields["stack"], undefined);
}

/** Clients come, act and go; the time passes in jumps. */
function walk(random: Random): void {
  const broker = randomBroker(random);
  let walkers: Walker[] = [];
  for (let step = 0; step < STEPS; step++) {
    if (walkers.length === 0 || random.chance(12)) {
      walkers.push(new Walker(broker, random));
    } else if (random.chance(5)) {
      broker.advance(random.pick([10, 500, 1500, 6000]));
    } else random.pick(walkers).act();
    for (const walker of walkers) walker.check();
    walkers = walkers.filter(({ isGone }) => !isGone);
    checkWhole(broker);
  }
}

test("clients of 5.0 get nothing that they don't take", () => {
  forSeeds(1000, walk);
});

/** A stream of packets, one byte of which may be wrong. */
function nonsense(random: Random): Uint8Array {
  const bytes = join(
    connect({
      clientId: random.pick(["x", "y"]),
      will: { topic: "a", properties: { willDelaySeconds: 1 } },
      properties: { topicAliasMaximum: 3, sessionExpirySeconds: 9 },
    }),
    subscribe(1, [{ filter: "#", qos: 2 }], { subscriptionIds: [7] }),
    ...random.list(1, 5, () =>
      publish({
        topic: random.pick(TOPICS),
        qos: random.pick([0, 1, 2]),
        properties: {
          topicAlias: random.between(1, 3),
          responseTopic: "b",
          userProperties: [["a", "b"]],
        },
      })),
  );
  if (random.chance(80)) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

test("nearly right bytes of 5.0 end a connection, at worst", () => {
  forSeeds(2000, (random) => {
    const broker = randomBroker(random);
    const clients = [broker.open(), broker.open()];
    for (const client of clients) {
      for (const part of pieces(random, nonsense(random))) client.send(part);
      checkWhole(broker);
    }
    broker.advance(100_000);
    checkWhole(broker);
  });
});

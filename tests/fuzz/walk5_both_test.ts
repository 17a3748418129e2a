/**
 * Random walks of MQTT 5.0 clients, and nearly right bytes among them: what
 * each client gets keeps to the limits that it has set, the broker makes no
 * error of its own and its state stays whole. Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { TestBroker } from "../support/test_broker.ts";
import { walks } from "./fuzzer.ts";
import { pieces, type Random } from "./random.ts";
import { checkWhole } from "./riot.ts";
import { nonsense5, Walker } from "./walker5.ts";

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
  walks(1000, walk);
});

test("nearly right bytes of 5.0 end a connection, at worst", () => {
  walks(2000, (random) => {
    const broker = randomBroker(random);
    const clients = [broker.open(), broker.open()];
    for (const client of clients) {
      for (const part of pieces(random, nonsense5(random))) client.send(part);
      checkWhole(broker);
    }
    broker.advance(100_000);
    checkWhole(broker);
  });
});

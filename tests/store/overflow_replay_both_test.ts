/**
 * Full queues and the store: whatever a queue loses, what is on disk and
 * what the broker counts stay the same, and what was lost stays lost, over
 * random lives of clients. Runs under Deno and Bun.
 */

import { Core } from "../../src/broker/core.ts";
import { checkInvariants } from "../../src/broker/invariants.ts";
import type { QueueOverflow } from "../../src/session/drops.ts";
import type { Store } from "../../src/session/store.ts";
import { Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  decode,
  puback,
  pubcomp,
  pubrec,
  type Qos,
  subscribe,
} from "../support/wire.ts";
import { connect as connect5, publish as publish5 } from "../support/wire5.ts";
import { InlineStore } from "./inline_store.ts";
import { RecordingStore } from "./recording_store.ts";
import { snapshotOf } from "./snapshot.ts";

const READERS = ["a", "b", "c"];
const STEPS = 150;

/** Readers that come and go, and one who publishes more than they take. */
class Life {
  readonly broker: TestBroker;
  readonly #random: Random;
  readonly #readers = new Map<string, TestClient>();
  #teller: TestClient;
  #number = 0;

  constructor(random: Random, store: Store, queueOverflow: QueueOverflow) {
    this.#random = random;
    this.broker = new TestBroker({
      store,
      queueOverflow,
      queueQos0: random.chance(50),
      inflightOutMax: random.pick([1, 4]),
      backlogMessagesMax: random.pick([3, 80]),
      backlogBytesMax: random.pick([2_000, 1_000_000]),
      backlogTotalBytesMax: random.pick([5_000, 1_000_000]),
    });
    this.#teller = this.#connectTeller();
    for (const clientId of READERS) this.#toggle(clientId);
  }

  step(): void {
    const random = this.#random;
    const clientId = random.pick(READERS);
    if (random.chance(60)) this.#tell();
    else if (random.chance(25)) this.#toggle(clientId);
    else this.#answer(this.#readers.get(clientId));
    this.broker.checkInvariants();
  }

  #connectTeller(): TestClient {
    const client = this.broker.open();
    client.send(connect5({ clientId: "teller" }));
    return client;
  }

  #tell(): void {
    const random = this.#random;
    const count = random.pick([1, 1, 1, 100]);
    for (let i = 0; i < count; i++) {
      const number = ++this.#number;
      const payload = `${number} `.padEnd(random.pick([4, 4, 700]), ".");
      const qos = random.pick([0, 1, 1, 2]) as Qos;
      const packetId = number % 60_000 + 1;
      this.#teller.send(publish5({ topic: "t", qos, packetId, payload }));
    }
    // Its QoS 2 messages are as good as released by a new connection.
    if (this.#teller.closed || random.chance(5)) {
      this.#teller.drop();
      this.#teller = this.#connectTeller();
    }
  }

  /** Comes, or goes. */
  #toggle(clientId: string): void {
    const here = this.#readers.get(clientId);
    if (here !== undefined) {
      here.drop();
      this.#readers.delete(clientId);
      return;
    }
    const client = this.broker.open();
    client.send(connect({ clientId, cleanSession: false }));
    client.send(subscribe(1, ["t", this.#random.pick([1, 2])]));
    this.#readers.set(clientId, client);
  }

  #answer(client: TestClient | undefined): void {
    if (client === undefined) return;
    for (const packet of decode(client.bytes())) {
      if (packet.type === "publish" && packet.qos > 0) {
        const { packetId } = packet;
        client.send(packet.qos === 1 ? puback(packetId) : pubrec(packetId));
      } else if (packet.type === "pubrel") {
        client.send(pubcomp(packet.packetId));
      }
    }
  }
}

function recording(): Store {
  const store = new RecordingStore();
  store.inMemory = 2;
  return store;
}

for (const overflow of ["drop-newest", "drop-oldest", "refuse"] as const) {
  for (const makeStore of [recording, () => new InlineStore()]) {
    const name = makeStore === recording ? "recorded" : "in SQLite's rows";
    test(`${overflow}: a start finds what is there, ${name}`, () => {
      const lost = { newest: 0, oldest: 0, refused: 0 };
      for (let seed = 1; seed <= 6; seed++) {
        const life = new Life(new Random(seed), makeStore(), overflow);
        for (let step = 0; step < STEPS; step++) {
          life.step();
          if (step % 5 !== 0) continue;
          const { core } = life.broker;
          const again = new Core(core.options, core.nowMs);
          assertEquals(snapshotOf(again), snapshotOf(core), `seed ${seed}`);
          checkInvariants(again);
        }
        const { counters } = life.broker.core;
        lost.newest += counters.droppedBacklogFull;
        lost.oldest += counters.droppedBacklogOldest;
        lost.refused += counters.backlogRefused;
      }
      // It was about something.
      assert(lost.newest > 0 || overflow === "drop-oldest");
      assertEquals(lost.oldest > 0, overflow === "drop-oldest");
      assertEquals(lost.refused > 0, overflow === "refuse");
    });
  }
}

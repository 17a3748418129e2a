/**
 * A world of clients around one pure broker, driven by chance with a seed:
 * they connect, subscribe, publish, answer or forget to, stop reading, drop
 * in the middle of a packet and come back; the broker may be stopped and
 * started on what its store has kept. The ledger says what is owed.
 */

import { AccessRules } from "../../src/auth/access_rules.ts";
import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import { isAllowed, randomPolicy } from "../auth/access_model.ts";
import { TestBroker, type TestBrokerOptions } from "../support/test_broker.ts";
import type { Store } from "../../src/session/store.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { connect, decode, type Qos, subscribe } from "../support/wire.ts";
import { type Outgoing, SimClient, type Watcher } from "./client.ts";
import { type Dialect, Mqtt5, MQTT_3_1_1 } from "./dialect.ts";
import { Ledger, type May } from "./ledger.ts";

const TOPICS = ["a", "a/b", "a/b/c", "b", "b/a", "$x/a", "a/", "/"] as const;
const FILTERS = [
  ...TOPICS,
  "#",
  "+",
  "a/#",
  "a/+",
  "+/b",
  "+/+/c",
  "$x/#",
  "+/",
] as const;

export interface WorldOptions {
  steps: number;
  /** Whether QoS 0 waits for those who are away. */
  queueQos0?: boolean;
  /** With one, the broker may be stopped and started. */
  makeStore?: () => Store;
  /** How many of a hundred connections speak MQTT 5.0; none by default. */
  percentOf5?: number;
  /** Whether there are rules of who may publish and read what. */
  hasRules?: boolean;
  /** Called after each step. */
  inspect?: (world: World) => void;
}

type Act = (world: World, client: SimClient) => void;

/** What a connected client does, and how often. */
const ACTS: readonly [weight: number, act: Act][] = [
  [30, (world, client) => world.publish(client)],
  [25, (world, client) => client.answer(world.random.between(1, 4))],
  [
    8,
    (world, client) =>
      client.subscribe(world.random.pick(FILTERS), world.qos()),
  ],
  [3, (world, client) => client.unsubscribe(world.random.pick(FILTERS))],
  [4, (_, client) => client.drop()],
  [2, (_, client) => client.disconnect()],
  [2, (world, client) => world.publishHalf(client)],
  [2, (world, client) => world.takeOver(client)],
  [3, (world, client) => world.stopReading(client)],
  [6, (_, client) => client.setReading("reading")],
];

export class World implements Watcher {
  readonly random: Random;
  readonly ledger: Ledger;
  readonly clients: SimClient[] = [];
  broker: TestBroker;
  readonly #options: TestBrokerOptions;
  readonly #store: Store | undefined;
  readonly #percentOf5: number;
  readonly #may: May;
  #sequence = 0;
  /** Clients of which the broker has a session. */
  readonly #sessions = new Set<SimClient>();

  constructor(random: Random, options: WorldOptions) {
    this.random = random;
    this.#store = options.makeStore?.();
    this.#percentOf5 = options.percentOf5 ?? 0;
    const { may, authorizer } = options.hasRules === true
      ? randomRules(random)
      : { may: () => true, authorizer: undefined };
    this.#may = may;
    this.ledger = new Ledger(may);
    this.#options = {
      ...(authorizer === undefined ? {} : { authorizer }),
      inflightOutMax: random.pick([1, 3, 100]),
      writeQueueHighBytes: random.pick([1024, 1 << 20]),
      publisherPauseMs: random.pick([0, 100]),
      routeCacheMax: 64,
      queueQos0: options.queueQos0 ?? false,
      ...(this.#store === undefined ? {} : { store: this.#store }),
    };
    this.broker = new TestBroker(this.#options);
    for (let i = 0; i < 5; i++) {
      const kind = i < 3 ? "persistent" : "clean";
      this.clients.push(new SimClient(this, random, `c${i}`, kind));
    }
  }

  /** One thing happens. */
  step(): void {
    const { random } = this;
    if (random.chance(10)) this.broker.advance(random.below(200));
    if (this.#store !== undefined && random.chance(2)) this.restart();
    const client = random.pick(this.clients);
    if (!client.isConnected) client.connect();
    else if (client.line!.paused) this.broker.advance(50);
    else this.#act(client);
    for (const other of this.clients) other.read();
    this.broker.checkInvariants();
  }

  qos(): Qos {
    return this.random.pick([0, 1, 2]);
  }

  publish(client: SimClient): void {
    const { random } = this;
    const retain = random.chance(10);
    client.publish(
      random.pick(TOPICS),
      this.#payload(client),
      this.qos(),
      retain,
    );
  }

  publishHalf(client: SimClient): void {
    const { random } = this;
    client.publishHalf(random.pick(TOPICS), this.#payload(client), this.qos());
    this.ledger.hungUp(client);
  }

  stopReading(client: SimClient): void {
    this.ledger.gotStuck(client);
    client.setReading("stuck");
  }

  /** The same client comes again while its old connection is still there. */
  takeOver(client: SimClient): void {
    const old = client.line!;
    client.gone();
    this.ledger.hungUp(client);
    client.connect();
    if (!old.reading) old.drop();
    if (!old.closed && old.reading) throw new Error("taken over, not closed");
  }

  /** The broker's process ends without a word, and a new one begins. */
  restart(): void {
    const { nowMs } = this.broker;
    for (const client of this.clients) {
      if (client.isConnected) client.gone();
      this.ledger.hungUp(client);
    }
    this.broker = new TestBroker(this.#options);
    this.broker.advance(nowMs);
  }

  /** A client may come back with another version. */
  dialect(): Dialect {
    if (this.#percentOf5 === 0) return MQTT_3_1_1;
    const is5 = this.random.chance(this.#percentOf5);
    return is5 ? new Mqtt5(this.random) : MQTT_3_1_1;
  }

  arrives({ clientId }: SimClient, message: Outgoing): void {
    if (!this.#may(clientId, "write", message.topic)) return;
    this.ledger.arrives(message, this.#sessions);
  }

  began(client: SimClient, session: "new" | "kept"): void {
    const isExpected = client.persistent && this.#sessions.has(client);
    if (isExpected !== (session === "kept")) {
      throw new Error(`${client.clientId}: session is ${session}`);
    }
    this.#sessions.add(client);
    this.ledger.hungUp(client);
  }

  ended(client: SimClient): void {
    this.#sessions.delete(client);
    this.ledger.ended(client);
  }

  /** Everybody comes back, reads and answers until nothing is left. */
  calmDown(): void {
    for (const client of this.clients) {
      if (!client.isConnected) client.connect();
      client.setReading("reading");
    }
    for (let round = 0;; round++) {
      for (const client of this.clients) client.read();
      for (const client of this.clients) client.answer(Infinity);
      if (this.clients.every((c) => c.owed + c.unacknowledged === 0)) break;
      if (round > 100) throw new Error("they never come to an end");
    }
    this.broker.advance(1000);
    this.broker.checkInvariants();
  }

  /** Fails unless the broker holds no more than it has to. */
  checkLeaks(): void {
    const { core } = this.broker;
    for (const { clientId, persistent } of this.clients) {
      const session = core.sessions.get(clientId)!;
      expect(session.inflightSize, 0, `${clientId}: in flight`);
      expect(session.hasWaiting, false, `${clientId}: waiting`);
      if (persistent) expect(session.received.size, 0, `${clientId}: ids`);
    }
    expect(core.totals, { backlogBytes: 0, retainedPending: 0 }, "totals");
    this.#checkRetained();
    for (const client of this.clients) client.disconnect();
    for (const { clientId } of this.clients) {
      const line = this.broker.open();
      line.send(connect({ clientId }));
      line.drop();
    }
    this.broker.advance(100_000);
    this.broker.checkInvariants();
    expect(core.sessions.size, 0, "sessions");
    expect(core.router.size, 0, "subscriptions");
    expect(core.connections.size, 0, "connections");
    expect(core.pool.queuedBytes, 0, "queued bytes");
    expect(core.pool.freeBytes, 0, "idle buffers");
    expect(core.partialBytes, 0, "half packets");
    expect(core.nextDeadlineMs, Infinity, "deadlines");
    expect(core.counters.internalErrors, 0, "internal errors");
    expect(core.counters.protocolErrors, 0, "protocol errors");
  }

  #act(client: SimClient): void {
    let left = this.random.below(ACTS.reduce((sum, [w]) => sum + w, 0));
    for (const [weight, act] of ACTS) {
      left -= weight;
      if (left >= 0) continue;
      act(this, client);
      break;
    }
    if (!client.isConnected) this.ledger.hungUp(client);
  }

  /** A message names its origin; some are large. */
  #payload(client: SimClient): string {
    const padding = this.random.chance(5) ? 20_000 : this.random.below(300);
    return `${client.clientId}:${++this.#sequence}:${".".repeat(padding)}`;
  }

  /** A newcomer is told what the ledger says. */
  #checkRetained(): void {
    const line = this.broker.open();
    line.send(connect({ clientId: "newcomer" }));
    line.send(subscribe(1, ["#", 0], ["$x/#", 0]));
    const got = new Map<string, string>();
    for (const packet of decode(line.bytes())) {
      if (packet.type === "publish") got.set(packet.topic, packet.payload);
    }
    line.drop();
    expect(
      [...got].sort(),
      [...this.ledger.retained].sort(),
      "retained messages",
    );
  }
}

/** Rules for each of the clients, and what they say, read naively. */
function randomRules(random: Random): {
  may: May;
  authorizer: { rightsOf: AccessRules["rightsOf"] };
} {
  const policies = new Map(
    Array.from({ length: 5 }, (_, at) => [`c${at}`, randomPolicy(random)]),
  );
  const userName = undefined;
  return {
    may(clientId, action, topic) {
      const policy = policies.get(clientId);
      const who = { clientId, userName };
      return policy === undefined || isAllowed(policy, who, action, topic);
    },
    authorizer: {
      rightsOf(who) {
        const policy = policies.get(who.clientId);
        if (policy === undefined) return ALL_RIGHTS;
        return new AccessRules(policy).rightsOf(who);
      },
    },
  };
}

function expect(actual: unknown, wanted: unknown, what: string): void {
  const [is, should] = [actual, wanted].map((v) => JSON.stringify(v));
  if (is !== should || Object.is(actual, Infinity) !== (wanted === Infinity)) {
    throw new Error(`${what}: ${is}, not ${should}`);
  }
}

/** Plays a world for each seed to its end. */
export function playWorlds(seeds: number, options: WorldOptions): void {
  forSeeds(seeds, (random) => {
    const world = new World(random, options);
    for (let step = 0; step < options.steps; step++) {
      world.step();
      options.inspect?.(world);
    }
    world.calmDown();
    world.ledger.settle(world.clients);
    world.checkLeaks();
  });
}

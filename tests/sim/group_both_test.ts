/**
 * A shared subscription in the simulated world: its members come and go,
 * answer or forget to, and in the end the group has got every message of
 * QoS 1 at least once and of QoS 2 once, whoever of them it was. Runs under
 * Deno and Bun.
 */

import { test } from "../support/both.ts";
import { assert } from "../support/std_assert.ts";
import { TestBroker } from "../support/test_broker.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { SimClient, type Watcher } from "./client.ts";
import { type Dialect, Mqtt5, MQTT_3_1_1 } from "./dialect.ts";

const FILTER = "$share/group/a/#";
const STEPS = 200;

type Members = "all persistent" | "some clean";

class GroupWorld implements Watcher {
  readonly broker: TestBroker;
  readonly publisher: SimClient;
  readonly members: SimClient[];
  /** The QoS of each message, by its payload. */
  readonly sent = new Map<string, number>();
  readonly #random: Random;
  /** Members whose session is new, so that it has no subscription. */
  readonly #newcomers = new Set<SimClient>();

  constructor(random: Random, members: Members) {
    this.#random = random;
    this.broker = new TestBroker({
      inflightOutMax: random.pick([1, 3, 100]),
      shareStrategy: random.pick(
        ["round-robin", "least-inflight", "hash-client-id", "hash-topic"],
      ),
    });
    this.publisher = new SimClient(this, random, "publisher", "persistent");
    this.members = [0, 1, 2, 3].map((at) => {
      const isClean = members === "some clean" && at > 1;
      const kind = isClean ? "clean" : "persistent";
      return new SimClient(this, random, `member${at}`, kind);
    });
    this.publisher.connect();
    for (const member of this.members) this.#join(member);
  }

  step(): void {
    const random = this.#random;
    if (random.chance(10)) this.broker.advance(random.below(2000));
    if (random.chance(40)) this.#publish();
    else this.#act(random.pick(this.members));
    for (const client of [this.publisher, ...this.members]) client.read();
    this.broker.checkInvariants();
  }

  /** Everybody comes back, reads and answers until nothing is left. */
  calmDown(): void {
    const all = [this.publisher, ...this.members];
    for (const client of all) if (!client.isConnected) this.#join(client);
    for (let round = 0;; round++) {
      for (const client of all) client.read();
      for (const client of all) client.answer(Infinity);
      if (all.every((c) => c.owed + c.unacknowledged === 0)) return;
      assert(round < 100, "they never come to an end");
    }
  }

  /** How often each message came, to whomever. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { payload } of this.members.flatMap((one) => one.received)) {
      counts.set(payload, (counts.get(payload) ?? 0) + 1);
    }
    return counts;
  }

  dialect(): Dialect {
    return this.#random.chance(70) ? new Mqtt5(this.#random) : MQTT_3_1_1;
  }

  began(client: SimClient, session: "new" | "kept"): void {
    if (session === "new") this.#newcomers.add(client);
  }

  arrives(): void {}
  ended(): void {}

  #publish(): void {
    const payload = `p:${this.sent.size}:`;
    const qos = this.#random.pick([1, 2] as const);
    this.sent.set(payload, qos);
    this.publisher.publish(`a/${this.#random.below(3)}`, payload, qos, false);
    this.publisher.answer(Infinity);
  }

  #act(member: SimClient): void {
    const random = this.#random;
    if (!member.isConnected) return this.#join(member);
    const roll = random.below(100);
    if (roll < 70) member.answer(random.between(1, 4));
    else if (roll < 80) member.drop();
    else if (roll < 90) member.disconnect();
    else {
      member.gone();
      this.#join(member); // which takes over from itself
    }
  }

  #join(client: SimClient): void {
    client.connect();
    const isMember = client !== this.publisher;
    if (this.#newcomers.delete(client) && isMember) client.subscribe(FILTER, 2);
  }
}

function play(random: Random, members: Members): void {
  const world = new GroupWorld(random, members);
  for (let step = 0; step < STEPS; step++) world.step();
  world.calmDown();
  const counts = world.counts();
  for (const [payload, qos] of world.sent) {
    const count = counts.get(payload) ?? 0;
    const what = `${payload} with QoS ${qos} came ${count} times`;
    if (qos === 2) assert(count <= 1, what);
    // A clean session takes its QoS 2 messages along: [MQTT-4.8.2-5] of 5.0.
    if (qos === 1 || members === "all persistent") assert(count >= 1, what);
  }
}

test("a group of persistent members gets everything", () => {
  forSeeds(200, (random) => play(random, "all persistent"));
});

test("a group gets what its clean members leave behind", () => {
  forSeeds(200, (random) => play(random, "some clean"));
});

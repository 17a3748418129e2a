/**
 * A broker that is killed at any moment, again and again, while it is
 * flooded with QoS 1 and 2: what it has acknowledged is not lost, a QoS 2
 * message comes once and in order, no session goes. `KILLS=50` kills it as
 * often as that. And what becomes of the wills of those who were there.
 */

import { assertEquals } from "@std/assert";
import { within } from "../support/deadline.ts";
import {
  DurablePublisher,
  DurableSubscriber,
  qosOf,
} from "../support/durable_client.ts";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { disconnect, subscribe } from "../support/wire.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 4);
const LIFE_MS_MAX = 400;
const TOPICS = ["a", "b"];
const CALM_MS_MAX = 60_000;

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Two who publish; one of each topic reads, one joins now and then. */
class Cast {
  readonly publishers = ["p", "q"].map((id) =>
    new DurablePublisher(id, TOPICS)
  );
  readonly subscribers = TOPICS.map((topic) =>
    new DurableSubscriber(`s-${topic}`, `${topic}/+`)
  );
  readonly late = new DurableSubscriber("late", "#");

  get all() {
    return [...this.subscribers, this.late, ...this.publishers];
  }

  async connect(port: number, isLateThere: boolean): Promise<void> {
    for (const client of this.all) {
      if (client !== this.late || isLateThere) await client.connect(port);
    }
  }

  async hangUp(): Promise<void> {
    for (const client of this.all) await client.hangUp();
  }

  /** How many of what was promised are missing, and how many came twice. */
  judge(): { missing: number; twice: number; faults: string[] } {
    let missing = 0;
    let twice = 0;
    for (const { clientId, promised } of this.publishers) {
      for (const number of [...promised[1], ...promised[2]]) {
        const reader = this.subscribers[number % TOPICS.length]!;
        for (const { counts } of [reader, this.late]) {
          const count = counts.get(`${clientId} ${number}`) ?? 0;
          if (count === 0) missing++;
          if (count > 1 && qosOf(number) === 2) twice++;
        }
      }
    }
    return { missing, twice, faults: this.all.flatMap((one) => one.faults) };
  }
}

async function flood(runtime: Runtime, folder: string): Promise<void> {
  const cast = new Cast();
  const start = () =>
    BrokerProcess.start({
      runtime,
      args: ["--data", folder, "--backlog-messages-max", "1000000"],
    });
  for (let kill = 0; kill < KILLS; kill++) {
    const broker = await start();
    await cast.connect(broker.port, kill % 3 === 0);
    await pause(Math.random() * LIFE_MS_MAX);
    await broker.kill();
    await cast.hangUp();
  }
  await using broker = await start();
  for (const publisher of cast.publishers) publisher.isPublishing = false;
  await cast.connect(broker.port, true);
  await within(calm(cast), "everything to arrive", () => {}, CALM_MS_MAX);
  await cast.hangUp();
  assertEquals(cast.judge(), { missing: 0, twice: 0, faults: [] });
}

/** Until nothing comes any more. */
async function calm(cast: Cast): Promise<void> {
  const count = () =>
    cast.all.reduce(
      (sum, client) =>
        sum + (client instanceof DurableSubscriber
          ? [...client.counts.values()].reduce((a, b) => a + b, 0)
          : client.openCount),
      0,
    );
  for (let before = -1; before !== count() || !isSettled(cast);) {
    before = count();
    await pause(500);
  }
}

function isSettled(cast: Cast): boolean {
  return cast.publishers.every(({ openCount }) => openCount === 0);
}

testRuntime("nothing acknowledged is lost by kill -9", async (runtime) => {
  const folder = await Deno.makeTempDir();
  try {
    await flood(runtime, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Who is connected with a will when the broker is killed. */
function withWill(
  port: number,
  clientId: string,
  cleanSession = false,
): Promise<RawClient> {
  const will = {
    topic: `will/${clientId}`,
    payload: clientId,
    qos: 1,
  } as const;
  return RawClient.connected(port, { clientId, cleanSession, will });
}

// MQTT 5.0 section 3.1.2.5: a server that fails may publish wills when it
// has started again.
testRuntime(
  "the wills of sessions that are kept outlive kill -9",
  async (runtime) => {
    const folder = await Deno.makeTempDir();
    const reader = { clientId: "reader", cleanSession: false };
    const args = ["--data", folder];
    const open: RawClient[] = [];
    try {
      {
        const broker = await BrokerProcess.start({ runtime, args });
        const { port } = broker;
        using listener = await RawClient.connected(port, reader);
        await listener.send(subscribe(1, ["will/#", 1]));
        await listener.packet("suback");
        open.push(await withWill(port, "kept"));
        open.push(await withWill(port, "not-kept", true));
        open.push(await withWill(port, "has-left"));
        await open.at(-1)!.send(disconnect());
        await open.at(-1)!.untilClosed();
        await broker.kill();
      }
      await using broker = await BrokerProcess.start({ runtime, args });
      using listener = await RawClient.connected(broker.port, reader);
      const { topic, payload } = await listener.packet("publish");
      assertEquals([topic, payload], ["will/kept", "kept"]);
      assertEquals(await listener.packetsBeforePong(), []);
    } finally {
      for (const client of open) client.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
);

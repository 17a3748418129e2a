/**
 * A healthy pair of clients beside an attack: one publishes numbered messages
 * all the while, the other has to get each of them, in order and soon. With
 * it go the other signs of a broker that is well: memory where it was, a log
 * that does not run over, no fault of its own.
 *
 * ```ts ignore
 * await beside(broker, async () => {
 *   // the attack
 * });
 * ```
 */

import { assert, assertEquals } from "@std/assert";
import { ownTimeMs } from "./own_time.ts";
import type { BrokerProcess } from "./process.ts";
import { RawClient } from "./raw_client.ts";
import { puback, publish, subscribe } from "./wire.ts";

export const MIB = 1024 * 1024;

/** How much of each attack there is: 1 in CI, more when asked for. */
export const SCALE = Number(Deno.env.get("BROKER_HOSTILE_SCALE") ?? 1);

/** Whether the figures are printed, for whom sets the bounds. */
const TELLS = Deno.env.has("BROKER_HOSTILE_TELL");

/** What a test allows an attack to do. */
export interface Bounds {
  /** How the pair logs in. */
  login?: { userName: string; password: string };
  /** What the broker's memory may grow by. */
  growthBytesMax?: number;
  /** How long a message of the pair may take, in own time. */
  waitMsMax?: number;
}

const FILTER = "healthy/#";
const TOPICS = 8;
/** Between two messages: the pair shall watch, not load the machine. */
const PAUSE_MS = 2;
/** Shared machines stall; an attack that is not borne stalls for longer. */
const WAIT_MS_MAX = 3_000;
/** A runtime's heap breathes by this much whatever it serves. */
const GROWTH_BYTES_MAX = 96 * MIB;
/** Lines of one event in a second, and the one that sums up the others. */
const LINES_PER_SECOND_MAX = 11;

/** Runs `attack` while a healthy pair goes on, and checks the broker. */
export async function beside(
  broker: BrokerProcess,
  attack: () => Promise<void>,
  bounds: Bounds = {},
): Promise<void> {
  using pair = await HealthyPair.connected(broker, bounds.login);
  await pair.warmUp();
  const beforeBytes = await broker.residentBytes();
  const linesBefore = broker.log.length;
  const startMs = performance.now();
  pair.start();
  try {
    await attack();
  } finally {
    await pair.stop();
  }
  if (TELLS) console.log(pair.report);
  assert(pair.longestMs <= (bounds.waitMsMax ?? WAIT_MS_MAX), pair.report);
  await assertBounded(broker, beforeBytes, bounds.growthBytesMax);
  const seconds = (performance.now() - startMs) / 1000;
  assertQuiet(broker, linesBefore, seconds);
}

/** A publisher and a subscriber. */
class HealthyPair implements Disposable {
  /** The longest way of a message from one to the other, in own time. */
  longestMs = 0;
  readonly #broker: BrokerProcess;
  readonly #publisher: RawClient;
  readonly #subscriber: RawClient;
  #sent = 0;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    broker: BrokerProcess,
    publisher: RawClient,
    subscriber: RawClient,
  ) {
    this.#broker = broker;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
  }

  static async connected(
    broker: BrokerProcess,
    login: Bounds["login"] = undefined,
  ): Promise<HealthyPair> {
    const { port } = broker;
    const fields = { keepAliveS: 60, ...login };
    const publisher = await RawClient.connected(port, {
      ...fields,
      clientId: "healthy publisher",
    });
    const subscriber = await RawClient.connected(port, {
      ...fields,
      clientId: "healthy subscriber",
    });
    await subscriber.send(subscribe(1, [FILTER, 1]));
    await subscriber.packet("suback");
    return new HealthyPair(broker, publisher, subscriber);
  }

  get report(): string {
    const longest = Math.round(this.longestMs);
    return `one of ${this.#sent} healthy messages took ${longest} ms`;
  }

  /** What a runtime loads and compiles belongs to no attack. */
  async warmUp(): Promise<void> {
    for (let i = 0; i < 100; i++) await this.#exchange();
    this.longestMs = 0;
  }

  start(): void {
    this.#running = this.#run();
    this.#running.catch(() => {}); // told by `stop`
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.#exchange();
    assertEquals(await this.#subscriber.packetsBeforePong(), []);
    assertEquals(await this.#publisher.packetsBeforePong(), []);
  }

  [Symbol.dispose](): void {
    this.#publisher.close();
    this.#subscriber.close();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#exchange();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** One message, all the way, at QoS 1. */
  async #exchange(): Promise<void> {
    const number = this.#sent++;
    const topic = `healthy/${number % TOPICS}`;
    const startMs = ownTimeMs(this.#broker);
    await this.#publisher.send(
      publish({ topic, payload: `${number}`, qos: 1, packetId: 1 }),
    );
    const message = await this.#subscriber.packet("publish");
    assertEquals([message.topic, message.payload], [topic, `${number}`]);
    await this.#subscriber.send(puback(message.packetId));
    await this.#publisher.packet("puback");
    const ms = ownTimeMs(this.#broker) - startMs;
    if (ms > this.longestMs) this.longestMs = ms;
  }
}

async function assertBounded(
  broker: BrokerProcess,
  beforeBytes: number,
  growthBytesMax = GROWTH_BYTES_MAX,
): Promise<void> {
  const growthBytes = await broker.residentBytes() - beforeBytes;
  const text = `${Math.round(growthBytes / MIB)} MiB more`;
  if (TELLS) console.log(text);
  assert(growthBytes <= growthBytesMax, text);
}

/** Whatever the attack, the log is no place to fill a disk. */
function assertQuiet(
  { log }: BrokerProcess,
  from: number,
  seconds: number,
): void {
  const counts = new Map<string, number>();
  for (const { event } of log.slice(from)) {
    counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  // A window may begin before the attack, and end behind it.
  const most = LINES_PER_SECOND_MAX * (seconds + 2);
  for (const [event, count] of counts) {
    assert(count <= most, `${count} lines "${event}" in ${seconds} s`);
  }
  const fault = log.find(({ level }) => level === "error");
  assertEquals(fault, undefined);
}

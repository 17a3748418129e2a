/**
 * A subscriber that stops reading, beside others that read: they get all of
 * their messages, and the broker's memory does not grow with the flood. The
 * marks and clocks behind it are tested in `tests/queue/` and
 * `tests/broker/`.
 */

import { assert, assertEquals } from "@std/assert";
import { within } from "../support/deadline.ts";
import { testBroker } from "../support/e2e.ts";
import type { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  puback,
  PUBLISH,
  publish,
  type Qos,
  subscribe,
} from "../support/wire.ts";

const MIB = 1024 * 1024;
const TOPIC = "flood";
const TOPIC_BYTES = 2 + TOPIC.length;
const PAYLOAD_BYTES = 16 * 1024;
const FLOOD_BYTES = 192 * MIB;
const MESSAGES = FLOOD_BYTES / PAYLOAD_BYTES;

const PORTION = 64;

/** Far less than the flood, with room for a runtime's garbage. */
const GROWTH_BYTES_MAX = 128 * MIB;

/** The wait for the stuck one is bounded, and so is the whole. */
const FLOOD_MS_MAX = 60_000;

async function subscriber(
  port: number,
  clientId: string,
  qos: Qos,
): Promise<RawClient> {
  const client = await RawClient.connected(port, { clientId });
  await client.send(subscribe(1, [TOPIC, qos]));
  await client.packet("suback");
  return client;
}

async function read(
  client: RawClient,
  qos: 0 | 1,
  count: number,
): Promise<void> {
  const headBytes = TOPIC_BYTES + (qos > 0 ? 2 : 0);
  for (let i = 0; i < count; i++) {
    const { firstByte, body } = await client.frame();
    assertEquals(firstByte, (PUBLISH << 4) | (qos << 1));
    assertEquals(body.length, headBytes + PAYLOAD_BYTES);
    if (qos > 0) await client.send(puback(packetIdOf(body)));
  }
}

async function send(
  client: RawClient,
  qos: 0 | 1,
  count: number,
): Promise<void> {
  const payload = new Uint8Array(PAYLOAD_BYTES);
  const message = publish({ topic: TOPIC, payload, qos, packetId: 1 });
  for (let i = 0; i < count; i++) {
    await client.send(message);
    if (qos > 0) await client.packet("puback");
  }
}

function packetIdOf(body: Uint8Array): number {
  return (body[TOPIC_BYTES]! << 8) | body[TOPIC_BYTES + 1]!;
}

async function assertSmall(
  broker: BrokerProcess,
  beforeBytes: number,
): Promise<void> {
  const growthBytes = await broker.residentBytes() - beforeBytes;
  const text = `${Math.round(growthBytes / MIB)} MiB more`;
  assert(growthBytes < GROWTH_BYTES_MAX, text);
}

testBroker("a stuck QoS 0 subscriber stops nobody", async (broker) => {
  const { port } = broker;
  using _stuck = await subscriber(port, "stuck", 0);
  using healthy = await subscriber(port, "healthy", 0);
  using beside = await RawClient.connected(port, { clientId: "beside" });
  using flooder = await RawClient.connected(port, { clientId: "flooder" });
  const beforeBytes = await broker.residentBytes();
  const flood = Promise.all([
    read(healthy, 0, MESSAGES),
    send(flooder, 0, MESSAGES),
  ]);
  // A client that has no part in it is answered while it goes on.
  const answers = beside.packetsBeforePong();
  await within(flood, "the flood", () => flooder.close(), FLOOD_MS_MAX);
  assertEquals(await answers, []);
  await assertSmall(broker, beforeBytes);
});

testBroker("a stuck QoS 1 subscriber stops nobody", async (broker) => {
  const { port } = broker;
  using _stuck = await subscriber(port, "stuck", 1);
  using healthy = await subscriber(port, "healthy", 1);
  using flooder = await RawClient.connected(port, { clientId: "flooder" });
  const beforeBytes = await broker.residentBytes();
  // In portions: the healthy one shall not be behind by its own backlog.
  for (let sent = 0; sent < MESSAGES; sent += PORTION) {
    await Promise.all([
      read(healthy, 1, PORTION),
      send(flooder, 1, PORTION),
    ]);
  }
  await assertSmall(broker, beforeBytes);
}, { args: ["--backlog-bytes-max", `${4 * MIB}`] });

/**
 * `--queue-overflow` with a real broker: what a full queue keeps, and what
 * publishers are told.
 */

import { assertEquals } from "@std/assert";
import { type E2eOptions, testBroker } from "../support/e2e.ts";
import {
  Client,
  leaveReader,
  numbered,
  readAll,
} from "../support/keeping_clients.ts";
import { RawClient } from "../support/raw_client.ts";
import { publish } from "../support/wire.ts";

const QUOTA_EXCEEDED = 0x97;
const ROOM = 5;

/** Which of the messages 1 to 8 stay. */
const KEPT: readonly (readonly [policy: string, kept: readonly number[]])[] = [
  ["drop-newest", [1, 2, 3, 4, 5]],
  ["drop-oldest", [4, 5, 6, 7, 8]],
];

function full(policy: string): E2eOptions {
  const room = ["--backlog-messages-max", `${ROOM}`];
  return { args: ["--queue-overflow", policy, ...room] };
}

/** What a publisher is told of the messages 1 to 8. */
async function tellEight(port: number): Promise<number[]> {
  using client = await Client.connected(port, { clientId: "writer" });
  const reasons: number[] = [];
  for (let number = 1; number <= 8; number++) {
    reasons.push(await client.told(number));
  }
  return reasons;
}

for (const [policy, kept] of KEPT) {
  testBroker(`${policy}: what is kept, in order`, async (broker) => {
    await leaveReader(broker.port);
    const reasons = await tellEight(broker.port);
    assertEquals(reasons, Array(8).fill(0));
    assertEquals([...await readAll(broker.port, ROOM)], kept);
    const line = await broker.logged("backlog_full");
    assertEquals([line.client_id, line["dropped"]], ["reader", 1]);
  }, full(policy));
}

testBroker("refuse: publishers are told", async (broker) => {
  await leaveReader(broker.port);
  const reasons = await tellEight(broker.port);
  const refused = Array(8 - ROOM).fill(QUOTA_EXCEEDED);
  assertEquals(reasons, [...Array(ROOM).fill(0), ...refused]);
  using client = await Client.connected(broker.port, { clientId: "writer" });
  await client.send(numbered(9));
  const { properties } = await client.next("puback");
  assertEquals(properties.reasonString, "the queue of a receiver is full");
  using old = await RawClient.connected(broker.port, { clientId: "old" });
  await old.send(publish({ topic: "q/x", qos: 1, packetId: 1 }));
  assertEquals((await old.untilClosed()).length, 0);
  assertEquals([...await readAll(broker.port, ROOM)], [1, 2, 3, 4, 5]);
  assertEquals(await client.told(10), 0);
}, full("refuse"));

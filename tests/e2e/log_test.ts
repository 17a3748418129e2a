/**
 * The log of a broker process: lines that a program can read, and those that
 * an operator looks for when a device does not come through.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testBroker, testRuntime } from "../support/e2e.ts";
import {
  BrokerProcess,
  type LogLine,
  parseLogLine,
} from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, disconnect } from "../support/wire.ts";

testBroker("every line of the log is an object of JSON", async (broker) => {
  using client = await RawClient.connected(broker.port, { clientId: "ann" });
  await client.send([0xf0, 0]);
  await client.untilClosed();
  await broker.logged("protocol_error");
  assertEquals(await broker.stop(), 0);
  for (const text of broker.stderr.trimEnd().split("\n")) {
    const line = parseLogLine(text);
    assert(line, `not JSON: ${text}`);
    assertEquals(new Date(line.time).toISOString(), line.time);
    for (const word of [line.level, line.event, line.message]) {
      assertMatch(word, /\S/, text);
    }
  }
});

testBroker("a client's coming and going are logged", async (broker) => {
  using client = await RawClient.connected(broker.port, { clientId: "ann" });
  const { address } = client;
  const came = await broker.logged("client_connected");
  assertEquals([came.client_id, came.address], ["ann", address]);
  await client.send(disconnect());
  await client.untilClosed();
  const left = await broker.logged("client_disconnected");
  assertEquals([left.client_id, left.address], ["ann", address]);
  assertMatch(left.reason ?? "", /\S/);
});

testBroker("each way to leave has its own reason", async (broker) => {
  const { port } = broker;
  const reasons: (string | undefined)[] = [];
  async function reasonOf(clientId: string): Promise<void> {
    const isIt = (line: LogLine) => line.client_id === clientId;
    reasons.push((await broker.logged("client_disconnected", isIt)).reason);
  }
  using polite = await RawClient.connected(port, { clientId: "polite" });
  await polite.send(disconnect());
  await reasonOf("polite");
  const rude = await RawClient.connected(port, { clientId: "rude" });
  rude.close();
  await reasonOf("rude");
  using older = await RawClient.connected(port, { clientId: "twice" });
  using _younger = await RawClient.connected(port, { clientId: "twice" });
  await older.untilClosed();
  await reasonOf("twice");
  assertEquals(new Set(reasons).size, 3, `${reasons}`);
});

testBroker(
  "a refused connection is logged with its address",
  async (broker) => {
    using client = await RawClient.open(broker.port);
    const { address } = client;
    await client.send(connect({ level: 9, clientId: "old" }));
    await client.untilClosed();
    const line = await broker.logged("connection_refused");
    assertEquals(line.address, address);
  },
);

testBroker("who goes by himself is logged with his address", async (broker) => {
  const client = await RawClient.open(broker.port);
  const { address } = client;
  client.close();
  const line = await broker.logged("connection_closed");
  assertEquals(line.address, address);
});

testBroker("a flood of bad clients does not flood the log", async (broker) => {
  for (let i = 0; i < 300; i++) {
    using client = await RawClient.open(broker.port);
    await client.send([0xf0, 0]);
    await client.untilClosed();
  }
  assertEquals(await broker.stop(), 0);
  const events = broker.log.filter(({ event }) => event === "protocol_error");
  assert(events.length >= 1);
  assert(events.length < 100, `${events.length} lines for 300 clients`);
});

testRuntime("--log-format text writes lines for people", async (runtime) => {
  await using broker = BrokerProcess.launch({
    runtime,
    args: ["--host", "127.0.0.1", "--port", "0", "--log-format", "text"],
  });
  await broker.written(/127\.0\.0\.1:\d+/);
  assertEquals(broker.log, [], "no line is JSON");
});

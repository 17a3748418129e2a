/**
 * How a broker process ends when it is told to: it says so, sends what is
 * queued, closes its clients and leaves with exit code 0, however its clients
 * behave.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { decode, publish, subscribe } from "../support/wire.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testRuntime(`${signal} ends it with exit code 0`, async (runtime) => {
    await using broker = await BrokerProcess.start({ runtime });
    const { port } = broker;
    using client = await RawClient.connected(port, { clientId: "ann" });
    assertEquals(await broker.stop(signal), 0, broker.stderr);
    await broker.logged("shutdown");
    await client.untilClosed();
    await assertRejects(
      () => RawClient.open(port),
      Deno.errors.ConnectionRefused,
    );
  });
}

testRuntime(
  "SIGTERM with no client ends it with exit code 0",
  async (runtime) => {
    await using broker = await BrokerProcess.start({ runtime });
    assertEquals(await broker.stop(), 0, broker.stderr);
  },
);

testRuntime("what is queued goes out before the end", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime });
  const { port } = broker;
  using bob = await RawClient.connected(port, { clientId: "bob" });
  await bob.send(subscribe(1, ["a", 0]));
  await bob.packet("suback");
  using ann = await RawClient.connected(port, { clientId: "ann" });
  const message = publish({ topic: "a", payload: "x".repeat(250) });
  await ann.send(...Array.from({ length: 1000 }, () => message));
  await ann.packetsBeforePong();
  broker.signal("SIGTERM");
  const packets = decode(await bob.untilClosed());
  assertEquals(packets.length, 1000);
  assertEquals(await broker.ended(), 0);
});

testRuntime("a client that does not read can't hold it up", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime });
  using _stuck = await stuckSubscriber(broker);
  const startMs = performance.now();
  broker.signal("SIGTERM");
  assertEquals(await broker.ended(20_000), 0, broker.stderr);
  assert(performance.now() - startMs < 15_000, "the time to flush is bounded");
});

testRuntime("a second signal ends it at once", async (runtime) => {
  const broker = await BrokerProcess.start({ runtime });
  try {
    using _stuck = await stuckSubscriber(broker);
    broker.signal("SIGTERM");
    await broker.logged("shutdown");
    const startMs = performance.now();
    broker.signal("SIGTERM");
    await broker.ended();
    assert(performance.now() - startMs < 2_000, "that was not at once");
  } finally {
    await broker.kill();
  }
});

/** A client for which 32 MiB are waiting and that reads none of it. */
async function stuckSubscriber({ port }: BrokerProcess): Promise<RawClient> {
  const stuck = await RawClient.connected(port, { clientId: "stuck" });
  await stuck.send(subscribe(1, ["flood", 0]));
  await stuck.packet("suback");
  using flooder = await RawClient.connected(port, { clientId: "flooder" });
  const payload = new Uint8Array(64 * 1024);
  const message = publish({ topic: "flood", payload });
  for (let i = 0; i < 512; i++) await flooder.send(message);
  await flooder.packetsBeforePong();
  return stuck;
}

/**
 * What is different at one listener, beside another that has none of it: how
 * many may come and from where, who needs no password, where topics are, and
 * how fast bytes come in.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { Peer } from "../support/mqtt_js.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, publish, subscribe } from "../support/wire.ts";

const PLAIN = "mqtt://127.0.0.1:0";

/** A broker with two doors: one with settings, and a plain one. */
function start(
  runtime: Runtime,
  query: string,
  args: readonly string[] = [],
): Promise<BrokerProcess> {
  const urls = [`${PLAIN}?${query}`, PLAIN];
  return BrokerProcess.listening(runtime, urls, args);
}

testRuntime("a listener has its own number of clients", async (runtime) => {
  await using broker = await start(runtime, "connections=2");
  const [few, many] = broker.ports as [number, number];
  const first = await RawClient.connected(few, { clientId: "1" });
  using _second = await RawClient.connected(few, { clientId: "2" });
  using third = await RawClient.open(few);
  assertEquals((await third.untilClosed()).length, 0);
  const refused = await broker.logged("connection_refused");
  assertMatch(refused.message, /too many connections of this listener/);
  using _elsewhere = await RawClient.connected(many, { clientId: "3" });
  first.close();
  await broker.logged("client_disconnected");
  using _fourth = await RawClient.connected(few, { clientId: "4" });
});

for (
  const query of ["deny=127.0.0.0/8", "allow=10.0.0.0/8,::1", "deny=127.0.0.1"]
) {
  testRuntime(`a listener with ${query} is closed`, async (runtime) => {
    await using broker = await start(runtime, query);
    const [closed, open] = broker.ports as [number, number];
    using client = await RawClient.open(closed);
    assertEquals((await client.untilClosed()).length, 0);
    const refused = await broker.logged("connection_refused");
    assertEquals(refused.address, client.address);
    assertMatch(refused.message, /this address is not let in here/);
    using _other = await RawClient.connected(open);
  });
}

testRuntime("a listener with allow= is open to those", async (runtime) => {
  const query = "allow=127.0.0.0/8&deny=127.0.0.2";
  await using broker = await start(runtime, query);
  using _client = await RawClient.connected(broker.port);
});

testRuntime("a listener can be open to everyone", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "broker-users-" });
  try {
    const users = `${folder}/users`;
    await Deno.writeTextFile(users, "");
    const args = ["--password-file", users];
    await using broker = await start(runtime, "anonymous=yes", args);
    const [open, guarded] = broker.ports as [number, number];
    using _client = await RawClient.connected(open, { clientId: "1" });
    using refused = await RawClient.open(guarded);
    await refused.send(connect({ clientId: "2" }));
    assertEquals((await refused.packet("connack")).returnCode, 5);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testRuntime("a listener can be closed to the nameless", async (runtime) => {
  const args = ["--allow-anonymous"];
  await using broker = await start(runtime, "anonymous=no", args);
  const [guarded, open] = broker.ports as [number, number];
  using _client = await RawClient.connected(open, { clientId: "1" });
  using refused = await RawClient.open(guarded);
  await refused.send(connect({ clientId: "2" }));
  assertEquals((await refused.packet("connack")).returnCode, 5);
});

testRuntime("a listener's topics stand behind its prefix", async (runtime) => {
  await using broker = await start(runtime, "mount=site/7/");
  const [inside, outside] = broker.ports.map((port) => ({ port }));
  await using ann = await Peer.connect(inside!, {
    clientId: "ann",
    protocolVersion: 5,
    will: {
      topic: "wills/ann",
      payload: Buffer.from("gone"),
      qos: 1,
      retain: false,
    },
  });
  await using bob = await Peer.connect(outside!, { clientId: "bob" });
  await ann.client.subscribeAsync(["#", "$share/crew/jobs/+"], { qos: 1 });
  await bob.client.subscribeAsync("#", { qos: 1 });
  await ann.client.publishAsync("a", "from ann", { qos: 1, retain: true });
  await bob.client.publishAsync("site/7/b", "from bob", { qos: 1 });
  await bob.client.publishAsync("site/8/b", "not for ann", { qos: 1 });
  await bob.client.publishAsync("site/7/jobs/1", "shared", { qos: 1 });
  const seen = async (peer: Peer, count: number) =>
    (await peer.arrivals(count)).map(({ topic, payload }) =>
      `${topic}: ${payload}`
    );
  assertEquals(await seen(ann, 4), [
    "a: from ann",
    "b: from bob",
    ...Array(2).fill("jobs/1: shared"),
  ]);
  assertEquals(await seen(bob, 4), [
    "site/7/a: from ann",
    "site/7/b: from bob",
    "site/8/b: not for ann",
    "site/7/jobs/1: shared",
  ]);
  await using late = await Peer.connect(inside!, { clientId: "late" });
  await late.client.subscribeAsync("+", { qos: 1 });
  assertEquals(await seen(late, 1), ["a: from ann"]);
  ann.client.stream.destroy();
  assertEquals(await seen(bob, 1), ["site/7/wills/ann: gone"]);
});

/** How long messages of 1,000 bytes take, some at once and then again. */
async function deliveryMs(port: number, counts: number[]): Promise<number> {
  using client = await RawClient.connected(port, { clientId: `${port}` });
  const topic = `${port}`;
  await client.send(subscribe(1, [topic, 0]));
  await client.packet("suback");
  const startMs = performance.now();
  const message = publish({ topic, payload: new Uint8Array(1000) });
  for (const count of counts) {
    for (let i = 0; i < count; i++) await client.send(message);
    for (let i = 0; i < count; i++) await client.frame();
  }
  return performance.now() - startMs;
}

for (const query of ["bytes-per-second=100000", "messages-per-second=100"]) {
  testRuntime(`${query} slows one listener alone`, async (runtime) => {
    await using broker = await start(runtime, query);
    const [slow, fast] = broker.ports as [number, number];
    const [slowMs, fastMs] = await Promise.all([
      // What was read is served, however much: what comes next has to wait.
      deliveryMs(slow, [200, 1]),
      deliveryMs(fast, [2000, 1]),
    ]);
    assert(slowMs > 700 && slowMs < 5000, `${slowMs} ms`);
    assert(fastMs < slowMs, `${fastMs} ms without a limit, ${slowMs} ms with`);
  });
}

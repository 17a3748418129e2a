/**
 * A Unix socket as a door: Debian's mosquitto through it, who may use the
 * file, what is left of a broker that was killed, and that nothing is left
 * of one that was stopped.
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { mosquittoEnding } from "../support/mosquitto.ts";
import { BrokerProcess, runBroker, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, publish, subscribe } from "../support/wire.ts";

type Run = (runtime: Runtime, file: string) => Promise<void>;

/** Gives a place for the file of a socket. */
function testUnix(name: string, run: Run): void {
  testRuntime(`Unix socket: ${name}`, async (runtime) => {
    const folder = await Deno.makeTempDir({ prefix: "broker-unix-" });
    try {
      await run(runtime, `${folder}/mqtt`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }, ["mosquitto_pub"]);
}

/** The port of a Unix socket is told as 0. */
function start(
  runtime: Runtime,
  file: string,
  query = "",
): Promise<BrokerProcess> {
  return BrokerProcess.listening(runtime, [`unix://${file}${query}`]);
}

async function client(path: string): Promise<RawClient> {
  const client = RawClient.over(
    await Deno.connect({ transport: "unix", path }),
  );
  await client.send(connect());
  assertEquals((await client.packet("connack")).returnCode, 0);
  return client;
}

testUnix("mosquitto comes by it", async (runtime, file) => {
  await using broker = await start(runtime, file);
  assertEquals(broker.addresses, [`unix://${file}`]);
  using reader = await client(file);
  await reader.send(subscribe(1, ["a", 1]));
  await reader.packet("suback");
  const args = ["--unix", file, "-t", "a", "-m", "x", "-q", "1"];
  const { code, stderr } = await mosquittoEnding("mosquitto_pub", args);
  assertEquals(code, 0, stderr);
  assertEquals((await reader.packet("publish")).payload, "x");
  const came = await broker.logged("client_connected");
  assertEquals(came.address, "unix");
});

testUnix("a large message goes both ways", async (runtime, file) => {
  await using _broker = await start(runtime, file);
  using peer = await client(file);
  await peer.send(subscribe(1, ["a", 0]));
  await peer.packet("suback");
  const payload = new Uint8Array(3_000_000).fill(65);
  await peer.send(publish({ topic: "a", payload }));
  assertEquals((await peer.frame()).body.length, 3 + payload.length);
});

testUnix("its mode is as it is said", async (runtime, file) => {
  const modeOf = async () => (await Deno.stat(file)).mode! & 0o777;
  {
    await using _broker = await start(runtime, file);
    assertEquals(await modeOf(), 0o600);
  }
  const query = `?mode=660&owner=${Deno.uid()}:${Deno.gid()}`;
  await using _broker = await start(runtime, file, query);
  assertEquals(await modeOf(), 0o660);
});

testUnix("it is gone when the broker stops", async (runtime, file) => {
  const isGone = () =>
    assertRejects(() => Deno.stat(file), Deno.errors.NotFound);
  const idle = await start(runtime, file);
  assertEquals(await idle.stop(), 0);
  await isGone();
  const busy = await start(runtime, file);
  const there = await client(file);
  const left = there.untilClosed().then(() => there.close());
  assertEquals(await busy.stop(), 0);
  await left;
  await isGone();
});

testUnix("what a killed broker left is replaced", async (runtime, file) => {
  const killed = await start(runtime, file);
  await killed.kill();
  await Deno.stat(file);
  await using _broker = await start(runtime, file);
  using _client = await client(file);
});

testUnix("one that is in use is left alone", async (runtime, file) => {
  await using _first = await start(runtime, file);
  const args = ["--listen", `unix://${file}`];
  const second = await runBroker({ runtime, args });
  assertEquals(second.code, 2);
  assertMatch(second.stderr, /can't listen on .*: .*in use/);
  using _client = await client(file);
});

testUnix("another file is left alone", async (runtime, file) => {
  await Deno.writeTextFile(file, "precious");
  const args = ["--listen", `unix://${file}`];
  const { code, stderr } = await runBroker({ runtime, args });
  assertEquals(code, 2, stderr);
  assertEquals(await Deno.readTextFile(file), "precious");
});

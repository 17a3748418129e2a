/**
 * One port for all: MQTT, TLS and WebSocket are told apart by what a client
 * sends first, in pieces of any size; and what is none of them is refused
 * with a word.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { echo, WAYS } from "../support/every_way.ts";
import { mosquitto } from "../support/mosquitto.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { Relay } from "../support/relay.ts";
import { connect } from "../support/wire.ts";
import { ascii } from "../net/proxy_wire.ts";

for (const flags of [["--one-port"], ["--listen", "any://127.0.0.1:0"]]) {
  testRuntime(`${flags[0]}: each way leads in`, async (runtime) => {
    using authority = new Authority();
    const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
    const files = ["--tls-cert", certFile, "--tls-key", keyFile];
    const place = ["--host", "127.0.0.1", "--port", "0"];
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: [...flags, ...files, ...flags.length === 1 ? place : []],
    });
    const { port } = broker;
    for (const way of WAYS) {
      await echo(port, way, authority);
      // The first bytes of all that is TLS or HTTP, and a whole CONNECT.
      using slow = Relay.to(port, { single: 40 });
      await echo(slow.port, way, authority);
    }
    const message = ["-t", "a", "-m", "x", "-q", "1"];
    await mosquitto("mosquitto_pub", port, message);
    const trust = ["--cafile", authority.caFile];
    await mosquitto("mosquitto_pub", port, [...message, ...trust]);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals(page.status, 426);
    await page.body?.cancel();
  }, ["mosquitto_pub"]);
}

const STRANGERS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["SSH", ascii("SSH-2.0-OpenSSH_9.2\r\n"), /first is 0x53/],
  ["zeros", new Uint8Array(20), /first is 0x00/],
  ["PROXY 1", ascii("PROXY TCP4 ::1 ::1 1 2\r\n"), /first is 0x50/],
  ["PROXY 2", ascii("\r\n\r\n\0\r\nQUIT\n"), /first is 0x0d/],
  ["TLS", Uint8Array.of(22, 3, 1, 0, 50, 1, 0, 0, 46), /TLS is not spoken/],
];

for (const [name, bytes, reason] of STRANGERS) {
  testRuntime(`any://: ${name} is refused`, async (runtime) => {
    await using broker = await BrokerProcess.listening(runtime, [
      "any://127.0.0.1:0",
    ]);
    using split = Relay.to(broker.port, { single: 20 });
    for (const port of [broker.port, split.port]) {
      using client = await RawClient.open(port);
      await client.send(bytes);
      assertEquals((await client.untilClosed()).length, 0);
    }
    const faults = () =>
      broker.log.filter(({ event }) => event === "protocol_error");
    await broker.logged("protocol_error", () => faults().length === 2);
    const [whole, pieces] = faults();
    assertMatch(whole!.message, reason);
    assertEquals(pieces!.message, whole!.message);
    using client = await RawClient.connected(broker.port);
    assertEquals(await client.packetsBeforePong(), []);
  });
}

testRuntime("any://: silence is closed, early or late", async (runtime) => {
  const args = ["--connect-timeout-ms", "1000"];
  await using broker = await BrokerProcess.listening(
    runtime,
    ["any://127.0.0.1:0"],
    args,
  );
  const beginnings = [[], [22], ascii("GET /mqtt"), connect().subarray(0, 9)];
  await Promise.all(beginnings.map(async (bytes) => {
    using client = await RawClient.open(broker.port);
    await client.send(bytes);
    await client.untilClosed();
  }));
  assert(broker.log.every(({ level }) => level !== "error"), broker.stderr);
});

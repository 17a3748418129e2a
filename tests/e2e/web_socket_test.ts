/**
 * MQTT over WebSocket, with MQTT.js and `fetch` and by hand: through plain
 * and secure doors, with messages of all sizes, and with readers that stop.
 * Frames of all forms are in `tests/net/`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { IClientOptions } from "mqtt";
import { Authority } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { testRuntime } from "../support/e2e.ts";
import { Peer } from "../support/mqtt_js.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  BINARY,
  clientFrame,
  CLOSE,
  closeCodeOf,
} from "../support/web_socket.ts";
import {
  askForWebSocket,
  nextFrame,
  openWebSocket,
} from "../support/web_socket_client.ts";
import { connect, PUBLISH, publish, subscribe } from "../support/wire.ts";
import { connect as connect5 } from "../support/wire5.ts";

const MIB = 1024 * 1024;

const VERSIONS: readonly (readonly [string, IClientOptions])[] = [
  ["5.0", { protocolVersion: 5 }],
  ["3.1.1", { protocolVersion: 4 }],
];

/** A broker with a plain and a secure door, and how to come in by each. */
async function withDoors(
  runtime: Runtime,
  run: (doors: readonly [Door, Door], broker: BrokerProcess) => Promise<void>,
): Promise<void> {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  await using broker = await BrokerProcess.listening(
    runtime,
    ["ws://127.0.0.1:0", "wss://127.0.0.1:0/secure"],
    ["--tls-cert", certFile, "--tls-key", keyFile],
  );
  const ca = await Deno.readTextFile(authority.caFile);
  const [ws, wss] = broker.ports as [number, number];
  await run([
    { port: ws, options: { protocol: "ws", path: "/mqtt" } },
    { port: wss, options: { protocol: "wss", path: "/secure", ca } },
  ], broker);
}

/** Where a client of MQTT.js comes, and how. */
interface Door {
  port: number;
  options: IClientOptions;
}

for (const [version, options] of VERSIONS) {
  testRuntime(`WebSocket: MQTT.js ${version} over ws and wss`, (runtime) => {
    return withDoors(runtime, async ([plain, secure]) => {
      for (const [to, from] of [[plain, secure], [secure, plain]] as const) {
        await using bob = await Peer.connect(to, { ...options, ...to.options });
        await using ann = await Peer.connect(from, {
          ...options,
          ...from.options,
        });
        await bob.client.subscribeAsync("a/#", { qos: 2 });
        for (const qos of [0, 1, 2] as const) {
          await ann.client.publishAsync(`a/${qos}`, `${qos}`, { qos });
        }
        assertEquals(
          await bob.arrivals(3),
          ([0, 1, 2] as const).map((qos) => ({
            topic: `a/${qos}`,
            payload: `${qos}`,
            qos,
            retain: false,
          })),
        );
      }
    });
  });
}

testRuntime("WebSocket: messages of 5 MB, and many small", (runtime) => {
  return withDoors(runtime, async (doors) => {
    for (const door of doors) {
      await using bob = await Peer.connect(door, door.options);
      await using ann = await Peer.connect(door, door.options);
      await bob.client.subscribeAsync("a", { qos: 1 });
      const large = "0123456789abcdef".repeat(5 * MIB / 16);
      const small = Array.from({ length: 2000 }, (_, i) => `${i}`);
      await Promise.all(
        [...small, large].map((text) =>
          ann.client.publishAsync("a", text, { qos: 1 })
        ),
      );
      const payloads = await bob.payloads(2001);
      assert(payloads.pop() === large, "the large one is whole");
      assertEquals(payloads, small);
    }
  });
});

testRuntime("WebSocket: what is asked for is checked", async (runtime) => {
  const origins = "origin=https://panel.example&origin=http://localhost:8000";
  await using broker = await BrokerProcess.listening(runtime, [
    `ws://127.0.0.1:0/mqtt?${origins}`,
  ]);
  const cases: readonly (readonly [
    status: number,
    fields: Record<string, string | null>,
    requestLine?: string,
  ])[] = [
    // Refusals first: no more lines of a kind than ten a second are logged.
    [400, { "Sec-WebSocket-Protocol": null }],
    [400, { "Sec-WebSocket-Protocol": "chat" }],
    [403, { "Origin": "https://panel.example:444" }],
    [403, { "Origin": "null" }],
    [404, {}, "GET / HTTP/1.1"],
    [405, {}, "POST /mqtt HTTP/1.1"],
    [101, {}],
    [101, { "Sec-WebSocket-Protocol": "chat, mqttv3.1" }],
    [101, { "Origin": "https://panel.example" }],
    [101, { "Origin": "http://localhost:8000" }],
    [101, {}, "GET /mqtt?a=b HTTP/1.1"],
  ];
  for (const [status, ...request] of cases) {
    using client = await RawClient.open(broker.port);
    const head = await askForWebSocket(client, ...request);
    assertMatch(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status !== 101) await client.untilClosed();
    else assertMatch(head, /Sec-WebSocket-Protocol: mqtt(v3\.1)?\r\n/);
  }
  const refusals = () =>
    broker.log.filter(({ reason = "" }) => reason.startsWith("no WebSocket ("));
  await broker.logged("connection_closed", () => refusals().length === 6);
});

testRuntime("WebSocket: a browser gets a sentence", (runtime) => {
  return withDoors(runtime, async ([{ port }]) => {
    const response = await fetch(`http://127.0.0.1:${port}/mqtt`);
    assertEquals(response.status, 426);
    assertEquals(response.headers.get("upgrade"), "websocket");
    assertMatch(await response.text(), /MQTT broker.*WebSocket.*\/mqtt/);
  });
});

testRuntime("WebSocket: who stops reading stops nobody", async (runtime) => {
  const urls = ["ws://127.0.0.1:0", "mqtt://127.0.0.1:0"];
  await using broker = await BrokerProcess.listening(runtime, urls);
  const [ws, tcp] = broker.ports as [number, number];
  using stuck = await RawClient.open(ws);
  await openWebSocket(stuck);
  await stuck.send(
    clientFrame(BINARY, connect({ clientId: "stuck" })),
    clientFrame(BINARY, subscribe(1, ["flood", 0])),
  );
  const { payload } = await nextFrame(stuck);
  assertEquals([...payload], [0x20, 2, 0, 0, 0x90, 3, 0, 1, 0]);
  using healthy = await RawClient.connected(tcp, { clientId: "healthy" });
  await healthy.send(subscribe(1, ["flood", 0]));
  await healthy.packet("suback");
  using flooder = await RawClient.connected(tcp, { clientId: "flooder" });
  const beforeBytes = await broker.residentBytes();
  const count = 64 * 64;
  const message = publish({
    topic: "flood",
    payload: new Uint8Array(16 * 1024),
  });
  const flood = Promise.all([
    (async () => {
      for (let i = 0; i < count; i++) await flooder.send(message);
    })(),
    (async () => {
      for (let i = 0; i < count; i++) {
        assertEquals((await healthy.frame()).firstByte, PUBLISH << 4);
      }
    })(),
  ]);
  await within(flood, "the flood", () => flooder.close(), 60_000);
  const growthBytes = await broker.residentBytes() - beforeBytes;
  assert(growthBytes < 48 * MIB, `${growthBytes} bytes more`);
});

testRuntime("WebSocket: a broker that stops is going away", async (runtime) => {
  await using broker = await BrokerProcess.listening(runtime, [
    "ws://127.0.0.1:0",
  ]);
  const packets = [connect({ clientId: "4" }), connect5({ clientId: "5" })];
  const codes = packets.map(async (packet) => {
    using client = await RawClient.open(broker.port);
    await openWebSocket(client);
    await client.send(clientFrame(BINARY, packet));
    for (;;) {
      const frame = await nextFrame(client);
      if (frame.opcode === CLOSE) return closeCodeOf(frame);
    }
  });
  const came = () =>
    broker.log.filter(({ event }) => event === "client_connected").length;
  await broker.logged("client_connected", () => came() === packets.length);
  assertEquals(await broker.stop(), 0);
  assertEquals(await Promise.all(codes), [1001, 1001]);
});

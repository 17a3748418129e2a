/**
 * Slow and endless beginnings at every door: a CONNECT, a TLS handshake and a
 * WebSocket request that come byte by byte, and heads that never end. Nobody
 * gets in, nobody holds a place for longer than the time to connect, and
 * nobody else notices.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Attacker, manyTimes } from "../support/attacker.ts";
import { Authority } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { beside, SCALE } from "../support/healthy.ts";
import { BrokerProcess } from "../support/process.ts";
import { upgradeRequest } from "../support/web_socket.ts";
import { connect, join } from "../support/wire.ts";

const CONNECT_MS = 1000;
/** A broker that is busy, and a socket's last moments. */
const LATE_MS_MAX = 4000;
const LORISES = Math.round(100 * SCALE);
const BOMBS = Math.round(200 * SCALE);
const PAUSE_MS = 20;

const TEXT = new TextEncoder();
/** A CONNECT that takes its whole time, its payload a long client id. */
const SLOW_CONNECT = connect({ clientId: "s".repeat(1000) });
/** A ClientHello: its head says that 508 bytes follow. */
const SLOW_HELLO = join(
  [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
  new Uint8Array(1000).fill(7),
);
const SLOW_UPGRADE = upgradeRequest({ "X-Slow": "s".repeat(1000) });

const HEAD = "GET /mqtt HTTP/1.1\r\nHost: a\r\n";

/** Heads that are too much, each of which says so at once. */
const BOMB_HEADS: Uint8Array[] = [
  TEXT.encode(`${HEAD}X: ${"x".repeat(1 << 20)}\r\n\r\n`),
  TEXT.encode(HEAD + "X: y\r\n".repeat(20_000) + "\r\n"),
  TEXT.encode(`GET /${"a/".repeat(1 << 19)} HTTP/1.1\r\n\r\n`),
  TEXT.encode(`${HEAD}${"N".repeat(1 << 20)}: y\r\n\r\n`),
  TEXT.encode(HEAD + "Upgrade: websocket\r\n".repeat(10_000)),
];

/** A broker with a door of each kind, the plain one first. */
function testDoors(
  name: string,
  run: (
    broker: BrokerProcess,
    ports: number[],
    authority: Authority,
  ) => Promise<void>,
): void {
  testRuntime(name, async (runtime) => {
    using authority = new Authority();
    const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
    const doors = ["mqtt", "mqtts", "ws", "any"].map((
      scheme,
    ) => ["--listen", `${scheme}://127.0.0.1:0`]);
    await using broker = await BrokerProcess.startBare({
      runtime,
      addressCount: doors.length,
      args: [
        ...doors.flat(),
        ...["--tls-cert", certFile, "--tls-key", keyFile],
        ...["--connect-timeout-ms", `${CONNECT_MS}`],
      ],
    });
    await run(broker, broker.ports, authority);
  });
}

/** Comes byte by byte, and is thrown out in time whatever it sends. */
async function loris(port: number, bytes: Uint8Array): Promise<void> {
  const startMs = performance.now();
  using attacker = await Attacker.open(port);
  const dripping = attacker.drip(bytes, PAUSE_MS);
  await attacker.untilHungUp(CONNECT_MS + LATE_MS_MAX);
  const ms = performance.now() - startMs;
  assert(ms >= CONNECT_MS * 0.9, `hung up on after only ${ms} ms`);
  attacker.close();
  await dripping;
}

/** Who finishes the handshake is let in. */
async function assertServed(port: number, authority: Authority): Promise<void> {
  using client = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [await Deno.readTextFile(authority.caFile)],
  });
  await client.write(connect());
  const connack = new Uint8Array(4);
  assertEquals(await client.read(connack), connack.length);
  assertEquals(connack, Uint8Array.of(0x20, 2, 0, 0));
}

testDoors("slow beginnings end in time", async (broker, ports) => {
  const [tcp, , ws, any] = ports;
  const lorises: [number, Uint8Array][] = [
    [tcp!, SLOW_CONNECT],
    [ws!, SLOW_UPGRADE],
    [any!, SLOW_CONNECT],
    [any!, SLOW_HELLO],
    [any!, SLOW_UPGRADE],
  ];
  const count = LORISES * lorises.length;
  await beside(broker, async () => {
    await manyTimes(
      count,
      count,
      (index) => loris(...lorises[index % lorises.length]!),
    );
  });
});

testDoors("unfinished TLS handshakes end in time", async (
  broker,
  [, tls],
  authority,
) => {
  await beside(broker, async () => {
    await manyTimes(LORISES, LORISES, () => loris(tls!, SLOW_HELLO));
    // Those who say nothing at all, too.
    await manyTimes(LORISES, LORISES, () => loris(tls!, new Uint8Array(0)));
  });
  await assertServed(tls!, authority);
});

testDoors("endless HTTP heads end at 8 KiB", async (broker, ports) => {
  const [, , ws, any] = ports;
  await beside(broker, async () => {
    await manyTimes(BOMBS, 20, async (index) => {
      using attacker = await Attacker.open(index % 2 === 0 ? ws! : any!);
      const bomb = BOMB_HEADS[index % BOMB_HEADS.length]!;
      const sending = attacker.send(bomb);
      const answer = await attacker.untilHungUp();
      await sending;
      // A reset may overtake it: most of the bomb is unread.
      const text = new TextDecoder().decode(answer);
      if (text !== "") assertMatch(text, /^HTTP\/1\.1 431 /);
    });
  });
  await broker.logged(
    "connection_closed",
    ({ reason }) => reason?.startsWith("no WebSocket (431)") ?? false,
  );
  assertEquals(broker.log.find(({ event }) => event === "timeout"), undefined);
});

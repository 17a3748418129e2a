/**
 * Clients that come through a proxy, which says by a PROXY header who they
 * are: before MQTT, TLS and WebSocket alike. What it says is believed where
 * it is trusted, and nobody else gets in there.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { echo, type Way, WAYS } from "../support/every_way.ts";
import { Peer } from "../support/mqtt_js.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { Relay } from "../support/relay.ts";
import { connect, join } from "../support/wire.ts";
import {
  ascii,
  INET6_TCP,
  INET_ADDRESSES,
  INET_TCP,
  tls,
  tlv,
  v2,
} from "../net/proxy_wire.ts";

/** The client of all of them, but for the last. */
const CLIENT = "192.0.2.7:4660";

const HEADERS: readonly (readonly [string, Uint8Array, string])[] = [
  ["1", ascii("PROXY TCP4 192.0.2.7 198.51.100.1 4660 1883\r\n"), CLIENT],
  ["2", v2(INET_TCP, INET_ADDRESSES), CLIENT],
  [
    "2, IPv6",
    v2(
      INET6_TCP,
      join([0x20, 1, 0x0d, 0xb8], Array(11).fill(0), 7, Array(16).fill(0), [
        ...[0x12, 0x34, 7, 0x5b],
      ]),
    ),
    "[2001:db8::7]:4660",
  ],
];

const TRUSTED = "proxy=127.0.0.1";
const ANYBODY = `${TRUSTED}&anonymous=yes`;

for (const [version, header, client] of HEADERS) {
  testRuntime(
    `PROXY ${version}: before all that is spoken`,
    async (runtime) => {
      using authority = new Authority();
      const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
      await using broker = await BrokerProcess.listening(
        runtime,
        [...WAYS, "any"].map((way) => `${way}://127.0.0.1:0?${ANYBODY}`),
        ["--tls-cert", certFile, "--tls-key", keyFile],
      );
      const any = broker.ports.at(-1)!;
      const comeIn = async (way: Way, port: number, single: number) => {
        using relay = Relay.to(port, { header, single });
        const clientId = `${way} ${port} ${single}`;
        await echo(relay.port, way, authority, { clientId });
        const isIt = (line: { client_id?: string }) =>
          line.client_id === clientId;
        const { address } = await broker.logged("client_connected", isIt);
        assertEquals(address, client);
      };
      for (const [i, way] of WAYS.entries()) {
        await comeIn(way, broker.ports[i]!, 0);
        await comeIn(way, any, header.length + 30);
      }
    },
  );
}

testRuntime("PROXY: ranges are of clients, not of proxies", async (runtime) => {
  await using broker = await BrokerProcess.listening(runtime, [
    `mqtt://127.0.0.1:0?${ANYBODY}&deny=192.0.2.0/24`,
    `mqtt://127.0.0.1:0?${ANYBODY}&allow=192.0.2.0/24&deny=127.0.0.1`,
  ]);
  const [denies, allows] = broker.ports as [number, number];
  const [, header] = HEADERS[0]!;
  using denied = await RawClient.open(denies);
  await denied.send(header, connect());
  assertEquals((await denied.untilClosed()).length, 0);
  const refused = await broker.logged("connection_refused");
  assertEquals(refused.address, CLIENT);
  assertMatch(refused.message, /address is not let in/);
  using allowed = await RawClient.open(allows);
  await allowed.send(header, connect());
  await allowed.packet("connack");
});

testRuntime("PROXY: who is not trusted stays out", async (runtime) => {
  await using broker = await BrokerProcess.listening(runtime, [
    "mqtt://127.0.0.1:0?proxy=10.0.0.0/8&anonymous=yes",
    `mqtt://127.0.0.1:0?${ANYBODY}`,
    "mqtt://127.0.0.1:0",
  ]);
  const [others, trusted, none] = broker.ports as [number, number, number];
  for (const [, header] of HEADERS) {
    using client = await RawClient.open(others);
    await client.send(header, connect()).catch(() => {});
    assertEquals((await client.untilClosed()).length, 0);
  }
  assertMatch(
    (await broker.logged("connection_refused")).message,
    /no proxy that is trusted/,
  );
  // A proxy that forgets to say whose bytes it brings, and one not asked.
  using silent = await RawClient.open(trusted);
  await silent.send(connect());
  assertEquals((await silent.untilClosed()).length, 0);
  assertMatch((await broker.logged("protocol_error")).message, /PROXY/);
  using talkative = await RawClient.open(none);
  await talkative.send(HEADERS[1]![1], connect());
  assertEquals((await talkative.untilClosed()).length, 0);
});

testRuntime("PROXY 2: a certificate's name is a user", async (runtime) => {
  using authority = new Authority();
  const rules = authority.write("acl", "user ada\ntopic readwrite own/#\n");
  await using broker = await BrokerProcess.listening(
    runtime,
    [`mqtt://127.0.0.1:0?${TRUSTED}`],
    ["--cert-user", "cn", "--acl-file", rules],
  );
  /** Bit 0: it is TLS; bits 1 and 2: with a certificate; 0: a good one. */
  const nameOf = (verified: number) =>
    v2(
      INET_TCP,
      join(INET_ADDRESSES, tls(7, verified, tlv(0x22, "ada"))),
    );
  using good = Relay.to(broker.port, { header: nameOf(0) });
  await using ada = await Peer.connect(good, { clientId: "ada" });
  const granted = await ada.client.subscribeAsync("#", { qos: 1 });
  assertEquals(granted.map(({ qos }) => Number(qos)), [1]);
  await ada.client.publishAsync("others/a", "no", { qos: 1 });
  await ada.client.publishAsync("own/a", "yes", { qos: 1 });
  assertEquals(await ada.payloads(1), ["yes"]);
  using bad = await RawClient.open(broker.port);
  await bad.send(nameOf(1), connect({ clientId: "eve" }));
  const { returnCode } = await bad.packet("connack");
  assertEquals(returnCode, 5);
});

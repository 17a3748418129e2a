/**
 * A certificate that ends while its client is connected, with real time: the
 * connection of who logged in by it ends too.
 */

import { assert, assertEquals } from "@std/assert";
import { Authority, type Issued } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect } from "../support/wire5.ts";

/** Time enough for a slow machine to connect. */
const VALID_MS = 4000;
/** Times in certificates are whole seconds. */
const SECOND_MS = 1000;
const DISCONNECT = 0xe0;
const MAXIMUM_CONNECT_TIME = 0xa0;

async function connected(
  port: number,
  authority: Authority,
  { certFile, keyFile }: Issued,
): Promise<RawClient> {
  const client = RawClient.over(
    await Deno.connectTls({
      hostname: "localhost",
      port,
      caCerts: [authority.read(authority.caFile)],
      cert: authority.read(certFile),
      key: authority.read(keyFile),
    }),
  );
  await client.send(connect({ clientId: certFile.slice(-8) }));
  const { firstByte, body } = await client.frame();
  assertEquals([firstByte, body[1]], [0x20, 0]);
  return client;
}

testRuntime("a login ends with its certificate", async (runtime) => {
  using authority = new Authority();
  const server = authority.issue("server", "/CN=localhost");
  const flags = [
    ...["--tls-cert", server.certFile, "--tls-key", server.keyFile],
    ...["--tls-client-ca", authority.caFile, "--cert-user", "cn"],
  ];
  const urls = ["mqtts://127.0.0.1:0"];
  await using broker = await BrokerProcess.listening(runtime, urls, flags);
  const lasting = authority.issue("ben", "/CN=ben");
  const end = Math.ceil((Date.now() + VALID_MS) / SECOND_MS) * SECOND_MS;
  const ending = authority.issueUntil("ada", "/CN=ada", new Date(end));
  using ada = await connected(broker.port, authority, ending);
  using ben = await connected(broker.port, authority, lasting);
  const last = await ada.untilClosed();
  assert(Date.now() > end - SECOND_MS, "not before its time");
  assertEquals([last[0], last[2]], [DISCONNECT, MAXIMUM_CONNECT_TIME]);
  await broker.logged("timeout", ({ message }) => /login/.test(message));
  // Who has time left is served.
  await ben.send(Uint8Array.of(0xc0, 0));
  assertEquals([...await ben.bytes(2)], [0xd0, 0]);
});

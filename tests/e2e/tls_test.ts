/**
 * MQTT over TLS as clients meet it: Debian's `mosquitto_pub` and `_sub` with
 * certificates of all kinds, `openssl s_client`, and clients that speak no
 * TLS. Certificates that change while it runs are in `tls_renewal_test.ts`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority, type Issued } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  mosquitto,
  mosquittoEnding,
  MosquittoSubscriber,
} from "../support/mosquitto.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { tlsClient } from "../support/tls_client.ts";
import { connect } from "../support/wire.ts";

const MQTTS = "mqtts://127.0.0.1:0";

function testTls(
  name: string,
  run: (runtime: Runtime, authority: Authority) => Promise<void>,
): void {
  testRuntime(`TLS: ${name}`, async (runtime) => {
    using authority = new Authority();
    await run(runtime, authority);
  }, ["mosquitto_pub", "mosquitto_sub"]);
}

function start(
  runtime: Runtime,
  authority: Authority,
  urls: readonly string[] = [MQTTS],
  args: readonly string[] = [],
): Promise<BrokerProcess> {
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const files = ["--tls-cert", certFile, "--tls-key", keyFile];
  return BrokerProcess.listening(runtime, urls, [...files, ...args]);
}

/** Flags of a client of mosquitto. */
function trusting({ caFile }: Authority, shows?: Issued): string[] {
  const own = shows && ["--cert", shows.certFile, "--key", shows.keyFile];
  return ["--cafile", caFile, ...own ?? []];
}

/** Whether a message was taken, with QoS 1. */
async function publishes(
  port: number,
  flags: string[],
  env: Record<string, string> = {},
): Promise<boolean> {
  const to = ["-h", "127.0.0.1", "-p", `${port}`, "-q", "1"];
  const args = [...to, "-t", "a", "-m", "x", ...flags];
  return (await mosquittoEnding("mosquitto_pub", args, env)).code === 0;
}

/** Mosquitto's own flag names the oldest version, and has no newest. */
function atMost12(authority: Authority): Record<string, string> {
  const text = "openssl_conf = all\n[all]\nssl_conf = ssl\n" +
    "[ssl]\nsystem_default = tls\n[tls]\nMaxProtocol = TLSv1.2\n";
  return { OPENSSL_CONF: authority.write("openssl.cnf", text) };
}

/** Why the first connection was closed that never became a client. */
async function closedFor(
  broker: BrokerProcess,
  reason: RegExp,
): Promise<void> {
  const line = await broker.logged("connection_closed");
  assertMatch(line.reason ?? "", reason);
  const all = broker.log.filter(({ event }) => event === "connection_closed");
  assertEquals(all.length, 1, "one line for each");
}

testTls("mosquitto publishes and reads", async (runtime, authority) => {
  await using broker = await start(runtime, authority);
  const { port } = broker;
  const flags = [...trusting(authority), "-t", "a/b", "-q", "2"];
  const two = [...flags, "-C", "2"];
  await using sub = await MosquittoSubscriber.start(port, two);
  const long = "x".repeat(100_000);
  await mosquitto("mosquitto_pub", port, [...flags, "-m", "short"]);
  const more = ["-V", "mqttv5", "--tls-alpn", "mqtt"];
  await mosquitto("mosquitto_pub", port, [...flags, "-m", long, ...more]);
  assertEquals(await sub.messages(), ["a/b 2 0 short", `a/b 2 0 ${long}`]);
});

testTls("the oldest version is 1.2 or 1.3", async (runtime, authority) => {
  const urls = [MQTTS, `${MQTTS}?tls-version=1.3`];
  await using broker = await start(runtime, authority, urls);
  const [from12, from13] = broker.ports as [number, number];
  const flags = trusting(authority);
  const old = atMost12(authority);
  assert(await publishes(from12, flags, old));
  assert(await publishes(from12, flags));
  assert(await publishes(from13, flags));
  assertEquals(await publishes(from13, flags, old), false);
  await closedFor(broker, /has no version or cipher of TLS/);
});

testTls("--tls-version is for all listeners", async (runtime, authority) => {
  const args = ["--tls-version", "1.3"];
  await using broker = await start(runtime, authority, [MQTTS], args);
  const flags = trusting(authority);
  const old = atMost12(authority);
  assertEquals(await publishes(broker.port, flags, old), false);
  assert(await publishes(broker.port, flags));
});

testTls("mqtt is the protocol of ALPN", async (runtime, authority) => {
  await using broker = await start(runtime, authority);
  for (const alpn of ["mqtt", "h2,mqtt"]) {
    const args = ["-alpn", alpn];
    const { output } = await tlsClient(broker.port, { authority, args });
    assertMatch(output, /ALPN protocol: mqtt\n/);
  }
  const none = await tlsClient(broker.port, { args: ["-alpn", "h2"] });
  // Bun says why in an alert, and Deno ends the connection without one.
  assertMatch(none.output, /no application protocol|unexpected eof/i);
  assert(await publishes(broker.port, trusting(authority)));
  const isIt = ({ reason = "" }) => reason.includes("(ALPN)");
  await broker.logged("connection_closed", isIt);
});

testTls("a client can mistrust the broker", async (runtime, authority) => {
  using other = new Authority("Other CA");
  await using broker = await start(runtime, authority);
  assertEquals(await publishes(broker.port, trusting(other)), false);
  await closedFor(broker, /does not trust the broker's certificate/);
});

testTls("plain MQTT is told apart in the log", async (runtime, authority) => {
  await using broker = await start(runtime, authority);
  using plain = await RawClient.open(broker.port);
  await plain.send(connect());
  const answer = await plain.untilClosed();
  // An alert of TLS may come; MQTT may not.
  assert(answer.length === 0 || answer[0] === 21, `${answer}`);
  await closedFor(broker, /the client does not speak TLS/);
  assert(await publishes(broker.port, trusting(authority)));
});

interface Shown {
  none: boolean;
  good: boolean;
  foreign: boolean;
  expired: boolean;
}

/** Who comes in with which certificate. */
const MUTUAL: readonly (readonly [options: string, Shown])[] = [
  ["", { none: true, good: true, foreign: true, expired: true }],
  ["client-cert=optional", {
    ...{ none: true, good: true },
    ...{ foreign: false, expired: false },
  }],
  ["client-cert=required", {
    ...{ none: false, good: true },
    ...{ foreign: false, expired: false },
  }],
];

testTls("clients show certificates", async (runtime, authority) => {
  using other = new Authority("Other CA");
  const shown: Record<keyof Shown, Issued | undefined> = {
    none: undefined,
    good: authority.issue("good", "/CN=good"),
    foreign: other.issue("foreign", "/CN=good"),
    expired: authority.issue("expired", "/CN=good", { days: -1 }),
  };
  const urls = MUTUAL.map(([options]) =>
    options === "" ? MQTTS : `${MQTTS}?${options}&client-ca=${authority.caFile}`
  );
  await using broker = await start(runtime, authority, urls);
  for (const [i, [options, expected]] of MUTUAL.entries()) {
    const port = broker.ports[i]!;
    for (const [kind, comesIn] of Object.entries(expected)) {
      const flags = trusting(authority, shown[kind as keyof Shown]);
      const told = `${options}: ${kind}`;
      assertEquals(await publishes(port, flags), comesIn, told);
    }
  }
  const closed = () =>
    broker.log.filter(({ event }) => event === "connection_closed");
  await broker.logged("connection_closed", () => closed().length === 5);
  const reasons = closed().map(({ reason = "" }) => reason);
  assert(reasons.every((one) => one.startsWith("the TLS handshake failed")));
  assertEquals(
    reasons.filter((one) => one.includes("shown no certificate")).length,
    1,
  );
});

for (const part of ["cn", "subject"] as const) {
  testTls(`the certificate's ${part} is a user`, async (runtime, authority) => {
    const name = { cn: "ada", subject: "CN=ada,O=Acme" }[part];
    const rules = authority.write(
      "acl",
      `user ${name}\ntopic readwrite own/#\nuser eve\ntopic #\n`,
    );
    const { caFile } = authority;
    await using broker = await start(
      runtime,
      authority,
      [MQTTS],
      ["--tls-client-ca", caFile, "--cert-user", part, "--acl-file", rules],
    );
    const ada = authority.issue("ada", "/O=Acme/CN=ada");
    // Who says to be somebody else is the certificate's all the same.
    const flags = [...trusting(authority, ada), "-u", "eve", "-q", "1"];
    const { port } = broker;
    const args = [...flags, "-t", "#", "-C", "1"];
    await using sub = await MosquittoSubscriber.start(port, args);
    for (const topic of ["others/a", "own/a"]) {
      const message = [...flags, "-t", topic, "-m", topic];
      await mosquitto("mosquitto_pub", port, message);
    }
    assertEquals(await sub.messages(), ["own/a 1 0 own/a"]);
    assertEquals(await publishes(port, trusting(authority)), false);
  });
}

/**
 * The command line's manners: what is printed and with which exit code the
 * process ends when a person asks for help or makes a mistake, and where the
 * broker listens for which flags. The table of all flags is tested in
 * `tests/cli/`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess, type Ending, runBroker } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** One clear sentence, a hint beside it at most, and never a stack trace. */
function assertRefused({ code, stderr }: Ending, names: RegExp): void {
  assertEquals(code, 2, stderr);
  assertMatch(stderr, names);
  const lines = stderr.trim().split("\n");
  assert(lines.length <= 2, `more than a sentence and a hint:\n${stderr}`);
  assertEquals(/^\s+at |Error:|\.ts:\d/m.test(stderr), false, stderr);
}

const FREE = ["--port", "0"];

/** All have a port of their own, should the broker start after all. */
const REFUSED: readonly (readonly [string, string[], RegExp])[] = [
  ["an unknown flag", [...FREE, "--prot=1"], /--prot\b.*(--port|--help)/s],
  ["a word that is no flag", [...FREE, "serve-me"], /serve-me/],
  ["a flag without its value", ["--port"], /--port/],
  ["a port that is no number", ["--port", "http"], /--port.*http/s],
  ["a port out of range", ["--port", "65536"], /--port.*65536/s],
  ["an unknown log format", [...FREE, "--log-format", "xml"], /--log-format/],
  ["an unknown log level", [...FREE, "--log-level", "loud"], /--log-level/],
  ["an address that is none", ["--listen", "tcp:/x"], /--listen/],
  ["a host that is none", [...FREE, "--host", "not a host"], /not a host/],
  ["an open door", [...FREE, "--host", "0.0.0.0"], /--allow-anonymous/],
  [
    "an open door among others",
    ["--listen", "tcp://127.0.0.1:0", "--listen", "tcp://[::]:0"],
    /--allow-anonymous/,
  ],
];

for (const [what, args, names] of REFUSED) {
  testRuntime(`${what} is refused in a sentence`, async (runtime) => {
    assertRefused(await runBroker({ runtime, args }), names);
  });
}

testRuntime("a bad variable is refused by its name", async (runtime) => {
  const env = { BROKER_PORT: "http" };
  assertRefused(await runBroker({ runtime, env }), /BROKER_PORT/);
});

testRuntime("a port in use is refused in a sentence", async (runtime) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const args = ["--host", "127.0.0.1", "--port", `${port}`];
  const ending = await runBroker({ runtime, args });
  assertRefused(ending, new RegExp(`${port}`));
});

testRuntime("--help fits a screen and names the flags", async (runtime) => {
  const { code, stdout } = await runBroker({ runtime, args: ["--help"] });
  assertEquals(code, 0);
  for (const flag of ["host", "port", "listen", "allow-anonymous", "help"]) {
    assert(stdout.includes(`--${flag}`), `--${flag} is not in:\n${stdout}`);
  }
  const lines = stdout.trimEnd().split("\n");
  assert(lines.length <= 50, `${lines.length} lines`);
  assertEquals(lines.filter((line) => line.length > 80), []);
});

for (const [page, flag] of [["mqtt", "retain"], ["limits", "retained-max"]]) {
  testRuntime(`--help-${page} is a page of flags`, async (runtime) => {
    const args = [`--help-${page}`];
    const { code, stdout } = await runBroker({ runtime, args });
    assertEquals(code, 0);
    assert(stdout.includes(`\n  --${flag} `), stdout);
  });
}

testRuntime("--version prints the version of deno.json", async (runtime) => {
  const { code, stdout } = await runBroker({ runtime, args: ["--version"] });
  assertEquals(code, 0);
  assert(stdout.includes(denoJson.version), stdout);
  assertEquals(stdout.trim().split("\n").length, 1);
});

testRuntime("with no address it listens on loopback only", async (runtime) => {
  const hosts = hasIpv6() ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
  await using broker = await BrokerProcess.startBare({
    runtime,
    args: ["--port", "0"],
    addressCount: hosts.length,
  });
  assertEquals(
    broker.addresses.map((address) => address.replace(/:\d+$/, "")),
    hosts,
  );
  assertMatch(broker.log[0]!.message, /--host 0\.0\.0\.0 --allow-anonymous/);
  for (const [at, port] of broker.ports.entries()) {
    using client = await RawClient.open(port, hosts[at]!.replace(/[[\]]/g, ""));
    await client.send([0xc0, 0]);
    await client.untilClosed();
  }
});

testRuntime("it listens on several addresses at once", async (runtime) => {
  await using broker = await BrokerProcess.startBare({
    runtime,
    args: ["--listen", "tcp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:0"],
    addressCount: 2,
  });
  const [first, second] = broker.ports;
  assert(first !== second);
  using ann = await RawClient.connected(first!, { clientId: "ann" });
  using bob = await RawClient.connected(second!, { clientId: "bob" });
  await bob.send([0x82, 6, 0, 1, 0, 1, 0x61, 0]);
  await bob.packet("suback");
  await ann.send([0x30, 4, 0, 1, 0x61, 0x78]);
  assertEquals((await bob.packet("publish")).payload, "x");
});

testRuntime("variables stand for flags", async (runtime) => {
  await using broker = await BrokerProcess.startBare({
    runtime,
    env: { BROKER_PORT: "0", BROKER_HOST: "127.0.0.1" },
  });
  assertMatch(broker.addresses[0]!, /^127\.0\.0\.1:\d+$/);
  assert(broker.port !== 1883);
});

testRuntime("a flag wins over its variable", async (runtime) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using broker = await BrokerProcess.start({
    runtime,
    env: { BROKER_PORT: `${taken.addr.port}`, BROKER_LOG_FORMAT: "text" },
  });
  assert(broker.port !== taken.addr.port);
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * A broker that is watched from outside, on both runtimes: metrics that
 * Debian's `promtool` has nothing to say about, `$SYS` beside Mosquitto's,
 * and who may look.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testBroker, testRuntime } from "../support/e2e.ts";
import { MosquittoDaemon } from "../support/mosquitto_daemon.ts";
import { BrokerProcess, runBroker } from "../support/process.ts";
import { promtool } from "../support/promtool.ts";
import { RawClient } from "../support/raw_client.ts";
import { publish, subscribe } from "../support/wire.ts";

const WATCHED = { args: ["--http-listen", "127.0.0.1:0"] };

/** Where the broker is watched, by its log. */
async function urlOf(broker: BrokerProcess): Promise<string> {
  const { url } = await broker.logged("http_listening");
  return String(url);
}

async function textAt(url: string, token?: string): Promise<string> {
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  return answer.ok ? text : `${answer.status}`;
}

/** The value of a sample. */
function valueOf(text: string, sample: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
  assert(line !== undefined, `no ${sample} in\n${text}`);
  return Number(line.slice(sample.length));
}

testBroker("metrics count what clients do", async (broker) => {
  const url = await urlOf(broker);
  using reader = await RawClient.connected(broker.port, { clientId: "r" });
  await reader.send(subscribe(1, ["a", 0]));
  await reader.packet("suback");
  using teller = await RawClient.connected(broker.port, { clientId: "t" });
  // Single turns, so that some of them are measured.
  for (let i = 0; i < 300; i++) {
    await teller.send(publish({ topic: "a", payload: "x" }));
    await reader.packet("publish");
  }
  const text = await textAt(`${url}/metrics`);
  assertEquals(valueOf(text, "mqtt_clients"), 2);
  assertEquals(valueOf(text, "mqtt_publish_received_total"), 300);
  assertEquals(valueOf(text, "mqtt_publish_sent_total"), 300);
  assert(valueOf(text, "mqtt_turn_seconds_count") > 0);
  assert(valueOf(text, "mqtt_delivery_seconds_count") > 0);
  assert(valueOf(text, "process_resident_memory_bytes") > 10e6);
  const door = `listener="mqtt://127.0.0.1:${broker.port}"`;
  assertEquals(valueOf(text, `mqtt_listener_connections{${door}}`), 2);
  const received = `mqtt_listener_publish_received_total{${door}}`;
  assertEquals(valueOf(text, received), 300);
}, WATCHED);

testRuntime("commits are timed, and counted", async (runtime) => {
  const folder = await Deno.makeTempDir();
  const args = [...WATCHED.args, "--data", folder];
  await using broker = await BrokerProcess.start({ runtime, args });
  const options = { clientId: "r", cleanSession: false };
  using reader = await RawClient.connected(broker.port, options);
  await reader.send(subscribe(1, ["a", 1]));
  await reader.packet("suback"); // on disk, then
  const text = await textAt(`${await urlOf(broker)}/metrics`);
  const commits = valueOf(text, "mqtt_store_commits_total");
  assert(commits > 0);
  assertEquals(valueOf(text, "mqtt_store_commit_seconds_count"), commits);
  assert(valueOf(text, "mqtt_store_commit_seconds_sum") > 0);
  assert(valueOf(text, "mqtt_store_written_bytes_total") > 0);
  assertEquals(await promtool(text), "");
  await broker.kill();
  await Deno.remove(folder, { recursive: true });
}, ["promtool"]);

testBroker("promtool has nothing to say", async (broker) => {
  const text = await textAt(`${await urlOf(broker)}/metrics`);
  assertEquals(await promtool(text), "");
}, { ...WATCHED, tools: ["promtool"] });

testBroker("who looks learns that it is well and ready", async (broker) => {
  const url = await urlOf(broker);
  assertEquals(await textAt(`${url}/healthz`), "ok\n");
  assertEquals(await textAt(`${url}/readyz`), "ok\n");
  assertEquals(await textAt(`${url}/nothing`), "404");
}, WATCHED);

testBroker("a half request is let go of in time", async (broker) => {
  const { port } = new URL(await urlOf(broker));
  using slow = await RawClient.open(Number(port));
  using silent = await RawClient.open(Number(port));
  await slow.send(new TextEncoder().encode("GET /metr"));
  const started = performance.now();
  // Each is waited for ten seconds, which is as long as they may take.
  await Promise.all([slow, silent].map((one) => ended(one)));
  const tookMs = performance.now() - started;
  assert(tookMs > 8000 && tookMs < 15_000, `${tookMs} ms`);
}, WATCHED);

/** As `untilClosed`, which would give up too soon, may have to be asked. */
async function ended(client: RawClient): Promise<void> {
  await client.untilClosed().catch(() => {});
}

testRuntime("other machines need a token", async (runtime) => {
  const file = await Deno.makeTempFile();
  const token = "5f2d7c0e91ab43d8";
  await Deno.writeTextFile(file, `${token}\n`);
  try {
    const args = ["--http-listen", "0.0.0.0:0", "--http-token-file", file];
    await using broker = await BrokerProcess.start({ runtime, args });
    const { port } = await broker.logged("http_listening");
    const url = `http://127.0.0.1:${port}`;
    assertEquals(await textAt(`${url}/healthz`), "ok\n");
    assertEquals(await textAt(`${url}/metrics`), "401");
    assertEquals(await textAt(`${url}/metrics`, token.slice(1)), "401");
    assertMatch(await textAt(`${url}/metrics`, token), /^mqtt_clients 0$/m);
    assert(!broker.stderr.includes(token));
  } finally {
    await Deno.remove(file);
  }
});

/** Flags that are refused, and a part of the sentence about it. */
const REFUSED: readonly (readonly [string[], RegExp])[] = [
  [["--http-listen", "0.0.0.0:0"], /open to other machines.*--http-token-file/],
  [["--http-listen", "[::]:0"], /--http-token-file/],
  [["--http-listen", "127.0.0.1:0", "--http-token-file", "x"], /no such file/],
  [
    ["--http-listen", "127.0.0.1:0", "--http-token-file", "/no/such/token"],
    /no such file/,
  ],
  [
    ["--http-listen", "127.0.0.1:0", "--http-token-file", "/dev/null"],
    /one word of 16 characters/,
  ],
];

for (const [args, form] of REFUSED) {
  testRuntime(`${args.join(" ")} is refused`, async (runtime) => {
    const all = ["--port", "0", ...args];
    const { code, stderr } = await runBroker({ runtime, args: all });
    assertEquals(code, 2, stderr);
    assertMatch(stderr, form);
  });
}

testRuntime("an HTTP port in use is told in a sentence", async (runtime) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const args = ["--port", "0", "--http-listen", address];
  const { code, stderr } = await runBroker({ runtime, args });
  assertEquals(code, 2, stderr);
  assert(stderr.includes(`can't listen on ${address}: the port is in use`));
});

/** Topics of Mosquitto that ours does not have, and why. */
const NOT_OURS = [
  // Bytes of payloads: they would have to be added up message by message.
  "$SYS/broker/publish/bytes/received",
  "$SYS/broker/publish/bytes/sent",
];

/** Topics and payloads of all that is told in $SYS. */
async function statusAt(port: number): Promise<Map<string, string>> {
  using client = await RawClient.connected(port);
  // All is told at once, and this is a part of it.
  await client.send(subscribe(1, ["$SYS/broker/uptime", 0]));
  await client.packet("suback");
  await client.packet("publish");
  await client.send(subscribe(2, ["$SYS/#", 0]));
  const status = new Map<string, string>();
  for (const packet of await client.packetsBeforePong()) {
    if (packet.type !== "publish") continue;
    status.set(packet.topic, packet.payload);
  }
  return status;
}

testBroker("$SYS has the topics of Mosquitto", async (broker) => {
  await using daemon = await MosquittoDaemon.start("topic read $SYS/#\n");
  assert(daemon !== undefined);
  const [ours, theirs] = [
    await statusAt(broker.port),
    await statusAt(daemon.port),
  ];
  assert(theirs.size > 40, `${theirs.size}`);
  const missing = [...theirs.keys()].filter((topic) => !ours.has(topic));
  assertEquals(missing.sort(), NOT_OURS);
  // And they look alike: a number, one with two places, a time, a version.
  const shape = (text = "") => text.replace(/\d+/g, "0").replace(/^\w+ v/, "v");
  for (const [topic, payload] of theirs) {
    if (NOT_OURS.includes(topic) || topic.endsWith("/version")) continue;
    assertEquals(shape(ours.get(topic)), shape(payload), topic);
  }
}, { tools: ["mosquitto"] });

testBroker("$SYS comes anew at its interval", async (broker) => {
  using client = await RawClient.connected(broker.port);
  await client.send(subscribe(1, ["$SYS/broker/clients/connected", 0]));
  await client.packet("suback");
  const next = async () => (await client.packet("publish")).payload;
  // It may have been told of before it had subscribed.
  const first = await next();
  if (first !== "1") assertEquals([first, await next()], ["0", "1"]);
  using _other = await RawClient.connected(broker.port, { clientId: "other" });
  assertEquals(await next(), "2");
}, { args: ["--sys-interval", "200ms"] });

testBroker("$SYS can be switched off", async (broker) => {
  using client = await RawClient.connected(broker.port);
  await client.send(subscribe(1, ["$SYS/#", 0]));
  await client.packet("suback");
  assertEquals(await client.packetsBeforePong(), []);
}, { args: ["--sys-interval", "0"] });

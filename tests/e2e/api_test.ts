/**
 * The API of brokers as they run, on both runtimes: its secret, its ports,
 * and what is changed by it while clients are connected.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../src/credentials/password_hash.ts";
import { testBroker, testRuntime } from "../support/e2e.ts";
import { BrokerProcess, runBroker } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";

const OWN_PORT = ["--http-listen", "127.0.0.1:0"];

/** Asks; the status, and what is said where that is JSON. */
async function ask(
  url: string,
  secret: string,
  init: RequestInit = {},
  // deno-lint-ignore no-explicit-any -- tests look into it
): Promise<[number, any]> {
  const headers = {
    authorization: `Bearer ${secret}`,
    ...(init.body !== undefined && { "content-type": "application/json" }),
  };
  const answer = await fetch(url, { ...init, headers });
  const text = await answer.text();
  return [answer.status, text.startsWith("{") ? JSON.parse(text) : text];
}

/** Where the API is, and what opens it. */
async function apiOf(broker: BrokerProcess): Promise<[string, string]> {
  const { url } = await broker.logged("http_listening");
  const { secret } = await broker.logged("http_secret");
  return [`${url}/api/v1`, String(secret)];
}

testBroker("clients are seen and disconnected", async (broker) => {
  const [url, secret] = await apiOf(broker);
  using ada = await RawClient.connected(broker.port, { clientId: "ada" });
  const [status, { items }] = await ask(`${url}/clients`, secret);
  assertEquals([status, items.length], [200, 1]);
  assertEquals([items[0].clientId, items[0].protocol], ["ada", "3.1.1"]);
  assertMatch(items[0].address, /^127\.0\.0\.1:\d+$/);
  assert(items[0].bytesIn > 10 && items[0].bytesOut > 1);
  const [gone] = await ask(`${url}/clients/ada`, secret, { method: "DELETE" });
  assertEquals(gone, 204);
  await ada.untilClosed();
  assertEquals((await ask(`${url}/clients`, secret))[1].total, 0);
  // The secret is told once, and is not among the lines that are shown.
  const [, logs] = await ask(`${url}/logs`, secret);
  assert(!JSON.stringify(logs).includes(secret));
  assert(JSON.stringify(logs).includes("client_disconnected"));
}, { args: OWN_PORT });

testBroker("requests leave no trace in the log", async (broker) => {
  const [url, secret] = await apiOf(broker);
  for (let i = 0; i < 5; i++) await ask(`${url}/status`, secret);
  const [, { disconnects }] = await ask(`${url}/status`, secret);
  assertEquals(disconnects.http, 5);
  const events = broker.log.map(({ event }) => event);
  assert(!events.includes("connection_closed"), events.join());
}, { args: OWN_PORT });

testBroker("an operator gets in where clients are too many", async (broker) => {
  const [url, secret] = await apiOf(broker);
  using one = await RawClient.connected(broker.port, { clientId: "one" });
  using other = await RawClient.open(broker.port);
  await other.untilClosed();
  assertEquals((await ask(`${url}/status`, secret))[0], 200);
  await one.packetsBeforePong();
}, { args: [...OWN_PORT, "--connections-max", "1"] });

testRuntime(
  "a secret that can't be read ends what asks for it",
  async (runtime) => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/api-secret`, "short");
    const args = ["--data", folder, "--port", "0"];
    try {
      const asked = await runBroker({ runtime, args: [...args, ...OWN_PORT] });
      assertEquals(asked.code, 2);
      assertMatch(asked.stderr, /api-secret has to hold one word of 16/);
      const env = { BROKER_HTTP_LISTEN: "" };
      await using broker = await BrokerProcess.start({ runtime, args, env });
      const { message } = await broker.logged("http_unavailable");
      assertMatch(message, /api-secret has to hold one word of 16/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testRuntime("a first start keeps the secret for its owner", async (runtime) => {
  const folder = await Deno.makeTempDir();
  const args = ["--data", folder, ...OWN_PORT];
  const start = () => BrokerProcess.start({ runtime, args });
  try {
    let kept = "";
    for (const isFirst of [true, false]) {
      await using broker = await start();
      const { url } = await broker.logged("http_listening");
      const secret = (await Deno.readTextFile(`${folder}/api-secret`)).trim();
      const { mode } = await Deno.stat(`${folder}/api-secret`);
      assertEquals(mode! & 0o777, 0o600);
      assertMatch(secret, /^[0-9a-f]{32}$/);
      assert(isFirst || secret === kept);
      kept = secret;
      assertEquals((await ask(`${url}/api/v1/status`, secret))[0], 200);
      assertEquals((await ask(`${url}/api/v1/status`, "x"))[0], 401);
      // It goes to no log that a program keeps.
      assert(!broker.stderr.includes(secret));
      assertEquals(broker.stderr.includes("http_secret"), isFirst);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testRuntime("the shared port has the API, and MQTT", async (runtime) => {
  const args = ["--http-listen", "127.0.0.1:0", "--memory"];
  const urls = ["any://127.0.0.1:0"];
  await using broker = await BrokerProcess.listening(runtime, urls, args);
  const { secret } = await broker.logged("http_secret");
  const shared = `http://127.0.0.1:${broker.port}`;
  const status = `${shared}/api/v1/status`;
  assertEquals((await ask(status, String(secret)))[0], 200);
  assertEquals((await ask(status, "x"))[0], 401);
  // Who comes by a port for all is a stranger.
  assertEquals((await ask(`${shared}/metrics`, "x"))[0], 401);
  assertEquals((await ask(`${shared}/mqtt`, "x"))[0], 426);
  using client = await RawClient.connected(broker.port, { clientId: "a" });
  await client.packetsBeforePong();
  const socket = new WebSocket(`ws://127.0.0.1:${broker.port}/mqtt`, "mqtt");
  await new Promise((done) => socket.onopen = done);
  socket.close();
  await new Promise((done) => socket.onclose = done);
});

testRuntime("what is said is said in pieces, too", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime, args: OWN_PORT });
  const [url, secret] = await apiOf(broker);
  const { port } = new URL(url);
  using client = await RawClient.open(Number(port));
  const body = JSON.stringify({ topic: "a", payload: "x".repeat(100_000) });
  const head = `POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\n` +
    `Authorization: Bearer ${secret}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`;
  const bytes = new TextEncoder().encode(head + body);
  for (let at = 0; at < 400; at++) await client.send(bytes.slice(at, at + 1));
  await client.send(bytes.slice(400));
  const said = new TextDecoder().decode(await client.untilClosed());
  const [, status] = said.split(" ");
  assertEquals(status, "200");
});

testRuntime("users and rules count at once", async (runtime) => {
  const folder = await Deno.makeTempDir();
  const { text } = await hashPassword(new TextEncoder().encode("pencil"), 1000);
  await Deno.writeTextFile(`${folder}/users`, `# two\nada:${text}\n`);
  await Deno.writeTextFile(`${folder}/acl`, "user ada\ntopic a/#\n");
  const args = ["--password-file", `${folder}/users`, ...OWN_PORT];
  const all = [...args, "--acl-file", `${folder}/acl`];
  try {
    await using broker = await BrokerProcess.start({ runtime, args: all });
    const [url, secret] = await apiOf(broker);
    const fields = { clientId: "c", userName: "ada", password: "pencil" };
    using ada = await RawClient.connected(broker.port, fields);
    const post = (path: string, body: unknown) =>
      ask(url + path, secret, { method: "POST", body: JSON.stringify(body) });
    const bob = { userName: "bob", password: "paper" };
    assertEquals((await post("/users", bob))[0], 201);
    using other = await RawClient.connected(broker.port, {
      ...bob,
      clientId: "d",
    });
    await other.packetsBeforePong();
    const rule = { kind: "user", userName: "bob", access: "read", topic: "b" };
    assertEquals((await post("/acl/rules", rule))[0], 201);
    const gone = { method: "DELETE" };
    assertEquals((await ask(`${url}/users/ada`, secret, gone))[0], 204);
    await ada.untilClosed();
    await other.packetsBeforePong();
    const users = await Deno.readTextFile(`${folder}/users`);
    assertMatch(users, /^# two\nbob:\$7\$/);
    assert(!broker.stderr.includes("paper"));
    const [, { items }] = await ask(`${url}/config`, secret);
    const file = items.find((one: { name: string }) =>
      one.name === "password-file"
    );
    assertEquals([file.value, file.origin], [
      `${folder}/users`,
      "--password-file",
    ]);
    const [reloaded, said] = await post("/reload", {});
    assertEquals([reloaded, said.isReloaded], [200, true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testRuntime("a port that is taken is done without", async (runtime) => {
  const env = { BROKER_HTTP_LISTEN: "" };
  for (;;) {
    // Nobody asks for it here: it is where it usually is, and may be ours.
    using ours = take(8080);
    await using broker = await BrokerProcess.start({ runtime, env });
    await broker.written(/"http_(?:unavailable|listening)"/);
    const line = broker.log.find(({ event }) => event === "http_unavailable");
    // Who had it has gone meanwhile: then we can have it.
    if (ours === undefined && line === undefined) continue;
    assertMatch(line!.message, /127\.0\.0\.1:8080: the port is in use/);
    using client = await RawClient.connected(broker.port);
    await client.packetsBeforePong();
    return;
  }
});

/** `undefined` where somebody else has it. */
function take(port: number): Disposable | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return undefined;
  }
}

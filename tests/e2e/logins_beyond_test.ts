/**
 * Logins on another one's word: tokens that a key has signed, which end the
 * connection when they end, and a server that is asked; both with rights of
 * their own.
 */

import { assert, assertEquals } from "@std/assert";
import { LoginServer } from "../credentials/login_server.ts";
import {
  newSigner,
  secretSigner,
  sign,
  type Signer,
} from "../credentials/jwt_maker.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  inFolder,
  loggedIn,
  loggedIn5,
  loginCode,
  loginCode5,
} from "../support/login.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import type { RawClient } from "../support/raw_client.ts";
import { publish, subscribe } from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";

const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;
const UNAVAILABLE = 3;

function start(runtime: Runtime, ...args: string[]): Promise<BrokerProcess> {
  return BrokerProcess.listening(runtime, ["mqtt://127.0.0.1:0"], args);
}

/** A token that is good for so many seconds. */
function token(
  signer: Signer,
  seconds = 60,
  claims: object = {},
): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return sign(signer, { exp, ...claims });
}

/** The topics that come back to a client that may read all of its own. */
async function published(
  client: RawClient,
  filter: string,
  topics: readonly string[],
): Promise<string[]> {
  await client.send(subscribe(1, [filter, 0]));
  const { returnCodes } = await client.packet("suback");
  assertEquals(returnCodes, [0]);
  await client.send(...topics.map((topic) => publish({ topic })));
  const packets = await client.packetsBeforePong();
  return packets.map((packet) => {
    assert(packet.type === "publish", packet.type);
    return packet.topic;
  });
}

testRuntime("a token lets in by its signature", (runtime) => {
  return inFolder(async (folder) => {
    const signer = await newSigner("ES256");
    const other = await newSigner("ES256");
    const key = `${folder}/key.pem`;
    await Deno.writeTextFile(key, signer.pem);
    await using one = await start(
      runtime,
      ...["--jwt-key", key, "--jwt-issuer", "us", "--jwt-audience", "mqtt"],
    );
    const { port } = one;
    const ours = { iss: "us", aud: ["mqtt", "http"] };
    const good = await token(signer, 60, ours);
    assertEquals(await loginCode(port, "ada", good), 0);
    assertEquals(await loginCode5(port, "ada", good), 0);
    const bad: readonly (readonly [token: string, code: number])[] = [
      [await token(other, 60, ours), BAD_CREDENTIALS],
      [`${good}AAAA`, BAD_CREDENTIALS],
      [await token(signer, -120, ours), NOT_AUTHORIZED],
      [await token(signer, 60, { ...ours, iss: "them" }), NOT_AUTHORIZED],
      [await token(signer, 60, { ...ours, aud: "http" }), NOT_AUTHORIZED],
    ];
    for (const [i, [password, code]] of bad.entries()) {
      assertEquals(await loginCode(port, "ada", password), code, `${i}`);
    }
    assertEquals(await loginCode(port, undefined), NOT_AUTHORIZED);
    assert(!one.stderr.includes(good), "no token in the log");
  });
});

testRuntime("a token's end is the connection's", (runtime) => {
  return inFolder(async (folder) => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const jwks = `${folder}/jwks.json`;
    const signer = await secretSigner(secret);
    const keys = [{ ...signer.jwk, alg: "HS256" }];
    await Deno.writeTextFile(jwks, JSON.stringify({ keys }));
    await using one = await start(runtime, "--jwt-key", jwks);
    const { port } = one;
    using long = await loggedIn(port, "long", await token(signer, 60));
    const startMs = performance.now();
    // Clocks may differ by 30 s: these have two seconds left.
    const last = await token(signer, -28);
    using short5 = await loggedIn5(port, "5", last);
    using short = await loggedIn(port, "4", last);
    const [disconnect] = wire5.decode(await short5.untilClosed());
    assert(disconnect?.type === "disconnect");
    assertEquals(disconnect.reason, 0xa0, "maximum connect time");
    assertEquals((await short.untilClosed()).length, 0);
    const tookMs = performance.now() - startMs;
    assert(tookMs > 900 && tookMs < 5000, `${tookMs} ms`);
    assertEquals(await long.packetsBeforePong(), []);
  });
});

testRuntime("a token's claims are names and rights", (runtime) => {
  return inFolder(async (folder) => {
    const signer = await newSigner("EdDSA");
    const key = `${folder}/key.pem`;
    await Deno.writeTextFile(key, signer.pem);
    await using one = await start(
      runtime,
      ...["--jwt-key", key, "--jwt-from", "username"],
      ...["--jwt-client-id-claim", "device", "--jwt-rights-claim", "mqtt"],
    );
    const rights = { publish: ["up/%c/#"], subscribe: ["up/#", "down/%c"] };
    const good = await token(signer, 60, { device: "d1", mqtt: rights });
    using client = await loggedIn(one.port, good, "", "d1");
    const topics = ["up/d1/a", "up/d2/a", "down/d1"];
    assertEquals(await published(client, "up/#", topics), ["up/d1/a"]);
    assertEquals(await loginCode(one.port, good, "", "d2"), NOT_AUTHORIZED);
    const other = await newSigner("EdDSA");
    await Deno.writeTextFile(key, other.pem);
    one.signal("SIGHUP");
    // The key has gone, and so has what it stood for.
    await client.untilClosed();
  });
});

testRuntime("a login server is asked", async (runtime) => {
  const server = await LoginServer.start();
  try {
    await using one = await start(runtime, "--http-login", server.url());
    const { port } = one;
    const rights = { publish: ["%u/#"], subscribe: ["#"] };
    server.reply = { body: { result: "allow", rights } };
    using ada = await loggedIn(port, "ada", "pencil");
    const { client_id, username, password, address } = JSON.parse(
      server.last.body,
    );
    assertEquals(
      [client_id, username, password, address],
      ["ada", "ada", "pencil", "127.0.0.1"],
    );
    assertEquals(await published(ada, "#", ["ada/a", "bob/a"]), ["ada/a"]);
    const asked = server.questions.length;
    assertEquals(await loginCode(port, "ada", "pencil", "ada"), 0);
    assertEquals(server.questions.length, asked, "the answer holds a while");
    server.reply = { body: { result: "deny" } };
    assertEquals(await loginCode(port, "bob", "x"), NOT_AUTHORIZED);
    server.reply = { status: 401 };
    assertEquals(await loginCode(port, "cas", "x"), BAD_CREDENTIALS);
    server.reply = { status: 500 };
    assertEquals(await loginCode(port, "dan", "secret-of-dan"), UNAVAILABLE);
    await one.logged("login_server_fault");
    assert(!one.stderr.includes("secret-of-dan"));
  } finally {
    await server.stop();
  }
});

testRuntime("a login server that is silent lets nobody in", async (runtime) => {
  const server = await LoginServer.start();
  try {
    server.reply = () => {};
    await using one = await start(
      runtime,
      ...["--http-login", server.url(), "--http-login-timeout-ms", "300"],
    );
    assertEquals(await loginCode(one.port, "ada", "pencil"), UNAVAILABLE);
    server.reply = { status: 204 };
    assertEquals(await loginCode(one.port, "ada", "pencil"), 0);
  } finally {
    await server.stop();
  }
});

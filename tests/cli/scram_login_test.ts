/**
 * What `--scram-file` comes to: users of the file are let in by their proof,
 * other logins are not, and a bad file is the operator's mistake. And the
 * same from outside, on Deno and on Bun.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { type Logins, scramLogins } from "../../src/cli/scram_login.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { writeScramFile } from "../../src/credentials/scram_disk.ts";
import { deriveScramUser } from "../../src/credentials/scram_user.ts";
import { ScramClient } from "../credentials/scram_client.ts";
import { testRuntime } from "../support/e2e.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { BrokerProcess, runBroker, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { bunPath } from "../support/tools.ts";
import { connect } from "../support/wire.ts";

const ADDRESS = "127.0.0.1:1";
const ANYONE = { allowAnonymous: true };
const USERS_ONLY = { allowAnonymous: false };

async function withUsers(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "broker-scram-" });
  try {
    const path = `${folder}/users.json`;
    const ada = await deriveScramUser("pencil", { iterations: 5000 });
    await writeScramFile(path, new Map([["ada", ada]]));
    await run(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function plainLogin({ authenticator }: Logins): string {
  let found = "";
  authenticator.authenticate({
    clientId: "ann",
    userName: "ada",
    password: new TextEncoder().encode("pencil"),
    address: ADDRESS,
  }, ({ result }) => found = result);
  return found;
}

async function scramLogin(
  { enhancedAuthenticators }: Logins,
  name: string,
  password: string,
): Promise<AuthStep> {
  assertEquals(enhancedAuthenticators.length, 1);
  const [scram] = enhancedAuthenticators;
  assertEquals(scram!.method, "SCRAM-SHA-256");
  const exchange = scram!.begin({ clientId: "ann", address: ADDRESS });
  const say = (text: string) =>
    new Promise<AuthStep>((done) =>
      exchange.next(new TextEncoder().encode(text), done)
    );
  const client = new ScramClient(name, password);
  const step = await say(client.first());
  assert(step.result === "continue");
  const challenge = new TextDecoder().decode(step.data);
  assertMatch(challenge, /,i=5000$/);
  return await say(client.final(challenge));
}

Deno.test("users are let in by their proof alone", async () => {
  await withUsers(async (path) => {
    const logins = await scramLogins(path, USERS_ONLY);
    assertEquals(plainLogin(logins), "not_authorized");
    assertEquals((await scramLogin(logins, "ada", "pencil")).result, "allow");
    for (const [name, word] of [["ada", "pen"], ["eve", "pencil"]] as const) {
      const { result } = await scramLogin(logins, name, word);
      assertEquals(result, "bad_credentials");
    }
  });
});

Deno.test("where everyone may come in, a proof is still checked", async () => {
  await withUsers(async (path) => {
    const logins = await scramLogins(path, ANYONE);
    assertEquals(plainLogin(logins), "allow");
    const { result } = await scramLogin(logins, "ada", "pen");
    assertEquals(result, "bad_credentials");
  });
});

Deno.test("a bad file is told with its name, and safely", async () => {
  await withUsers(async (path) => {
    await Deno.writeTextFile(path, '{"users":{"a\u009b2J":{}}}');
    const { message } = await assertRejects(
      () => scramLogins(path, USERS_ONLY),
      UsageError,
    );
    const where = `--scram-file ${path}: users["a\\u009b2J"]`;
    assert(message.startsWith(where), message);
  });
});

function command(runtime: Runtime, args: string[]): Deno.Command {
  const main = pathOf(new URL("src/mod.ts", REPO));
  const [program, ...first] = runtime === "bun"
    ? [bunPath(), "run", main]
    : [Deno.execPath(), "run", "--allow-all", "--no-check", main];
  return new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

testRuntime("broker scram takes a password from a pipe", async (runtime) => {
  await withUsers(async (path) => {
    const child = command(runtime, ["scram", path, "bob"]).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("pen"));
    await writer.write(new TextEncoder().encode("cil\nno more"));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    assertMatch(
      new TextDecoder().decode(stdout),
      /^user "bob" is set in .+\n$/,
    );
    const names = JSON.parse(await Deno.readTextFile(path)).users;
    assertEquals(Object.keys(names), ["ada", "bob"]);
  });
});

testRuntime("broker scram without a password is refused", async (runtime) => {
  const { code, stderr } = await runBroker({
    runtime,
    args: ["scram", "/no/such/users.json", "ada"],
  });
  assertEquals(
    [code, stderr],
    [2, "broker: stdin has no password in its first line\n"],
  );
});

testRuntime("a missing file of users is refused", async (runtime) => {
  const args = ["--port", "0", "--scram-file", "/no/users.json"];
  const { code, stderr } = await runBroker({ runtime, args });
  const why = "can't be read: there is no such file or folder";
  assertEquals(code, 2);
  assertEquals(stderr, `broker: --scram-file /no/users.json ${why}\n`);
});

testRuntime(
  "a broker with users opens its door, not to all",
  async (runtime) => {
    await withUsers(async (path) => {
      await using broker = await BrokerProcess.startBare({
        runtime,
        args: ["--host", "0.0.0.0", "--port", "0"],
        env: { BROKER_SCRAM_FILE: path },
      });
      assertMatch(broker.addresses[0]!, /^0\.0\.0\.0:\d+$/);
      using client = await RawClient.open(broker.port);
      await client.send(connect({ userName: "ada", password: "pencil" }));
      const refused = { type: "connack", flags: 0, returnCode: 5 } as const;
      assertEquals(await client.packet("connack"), refused);
      await client.untilClosed();
    });
  },
);

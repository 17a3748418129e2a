/**
 * Logins by password, against files that tools have written: Debian's
 * `mosquitto_passwd` and `broker passwd`; users that are deleted while they
 * are here; and a storm of bad logins beside a client that is well. SCRAM is
 * here too. Tokens and login servers are in `logins_beyond_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import { within } from "../support/deadline.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  broker,
  inFolder,
  loggedIn,
  loggedIn5,
  loginCode,
  loginCode5,
} from "../support/login.ts";
import { mosquittoEnding } from "../support/mosquitto.ts";
import { ownTimeMs } from "../support/own_time.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  connect,
  decode,
  disconnect,
  publish,
  subscribe,
} from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";
import { ScramClient } from "../credentials/scram_client.ts";

const PLAIN = "mqtt://127.0.0.1:0";
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

function start(
  runtime: Runtime,
  ...args: string[]
): Promise<BrokerProcess> {
  return BrokerProcess.listening(runtime, [PLAIN], args);
}

/** As a person does it with Debian's tool. */
async function mosquittoPasswd(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command("mosquitto_passwd", { args })
    .output();
  assert(success, args.join(" "));
}

async function assertLogins(port: number): Promise<void> {
  assertEquals(await loginCode(port, "ada", "pencil"), 0);
  assertEquals(await loginCode(port, "bob", "péncil ✓"), 0);
  assertEquals(await loginCode(port, "ada", "péncil ✓"), BAD_CREDENTIALS);
  assertEquals(await loginCode(port, "ada", ""), BAD_CREDENTIALS);
  assertEquals(await loginCode(port, "eve", "pencil"), BAD_CREDENTIALS);
  assertEquals(await loginCode(port, undefined), NOT_AUTHORIZED);
  assertEquals(await loginCode5(port, "ada", "pencil"), 0);
  assertEquals(await loginCode5(port, "ada", "pen"), 0x86);
  assertEquals(await loginCode5(port, undefined), 0x87);
}

testRuntime("a file of mosquitto_passwd is taken", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    await mosquittoPasswd("-b", "-c", file, "ada", "pencil");
    await mosquittoPasswd("-b", file, "bob", "péncil ✓");
    await using one = await start(runtime, "--password-file", file);
    await assertLogins(one.port);
    const flags = ["-h", "127.0.0.1", "-p", `${one.port}`, "-t", "a"];
    for (
      const [password, isGood] of [["pencil", true], ["x", false]] as const
    ) {
      const { code } = await mosquittoEnding("mosquitto_pub", [
        ...[...flags, "-m", "x", "-u", "ada", "-P", password],
      ]);
      assertEquals(code === 0, isGood, password);
    }
  });
}, ["mosquitto_passwd", "mosquitto_pub"]);

testRuntime("a file of broker passwd is taken", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    await broker(runtime, ["passwd", file, "ada"], "pencil\n");
    await broker(runtime, ["passwd", file, "bob"], "péncil ✓\n");
    await using one = await start(runtime, "--password-file", file);
    await assertLogins(one.port);
  });
});

testRuntime("the nameless come in where they may", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    await Deno.writeTextFile(file, "");
    const files = ["--password-file", file];
    await using open = await start(runtime, ...files, "--allow-anonymous");
    assertEquals(await loginCode(open.port, undefined), 0);
    assertEquals(await loginCode(open.port, "eve", "x"), BAD_CREDENTIALS);
  });
});

testRuntime("who is deleted has to go", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    const set = (name: string, password: string) =>
      broker(runtime, ["passwd", file, name], `${password}\n`);
    await set("ada", "pencil");
    await set("bob", "pencil");
    await set("cas", "pencil");
    await using one = await start(runtime, "--password-file", file);
    using ada = await loggedIn5(one.port, "ada", "pencil");
    using bob = await loggedIn(one.port, "bob", "pencil");
    using cas = await loggedIn(one.port, "cas", "pencil");
    await broker(runtime, ["passwd", file, "ada", "--delete"]);
    await broker(runtime, ["passwd", file, "bob"], "another\n");
    // By the file alone, which takes two looks at it.
    const [disconnect] = wire5.decode(await ada.untilClosed());
    assert(disconnect?.type === "disconnect");
    assertEquals(disconnect.reason, 0x87);
    assertEquals((await bob.untilClosed()).length, 0);
    assertEquals(await cas.packetsBeforePong(), []);
    assertEquals(await loginCode(one.port, "ada", "pencil"), BAD_CREDENTIALS);
    assertEquals(await loginCode(one.port, "bob", "another"), 0);
    await one.logged("reloaded");
  });
});

testRuntime("a bad file of passwords changes nothing", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    await broker(runtime, ["passwd", file, "ada"], "pencil\n");
    const good = await Deno.readTextFile(file);
    await using one = await start(runtime, "--password-file", file);
    using ada = await loggedIn(one.port, "ada", "pencil");
    await Deno.writeTextFile(file, `${good}# fine\nbob:secret\n`);
    one.signal("SIGHUP");
    const { message } = await one.logged("reload_failed");
    assert(message.includes(`${file}: line 3: `), message);
    assert(!one.stderr.includes("secret"), "no secrets in a log");
    assertEquals(await ada.packetsBeforePong(), []);
    assertEquals(await loginCode(one.port, "ada", "pencil"), 0);
  });
});

testRuntime("SCRAM lets in and keeps out", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/scram`;
    await broker(runtime, ["scram", file, "ada"], "pencil\n");
    await using one = await start(runtime, "--scram-file", file);
    assertEquals(await scramReason(one.port, "ada", "pencil"), 0);
    const refused = await scramReason(one.port, "ada", "pen");
    assert(refused === 0x86 || refused === 0x87, `${refused}`);
    assertEquals(await loginCode5(one.port, undefined), 0x87);
  });
});

async function scramReason(
  port: number,
  name: string,
  password: string,
): Promise<number> {
  const scram = new ScramClient(name, password);
  const step = (authenticationData: string) => ({
    authenticationMethod: "SCRAM-SHA-256",
    authenticationData,
  });
  using client = await RawClient.open(port);
  await client.send(wire5.connect({ properties: step(scram.first()) }));
  const challenge = await next5(client);
  assert(challenge.type === "auth");
  const asked = String(challenge.properties.authenticationData);
  await client.send(wire5.auth(0x18, step(scram.final(asked))));
  const answer = await next5(client);
  assert(answer.type === "connack");
  if (answer.reason === 0) {
    const { authenticationData } = answer.properties;
    assertEquals(authenticationData, scram.expectedServerFinal);
  }
  return answer.reason;
}

async function next5(client: RawClient): Promise<wire5.ServerPacket> {
  const { firstByte, body } = await client.frame();
  return wire5.decode(wire5.frame(firstByte, body))[0]!;
}

/** What CONNACK says to ada; `undefined` when nobody speaks with her. */
async function answerTo(
  port: number,
  password: string,
): Promise<number | undefined> {
  using client = await RawClient.open(port);
  const login = { userName: "ada", password };
  await client.send(connect(login)).catch(() => {});
  const answer = await client.packet("connack").catch(() => undefined);
  return answer?.returnCode;
}

testRuntime("a storm of bad logins harms nobody", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    const cost = ["--iterations", "5000"];
    await broker(runtime, ["passwd", file, "ada", ...cost], "pencil\n");
    await using one = await start(
      runtime,
      ...["--password-file", file, "--login-delay-ms", "0"],
      ...["--login-failures-max", "1000000"],
    );
    const { port } = one;
    using ada = await loggedIn(port, "ada", "pencil");
    await ada.send(subscribe(1, ["a", 0]));
    await ada.packet("suback");
    const storm = Array.from(
      { length: 500 },
      (_, i) => answerTo(port, `guess ${i}`),
    );
    let isOver = false;
    const codes = Promise.all(storm).finally(() => isOver = true);
    const delaysMs: number[] = [];
    while (!isOver) {
      const startMs = ownTimeMs(one);
      await ada.send(publish({ topic: "a", payload: "x" }));
      await ada.packet("publish");
      delaysMs.push(ownTimeMs(one) - startMs);
    }
    // Some may be told that there is no time for them, or be hung up on;
    // nobody is let in.
    const told = new Set(await codes);
    assert(told.has(BAD_CREDENTIALS) && !told.has(0), `${[...told]}`);
    delaysMs.sort((a, b) => a - b);
    const p99Ms = delaysMs[Math.floor(delaysMs.length * 0.99)]!;
    assert(p99Ms < 200, `${p99Ms} ms of ${delaysMs.length} messages`);
    assertEquals(await loginCode(port, "ada", "pencil"), 0);
  });
});

testRuntime("who guesses is not let in for a while", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/users`;
    const cost = ["--iterations", "1000"];
    await broker(runtime, ["passwd", file, "ada", ...cost], "pencil\n");
    await using one = await start(
      runtime,
      ...["--password-file", file, "--login-delay-ms", "0"],
      ...["--login-failures-max", "3", "--login-ban-ms", "1000"],
    );
    const { port } = one;
    using ada = await loggedIn(port, "ada", "pencil");
    // How many guesses it takes, and how long it lasts, is up to the clock,
    // as failures fade: tests/broker/addresses_test.ts has one of its own.
    const guesses = await untilAnswered(port, "pen", undefined);
    assert(guesses > 3, `${guesses}`);
    await one.logged("connection_refused");
    assertEquals(await ada.packetsBeforePong(), [], "who is here stays");
    await untilAnswered(port, "pencil", 0);
  });
});

/**
 * Logs in until that is the answer, `undefined` for a connection that is
 * closed without one; returns how often there was another.
 */
function untilAnswered(...asked: Parameters<typeof othersBefore>) {
  return within(othersBefore(...asked), `${asked[2]} for ${asked[1]}`);
}

async function othersBefore(
  port: number,
  password: string,
  wanted: number | undefined,
): Promise<number> {
  for (let others = 0;; others++) {
    using client = await RawClient.open(port);
    const login = connect({ clientId: "", userName: "ada", password });
    // Who is not let in may be gone before it has sent all.
    await client.send(login, disconnect()).catch(() => {});
    const [connack] = decode(await client.untilClosed());
    const code = connack?.type === "connack" ? connack.returnCode : undefined;
    if (code === wanted) return others;
  }
}

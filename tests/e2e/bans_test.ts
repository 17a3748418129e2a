/** Bans of brokers that start again, on both runtimes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { inFolder } from "../support/login.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect } from "../support/wire.ts";

const SECRET = "0123456789abcdef";
const NOT_AUTHORIZED = 5;

/** A broker whose API has a secret that the test knows. */
async function start(
  runtime: Runtime,
  folder: string,
  ...args: string[]
): Promise<BrokerProcess> {
  const file = `${folder}/token`;
  await Deno.writeTextFile(file, SECRET, { mode: 0o600 });
  const http = ["--http-listen", "127.0.0.1:0", "--http-token-file", file];
  return await BrokerProcess.start({ runtime, args: [...http, ...args] });
}

async function ask(
  broker: BrokerProcess,
  method: string,
  path: string,
): Promise<number> {
  const { url } = await broker.logged("http_listening");
  const headers = { authorization: `Bearer ${SECRET}` };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers });
  await answer.body?.cancel();
  return answer.status;
}

async function codeFor(
  { port }: BrokerProcess,
  clientId: string,
): Promise<number> {
  using client = await RawClient.open(port);
  await client.send(connect({ clientId }));
  return (await client.packet("connack")).returnCode;
}

testRuntime("who is kept out stays out after a kill", (runtime) => {
  return inFolder(async (folder) => {
    const data = `${folder}/data`;
    {
      await using first = await start(runtime, folder, "--data", data);
      assertEquals(await ask(first, "POST", "/clients/eve/ban"), 201);
      assertEquals(await ask(first, "POST", "/clients/bob/ban"), 201);
      await first.kill();
    }
    const { mode } = await Deno.stat(`${data}/bans.json`);
    assertEquals(mode! & 0o777, 0o600);
    {
      await using second = await start(runtime, folder, "--data", data);
      assertEquals(await codeFor(second, "eve"), NOT_AUTHORIZED);
      assertEquals(await codeFor(second, "ada"), 0);
      assertEquals(await ask(second, "DELETE", "/bans/eve"), 204);
      assertEquals(await codeFor(second, "eve"), 0);
    }
    await using third = await start(runtime, folder, "--data", data);
    assertEquals(await codeFor(third, "eve"), 0);
    assertEquals(await codeFor(third, "bob"), NOT_AUTHORIZED);
  });
});

testRuntime("bans in memory end with the broker", (runtime) => {
  return inFolder(async (folder) => {
    {
      await using first = await start(runtime, folder, "--memory");
      assertEquals(await ask(first, "POST", "/clients/eve/ban"), 201);
      assertEquals(await codeFor(first, "eve"), NOT_AUTHORIZED);
    }
    await using second = await start(runtime, folder, "--memory");
    assertEquals(await codeFor(second, "eve"), 0);
  });
});

testRuntime("a broker starts whatever is in the file of bans", (runtime) => {
  return inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/bans.json`, '{"items":[{}]}');
    await using broker = await start(runtime, folder, "--data", folder);
    const { message, path } = await broker.logged("bans_damaged");
    assertMatch(message, /damaged \(items\[0\]\.clientId is missing\)/);
    assertEquals(await Deno.readTextFile(String(path)), '{"items":[{}]}');
    assertEquals(await codeFor(broker, "eve"), 0);
    assertEquals(await ask(broker, "POST", "/clients/eve/ban"), 201);
    assert((await Deno.readTextFile(`${folder}/bans.json`)).includes("eve"));
  });
});

/**
 * The permissions of Deno that stand in the README in place of `-A`: the
 * broker and its clients run with exactly these, and say so when one is
 * missing.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { CommandProcess } from "../support/command_process.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect } from "../support/wire.ts";

const MAIN = pathOf(new URL("src/mod.ts", REPO));

function words(permissions: string[], args: string[]): string[] {
  const deno = [Deno.execPath(), "run", "--no-check", "--no-prompt"];
  return [...deno, ...permissions, MAIN, ...args];
}

/** Starts a broker, lets a client in, looks on, and stops it. */
async function serves(
  permissions: string[],
  args: string[],
  look: (log: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const all = ["--host", "127.0.0.1", "--port", "0", "--log-format", "json"];
  await using broker = CommandProcess.start(
    words(permissions, [...all, ...args]),
  );
  await broker.said('"url":"mqtt://');
  if (args.includes("--http-listen")) await broker.said('"url":"http://');
  const port = Number(/"mqtt:\/\/127.0.0.1:(\d+)"/.exec(broker.stderr)![1]);
  await using client = await RawClient.open(port);
  await client.send(connect({ clientId: "a" }));
  assertEquals([...await client.bytes(4)].slice(0, 1), [0x20]);
  await look(broker.stderr);
  broker.signal("SIGTERM");
  const { code, stderr } = await broker.ended();
  assertEquals(code, 0, stderr);
  return stderr;
}

Deno.test("--allow-net is all that a broker needs", async () => {
  await serves(["--allow-net"], []);
  await serves(["--allow-net=127.0.0.1"], []);
});

Deno.test("files are read with --allow-read of their folder", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const users = authority.path("users");
  const net = "--allow-net=127.0.0.1";
  const read = `--allow-read=${authority.folder}`;
  const write = `--allow-write=${authority.folder}`;
  const set = words([read, write], ["passwd", users, "ada"]);
  assertEquals((await CommandProcess.run(set, "pencil\n")).code, 0);
  const tls = ["--tls-cert", certFile, "--tls-key", keyFile];
  const args = [...tls, "--tls-port", "0", "--password-file", users];
  await serves([net, read], args);
  const file = authority.path("broker.sock");
  await serves([`${net},unix:${file}`, read, write], [
    ...args,
    "--listen",
    `unix://${file}`,
  ]);
});

Deno.test("state and the API need the folder of --data", async () => {
  const folder = await Deno.makeTempDir();
  const permissions = ["--allow-net=127.0.0.1", `--allow-read=${folder}`];
  permissions.push(`--allow-write=${folder}`);
  const args = ["--data", folder, "--http-listen", "127.0.0.1:0"];
  try {
    await serves(permissions, args, async (log) => {
      assertMatch(log, /state is kept in/);
      const url = /"url":"(http:[^"]+)"/.exec(log)![1];
      const secret = await Deno.readTextFile(`${folder}/api-secret`);
      const headers = { authorization: `Bearer ${secret.trim()}` };
      const ban = `${url}/api/v1/clients/eve/ban`;
      const answer = await fetch(ban, { method: "POST", headers });
      assertEquals([answer.status, await answer.text() !== ""], [201, true]);
      assertMatch(await Deno.readTextFile(`${folder}/bans.json`), /eve/);
      const page = await fetch(`${url}/`);
      assertMatch(await page.text(), /^<!doctype html>/);
    });
    const without = await serves(["--allow-net=127.0.0.1"], []);
    assertMatch(without, /so it is in memory/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("--allow-env is for settings in the environment", async () => {
  const env = { BROKER_LOG_LEVEL: "warn" };
  const run = (permissions: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: words(permissions, ["--maximum-qos", "x"]).slice(1),
      env: { ...env, BROKER_TEAPOT: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
  for (const permissions of [["--allow-env"], []]) {
    const { code, stderr } = await run(permissions);
    assertEquals(code, 2);
    assertMatch(new TextDecoder().decode(stderr), /--maximum-qos must/);
  }
});

Deno.test("a client needs the network as far as its broker", async () => {
  const all = ["--host", "127.0.0.1", "--port", "0", "--log-format", "json"];
  await using broker = CommandProcess.start(words(["--allow-net"], all));
  await broker.said('"event":"listening"');
  const port = /"port":(\d+)/.exec(broker.stderr)![1]!;
  const args = ["pub", "-h", "127.0.0.1", "-p", port, "-t", "a", "-n"];
  const net = `--allow-net=127.0.0.1:${port}`;
  assertEquals((await CommandProcess.run(words([net], args))).code, 0);
  const { code, stderr } = await CommandProcess.run(words([], args));
  assertEquals(code, 1);
  assertMatch(stderr, /: Deno runs without --allow-net for it$/m);
});

Deno.test("the README names these permissions", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  for (const name of ["net", "read", "write", "env", "ffi"]) {
    assert(readme.includes(`\`--allow-${name}`), name);
  }
});

/**
 * `broker status` and `broker trace`, on both runtimes, against a broker that
 * runs: what they print, and what they say when they can't.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { commandOf, CommandProcess } from "../support/command_process.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { publish } from "../support/wire.ts";

/** A broker with a secret in a file, and the flags that say so. */
async function withBroker(
  runtime: Runtime,
  run: (broker: BrokerProcess, flags: string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const args = ["--data", folder, "--http-listen", "127.0.0.1:0"];
    await using broker = await BrokerProcess.start({ runtime, args });
    const { url } = await broker.logged("http_listening");
    const file = `${folder}/api-secret`;
    await run(broker, ["--url", String(url), "--secret-file", file]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testRuntime(
  "the status is printed once where nobody looks",
  async (runtime) => {
    await withBroker(runtime, async (broker, flags) => {
      using _ = await RawClient.connected(broker.port, { clientId: "ada" });
      const command = commandOf(runtime, ["status", ...flags]);
      const { code, stdout } = await CommandProcess.run(command);
      assertEquals(code, 0);
      assertMatch(stdout, /^broker \S+ on (Deno|Bun) \S+, up \d+ s, at http/);
      assertMatch(stdout, /^clients {4}1 of /m);
      assertMatch(stdout, /^store {6}\S+broker\.db, /m);
      assertMatch(stdout, /^listeners {2}mqtt:\/\/127\.0\.0\.1:\d+ {2}1 conn/m);
      assert(!stdout.includes("\x1b"));
      const json = await CommandProcess.run([...command, "--json"]);
      assertEquals(JSON.parse(json.stdout).clients.connected, 1);
    });
  },
);

testRuntime("the status says what is in its way", async (runtime) => {
  await withBroker(runtime, async (_, flags) => {
    const [, url] = flags as [string, string];
    const wrong = await Deno.makeTempFile();
    await Deno.writeTextFile(wrong, "0123456789abcdef");
    const cases: readonly [string[], RegExp][] = [
      [["--url", url, "--secret-file", wrong], /the secret is not good/],
      [["--url", url, "--secret-file", "/no/such"], /no such file/],
      [["--url", "http://127.0.0.1:1", ...flags.slice(2)], /no broker answers/],
      [["--url", "ftp://x", ...flags.slice(2)], /--url must be http/],
      [["--onec"], /did you mean --once/],
      [["x"], /"x" is not a flag/],
    ];
    for (const [args, form] of cases) {
      const command = commandOf(runtime, ["status", ...args]);
      const { code, stderr } = await CommandProcess.run(command);
      assertEquals(code, 2, stderr);
      assertMatch(stderr, form);
    }
    await Deno.remove(wrong);
  });
});

testRuntime("a client is traced, until it is over", async (runtime) => {
  await withBroker(runtime, async (broker, flags) => {
    using ada = await RawClient.connected(broker.port, { clientId: "ada" });
    const args = ["trace", "--client", "ada", "--seconds", "2", ...flags];
    await using trace = CommandProcess.start(commandOf(runtime, args));
    await trace.said("trace_began");
    await ada.send(publish({ topic: "a/b", payload: "secret" }));
    const { code, stdout } = await trace.ended();
    assertEquals(code, 0);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const [, seen] = lines;
    assertEquals([seen.event, seen.packet, seen.topic], [
      "trace_received",
      "PUBLISH",
      "a/b",
    ]);
    assertEquals(lines.at(-1).event, "trace_ended");
    assert(!stdout.includes("secret"));
    // The broker's log has the same.
    await broker.logged("trace_ended");
  });
});

testRuntime("Ctrl-C ends a trace at the broker, too", async (runtime) => {
  await withBroker(runtime, async (broker, flags) => {
    const args = ["trace", "--topic", "a/#", ...flags];
    await using trace = CommandProcess.start(commandOf(runtime, args));
    await trace.said("trace_began");
    trace.signal("SIGINT");
    assertEquals((await trace.ended()).code, 130);
    await broker.logged("trace_ended");
    const none = await CommandProcess.run(commandOf(runtime, ["trace"]));
    assertEquals(none.code, 2);
    assertMatch(none.stderr, /--client ID or --topic FILTER is needed/);
  });
});

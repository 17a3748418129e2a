/**
 * The process around the broker, on Deno and on Bun, where the log is the
 * trouble: nobody reads it, its reader is gone, there is no stderr at all.
 * And the exit code of a second signal; how else it ends is tested in
 * `tests/e2e/`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { within } from "../support/deadline.ts";
import { testRuntime } from "../support/e2e.ts";
import { freePort } from "../support/free_port.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { bunPath } from "../support/tools.ts";
import { publish, subscribe } from "../support/wire.ts";

/** More than the 64 KiB that a pipe holds. */
const WARNINGS = 600;

/** Each of these is a line in the log before the broker listens. */
function manyUnknownVariables(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: WARNINGS }, (_, at) => [
      `BROKER_${"X".repeat(100)}${at}`,
      "1",
    ]),
  );
}

interface Start {
  runtime: Runtime;
  args: string[];
  env?: Record<string, string>;
  stderr?: "piped" | "null";
  /** What a shell does with the command that is `"$@"`. */
  shell?: string;
}

function start({ runtime, args, env, stderr, shell }: Start) {
  const main = pathOf(new URL("src/mod.ts", REPO));
  const command = runtime === "bun"
    ? [bunPath(), "run", main]
    : [Deno.execPath(), "run", "--allow-all", "--no-check", main];
  return new Deno.Command("sh", {
    args: ["-c", shell ?? 'exec "$@"', "sh", ...command, ...args],
    // There is one port where HTTP usually is, and other tests run meanwhile.
    env: { BROKER_HTTP_LISTEN: "none", ...env },
    stdin: "null",
    stdout: "null",
    stderr: stderr ?? "null",
  }).spawn();
}

/** Asks until the port answers: this broker's log can't be waited for. */
async function connected(port: number): Promise<RawClient> {
  async function ask(): Promise<RawClient> {
    for (;;) {
      try {
        return await RawClient.connected(port, { clientId: "ann" });
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }
  return await within(ask(), "a broker that answers");
}

async function answersAndStops(
  child: Deno.ChildProcess,
  port: number,
): Promise<void> {
  try {
    const client = await connected(port);
    assertEquals(await client.packetsBeforePong(), []);
    client.close();
    child.kill("SIGTERM");
    const { code } = await within(child.status, "the end of the broker");
    assertEquals(code, 0);
  } catch (error) {
    child.kill("SIGKILL");
    await child.status;
    throw error;
  }
}

testRuntime("a log that nobody reads does not stop it", async (runtime) => {
  const port = freePort();
  const args = ["--memory", "--host", "127.0.0.1", "--port", `${port}`];
  const env = manyUnknownVariables();
  const child = start({ runtime, args, env, stderr: "piped" });
  await answersAndStops(child, port);
  await child.stderr.cancel();
});

testRuntime("a log whose reader is gone does not stop it", async (runtime) => {
  const port = freePort();
  const args = ["--memory", "--host", "127.0.0.1", "--port", `${port}`];
  const env = manyUnknownVariables();
  const child = start({ runtime, args, env, stderr: "piped" });
  await child.stderr.cancel();
  await answersAndStops(child, port);
});

for (const stderr of ["2>/dev/full", "2>&-"]) {
  testRuntime(`it runs with ${stderr}`, async (runtime) => {
    const port = freePort();
    const args = ["--memory", "--host", "127.0.0.1", "--port", `${port}`];
    const shell = `exec "$@" ${stderr}`;
    await answersAndStops(start({ runtime, args, shell }), port);
  });
}

testRuntime("a mistake is a sentence, also for /dev/full", async (runtime) => {
  const shell = 'exec "$@" 2>/dev/full';
  const args = ["--memory", "--prot"];
  const { code } = await start({ runtime, args, shell }).status;
  assertEquals(code, 2);
});

testRuntime("--help into a closed pipe ends in peace", async (runtime) => {
  const shell = 'trap "" PIPE; { "$@"; echo "code $?" >&2; } | true';
  const args = ["--help-limits"];
  const child = start({ runtime, args, shell, stderr: "piped" });
  const { stderr } = await child.output();
  assertEquals(new TextDecoder().decode(stderr), "code 0\n");
});

testRuntime("all lines are written before it ends", async (runtime) => {
  const env = manyUnknownVariables();
  const args = ["--memory", "--host", "127.0.0.1", "--port", "0"];
  // So that there is one more to write when the signal has come.
  args.push("--http-listen", "127.0.0.1:0");
  const child = start({ runtime, args, env, stderr: "piped" });
  const text = child.stderr.pipeThrough(new TextDecoderStream());
  let whole = "";
  for await (const chunk of text) {
    const wasListening = whole.includes('"listening"');
    whole += chunk;
    if (!wasListening && whole.includes('"listening"')) child.kill("SIGTERM");
  }
  const lines = whole.trimEnd().split("\n");
  assertEquals((await child.status).code, 0);
  assert(lines.length > WARNINGS, `${lines.length} lines`);
  assertMatch(lines.at(-1)!, /"event":"stopped"/);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  testRuntime(`a second signal, ${signal}, is ${code}`, async (runtime) => {
    const args = ["--shutdown-ms", "30s"];
    const broker = await BrokerProcess.start({ runtime, args });
    try {
      using stuck = await RawClient.connected(broker.port, { clientId: "s" });
      await stuck.send(subscribe(1, ["flood", 0]));
      await stuck.packet("suback");
      using other = await RawClient.connected(broker.port, { clientId: "o" });
      const message = publish({ topic: "flood", payload: "x".repeat(65_000) });
      for (let i = 0; i < 512; i++) await other.send(message);
      await other.packetsBeforePong();
      broker.signal("SIGTERM");
      await broker.logged("shutdown");
      broker.signal(signal);
      assertEquals(await broker.ended(), code);
    } finally {
      await broker.kill();
    }
  });
}

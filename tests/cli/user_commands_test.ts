/**
 * `broker passwd` and `broker scram` as a person runs them, on Deno and on
 * Bun: a password from a pipe, and mistakes. What they do to a file is tested
 * in `passwd_command_test.ts` and `scram_command_test.ts`.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { runBroker, type Runtime } from "../support/process.ts";
import { bunPath } from "../support/tools.ts";
import { LoginFolder } from "./login_folder.ts";

/** Runs it with these pieces in its pipe. */
async function piped(runtime: Runtime, args: string[], pieces: string[]) {
  const main = pathOf(new URL("src/mod.ts", REPO));
  const [program, ...first] = runtime === "bun"
    ? [bunPath(), "run", main]
    : [Deno.execPath(), "run", "--allow-all", "--no-check", main];
  const child = new Deno.Command(program!, {
    args: [...first, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  for (const piece of pieces) {
    await writer.write(new TextEncoder().encode(piece));
  }
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

for (const command of ["passwd", "scram"]) {
  testRuntime(`broker ${command} takes a password from a pipe`, async (on) => {
    await using folder = await LoginFolder.make();
    const path = folder.path("file");
    const { code, out, err } = await piped(
      on,
      [command, path, "bob"],
      ["pen", "cil\nno more"],
    );
    assertEquals([code, err], [0, ""]);
    assertEquals(
      out,
      `user "bob" is set in ${path}; a broker that uses it reads it again in ` +
        "seconds\n",
    );
    const text = await Deno.readTextFile(path);
    assertMatch(text, /\bbob\b/);
    assertEquals(text.includes("pencil"), false);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  });

  testRuntime(`broker ${command} wants a password`, async (runtime) => {
    const args = [command, "/no/such/users", "ada"];
    const { code, stderr } = await runBroker({ runtime, args });
    const sentence = "broker: stdin has no password in its first line\n";
    assertEquals([code, stderr], [2, sentence]);
  });

  testRuntime(`broker ${command} --help is a page`, async (runtime) => {
    const args = [command, "--help"];
    const { code, stdout } = await runBroker({ runtime, args });
    assertEquals(code, 0);
    assertMatch(stdout, new RegExp(`^Usage: broker ${command} FILE USER`));
    const lines = stdout.trimEnd().split("\n");
    assertEquals(lines.filter((line) => line.length > 80), []);
  });
}

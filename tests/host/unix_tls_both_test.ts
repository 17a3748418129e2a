/**
 * TLS on a Unix socket, which only the library offers: the client is
 * `openssl s_client`. Runs under Deno and Bun.
 */

import { spawn } from "node:child_process";
import { Broker } from "../../src/host/broker.ts";
import { readTls } from "../../src/net/read_tls.ts";
import { test } from "../support/both.ts";
import { Authority } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { assertEquals } from "../support/std_assert.ts";
import { connect } from "../support/wire.ts";

for (const any of [false, true]) {
  test(`TLS on a Unix socket, ${any ? "or not" : "always"}`, async () => {
    using authority = new Authority();
    const files = authority.issue("server", "localhost");
    const tls = await readTls(files, Date.now());
    const file = authority.path("broker.sock");
    await using broker = new Broker();
    await broker.listen({ unix: { file }, tls, any });
    assertEquals(await answerOf(file, authority.caFile), [0x20, 2, 0, 0]);
  });
}

/** The first bytes that come back for a CONNECT. */
async function answerOf(file: string, caFile: string): Promise<number[]> {
  const verify = ["-verify_return_error", "-CAfile", caFile];
  const args = ["s_client", "-unix", file, "-quiet", ...verify];
  const client = spawn("openssl", args, { stdio: ["pipe", "pipe", "ignore"] });
  const gone = new Promise((resolve) => client.on("close", resolve));
  const answer = new Promise<number[]>((resolve, reject) => {
    client.stdout.on("data", (chunk: Uint8Array) => resolve([...chunk]));
    client.on("close", () => reject(new Error("no answer in TLS")));
  });
  client.stdin.write(connect({ clientId: "a" }));
  try {
    return await within(answer, "a CONNACK in TLS");
  } finally {
    client.kill("SIGKILL");
    await gone;
  }
}

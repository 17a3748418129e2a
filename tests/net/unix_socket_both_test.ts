/**
 * Unix sockets between their making and their mode: nobody else gets in.
 * Runs under Deno and Bun.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { bindPrivately } from "../../src/net/unix_socket.ts";
import { test } from "../support/both.ts";
import { assertEquals, assertRejects } from "../support/std_assert.ts";

test("what is bound is for its owner alone, whatever the umask", async () => {
  const folder = mkdtempSync(`${tmpdir()}/unix-`);
  const before = process.umask(0);
  try {
    const mode = await bindPrivately(() => {
      writeFileSync(`${folder}/made`, "");
      return statSync(`${folder}/made`).mode & 0o777;
    });
    assertEquals(mode, 0o600);
    await assertRejects(() =>
      bindPrivately(() => {
        throw new Error("it is in use");
      })
    );
    assertEquals(process.umask(), 0, "it is as before");
  } finally {
    process.umask(before);
    rmSync(folder, { recursive: true });
  }
});

/**
 * The way to stderr, with one that is slow, full, closed or broken.
 */

import { assert, assertEquals } from "@std/assert";
import { LogSink } from "../../src/cli/log_sink.ts";

/** Takes what it is let to, and keeps it. */
class Stderr {
  text = "";
  writes = 0;
  /** What the next writes do: a number of bytes, or a fault's code. */
  next: (number | string)[] = [];
  #gate: PromiseWithResolvers<void> | undefined;

  readonly sink: LogSink = new LogSink(
    (bytes) => this.#write(bytes),
    (count) => `${count} lost\n`,
  );

  /** Takes nothing until `go`. */
  stall(): void {
    this.#gate = Promise.withResolvers<void>();
  }

  go(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  async #write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    await this.#gate?.promise;
    const next = this.next.shift() ?? bytes.length;
    if (typeof next === "string") {
      throw Object.assign(new Error(next), { code: next });
    }
    this.text += new TextDecoder("latin1").decode(bytes.subarray(0, next));
    return Math.min(next, bytes.length);
  }
}

Deno.test("the lines of a turn go out in one write", async () => {
  const stderr = new Stderr();
  for (let i = 0; i < 100; i++) stderr.sink.push("x\n");
  assertEquals(stderr.writes, 0);
  await stderr.sink.drained();
  assertEquals([stderr.writes, stderr.text], [1, "x\n".repeat(100)]);
  stderr.sink.push("y\n");
  await stderr.sink.drained();
  assertEquals(stderr.writes, 2);
});

Deno.test("what comes during a write goes out in the next", async () => {
  const stderr = new Stderr();
  stderr.stall();
  stderr.sink.push("a\n");
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(stderr.writes, 1);
  for (let i = 0; i < 100; i++) stderr.sink.push("b\n");
  stderr.go();
  await stderr.sink.drained();
  assertEquals([stderr.writes, stderr.text], [2, "a\n" + "b\n".repeat(100)]);
});

Deno.test("a write that takes a part is continued", async () => {
  const stderr = new Stderr();
  stderr.next = [1, 2, 0, 3];
  stderr.sink.push("abcdefghij\n");
  await stderr.sink.drained();
  assertEquals(stderr.text, "abcdefghij\n");
});

for (const code of ["EAGAIN", "EINTR"]) {
  Deno.test(`${code} is tried again`, async () => {
    const stderr = new Stderr();
    stderr.next = [code, 4, code];
    stderr.sink.push("abcdefghij\n");
    await stderr.sink.drained();
    assertEquals(stderr.text, "abcdefghij\n");
  });
}

for (const code of ["EPIPE", "EBADF", "EIO"]) {
  Deno.test(`after ${code} nothing is tried any more`, async () => {
    const stderr = new Stderr();
    stderr.next = [code];
    stderr.sink.push("a\n");
    await stderr.sink.drained();
    stderr.sink.push("b\n");
    await stderr.sink.drained();
    assertEquals([stderr.writes, stderr.text], [1, ""]);
  });
}

Deno.test("a full disk loses lines until it has room again", async () => {
  const stderr = new Stderr();
  stderr.next = ["ENOSPC"];
  stderr.sink.push("a\n");
  await stderr.sink.drained();
  stderr.sink.push("b\n");
  await stderr.sink.drained();
  assertEquals(stderr.text, "b\n");
});

Deno.test("an error of no known kind is survived", async () => {
  const sink = new LogSink(() => Promise.reject(null), () => "");
  sink.push("a\n");
  await sink.drained();
});

Deno.test("what nobody takes is bounded, lost and counted", async () => {
  const stderr = new Stderr();
  stderr.stall();
  stderr.sink.push("first\n");
  await Promise.resolve();
  await Promise.resolve();
  const line = "x".repeat(1023) + "\n";
  for (let i = 0; i < 1024 + 500; i++) stderr.sink.push(line);
  stderr.go();
  await stderr.sink.drained();
  assertEquals(stderr.text.length, "first\n500 lost\n".length + (1 << 20));
  assert(stderr.text.endsWith("\n500 lost\n"));
  stderr.sink.push("after\n");
  await stderr.sink.drained();
  assert(stderr.text.endsWith("\n500 lost\nafter\n"));
});

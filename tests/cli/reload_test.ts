/**
 * Files that are read again: when they have changed and nobody writes to them
 * any more, or when somebody asks for it; and what is said when one is bad.
 * Time is a list of what is to be run later.
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { LogFields } from "../../src/base/logger.ts";
import { Reloader } from "../../src/cli/reload.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

/** A reloader of the files `a` and `b` in a folder, and what it has done. */
class Watch implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly reloader: Reloader;
  /** How often the files were read. */
  reads = 0;
  /** What is wrong with them. */
  fault: Error | undefined;
  /** Which files there are after a reading, when they are others. */
  others: string[] | undefined;
  /** What has to be done before a reading ends. */
  slow: Promise<void> = Promise.resolve();
  readonly #folder: string;
  #armed = Promise.withResolvers<() => void>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.reloader = new Reloader({
      files: [this.path("a"), this.path("b")],
      reload: async () => {
        this.reads++;
        await this.slow;
        if (this.fault !== undefined) throw this.fault;
        return this.others;
      },
      logger: {
        enabled: () => true,
        log: (level, event, message, fields: LogFields) =>
          this.lines.push(`${level} ${event}: ${message} (${fields["why"]})`),
      },
      later: (run) => this.#armed.resolve(run),
    });
  }

  static async start(): Promise<Watch> {
    const folder = await Deno.makeTempDir({ prefix: "broker-reload-" });
    const watch = new Watch(folder);
    for (const name of ["a", "b"]) await watch.write(name, "old");
    await watch.reloader.start();
    return watch;
  }

  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Writes a file; clocks of file systems may be coarse, so sizes differ. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(this.path(name), text);
  }

  /** Lets time pass until the files have been looked at once more. */
  async look(): Promise<void> {
    const run = await this.#armed.promise;
    this.#armed = Promise.withResolvers();
    run();
    await this.#armed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const CHANGED = "info reloaded: files are read again (a file changed)";

Deno.test("files that stay as they are aren't read again", async () => {
  await using watch = await Watch.start();
  for (let i = 0; i < 3; i++) await watch.look();
  assertEquals([watch.reads, watch.lines], [0, []]);
});

Deno.test("a file is read when it has settled, and once", async () => {
  await using watch = await Watch.start();
  for (const text of ["half", "half of", "half of it"]) {
    await watch.write("b", text);
    await watch.look();
    assertEquals(watch.reads, 0, text);
  }
  for (let i = 0; i < 3; i++) {
    await watch.look();
    assertEquals(watch.reads, 1);
  }
  assertEquals(watch.lines, [CHANGED]);
});

Deno.test("a file that takes the place of another counts", async () => {
  await using watch = await Watch.start();
  await watch.write("fresh", "new");
  const { mtime } = await Deno.stat(watch.path("a"));
  await Deno.utime(watch.path("fresh"), mtime!, mtime!);
  await Deno.rename(watch.path("fresh"), watch.path("a"));
  for (let i = 0; i < 2; i++) await watch.look();
  assertEquals(watch.reads, 1);
});

Deno.test("a file that goes and comes back counts each time", async () => {
  await using watch = await Watch.start();
  watch.fault = new UsageError("a can't be read");
  await Deno.remove(watch.path("a"));
  for (let i = 0; i < 3; i++) await watch.look();
  watch.fault = undefined;
  await watch.write("a", "new");
  for (let i = 0; i < 3; i++) await watch.look();
  assertEquals(watch.lines, [
    "error reload_failed: all stays as it was: a can't be read " +
    "(a file changed)",
    CHANGED,
  ]);
});

Deno.test("who asks for it gets it, whatever has changed", async () => {
  await using watch = await Watch.start();
  await watch.reloader.reload("SIGHUP");
  assertEquals(watch.lines, ["info reloaded: files are read again (SIGHUP)"]);
  await watch.write("a", "another");
  await watch.reloader.reload("SIGHUP");
  for (let i = 0; i < 3; i++) await watch.look();
  assertEquals(watch.reads, 2);
});

Deno.test("a bad file is told once, until it changes", async () => {
  await using watch = await Watch.start();
  watch.fault = new UsageError("--acl-file a: line 1: no");
  await watch.write("a", "bad one");
  for (let i = 0; i < 5; i++) await watch.look();
  assertEquals([watch.reads, watch.lines], [1, [
    "error reload_failed: all stays as it was: --acl-file a: line 1: no " +
    "(a file changed)",
  ]]);
});

Deno.test("what a reading names is watched from then on", async () => {
  await using watch = await Watch.start();
  await watch.write("c", "old");
  watch.others = [watch.path("b"), watch.path("c")];
  await watch.reloader.reload("SIGHUP");
  await watch.write("a", "nobody's any more");
  for (let i = 0; i < 3; i++) await watch.look();
  assertEquals(watch.reads, 1);
  await watch.write("c", "another");
  for (let i = 0; i < 3; i++) await watch.look();
  assertEquals(watch.reads, 2);
});

Deno.test("one reading at a time", async () => {
  await using watch = await Watch.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  watch.slow = promise;
  const both = [watch.reloader.reload("one"), watch.reloader.reload("two")];
  while (watch.reads === 0) await new Promise((done) => setTimeout(done));
  await new Promise((done) => setTimeout(done));
  assertEquals(watch.reads, 1);
  resolve();
  await Promise.all(both);
  assertEquals(watch.reads, 2);
});

Deno.test("our own fault is not taken for the operator's", async () => {
  await using watch = await Watch.start();
  watch.fault = new TypeError("our fault");
  await assertRejects(() => watch.reloader.reload("SIGHUP"), TypeError);
  assertEquals(watch.lines, []);
});

Deno.test("who is stopped reads no more", async () => {
  await using watch = await Watch.start();
  watch.reloader.stop();
  await watch.write("a", "another");
  await watch.reloader.reload("SIGHUP");
  assertEquals(watch.reads, 0);
});

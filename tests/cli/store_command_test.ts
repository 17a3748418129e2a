/**
 * `broker store` as a person runs it, on Deno and on Bun: what it prints,
 * its exit codes, a store that a broker uses, one that is damaged, and what
 * a terminal sees. What lines and findings are there is tested in
 * `tests/store/`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { during, progressOf } from "../../src/cli/progress.ts";
import { commandOf, CommandProcess } from "../support/command_process.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  BrokerProcess,
  type Ending,
  type Runtime,
} from "../support/process.ts";
import { closed, Disk } from "../store/disk.ts";
import { fullStore } from "../store/full_store.ts";

const SCREEN_LINES = 40;

function store(
  runtime: Runtime,
  { folder }: Disk,
  args: string[],
  stdin?: string,
): Promise<Ending> {
  const words = ["store", ...args, "--data", folder];
  return CommandProcess.run(commandOf(runtime, words), stdin);
}

testRuntime("broker store --help fits a screen", async (runtime) => {
  using disk = new Disk();
  const { code, stdout } = await store(runtime, disk, ["--help"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^Usage: broker store info/);
  assertMatch(stdout, /\nExamples:\n/);
  const lines = stdout.split("\n");
  assert(lines.length <= SCREEN_LINES, `${lines.length} lines`);
  assertEquals(lines.filter((line) => line.length > 80), []);
});

testRuntime("info and check tell of a sound store", async (runtime) => {
  using disk = new Disk();
  const path = await fullStore(disk);
  const info = await store(runtime, disk, ["info"]);
  assertEquals([info.code, info.stderr], [0, ""]);
  const has = (label: string) =>
    new RegExp(`^${label} +(.*)$`, "m").exec(info.stdout)?.[1];
  assertEquals(has("path"), path);
  assertEquals(has("in use"), "no");
  assertEquals(
    ["sessions", "subscriptions", "queued", "in flight", "retained"].map(has),
    ["3", "3", "5", "4", "3"],
  );
  const check = await store(runtime, disk, ["check"]);
  assertEquals([check.code, check.stdout], [0, `${path} is sound\n`]);
});

testRuntime("check ends with 1 and a line for each finding", async (on) => {
  using disk = new Disk();
  const database = new DatabaseSync(await fullStore(disk));
  database.exec("UPDATE session SET will_body = NULL WHERE id = 1");
  database.exec("UPDATE message SET uses = 9 WHERE id = 1");
  database.close();
  const { code, stdout } = await store(on, disk, ["check"]);
  assertEquals(code, 1);
  assertEquals(
    stdout,
    "message 1 is for 9, and 2 have it\n" +
      'half a will of "first"\n',
  );
});

testRuntime("a damaged file is told, and stays where it is", async (on) => {
  using disk = new Disk();
  const path = await fullStore(disk);
  const bytes = await Deno.readFile(path);
  bytes.fill(0xa5, 4096);
  await Deno.writeFile(path, bytes);
  const check = await store(on, disk, ["check"]);
  assertEquals(check.code, 1);
  assertMatch(check.stdout, /^SQLite: .*malformed/);
  const { code, stderr } = await store(on, disk, ["export"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^broker: .*malformed\n$/);
  const names = await Array.fromAsync(Deno.readDir(disk.folder));
  assertEquals(names.map(({ name }) => name), ["broker.db"]);
});

testRuntime("a folder that can't be looked into is a sentence", async (on) => {
  const folder = `/tmp/${"a".repeat(300)}`;
  for (const action of ["info", "check", "compact", "export", "import"]) {
    const words = ["store", action, "--data", folder];
    const ended = await CommandProcess.run(commandOf(on, words));
    assertEquals([ended.code, ended.stdout], [2, ""]);
    assertMatch(ended.stderr, /^broker: can't [^\n]+: .+ is too long\n$/);
  }
});

testRuntime("a store that a broker uses is left alone", async (runtime) => {
  using disk = new Disk();
  const args = ["--data", disk.folder];
  await using broker = await BrokerProcess.start({ runtime, args });
  const info = await store(runtime, disk, ["info"]);
  assertEquals(info.code, 0);
  assertMatch(info.stdout, /^in use +yes, by a broker/m);
  for (const action of ["check", "compact", "export", "import"]) {
    const { code, stdout, stderr } = await store(runtime, disk, [action]);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(
      stderr,
      `broker: ${disk.folder}/broker.db is in use by a broker that runs; ` +
        "stop it first\n",
    );
  }
  assertEquals(await broker.stop(), 0);
});

testRuntime("export and import by files and by pipes", async (runtime) => {
  using disk = new Disk();
  await fullStore(disk);
  const file = `${disk.folder}/lines`;
  const there = await store(runtime, disk, ["export", file]);
  assertEquals([there.code, there.stderr], [0, ""]);
  assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  const again = await store(runtime, disk, ["export", file]);
  assertMatch(again.stderr, /there is a file of that name\n$/);
  assertEquals(again.code, 2);
  const text = await Deno.readTextFile(file);
  using other = new Disk();
  const imported = await store(runtime, other, ["import"], text);
  assertEquals([imported.code, imported.stderr], [0, ""]);
  assertEquals((await store(runtime, other, ["export"])).stdout, text);
  const full = await store(runtime, other, ["import", file]);
  assertEquals(full.code, 2);
  assertMatch(full.stderr, /is not empty, so nothing is imported/);
});

testRuntime("a bad line is named, and nothing is imported", async (on) => {
  using disk = new Disk();
  await fullStore(disk);
  const text = (await store(on, disk, ["export"])).stdout;
  const lines = text.split("\n");
  const cut = lines.slice(0, 9).join("\n");
  const bad = text.replace('"packetId":3,', '"packetId":9,');
  const at = lines.findIndex((line) => line.includes('"packetId":3,')) + 1;
  using other = new Disk();
  for (
    const [given, why] of [
      [cut, "stdin:10: its end is missing"],
      [bad, `stdin:${at}: its packetId is in use`],
      ["", "stdin:1: its end is missing"],
    ] as const
  ) {
    const { code, stderr } = await store(on, other, ["import"], given);
    assertEquals(code, 2);
    assertEquals(
      stderr,
      `broker: ${why}; nothing is in ${other.folder}/broker.db\n`,
    );
  }
  // Which leaves room for what is good.
  assertEquals((await store(on, other, ["import"], text)).code, 0);
});

testRuntime("compact gives back what is free", async (runtime) => {
  using disk = new Disk();
  const database = new DatabaseSync(await fullStore(disk));
  database.exec("CREATE TABLE t (x)");
  database.exec("INSERT INTO t VALUES (zeroblob(1000000))");
  database.exec("DROP TABLE t");
  database.close();
  const path = `${disk.folder}/broker.db`;
  const before = (await Deno.stat(path)).size;
  const lines = (await store(runtime, disk, ["export"])).stdout;
  const { code, stdout } = await store(runtime, disk, ["compact"]);
  assertEquals(code, 0);
  const after = (await Deno.stat(path)).size;
  assert(after < before / 4, `${before} to ${after}`);
  assert(stdout.includes(`(${before.toLocaleString("en-US")} bytes) before`));
  assert(stdout.includes(`(${after.toLocaleString("en-US")} bytes) now`));
  assertEquals((await store(runtime, disk, ["export"])).stdout, lines);
  // And it is a store that a broker takes.
  const again = disk.open();
  assertEquals([...again.load().sessions].length, 3);
  await closed(again);
});

for (
  const [args, why] of [
    [["exprt"], "did you mean export?"],
    [["info", "file"], 'store info takes no "file"'],
    [["check", "--dat", "x"], "did you mean --data?"],
    [["info"], "there is no store in "],
  ] as const
) {
  testRuntime(`broker store ${args.join(" ")} is a mistake`, async (on) => {
    using disk = new Disk();
    const { code, stderr } = await store(on, disk, [...args]);
    assertEquals(code, 2);
    assert(stderr.includes(why), stderr);
  });
}

for (const action of ["info", "check", "export"]) {
  testRuntime(`broker store ${action} of what is no file`, async (on) => {
    using disk = new Disk();
    await Deno.mkdir(`${disk.folder}/broker.db`);
    const { code, stderr } = await store(on, disk, [action]);
    assertEquals(code, 2);
    assertMatch(stderr, /^broker: .*: this is a folder\n$/);
  });
}

/** What a person at a terminal sees of `steps` steps. */
async function seen(
  isTerminal: boolean,
  progressBar: () => Promise<{ value: number; stop(): Promise<void> }>,
): Promise<string> {
  let printed = "";
  const progress = progressOf(
    {
      isStderrTerminal: () => isTerminal,
      progressBar,
      print: (text) => void (printed += text),
    },
    "check",
    100,
    0,
  );
  for (let value = 0; value <= 100; value += 25) await progress.reached(value);
  await progress.end();
  return printed;
}

Deno.test("a terminal sees a bar or a line, others nothing", async () => {
  const none = () => Promise.reject(new Error("none"));
  assertEquals(await seen(false, none), "");
  const line = await seen(true, none);
  assert(line.includes("\r\u001b[Kcheck  25 %"), line);
  assert(line.endsWith("check  100 %\r\u001b[K"), line);
  const values: number[] = [];
  const bar = {
    set value(value: number) {
      values.push(value);
    },
    get value() {
      return 0;
    },
    stop: () => Promise.resolve(void values.push(-1)),
  };
  assertEquals(await seen(true, () => Promise.resolve(bar)), "");
  assertEquals(values, [0, 25, 50, 75, 100, -1]);
});

Deno.test("what can't say how far it is names itself to a terminal", () => {
  for (const isTerminal of [true, false]) {
    let printed = "";
    const host = {
      isStderrTerminal: () => isTerminal,
      print: (text: string) => void (printed += text),
    };
    during(host, "compact", () => {});
    assertEquals(printed, isTerminal ? "compact  …\r\u001b[K" : "");
  }
});

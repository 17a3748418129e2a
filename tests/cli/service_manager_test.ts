/**
 * What a service manager is told when it does not listen at once, and how
 * often a watchdog is to hear of us. Time is a list of what is to be run
 * later; a real manager is in `e2e/service_test.ts`.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { openChannel, socketAddress } from "../../src/cli/notice_channel.ts";
import { beatMsOf, ServiceManager } from "../../src/cli/service_manager.ts";

/** A manager that takes notices, or not. */
class Setting {
  readonly taken: string[] = [];
  readonly lines: string[] = [];
  isDeaf = false;
  tries = 0;
  readonly manager: ServiceManager;
  #later: (() => void)[] = [];

  constructor(beatMs: number | undefined) {
    this.manager = new ServiceManager({
      channel: {
        obstacle: "nobody listens",
        send: (notice) => {
          this.tries++;
          if (!this.isDeaf) this.taken.push(notice.split("\n")[0]!);
          return Promise.resolve(!this.isDeaf);
        },
        monotonicMicros: () => undefined,
      },
      beatMs,
      logger: {
        enabled: () => true,
        log: (_level, event, message) =>
          this.lines.push(`${event}: ${message}`),
      },
      later: (run) => void this.#later.push(run),
    });
  }

  /** Lets all that waits for a time have it. */
  async pass(): Promise<void> {
    await settled();
    for (const run of this.#later.splice(0)) run();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("what was not taken is told again, and said once", async () => {
  const setting = new Setting(undefined);
  setting.isDeaf = true;
  setting.manager.ready(() => "here");
  await setting.pass();
  setting.isDeaf = false;
  await setting.pass();
  await setting.pass();
  assertEquals(setting.taken, ["READY=1"]);
  assertEquals(setting.lines, ["notify_failed: nobody listens"]);
});

Deno.test("what is newer takes the place of what was not taken", async () => {
  const setting = new Setting(undefined);
  setting.isDeaf = true;
  setting.manager.ready(() => "here");
  await settled();
  setting.isDeaf = false;
  setting.manager.stopping();
  await setting.pass();
  await setting.pass();
  assertEquals(setting.taken, ["STOPPING=1"]);
});

Deno.test("it is not told for ever", async () => {
  const setting = new Setting(undefined);
  setting.isDeaf = true;
  setting.manager.ready(() => "here");
  for (let i = 0; i < 20; i++) await setting.pass();
  assertEquals(setting.tries, 5);
});

Deno.test("a beat follows the other, also while a reload fails", async () => {
  const setting = new Setting(10);
  setting.manager.ready(() => "here");
  const failing = setting.manager.telling(() => Promise.reject(new Error()));
  const failed = assertRejects(failing);
  await setting.pass();
  await failed;
  await setting.pass();
  assertEquals(setting.taken, [
    ...["READY=1", "WATCHDOG=1", "RELOADING=1", "READY=1"],
    ...["WATCHDOG=1", "WATCHDOG=1"],
  ]);
});

Deno.test("a watchdog that asks for nothing, or nonsense, is none", () => {
  for (const usec of ["", "0", "-1", "1e6", "x", "9".repeat(20)]) {
    assertEquals(beatMsOf({ WATCHDOG_USEC: usec }, 7), undefined, usec);
  }
  assertEquals(beatMsOf({}, 7), undefined);
  assertEquals(beatMsOf({ WATCHDOG_USEC: "1" }, 7), 1);
  const ours = { WATCHDOG_USEC: "4000000", WATCHDOG_PID: "7" };
  assertEquals(beatMsOf(ours, 7), 2000);
});

Deno.test("an address has to fit", () => {
  assert(socketAddress("/" + "a".repeat(106)) !== undefined);
  assertEquals(socketAddress("/" + "a".repeat(107)), undefined);
  assert(socketAddress("@" + "a".repeat(107)) !== undefined);
  assertEquals(socketAddress("@" + "a".repeat(108)), undefined);
  assertEquals(socketAddress("relative"), undefined);
});

Deno.test("programs that send notices run one after the other", async () => {
  const running: (() => void)[] = [];
  const words: (readonly string[])[] = [];
  const channel = openChannel("/run/systemd/notify", {
    systemCalls: () => undefined,
    runProgram: (name, args) => {
      assertEquals(name, "systemd-notify");
      words.push(args);
      return new Promise((done) => running.push(() => done(true)));
    },
  });
  const sent = [
    channel.send("READY=1\nSTATUS=a b"),
    channel.send("STOPPING=1"),
  ];
  await settled();
  assertEquals(words, [["READY=1", "STATUS=a b"]]);
  running.shift()!();
  await settled();
  assertEquals(words.length, 2);
  running.shift()!();
  assertEquals(await Promise.all(sent), [true, true]);
});

/**
 * The broker under a service manager that waits for it, as systemd does for a
 * unit of `Type=notify`: what it is told, and when. Here it is a socket that
 * the test listens at; where systemd is installed it looks at the unit too.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandOf, CommandProcess } from "../support/command_process.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  hasNoticeSockets,
  NoticeListener,
} from "../support/notice_listener.ts";
import { pathOf, REPO } from "../support/paths.ts";
import { BrokerProcess, runBroker, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { isAbsent } from "../support/tools.ts";

const MAIN = pathOf(new URL("src/mod.ts", REPO));
const FLAGS = ["--host", "127.0.0.1", "--port", "0", "--log-format", "json"];

/** Starts a broker that tells `manager`. */
function launch(
  runtime: Runtime,
  manager: NoticeListener,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): BrokerProcess {
  return BrokerProcess.launch({
    runtime,
    args: [...FLAGS, ...args],
    env: { NOTIFY_SOCKET: manager.address, ...env },
  });
}

function portIn(notice: string): number {
  return Number(/^STATUS=Listening on .*:(\d+)$/m.exec(notice)?.[1]);
}

/** Starts it on Deno with these permissions and no others. */
function permitted(
  manager: NoticeListener,
  permissions: readonly string[],
): CommandProcess {
  const deno = [Deno.execPath(), "run", "--no-check", "--no-prompt"];
  return CommandProcess.start([
    ...["env", `NOTIFY_SOCKET=${manager.address}`, ...deno],
    ...["--allow-net", "--allow-env", ...permissions, MAIN, ...FLAGS],
    "--memory",
  ]);
}

if (hasNoticeSockets()) {
  testRuntime("a service manager is told of its life", async (runtime) => {
    await using manager = NoticeListener.open();
    const folder = await Deno.makeTempDir({ prefix: "broker-service-" });
    const users = `${folder}/users`;
    await Deno.writeTextFile(users, "");
    await using broker = launch(runtime, manager, ["--password-file", users]);
    const ready = await manager.until("READY=1");
    // The port answers by then.
    using _client = await RawClient.open(portIn(ready));
    assertEquals(manager.notices.length, 1);

    const before = manager.monotonicMicros();
    broker.signal("SIGHUP");
    const reloading = await manager.until("RELOADING=1");
    const micros = BigInt(/^MONOTONIC_USEC=(\d+)$/m.exec(reloading)![1]!);
    assert(before <= micros && micros <= manager.monotonicMicros());
    assertEquals(await manager.until("READY=1"), ready);

    await Deno.writeTextFile(users, "no user");
    broker.signal("SIGHUP");
    await manager.until("RELOADING=1");
    assertMatch(await manager.until("READY=1"), /; all stayed as it was/);

    assertEquals(await broker.stop(), 0, broker.stderr);
    await manager.until("STOPPING=1");
    assertEquals(manager.notices.length, 6, manager.notices.join());
    assert(!broker.stderr.includes("notify_failed"), broker.stderr);
    await Deno.remove(folder, { recursive: true });
  });

  testRuntime("it need not be in a folder", async (runtime) => {
    await using manager = NoticeListener.openAbstract();
    await using _broker = launch(runtime, manager);
    await manager.until("READY=1");
  });

  testRuntime("a reload without a file ends nobody", async (runtime) => {
    await using manager = NoticeListener.open();
    await using broker = launch(runtime, manager);
    const ready = await manager.until("READY=1");
    broker.signal("SIGHUP");
    await manager.until("RELOADING=1");
    assertEquals(await manager.until("READY=1"), ready);
    using _client = await RawClient.open(portIn(ready));
  });

  testRuntime("a watchdog hears of it", async (runtime) => {
    await using manager = NoticeListener.open();
    const set = `WATCHDOG_USEC=20000 WATCHDOG_PID=$$ NOTIFY_SOCKET="$1"`;
    const script = `export ${set}; shift; exec "$@"`;
    const words = ["sh", "-c", script, "sh", manager.address];
    const args = [...FLAGS, "--memory"];
    await using broker = CommandProcess.start(
      [...words, ...commandOf(runtime, args)],
    );
    await manager.until("READY=1");
    for (let i = 0; i < 5; i++) await manager.until("WATCHDOG=1");
    broker.signal("SIGTERM");
    assertEquals((await broker.ended()).code, 0, broker.stderr);
  });

  testRuntime("one that watches another hears nothing", async (runtime) => {
    await using manager = NoticeListener.open();
    const env = { WATCHDOG_USEC: "2000", WATCHDOG_PID: `${Deno.pid}` };
    await using broker = launch(runtime, manager, [], env);
    await manager.until("READY=1");
    assertEquals(await broker.stop(), 0, broker.stderr);
    await manager.until("STOPPING=1");
    assertEquals(manager.notices.length, 2, manager.notices.join());
  });

  testRuntime("one that is gone is said once, in one line", async (runtime) => {
    await using broker = BrokerProcess.launch({
      runtime,
      args: FLAGS,
      env: { NOTIFY_SOCKET: "/no/such/socket", WATCHDOG_USEC: "10000" },
    });
    await broker.logged("notify_failed");
    using _client = await RawClient.open(broker.port);
    assertEquals(await broker.stop(), 0, broker.stderr);
    const lines = broker.log.filter(({ event }) => event === "notify_failed");
    assertEquals(lines.length, 1);
  });

  Deno.test("--allow-ffi is for notices to a service manager", async () => {
    await using manager = NoticeListener.open();
    await using _broker = permitted(manager, ["--allow-ffi"]);
    assertMatch(await manager.until("READY=1"), /^STATUS=/m);
  });

  Deno.test({
    name: "--allow-run=systemd-notify does it too",
    ignore: isAbsent("systemd-notify"),
    async fn() {
      await using manager = NoticeListener.open();
      const permissions = ["--allow-run=systemd-notify"];
      await using broker = permitted(manager, permissions);
      const notice = await manager.until("READY=1");
      using _client = await RawClient.open(portIn(notice));
      broker.signal("SIGHUP");
      await manager.until("RELOADING=1");
      assertEquals(await manager.until("READY=1"), notice);
      assert(!broker.stderr.includes("notify_failed"), broker.stderr);
    },
  });

  Deno.test("without either it says so and serves", async () => {
    await using manager = NoticeListener.open();
    await using broker = permitted(manager, []);
    await broker.said("notify_failed");
    assertMatch(broker.stderr, /neither libc \(Deno: --allow-ffi\)/);
    const port = Number(/"port":(\d+)/.exec(broker.stderr)![1]);
    using _client = await RawClient.open(port);
    assertEquals(manager.notices, []);
  });
}

Deno.test({
  name: "systemd finds nothing wrong with the unit",
  ignore: isAbsent("systemd-analyze"),
  async fn() {
    const args = ["service", "systemd"];
    const { stdout: unit } = await runBroker({ runtime: "deno", args });
    const folder = await Deno.makeTempDir({ prefix: "broker-unit-" });
    const file = `${folder}/broker.service`;
    // It looks for the program, which need not be installed here.
    const start = /^ExecStart=.*$/m;
    await Deno.writeTextFile(file, unit.replace(start, "ExecStart=/bin/true"));
    const verify = ["systemd-analyze", "--man=no", "verify", file];
    const { code, stderr } = await CommandProcess.run(verify);
    assertEquals([code, stderr], [0, ""]);
    await Deno.remove(folder, { recursive: true });
  },
});

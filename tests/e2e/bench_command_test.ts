/**
 * `broker bench` as a process on both runtimes, against our broker and
 * Mosquitto's: what it prints, what it counts, and how it ends. How fast
 * anything is, is nobody's test.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { commandOf, CommandProcess } from "../support/command_process.ts";
import { testRuntime } from "../support/e2e.ts";
import { MosquittoDaemon } from "../support/mosquitto_daemon.ts";
import {
  BrokerProcess,
  type Ending,
  type Runtime,
} from "../support/process.ts";

/** What is read of a row of `--json`. */
interface Row {
  readonly scenario: string;
  readonly dialect: string;
  readonly fault?: string;
  readonly samples: readonly unknown[];
  readonly median: {
    readonly sent: number;
    readonly lost: number;
    readonly p50Ms: number;
    readonly sentPerSecond: number;
    readonly deliveredPerSecond: number;
  };
}

/** Loads with all that differs, small, and how many messages they send. */
const LOADS: readonly (readonly [flags: string, sent: number])[] = [
  ["--count 500", 500],
  ["--pubs 5 --subs 5 --count 100 -q 1 -V 5", 500],
  ["--pubs 5 --subs 5 --count 100 -q 2 -V 31", 500],
  ["--pubs 2 --subs 3 --count 100 --size 20KiB", 200],
  ["--pubs 2 --subs 2 --topics 7 --count 70 -q 1 --persistent", 140],
  ["--pubs 3 --rate 3000 --count 100", 300],
  ["--pubs 3 --subs 3 --rate 3000 --count 100 -q 2 --window 2 -V 5", 300],
  ["--pubs 2 --subs 0 --count 50 -q 1", 100],
  ["--pubs 2 --subs 5 --away --count 50 --persistent", 100],
  ["--pubs 2 --subs 5 --away --count 50 -q 2 -V 5 --window 7", 100],
  ["--scenario v5_alias_p2p --count 300", 300],
  ["--scenario durable_queue50 --count 30", 300],
];

function at(port: number): string[] {
  return ["-h", "127.0.0.1", "-p", `${port}`];
}

function bench(runtime: Runtime, args: readonly string[]): Promise<Ending> {
  return CommandProcess.run(commandOf(runtime, ["bench", ...args]));
}

/** The rows of a run that went well. */
async function rowsOf(
  runtime: Runtime,
  args: readonly string[],
): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await bench(runtime, [...args, "--json"]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout).results;
}

async function runAll(runtime: Runtime, port: number): Promise<void> {
  for (const [flags, sent] of LOADS) {
    const [row] = await rowsOf(runtime, [...at(port), ...flags.split(" ")]);
    const { median, fault } = row!;
    assertEquals([median.sent, median.lost], [sent, 0], flags);
    assertEquals(fault, undefined, flags);
    const isHeard = !flags.includes("--subs 0");
    assertEquals(median.deliveredPerSecond > 0, isHeard, flags);
    const isTimed = isHeard && !/away|queue/.test(flags);
    assertEquals(median.p50Ms > 0, isTimed, flags);
  }
}

testRuntime("bench loses nothing, our broker", async (runtime) => {
  const args = ["--http-listen", "127.0.0.1:0"];
  await using broker = await BrokerProcess.start({ runtime, args });
  const { url } = await broker.logged("http_listening");
  await runAll(runtime, broker.port);
  // It has left nothing behind.
  const text = await (await fetch(`${url}/metrics`)).text();
  for (const name of ["mqtt_sessions", "mqtt_waiting_messages"]) {
    assertMatch(text, new RegExp(`^${name} 0$`, "m"));
  }
});

testRuntime("bench loses nothing, Mosquitto's broker", async (runtime) => {
  await using broker = await MosquittoDaemon.start("topic readwrite #\n");
  await runAll(runtime, broker!.port);
}, ["mosquitto"]);

testRuntime("bench goes through each door", async (runtime) => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  const file = authority.path("broker.sock");
  const urls = [
    "mqtts://127.0.0.1:0",
    "ws://127.0.0.1:0/mqtt",
    "wss://127.0.0.1:0/mqtt",
    `unix://${file}`,
  ];
  const tls = ["--tls-cert", certFile, "--tls-key", keyFile];
  await using broker = await BrokerProcess.listening(runtime, urls, tls);
  const [secure, web, secureWeb] = broker.ports;
  const ca = ["--cafile", authority.caFile];
  const doors = [
    ["-h", "127.0.0.1", "-p", `${secure}`, ...ca],
    ["-L", `mqtts://127.0.0.1:${secure}`, "--insecure"],
    ["-L", `ws://127.0.0.1:${web}/mqtt`],
    ["-L", `wss://127.0.0.1:${secureWeb}`, ...ca],
    ["-L", `unix://${file}`],
  ];
  for (const door of doors) {
    for (const qos of ["0", "2"]) {
      const load = ["--pubs", "3", "--subs", "3", "--count", "200", "-q", qos];
      const [row] = await rowsOf(runtime, [...door, ...load]);
      const { sent, lost } = row!.median;
      assertEquals([sent, lost], [600, 0], door.join(" "));
    }
  }
  const stranger = ["-L", `mqtts://127.0.0.1:${secure}`, "--count", "1"];
  const { code, stderr } = await bench(runtime, stranger);
  assertEquals(code, 1);
  assertMatch(stderr, /its certificate is of no authority that is known here/);
});

testRuntime("bench prints a table, a chart and its way", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime });
  const folder = await Deno.makeTempDir();
  const svg = `${folder}/chart.svg`;
  const names = ["p2p_qos0", "paced10k_qos0", "durable_queue50"];
  const { code, stdout, stderr } = await bench(runtime, [
    ...at(broker.port),
    ...["--scenario", names.join(","), "--count", "20", "--runs", "2"],
    ...["--svg", svg],
  ]);
  assertEquals(code, 0, stderr);
  for (const name of names) {
    const who = `127\\.0\\.0\\.1:${broker.port}`;
    assertMatch(stdout, new RegExp(`^${name} +${who} +\\d`, "m"));
    const way = `^${name} ${who} run 2 of 2: [\\d,]+/s in [\\d.]+ s$`;
    assertMatch(stderr, new RegExp(way, "m"));
    assert(stderr.includes(`${name}: all clients are connected`));
  }
  // Nothing is known of the broker's process, nor is there another broker.
  for (const column of ["ratio", "CPU", "peak"]) {
    assert(!stdout.split("\n")[0]!.includes(column), column);
  }
  const image = await Deno.readTextFile(svg);
  assert(image.startsWith("<svg ") && image.endsWith("</svg>\n"));
  for (const name of names) assert(image.includes(`>${name}<`), name);
  const quiet = [...at(broker.port), "--count", "1", "--quiet"];
  assertEquals((await bench(runtime, quiet)).stderr, "");
  await Deno.remove(folder, { recursive: true });
});

testRuntime("bench ends at a signal, with a table", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime });
  for (const flags of ["-q 0", "-q 2", "-q 1 --rate 500", "--away --subs 50"]) {
    const args = ["bench", ...at(broker.port), ...flags.split(" ")];
    await using process = CommandProcess.start(
      commandOf(runtime, [...args, "--count", "1000000000"]),
    );
    await process.said("all clients are connected");
    process.signal("SIGINT");
    const { code, stdout, stderr } = await process.ended();
    assertEquals(code, 0, `${flags}: ${stderr}`);
    assertMatch(stdout, /^load +127\.0\.0\.1:\d+ +[\d,]+/m);
  }
});

testRuntime("bench says what was lost, by its exit code", async (runtime) => {
  const args = ["--backlog-messages-max", "10"];
  await using broker = await BrokerProcess.start({ runtime, args });
  const away = ["--away", "--subs", "2", "--count", "100"];
  const all = [...at(broker.port), ...away];
  const { code, stdout, stderr } = await bench(runtime, all);
  assertEquals(code, 1);
  assertMatch(stderr, /^broker bench: load: 80 messages were lost$/m);
  assertMatch(stdout, / 80 /);
});

testRuntime("bench tells what ends a connection", async (runtime) => {
  const nowhere = await bench(runtime, ["-h", "127.0.0.1", "-p", "1"]);
  assertEquals(nowhere.code, 1);
  assertMatch(nowhere.stderr, /^broker bench: can't connect to .* listens/);
  const broker = await BrokerProcess.start({ runtime });
  await using process = CommandProcess.start(
    commandOf(runtime, ["bench", ...at(broker.port), "-q", "1"]),
  );
  await process.said("all clients are connected");
  await broker.kill();
  const { code, stdout, stderr } = await process.ended();
  assertEquals(code, 1);
  assertMatch(stderr, /^broker bench: load: .*closed/m);
  assertMatch(stdout, /^load +\S+ +failed$/m);
});

testRuntime("bench logs in", async (runtime) => {
  const folder = await Deno.makeTempDir();
  const users = `${folder}/users`;
  const set = commandOf(runtime, ["passwd", users, "ada"]);
  assertEquals((await CommandProcess.run(set, "pencil\n")).code, 0);
  const args = ["--password-file", users];
  await using broker = await BrokerProcess.start({ runtime, args });
  const load = [...at(broker.port), "--count", "5", "-u", "ada"];
  const [row] = await rowsOf(runtime, [...load, "-P", "pencil"]);
  assertEquals(row!.median.lost, 0);
  const { code, stderr } = await bench(runtime, [...load, "-P", "pen"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^broker bench: load: refused with code 13[45]$/m);
  await Deno.remove(folder, { recursive: true });
});

testRuntime("bench sends no more than the broker takes", async (runtime) => {
  const args = ["--inflight-in-max", "5"];
  await using broker = await BrokerProcess.start({ runtime, args });
  const load = ["--count", "200", "-q", "2", "-V", "5", "--window", "50"];
  const [row] = await rowsOf(runtime, [...at(broker.port), ...load]);
  assertEquals(row!.median.lost, 0);
});

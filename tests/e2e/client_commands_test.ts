/**
 * `broker pub`, `sub` and `rr` as processes on both runtimes: against our
 * broker and Mosquitto's, and side by side with `mosquitto_pub`, `_sub` and
 * `_rr`, which print the same and end with the same codes.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { commandOf, CommandProcess } from "../support/command_process.ts";
import { testRuntime } from "../support/e2e.ts";
import { freePort } from "../support/free_port.ts";
import { MosquittoDaemon } from "../support/mosquitto_daemon.ts";
import {
  BrokerProcess,
  type Ending,
  type Runtime,
} from "../support/process.ts";
import type { Tool } from "../support/tools.ts";

const TOOLS: Tool[] = ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"];
const SUBACK = "received SUBACK";
/** What Mosquitto's clients tell with `-d`. */
const TOLD = /(?:Client \S+ (?:sending|received)|Subscribed \().*\n/g;

/** Ours as a program that takes the arguments of the other. */
type Client = (name: "pub" | "sub" | "rr", args: string[]) => string[];

function ours(runtime: Runtime): Client {
  return (name, args) => commandOf(runtime, [name, ...args]);
}

const theirs: Client = (name, args) => [
  ...(name === "pub" ? [] : ["stdbuf", "-oL"]),
  `mosquitto_${name}`,
  ...args,
];

/** Registers a test against our broker and Mosquitto's. */
function testBrokers(
  name: string,
  run: (port: number, runtime: Runtime) => Promise<void>,
): void {
  testRuntime(`${name}, our broker`, async (runtime) => {
    await using broker = await BrokerProcess.start({ runtime });
    await run(broker.port, runtime);
  }, TOOLS);
  testRuntime(`${name}, Mosquitto's broker`, async (runtime) => {
    await using broker = await MosquittoDaemon.start("topic readwrite #\n");
    await run(broker!.port, runtime);
  }, [...TOOLS, "mosquitto"]);
}

function at(port: number): string[] {
  return ["-h", "127.0.0.1", "-p", `${port}`];
}

/** Retained messages come in any order. */
function sorted({ stdout }: Ending): string[] {
  return stdout.trimEnd().split("\n").sort();
}

/** What a subscriber prints while publishers run. */
async function heard(
  port: number,
  [subscriber, subArgs]: [Client, string[]],
  [publisher, pubArgs]: [Client, string[][]],
  stdin?: string,
): Promise<string> {
  const words = subscriber("sub", [...at(port), "-d", "-W", "60", ...subArgs]);
  await using sub = CommandProcess.start(words);
  await sub.said(SUBACK);
  for (const args of pubArgs) {
    const all = publisher("pub", [...at(port), ...args]);
    const { code, stderr } = await CommandProcess.run(all, stdin);
    assertEquals(code, 0, stderr);
  }
  const { code, stdout, stderr } = await sub.ended();
  assertEquals(code, 0, stderr);
  // Mosquitto's tells on stdout what goes and comes.
  return stdout.replace(TOLD, "");
}

/** A name, the flags of publishers and those of a subscriber. */
type Pair = [name: string, pub: string[][], sub: string[]];

const PLAIN = [["31", "0"], ["311", "1"], ["311", "2"], ["5", "2"]].map(
  ([version, qos]): Pair => {
    const how = ["-V", version!, "-q", qos!];
    return [
      `version ${version} at QoS ${qos}`,
      [[...how, "-t", "a/b", "-m", "20.5"]],
      [...how, "-t", "a/+", "-v", "-C", "1"],
    ];
  },
);

const DRESSED: readonly Pair[] = [
  [
    "a payload with signs, and an empty one",
    [["-t", "a", "-m", '€ "\\'], ["-t", "a", "-n"]],
    ["-t", "#", "-v", "-C", "2"],
  ],
  ["no end of line", [["-t", "a", "-m", "x"]], ["-t", "a", "-N", "-C", "1"]],
  [
    "a form with all that is the same each time",
    [["-t", "a/b", "-m", '{"a":1}', "-q", "1"]],
    [
      ...["-t", "#", "-q", "2", "-C", "1", "-F"],
      "%t|%q|%r|%l|%p|%x|%X|%m|%C|%R|%P|%%|@@|\\t|" +
      "%10t|%-10t|%05l|%.2p|%.2t|%05t|",
    ],
  ],
  [
    "properties of 5.0",
    [[
      ...["-V", "5", "-t", "a", "-m", "x"],
      ...["-D", "publish", "user-property", "k", "v"],
      ...["-D", "publish", "user-property", "k2", "v 2"],
      ...["-D", "publish", "content-type", "text/plain"],
      ...["-D", "publish", "correlation-data", "c"],
      ...["-D", "publish", "response-topic", "r/t"],
      ...["-D", "publish", "payload-format-indicator", "1"],
    ]],
    [
      ...["-V", "5", "-t", "a", "-C", "1", "-F", "%C|%D|%F|%P|%R|%S|%A"],
      ...["-D", "subscribe", "subscription-identifier", "7"],
    ],
  ],
  [
    "what is filtered out",
    [["-t", "a", "-m", "1"], ["-t", "b", "-m", "2"]],
    ["-t", "#", "-T", "a", "-v", "-C", "1"],
  ],
  [
    "a message again and again",
    [["-t", "a", "-m", "x", "--repeat", "3"]],
    ["-t", "a", "-C", "3"],
  ],
];

for (const [name, pub, sub] of PLAIN) {
  testBrokers(`pub and sub as Mosquitto's: ${name}`, async (port, runtime) => {
    const our = ours(runtime);
    const wanted = await heard(port, [theirs, sub], [theirs, pub]);
    assertEquals(await heard(port, [our, sub], [theirs, pub]), wanted);
    assertEquals(await heard(port, [theirs, sub], [our, pub]), wanted);
  });
}

for (const [name, pub, sub] of DRESSED) {
  testRuntime(`pub and sub as Mosquitto's: ${name}`, async (runtime) => {
    await using broker = await BrokerProcess.start({ runtime });
    const our = ours(runtime);
    const wanted = await heard(broker.port, [theirs, sub], [theirs, pub]);
    assertEquals(await heard(broker.port, [our, sub], [our, pub]), wanted);
  }, TOOLS);
}

testBrokers("JSON is Mosquitto's but for the time", async (port, runtime) => {
  const sub = ["-t", "a", "-q", "1", "-C", "1", "-F", "%J"];
  const pub = [["-t", "a", "-q", "1", "-m", '{"b":[1,"€"]}']];
  const without = (line: string) => line.replace(/"tst":"[^"]*"/, "");
  const wanted = await heard(port, [theirs, sub], [theirs, pub]);
  const found = await heard(port, [ours(runtime), sub], [theirs, pub]);
  assertEquals(without(found), without(wanted));
  const time = /"tst":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z[+-]\d{4}"/;
  assertMatch(wanted, time);
  assertMatch(found, time);
});

testBrokers("lines of stdin, in their order", async (port, runtime) => {
  const our = ours(runtime);
  const lines = Array.from({ length: 500 }, (_, line) => `line ${line}`);
  const text = lines.join("\n");
  for (const qos of ["0", "2"]) {
    const sub = ["-t", "l", "-q", qos, "-C", "500"];
    const pub = [["-t", "l", "-q", qos, "-l"]];
    const found = await heard(port, [our, sub], [our, pub], text);
    assertEquals(found, `${text}\n`);
  }
});

testBrokers("stdin and a file are one message", async (port, runtime) => {
  const our = ours(runtime);
  const file = await Deno.makeTempFile();
  const text = "one\ntwo\n";
  await Deno.writeTextFile(file, text);
  const sub = ["-t", "a", "-N", "-C", "2"];
  const pub = [["-t", "a", "-s"], ["-t", "a", "-f", file]];
  const found = await heard(port, [our, sub], [our, pub], text);
  assertEquals(found, text + text);
  await Deno.remove(file);
});

testBrokers("retained messages, and how to be rid of them", async (
  port,
  runtime,
) => {
  const run = async (client: Client, name: "pub" | "sub", args: string[]) =>
    await CommandProcess.run(client(name, [...at(port), ...args]));
  for (const client of [theirs, ours(runtime)]) {
    for (const topic of ["r/1", "r/2"]) {
      await run(client, "pub", ["-t", topic, "-m", topic, "-r", "-q", "1"]);
    }
    const all = ["-t", "r/#", "-v", "-W", "1"];
    const quiet = ["--retained-only"];
    const kept = await run(client, "sub", [...all, ...quiet]);
    assertEquals([kept.code, sorted(kept)], [27, ["r/1 r/1", "r/2 r/2"]]);
    const none = await run(client, "sub", [...all, "-R"]);
    assertEquals([none.code, none.stdout], [27, ""]);
    const removed = await run(client, "sub", [...all, "--remove-retained"]);
    const wanted = ["r/1 (null)", "r/1 r/1", "r/2 (null)", "r/2 r/2"];
    assertEquals(sorted(removed), wanted);
    const gone = await run(client, "sub", all);
    assertEquals([gone.code, gone.stdout], [27, ""]);
  }
});

testBrokers("a request is answered", async (port, runtime) => {
  for (
    const [asks, answers] of [[ours(runtime), theirs], [theirs, ours(runtime)]]
  ) {
    await using rr = CommandProcess.start(asks!("rr", [
      ...at(port),
      ...["-t", "ask", "-e", "answer", "-m", "now", "-W", "60", "-v", "-d"],
    ]));
    await rr.said("PUBLISH");
    const pub = ["-t", "answer", "-m", "noon"];
    await CommandProcess.run(answers!("pub", [...at(port), ...pub]));
    const { code, stdout } = await rr.ended();
    assertEquals(code, 0);
    assertMatch(stdout, /^answer noon$/m);
  }
});

testBrokers("a session is kept for who was away", async (port, runtime) => {
  const our = ours(runtime);
  const stay = ["-i", "stays", "-c", "-q", "1", "-t", "s"];
  const run = (name: "pub" | "sub", args: string[]) =>
    CommandProcess.run(our(name, [...at(port), ...args]));
  assertEquals((await run("sub", [...stay, "-E"])).code, 0);
  assertEquals((await run("pub", ["-t", "s", "-q", "1", "-m", "x"])).code, 0);
  const { code, stdout } = await run("sub", [...stay, "-C", "1", "-W", "60"]);
  assertEquals([code, stdout], [0, "x\n"]);
});

/** What goes wrong, with which flags: Mosquitto's code is ours. */
const WRONG: readonly (readonly ["pub" | "sub" | "rr", string[], RegExp])[] = [
  ["pub", ["-p", "1", "-t", "a", "-n"], /: nothing listens there$/m],
  ["pub", ["-h", "nowhere.invalid", "-t", "a", "-n"], /no such host$/m],
  ["pub", ["-t", "a/#", "-n"], /has a wildcard in a topic name$/m],
  ["pub", ["-t", "a"], /a topic and a message are needed/],
  ["pub", ["--teapot"], /unknown flag "--teapot"/],
  ["pub", ["-t", "a", "-f", "/nowhere"], /there is no such file$/m],
  ["sub", ["-t", "a", "-W", "1"], /timed out$/m],
  ["sub", ["-t", "a", "-F", "%y"], /--format has no %y$/m],
  ["rr", ["-t", "a", "-e", "b", "-n", "-W", "1"], /timed out$/m],
];

for (const [name, args, sentence] of WRONG) {
  testRuntime(`${name} ${args.join(" ")} ends as Mosquitto's`, async (
    runtime,
  ) => {
    await using broker = await BrokerProcess.start({ runtime });
    const all = [...at(broker.port), ...args];
    const their = await CommandProcess.run(theirs(name, all));
    const our = await CommandProcess.run(ours(runtime)(name, all));
    assertEquals([our.code, our.stdout], [their.code, ""], our.stderr);
    assertMatch(our.stderr, sentence);
    assertEquals(our.stderr.trimEnd().split("\n").length, 1);
    const quiet = ours(runtime)(name, [...all, "--quiet"]);
    if (name !== "rr" && args.includes("-W")) {
      assertEquals((await CommandProcess.run(quiet)).stderr, "");
    }
  }, TOOLS);
}

testRuntime("who is not let in hears why", async (runtime) => {
  const folder = await Deno.makeTempDir();
  const users = `${folder}/users`;
  const set = commandOf(runtime, ["passwd", users, "ada"]);
  assertEquals((await CommandProcess.run(set, "pencil\n")).code, 0);
  const args = ["--password-file", users];
  await using broker = await BrokerProcess.start({ runtime, args });
  const run = async (client: Client, more: string[], stdin?: string) => {
    const all = [...at(broker.port), "-t", "a", "-m", "x", ...more];
    return await CommandProcess.run(client("pub", all), stdin);
  };
  for (const version of ["31", "311", "5"]) {
    for (const login of [[], ["-u", "ada", "-P", "pen"]]) {
      const more = ["-V", version, ...login];
      const our = await run(ours(runtime), more);
      assertEquals(our.code, (await run(theirs, more)).code);
      assertMatch(our.stderr, /^broker pub: the broker refused the connection/);
    }
  }
  const secret = `${folder}/secret`;
  await Deno.writeTextFile(secret, "pencil\nthe rest\n");
  const ada = ["-u", "ada"];
  const our = ours(runtime);
  assertEquals((await run(our, [...ada, "-P", "pencil"])).code, 0);
  assertEquals((await run(our, [...ada, "--password-file", secret])).code, 0);
  const piped = await run(our, [...ada, "--password-file", "-"], "pencil\n");
  assertEquals(piped.code, 0);
  await Deno.remove(folder, { recursive: true });
}, TOOLS);

testRuntime("sub comes back when the broker does", async (runtime) => {
  const port = freePort();
  const address = ["--host", "127.0.0.1", "--port", `${port}`];
  let broker = await BrokerProcess.startBare({ runtime, args: address });
  const flags = ["-t", "a", "-d", "-C", "1", "-W", "60"];
  await using sub = CommandProcess.start(
    ours(runtime)("sub", [...at(port), ...flags]),
  );
  try {
    await sub.said(SUBACK);
    await broker.kill();
    await sub.said("trying again in 1 s");
    broker = await BrokerProcess.startBare({ runtime, args: address });
    await sub.said(SUBACK, 2);
    const pub = [...at(port), "-t", "a", "-m", "back"];
    await CommandProcess.run(ours(runtime)("pub", pub));
    assertEquals((await sub.ended()).stdout, "back\n");
  } finally {
    await broker.kill();
  }
});

testRuntime("sub ends in good order at a signal", async (runtime) => {
  await using broker = await BrokerProcess.start({ runtime });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const flags = ["-t", "a", "-d"];
    await using sub = CommandProcess.start(
      ours(runtime)("sub", [...at(broker.port), ...flags]),
    );
    await sub.said(SUBACK);
    sub.signal(signal);
    const { code, stderr } = await sub.ended();
    assertEquals(code, 0);
    assertMatch(stderr, /^sending DISCONNECT$/m);
  }
});

testRuntime("each door takes them", async (runtime) => {
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
    ["-L", `mqtts://localhost:${secure}`, ...ca],
    ["-L", `mqtts://127.0.0.1:${secure}`, "--insecure", "--alpn", "mqtt"],
    ["-L", `ws://127.0.0.1:${web}/mqtt`],
    ["-L", `wss://127.0.0.1:${secureWeb}`, ...ca],
    ["-L", `unix://${file}`],
    ["--unix", file],
  ];
  for (const door of doors) {
    const sub = ["-t", "a", "-q", "1", "-C", "1", "-W", "60", "-d"];
    const our = ours(runtime);
    await using subscriber = CommandProcess.start(
      our("sub", [...door, ...sub]),
    );
    await subscriber.said(SUBACK);
    const pub = [...door, "-t", "a", "-q", "1", "-m", door.join(" ")];
    assertEquals((await CommandProcess.run(our("pub", pub))).code, 0);
    assertEquals((await subscriber.ended()).stdout, `${door.join(" ")}\n`);
  }
  const stranger = ["-L", `mqtts://127.0.0.1:${secure}`, "-t", "a", "-n"];
  const { code, stderr } = await CommandProcess.run(
    ours(runtime)("pub", stranger),
  );
  assertEquals(code, 1);
  assertMatch(stderr, /its certificate is of no authority that is known here/);
});

/**
 * A broker with a configuration file: its own, or a `mosquitto.conf` with
 * which the clients of a Mosquitto work as they did; and `broker config`. A
 * file that changes is in `reconfigure_test.ts`.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { withFile } from "../support/config_file.ts";
import { testRuntime } from "../support/e2e.ts";
import { inFolder, loginCode } from "../support/login.ts";
import { mosquittoEnding, MosquittoSubscriber } from "../support/mosquitto.ts";
import { freePort } from "../support/free_port.ts";
import { MosquittoDaemon } from "../support/mosquitto_daemon.ts";
import { BrokerProcess, runBroker } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";

const PLAIN = "mqtt://127.0.0.1:0";
const NOT_AUTHORIZED = 5;

testRuntime("a file says where to listen and who wins", async (runtime) => {
  const listen = [{ url: PLAIN, anonymous: false }];
  await withFile(runtime, { listen }, async (broker) => {
    assertEquals(await loginCode(broker.port, undefined), NOT_AUTHORIZED);
  });
  await inFolder(async (folder) => {
    const path = `${folder}/broker.jsonc`;
    await Deno.writeTextFile(path, '{"port": 1, "host": "127.0.0.1"}');
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--port", "0"],
      env: { BROKER_CONFIG: path },
    });
    assert(broker.port > 1);
  });
});

testRuntime("what is set can be printed and checked", async (runtime) => {
  await inFolder(async (folder) => {
    const path = `${folder}/broker.jsonc`;
    await Deno.writeTextFile(path, '{\n "http-login": "https://a/?key=7" }');
    const run = (...args: string[]) =>
      runBroker({ runtime, args, env: { BROKER_CONFIG: path } });
    const { code, stdout } = await run("config", "--port", "1884");
    assertEquals(code, 0);
    assertStringIncludes(stdout, '"port": 1884, // --port\n');
    assertStringIncludes(stdout, `"https://a/?***", // ${path}:2\n`);
    assertStringIncludes(stdout, '// "tls-port": 8883 (default)\n');
    assert(!stdout.includes("key=7"));
    for (const args of [["--check"], ["config", "--check"]]) {
      const good = await run(...args);
      assertEquals([good.code, good.stderr], [0, ""]);
      assertMatch(good.stdout, /a broker can start with it: 2 listeners\n$/);
    }
    await Deno.writeTextFile(path, '{\n "prot": 1883,\n "one-port": 7\n}');
    for (const args of [["--check"], ["config"], []]) {
      const bad = await run(...args);
      assertEquals([bad.code, bad.stdout], [2, ""]);
      assertEquals(
        bad.stderr,
        `broker: ${path}:2: there is no setting "prot"; did you mean ` +
          `"port"?\n  ${path}:3: one-port must be true or false, not 7\n`,
      );
    }
    await Deno.writeTextFile(path, '{"password-file": "/no/such/users"}');
    const missing = await run("--check");
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "/no/such/users can't be read");
  });
});

testRuntime("mosquitto.conf becomes broker.jsonc", async (runtime) => {
  await inFolder(async (folder) => {
    const conf = `${folder}/mosquitto.conf`;
    const path = `${folder}/broker.jsonc`;
    const port = freePort();
    await Deno.writeTextFile(
      conf,
      `allow_anonymous true\nlistener ${port} 127.0.0.1\nmount_point a/`,
    );
    const args = ["config", "convert", conf];
    const { code, stdout } = await runBroker({ runtime, args });
    assertEquals(code, 0);
    await Deno.writeTextFile(path, stdout);
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--config", path],
    });
    assertEquals(broker.ports, [port]);
    using _client = await RawClient.connected(port);
  });
});

/** What `mosquitto_pub` says, by user name and password. */
const LOGINS = [[], ["-u", "roger", "-P", "password"], ["-u", "roger"]];

/** Who publishes where, as Debian's example of rules has it. */
const PUBLISHED = [
  ["roger", "foo/bar"],
  ["roger", "foo/baz"],
  ["pub_client", "foo/bar"],
] as const;

/** What clients of Mosquitto come to at a port. */
async function outcome(port: number): Promise<unknown> {
  const at = ["-h", "127.0.0.1", "-p", `${port}`];
  const admitted: boolean[] = [];
  for (const who of LOGINS) {
    const args = [...at, ...who, "-t", "a", "-m", "b"];
    // Who may not come in is told why by us, and not by Mosquitto.
    admitted.push((await mosquittoEnding("mosquitto_pub", args)).code === 0);
  }
  await using reader = await MosquittoSubscriber.start(port, [
    ...["-u", "roger", "-P", "password", "-q", "1", "-t", "#", "-C", "2"],
  ]);
  for (const [user, topic] of [...PUBLISHED, ["roger", "foo/bar"]]) {
    const args = ["-u", user!, "-P", "password", "-q", "1", "-t", topic!];
    await mosquittoEnding("mosquitto_pub", [...at, ...args, "-m", user!]);
  }
  return { admitted, messages: await reader.messages() };
}

testRuntime("a Mosquitto user moves over in one command", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
  const port = freePort();
  const conf = [
    "user root",
    "include_dir /etc/mosquitto/conf.d",
    "persistence false",
    `listener ${port} 127.0.0.1`,
    "password_file /etc/mosquitto/pwfile.example",
    "acl_file /etc/mosquitto/aclfile.example",
    "",
  ].join("\n");
  let before: unknown;
  await inFolder(async (ours) => {
    {
      await using daemon = await MosquittoDaemon.run(folder, port, conf);
      assert(daemon !== undefined);
      before = await outcome(port);
    }
    const path = `${ours}/mosquitto.conf`;
    await Deno.writeTextFile(path, conf);
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--config", path],
    });
    assertEquals(broker.ports, [port]);
    assertEquals(await outcome(port), before);
    assertEquals(before, {
      admitted: [false, true, false],
      messages: Array(2).fill("foo/bar 1 0 roger"),
    });
  });
}, ["mosquitto", "mosquitto_pub", "mosquitto_sub"]);

testRuntime("the file of Debian's package is taken", async (runtime) => {
  for (
    const path of [
      "/etc/mosquitto/mosquitto.conf",
      "/usr/share/doc/mosquitto/examples/mosquitto.conf",
    ]
  ) {
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--config", path, "--port", "0"],
      addressCount: 1,
    });
    const { port } = broker;
    await using reader = await MosquittoSubscriber.start(port, [
      ...["-t", "#", "-C", "1"],
    ]);
    const { code } = await mosquittoEnding("mosquitto_pub", [
      ...["-h", "127.0.0.1", "-p", `${port}`, "-t", "a", "-m", "b"],
    ]);
    assertEquals([code, await reader.messages()], [0, ["a 0 0 b"]]);
  }
}, ["mosquitto", "mosquitto_pub", "mosquitto_sub"]);

testRuntime("Mosquitto's WebSocket is at every path", async (runtime) => {
  await inFolder(async (folder) => {
    const path = `${folder}/mosquitto.conf`;
    const port = freePort();
    const lines = [
      `listener ${port} 127.0.0.1`,
      "protocol websockets",
      "allow_anonymous true",
    ];
    await Deno.writeTextFile(path, lines.join("\n"));
    await using _broker = await BrokerProcess.startBare({
      runtime,
      args: ["--config", path],
    });
    for (const place of ["", "mqtt", "any/where?a=b"]) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${place}`, "mqtt");
      const opened = Promise.withResolvers<void>();
      socket.onopen = () => opened.resolve();
      socket.onerror = () => opened.reject(new Error(`not at /${place}`));
      await opened.promise;
      const closed = Promise.withResolvers<void>();
      socket.onclose = () => closed.resolve();
      socket.close();
      await closed.promise;
    }
  });
});

testRuntime("what Mosquitto has and we not is refused", async (runtime) => {
  await inFolder(async (folder) => {
    const path = `${folder}/settings`;
    await Deno.writeTextFile(path, "allow_anonymous true\nconnection a\n");
    const args = ["--config", path];
    const { code, stderr } = await runBroker({ runtime, args });
    assertEquals(code, 2);
    assertStringIncludes(stderr, `${path}:2: connection: bridges`);
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: [...args, "--lenient", "--port", "0", "--host", "127.0.0.1"],
    });
    const line = await broker.logged("environment");
    assertMatch(line.message, /:2: connection: .* left out$/);
  });
});

/**
 * Rights by a file, as clients notice them: what is refused and how each
 * version is told, what a new file changes for those who are here, and that a
 * bad one changes nothing. That the file means what it means to mosquitto is
 * seen in `acl_differential_test.ts`.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import { inFolder } from "../support/login.ts";
import { Peer } from "../support/mqtt_js.ts";
import { BrokerProcess, runBroker, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect, publish, subscribe } from "../support/wire.ts";

type Run = (broker: BrokerProcess, file: string) => Promise<void>;

/** A broker with rules in a file. */
function testRules(name: string, rules: string, run: Run): void {
  testRuntime(`ACL: ${name}`, (runtime) => {
    return inFolder(async (folder) => {
      const file = `${folder}/acl`;
      await Deno.writeTextFile(file, rules);
      await using broker = await start(runtime, file);
      await run(broker, file);
    });
  });
}

function start(runtime: Runtime, file: string): Promise<BrokerProcess> {
  return BrokerProcess.start({ runtime, args: ["--acl-file", file] });
}

/** Who says a name is believed: no logins are set up. */
function named(
  { port }: BrokerProcess,
  userName: string,
): Promise<RawClient> {
  return RawClient.connected(port, { clientId: userName, userName });
}

/** The new rules count when this returns. */
async function change(
  broker: BrokerProcess,
  file: string,
  rules: string,
): Promise<void> {
  const count = () =>
    broker.log.filter(({ event }) => event === "reloaded").length;
  const before = count();
  await Deno.writeTextFile(file, rules);
  broker.signal("SIGHUP");
  await broker.logged("reloaded", () => count() > before);
}

const RULES = "pattern read public/#\nuser ada\ntopic own/#\n" +
  "topic deny own/secret\nuser writer\ntopic #\n";

testRules("each version is told in its way", RULES, async (broker) => {
  for (const protocolVersion of [4, 5] as const) {
    await using ada = await Peer.connect(broker, {
      clientId: "ada",
      username: "ada",
      protocolVersion,
    });
    const granted = await ada.client.subscribeAsync(
      ["own/#", "#", "others/a", "own/secret"],
      { qos: 1 },
    ).catch(async () => (await ada.packet("suback")).granted);
    const codes = granted.map((one) =>
      typeof one === "number" ? one : "qos" in one ? one.qos : one
    );
    const refused = protocolVersion === 5 ? 0x87 : 0x80;
    assertEquals(codes, [1, 1, refused, refused]);
    const sent = ada.client.publishAsync("others/a", "x", { qos: 1 });
    if (protocolVersion === 4) await sent;
    else {
      const code = await sent.then(() => 0, (error) => error.code as number);
      assertEquals(code, 0x87);
    }
    await ada.client.publishAsync("own/a", "mine", { qos: 1 });
    const [arrival] = await ada.arrivals(1);
    assertEquals(arrival!.topic, "own/a", "and nothing before it");
  }
  await broker.logged("publish_denied");
});

testRules("what is retained obeys", RULES, async (broker) => {
  using writer = await named(broker, "writer");
  const topics = ["own/a", "own/secret", "others/a", "public/a"];
  await writer.send(
    ...topics.map((topic) => publish({ topic, payload: "kept", retain: true })),
  );
  assertEquals(await writer.packetsBeforePong(), []);
  using ada = await named(broker, "ada");
  await ada.send(subscribe(1, ["#", 0]));
  await ada.packet("suback");
  const seen = await topicsOf(ada);
  assertEquals(seen.sort(), ["own/a", "public/a"]);
});

testRules("wills obey", RULES, async (broker, file) => {
  const will = (topic: string) => ({
    clientId: "lost",
    userName: "ada",
    will: { topic, payload: "gone" },
  });
  using refused = await RawClient.open(broker.port);
  await refused.send(connect(will("others/ada")));
  assertEquals((await refused.packet("connack")).returnCode, 5);
  using writer = await named(broker, "writer");
  await writer.send(subscribe(2, ["own/#", 0]));
  await writer.packet("suback");
  for (const rules of [RULES, RULES.replace("topic own/#", "topic mine/#")]) {
    const lost = await RawClient.connected(broker.port, will("own/ada"));
    if (rules !== RULES) await change(broker, file, rules);
    const left = () =>
      broker.log.filter(({ event, client_id = "" }) =>
        event === "client_disconnected" && client_id === "lost"
      ).length;
    const before = left();
    lost.close();
    await broker.logged("client_disconnected", () => left() > before);
    assertEquals(await topicsOf(writer), rules === RULES ? ["own/ada"] : []);
  }
});

async function topicsOf(client: RawClient): Promise<string[]> {
  const packets = await client.packetsBeforePong();
  return packets.map((packet) => {
    assert(packet.type === "publish", packet.type);
    return packet.topic;
  });
}

testRules("new rules count for who is here", RULES, async (broker, file) => {
  using ada = await named(broker, "ada");
  using writer = await named(broker, "writer");
  await ada.send(subscribe(1, ["own/a", 0], ["own/b", 0], ["public/#", 0]));
  await ada.packet("suback");
  const topics = ["own/a", "own/b", "public/a", "others/a"];
  const seen = async () => {
    await writer.send(...topics.map((topic) => publish({ topic })));
    await writer.packetsBeforePong();
    return await topicsOf(ada);
  };
  assertEquals(await seen(), ["own/a", "own/b", "public/a"]);
  const less = RULES.replace("own/secret", "own/b")
    .replace("pattern read public/#", "");
  await change(broker, file, less);
  assertEquals(await seen(), ["own/a"]);
  await writer.send(subscribe(1, ["own/#", 0]));
  await writer.packet("suback");
  await ada.send(publish({ topic: "own/b" }), publish({ topic: "own/a" }));
  await ada.packetsBeforePong();
  assertEquals(await topicsOf(writer), ["own/a"]);
  await change(broker, file, RULES);
  await ada.send(subscribe(2, ["own/b", 0], ["public/#", 0]));
  const { returnCodes } = await ada.packet("suback");
  assertEquals(returnCodes, [0, 0], "allowed again");
});

const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ["topic a\n\ntopic raed b c\ntopic d", /acl: line 3: /],
  ["# rules\nuser\n", /acl: line 2: /],
  ["topic a/#/b\n", /acl: line 1: /],
  ['{ "rules": [\n  nothing\n] }', /acl: line 2: /],
];

testRules("a bad file changes nothing", RULES, async (broker, file) => {
  using ada = await named(broker, "ada");
  await ada.send(subscribe(1, ["own/#", 0]));
  await ada.packet("suback");
  for (const [i, [text, place]] of MISTAKES.entries()) {
    await Deno.writeTextFile(file, text);
    broker.signal("SIGHUP");
    const failures = () =>
      broker.log.filter(({ event }) => event === "reload_failed");
    await broker.logged("reload_failed", () => failures().length === i + 1);
    const { message } = failures()[i]!;
    assertMatch(message, place);
    assert(message.startsWith("all stays as it was: --acl-file "), message);
    await ada.send(publish({ topic: "own/a" }), publish({ topic: "x" }));
    assertEquals(await topicsOf(ada), ["own/a"]);
  }
});

testRuntime("ACL: a broker does not start with a bad file", (runtime) => {
  return inFolder(async (folder) => {
    const file = `${folder}/acl`;
    for (const [text, place] of MISTAKES) {
      await Deno.writeTextFile(file, text);
      const ending = await runBroker({ runtime, args: ["--acl-file", file] });
      assertEquals(ending.code, 2);
      assertMatch(ending.stderr, place);
    }
  });
});

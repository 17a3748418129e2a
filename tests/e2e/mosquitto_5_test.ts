/**
 * What only MQTT 5.0 has, with Debian's `mosquitto_pub`, `mosquitto_sub` and
 * `mosquitto_rr` against a broker process: what a person finds in a shell.
 */

import { assert, assertEquals } from "@std/assert";
import { testBroker } from "../support/e2e.ts";
import {
  mosquitto,
  mosquittoRequest,
  MosquittoSubscriber,
} from "../support/mosquitto.ts";
import { Peer } from "../support/mqtt_js.ts";
import type { BrokerProcess } from "../support/process.ts";

const V5 = ["-V", "mqttv5"];

function testV5(
  name: string,
  run: (broker: BrokerProcess) => Promise<void>,
): void {
  testBroker(`mosquitto 5.0 ${name}`, run, {
    tools: ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"],
  });
}

function publish(port: number, ...args: string[]): Promise<void> {
  return mosquitto("mosquitto_pub", port, [...V5, "-q", "1", ...args]);
}

function subscriber(
  port: number,
  args: string[],
  format?: string,
): Promise<MosquittoSubscriber> {
  return MosquittoSubscriber.start(port, [...V5, "-q", "1", ...args], format);
}

testV5("sends a request and prints the answer", async (broker) => {
  await using bob = await Peer.connect(broker, { protocolVersion: 5 });
  await bob.client.subscribeAsync("ask");
  bob.client.on("message", (_topic, payload, { properties = {} }) => {
    const { responseTopic, correlationData } = properties;
    bob.client.publish(responseTopic!, `${payload} 42`, {
      properties: { correlationData: correlationData! },
    });
  });
  const answer = await mosquittoRequest(broker.port, [
    ...["-t", "ask", "-e", "answers/me", "-m", "6x7", "-F", "%t %D %p"],
    ...["-D", "publish", "correlation-data", "id-1"],
  ]);
  assertEquals(answer, "answers/me id-1 6x7 42");
});

testV5("answers a request", async (broker) => {
  await using responder = await subscriber(
    broker.port,
    ["-t", "ask", "-C", "1"],
    "%R %D %p",
  );
  await using ann = await Peer.connect(broker, { protocolVersion: 5 });
  await ann.client.publishAsync("ask", "6x7", {
    properties: {
      responseTopic: "answers/ann",
      correlationData: Buffer.from("id-2"),
    },
  });
  assertEquals(await responder.messages(), ["answers/ann id-2 6x7"]);
});

testV5("keeps user properties in their order", async ({ port }) => {
  const properties = [["b", "1"], ["a", "2"], ["b", "3"], ["", "4"]]
    .flatMap(([name, value]) => [
      ...["-D", "publish", "user-property", name!, value!],
    ]);
  const message = ["-t", "a", "-m", "x", "-r", ...properties];
  await publish(port, ...message, "-D", "publish", "content-type", "text/x");
  await using bob = await subscriber(
    port,
    ["-t", "#", "-C", "1", "-D", "subscribe", "subscription-identifier", "9"],
    "%C %S %r %P",
  );
  assertEquals(await bob.messages(), ["text/x 9 1 b:1 a:2 b:3 :4"]);
});

testV5("shares a subscription", async ({ port }) => {
  const share = ["-t", "$share/crew/jobs", "-C", "3"];
  await using bob = await subscriber(port, share, "%p");
  await using cas = await subscriber(port, share, "%p");
  for (let i = 0; i < 6; i++) await publish(port, "-t", "jobs", "-m", `${i}`);
  const shares = [await bob.messages(), await cas.messages()];
  assertEquals(shares.flat().sort(), ["0", "1", "2", "3", "4", "5"]);
});

testV5("sends a topic alias", async ({ port }) => {
  await using bob = await subscriber(port, ["-t", "a/+", "-C", "3"], "%t %p");
  const alias = ["-D", "publish", "topic-alias", "1"];
  await publish(port, "-t", "a/b", "-m", "x", "--repeat", "3", ...alias);
  assertEquals(await bob.messages(), ["a/b x", "a/b x", "a/b x"]);
});

testV5("is told what is left of an expiry", async ({ port }) => {
  const expiry = ["-D", "publish", "message-expiry-interval", "100"];
  await publish(port, "-t", "a", "-m", "x", "-r", ...expiry);
  await using bob = await subscriber(port, ["-t", "a", "-C", "1"], "%E");
  const left = Number((await bob.messages())[0]);
  assert(left > 50 && left <= 100, `${left}`);
});

testV5("sees RETAIN as it was published", async ({ port }) => {
  const asPublished = ["-t", "a", "-C", "1", "--retain-as-published"];
  await using bob = await subscriber(port, asPublished, "%r");
  await using cas = await subscriber(port, ["-t", "a", "-C", "1"], "%r");
  await publish(port, "-t", "a", "-m", "x", "-r");
  assertEquals([await bob.messages(), await cas.messages()], [["1"], ["0"]]);
});

testV5("leaves a will that waits", async ({ port }) => {
  await using watcher = await subscriber(
    port,
    ["-t", "wills/#", "-C", "1"],
    "%t %C %p",
  );
  await using victim = await subscriber(port, [
    ...["-i", "victim", "-x", "60", "-t", "any", "--will-topic", "wills/w"],
    ...["--will-payload", "gone", "-D", "will", "will-delay-interval", "1"],
    ...["-D", "will", "content-type", "text/x"],
  ]);
  const startMs = performance.now();
  victim.kill();
  assertEquals(await watcher.messages(), ["wills/w text/x gone"]);
  assert(performance.now() - startMs > 900, "it has waited");
});

testV5("talks to 3.1.1 and back", async ({ port }) => {
  const two = ["-t", "both", "-C", "2", "-q", "2"];
  await using bob = await subscriber(port, two, "%p %P");
  await using old = await MosquittoSubscriber.start(port, two, "%p");
  const user = ["-D", "publish", "user-property", "a", "1"];
  await publish(port, "-t", "both", "-m", "new", "-q", "2", ...user);
  // Of QoS 2, too: one of QoS 0 may be there before the other is released.
  const said = ["-t", "both", "-m", "old", "-q", "2"];
  await mosquitto("mosquitto_pub", port, said);
  assertEquals(await bob.messages(), ["new a:1", "old "]);
  assertEquals(await old.messages(), ["new", "old"]);
});

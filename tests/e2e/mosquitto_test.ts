/**
 * Debian's `mosquitto_pub` and `mosquitto_sub` against a broker process, in
 * each version of MQTT, at each QoS: what a person tries first in a shell. What
 * only 5.0 has is in `mosquitto_5_test.ts`.
 */

import { assertEquals } from "@std/assert";
import { testBroker } from "../support/e2e.ts";
import { mosquitto, MosquittoSubscriber } from "../support/mosquitto.ts";
import type { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";

/** Registers a test for each version that the two programs speak. */
function testVersions(
  name: string,
  run: (broker: BrokerProcess, version: string[]) => Promise<void>,
): void {
  for (const version of ["mqttv31", "mqttv311", "mqttv5"]) {
    testBroker(
      `mosquitto ${version} ${name}`,
      (broker) => run(broker, ["-V", version]),
      { tools: ["mosquitto_pub", "mosquitto_sub"] },
    );
  }
}

for (const qos of ["0", "1", "2"]) {
  testVersions(`sends at QoS ${qos}`, async ({ port }, version) => {
    const args = [...version, "-q", qos];
    await using subscriber = await MosquittoSubscriber.start(port, [
      ...args,
      ...["-t", "home/+/temperature", "-C", "2"],
    ]);
    for (const room of ["hall", "attic"]) {
      const topic = `home/${room}/temperature`;
      const message = ["-t", topic, "-m", `${room} 21`];
      await mosquitto("mosquitto_pub", port, [...args, ...message]);
    }
    assertEquals(await subscriber.messages(), [
      `home/hall/temperature ${qos} 0 hall 21`,
      `home/attic/temperature ${qos} 0 attic 21`,
    ]);
  });
}

testVersions("finds topics by #, not by $", async ({ port }, version) => {
  await using subscriber = await MosquittoSubscriber.start(port, [
    ...version,
    ...["-t", "#", "-C", "2"],
  ]);
  for (const topic of ["$private/a", "a", "a/b/c"]) {
    const message = ["-t", topic, "-m", "x"];
    await mosquitto("mosquitto_pub", port, [...version, ...message]);
  }
  assertEquals(await subscriber.messages(), ["a 0 0 x", "a/b/c 0 0 x"]);
});

testVersions("gets what was retained", async ({ port }, version) => {
  const retained = [...version, "-q", "1", "-r", "-t", "r/1"];
  await mosquitto("mosquitto_pub", port, [...retained, "-m", "kept"]);
  {
    await using subscriber = await MosquittoSubscriber.start(port, [
      ...version,
      ...["-q", "1", "-t", "r/#", "-C", "1"],
    ]);
    assertEquals(await subscriber.messages(), ["r/1 1 1 kept"]);
  }
  await mosquitto("mosquitto_pub", port, [...retained, "-n"]);
  await using subscriber = await MosquittoSubscriber.start(port, [
    ...version,
    ...["-q", "1", "-t", "r/#", "-C", "1"],
  ]);
  const message = ["-q", "1", "-t", "r/2", "-m", "fresh"];
  await mosquitto("mosquitto_pub", port, [...version, ...message]);
  assertEquals(await subscriber.messages(), ["r/2 1 0 fresh"]);
});

testVersions("gets a will when one is killed", async ({ port }, version) => {
  await using watcher = await MosquittoSubscriber.start(port, [
    ...version,
    ...["-q", "1", "-t", "wills/#", "-C", "1"],
  ]);
  const will = ["--will-topic", "wills/w", "--will-payload", "gone"];
  await using victim = await MosquittoSubscriber.start(port, [
    ...version,
    ...["-i", "victim", "-t", "any", ...will, "--will-qos", "1"],
  ]);
  victim.kill();
  assertEquals(await watcher.messages(), ["wills/w 1 0 gone"]);
});

testVersions("keeps a session with -c", async ({ port }, version) => {
  const session = [...version, ...["-c", "-i", "bob", "-q", "1", "-t", "a/#"]];
  await mosquitto("mosquitto_sub", port, [...session, "-E"]);
  for (const payload of ["1", "2", "3"]) {
    const message = ["-q", "1", "-t", "a/b", "-m", payload];
    await mosquitto("mosquitto_pub", port, [...version, ...message]);
  }
  await using again = await MosquittoSubscriber.start(port, [
    ...session,
    ...["-C", "3"],
  ]);
  assertEquals(await again.messages(), [
    "a/b 1 0 1",
    "a/b 1 0 2",
    "a/b 1 0 3",
  ]);
});

testVersions("sends 1,000 lines in order", async ({ port }, version) => {
  await using subscriber = await MosquittoSubscriber.start(port, [
    ...version,
    ...["-q", "1", "-t", "n", "-C", "1000"],
  ]);
  const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
  const lines = Array.from({ length: 1000 }, (_, i) => `${i}`);
  try {
    const file = `${folder}/lines`;
    await Deno.writeTextFile(file, lines.join("\n") + "\n");
    const script = `mosquitto_pub -h 127.0.0.1 -p ${port} ` +
      `${version.join(" ")} -q 1 -t n -l < ${file}`;
    const { code } = await new Deno.Command("sh", { args: ["-c", script] })
      .output();
    assertEquals(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertEquals(
    await subscriber.messages(),
    lines.map((line) => `n 1 0 ${line}`),
  );
});

testVersions(
  "talks to a client of another version",
  async (broker, version) => {
    const level = version.includes("mqttv311") ? 3 : 4;
    await using subscriber = await MosquittoSubscriber.start(broker.port, [
      ...version,
      ...["-q", "2", "-t", "a", "-C", "1"],
    ]);
    using raw = await RawClient.connected(broker.port, { level });
    await raw.send([0x30, 4, 0, 1, 0x61, 0x78]);
    assertEquals(await subscriber.messages(), ["a 0 0 x"]);
  },
);

/**
 * MQTT.js, the client that most programs in JavaScript use, against a broker
 * process: an implementation that we did not write, in each version of MQTT.
 * What only 5.0 has is in `mqtt_js_5_test.ts`.
 */

import { assertEquals } from "@std/assert";
import type { IClientOptions } from "mqtt";
import { testBroker } from "../support/e2e.ts";
import { Peer } from "../support/mqtt_js.ts";

/** The three that it can speak, in its own words. */
const VERSIONS: readonly (readonly [string, IClientOptions])[] = [
  ["5.0", { protocolVersion: 5, properties: { sessionExpiryInterval: 60 } }],
  ["3.1.1", { protocolVersion: 4 }],
  ["3.1", { protocolVersion: 3, protocolId: "MQIsdp" }],
];

for (const [version, options] of VERSIONS) {
  testBroker(`MQTT.js ${version} publishes and subscribes`, async (broker) => {
    await using bob = await Peer.connect(broker, options);
    await using ann = await Peer.connect(broker, options);
    const granted = await bob.client.subscribeAsync({
      "a/+/c": { qos: 0 },
      "b/#": { qos: 1 },
      "c": { qos: 2 },
    });
    assertEquals(granted.map(({ qos }) => Number(qos)), [0, 1, 2]);
    await ann.client.publishAsync("a/b/c", "zero", { qos: 0 });
    await ann.client.publishAsync("b/x/y", "one", { qos: 1 });
    await ann.client.publishAsync("c", "two", { qos: 2 });
    assertEquals(await bob.arrivals(3), [
      { topic: "a/b/c", payload: "zero", qos: 0, retain: false },
      { topic: "b/x/y", payload: "one", qos: 1, retain: false },
      { topic: "c", payload: "two", qos: 2, retain: false },
    ]);
  });

  testBroker(`MQTT.js ${version} gets a retained message`, async (broker) => {
    await using ann = await Peer.connect(broker, options);
    await ann.client.publishAsync("r/1", "kept", { qos: 1, retain: true });
    await using bob = await Peer.connect(broker, options);
    await bob.client.subscribeAsync("r/#", { qos: 1 });
    assertEquals(await bob.arrivals(1), [
      { topic: "r/1", payload: "kept", qos: 1, retain: true },
    ]);
  });

  testBroker(`MQTT.js ${version} finds its session again`, async (broker) => {
    const session = { ...options, clientId: "bob", clean: false };
    {
      await using before = await Peer.connect(broker, session);
      await before.client.subscribeAsync("a", { qos: 2 });
    }
    await using ann = await Peer.connect(broker, options);
    for (const payload of ["1", "2", "3"]) {
      await ann.client.publishAsync("a", payload, { qos: 2 });
    }
    await using after = await Peer.connect(broker, session);
    const payloads = (await after.arrivals(3)).map(({ payload }) => payload);
    assertEquals(payloads, ["1", "2", "3"]);
  });

  testBroker(`MQTT.js ${version} sends 1,000 in order`, async (broker) => {
    await using bob = await Peer.connect(broker, options);
    await bob.client.subscribeAsync("n", { qos: 1 });
    await using ann = await Peer.connect(broker, options);
    const expected = Array.from({ length: 1000 }, (_, i) => `${i}`);
    await Promise.all(
      expected.map((text) => ann.client.publishAsync("n", text, { qos: 1 })),
    );
    const payloads = (await bob.arrivals(1000)).map(({ payload }) => payload);
    assertEquals(payloads, expected);
  });
}

testBroker("MQTT.js without a client id is let in", async (broker) => {
  await using ann = await Peer.connect(broker, {
    protocolVersion: 4,
    clientId: "",
    clean: true,
  });
  assertEquals(ann.client.connected, true);
});

testBroker("MQTT.js tells of a will when it is cut off", async (broker) => {
  await using bob = await Peer.connect(broker, { protocolVersion: 4 });
  await bob.client.subscribeAsync("wills/#", { qos: 1 });
  const ann = await Peer.connect(broker, {
    protocolVersion: 4,
    will: { topic: "wills/ann", payload: "gone", qos: 1, retain: false },
  });
  ann.client.stream.destroy();
  await ann.client.endAsync(true);
  assertEquals((await bob.arrivals(1))[0]?.payload, "gone");
});

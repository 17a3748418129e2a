/**
 * What only MQTT 5.0 has, with MQTT.js against a broker process: properties
 * end to end, shared subscriptions, aliases, expiry by the clock, and reason
 * codes as a program sees them. The standard's statements are proven one by
 * one in `tests/conformance/`.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { IClientOptions, IPublishPacket } from "mqtt";
import { testBroker } from "../support/e2e.ts";
import { type Arrival, Peer } from "../support/mqtt_js.ts";
import type { BrokerProcess } from "../support/process.ts";

/** Properties of a message, in the words of MQTT.js. */
type Properties = NonNullable<IPublishPacket["properties"]>;

const STORED: IClientOptions = {
  clientId: "bob",
  clean: false,
  properties: { sessionExpiryInterval: 60 },
};

function connect(
  broker: BrokerProcess,
  options: IClientOptions = {},
): Promise<Peer> {
  return Peer.connect(broker, { protocolVersion: 5, ...options });
}

/** Expiry is by the clock, and that of a process can't be moved. */
function afterMs(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

testBroker("MQTT.js 5.0 asks and gets an answer", async (broker) => {
  await using bob = await connect(broker);
  await bob.client.subscribeAsync("ask", { qos: 1 });
  bob.client.on("message", (_topic, payload, { properties = {} }) => {
    const { responseTopic, correlationData } = properties;
    bob.client.publish(responseTopic!, `${payload}!`, {
      qos: 1,
      properties: { correlationData: correlationData! },
    });
  });
  await using ann = await connect(broker);
  await ann.client.subscribeAsync("answers/ann", { qos: 1 });
  await ann.client.publishAsync("ask", "what", {
    qos: 1,
    properties: {
      responseTopic: "answers/ann",
      correlationData: Buffer.from([0, 1, 255]),
    },
  });
  const { payload, properties } = await ann.packet("publish");
  assertEquals(`${payload}`, "what!");
  assertEquals([...properties!.correlationData!], [0, 1, 255]);
});

testBroker("MQTT.js 5.0 gets all properties of a message", async (broker) => {
  const sent: Properties = {
    payloadFormatIndicator: true,
    contentType: "text/plain",
    responseTopic: "r",
    userProperties: { a: ["1", "2"], b: "3" },
  };
  await using ann = await connect(broker);
  const options = { qos: 1, retain: true, properties: sent } as const;
  await ann.client.publishAsync("a", "x", options);
  await using bob = await connect(broker);
  const id = { properties: { subscriptionIdentifier: 7 } };
  await bob.client.subscribeAsync({ "#": { qos: 1 } }, id);
  await ann.client.publishAsync("a", "x", options);
  for (const retain of [true, false]) {
    const packet = await bob.packet("publish");
    const { subscriptionIdentifier, ...others } = packet.properties!;
    assertEquals(packet.retain, retain);
    assertEquals([subscriptionIdentifier].flat(), [7]);
    assertEquals({ ...others, userProperties: { ...others.userProperties } }, {
      ...sent,
    });
  }
});

testBroker("MQTT.js 5.0 shares a subscription", async (broker) => {
  await using bob = await connect(broker);
  await using cas = await connect(broker);
  for (const peer of [bob, cas]) {
    await peer.client.subscribeAsync("$share/crew/jobs/#", { qos: 1 });
  }
  await using ann = await connect(broker);
  for (let i = 0; i < 10; i++) {
    await ann.client.publishAsync(`jobs/${i % 3}`, `${i}`, { qos: 1 });
  }
  const shares = [await bob.payloads(5), await cas.payloads(5)];
  assertEquals(shares.flat().sort(), [..."0123456789"]);
});

testBroker("MQTT.js 5.0 shares by the topic", async (broker) => {
  const topicsUntilEnd = async (peer: Peer): Promise<string[]> => {
    const [{ topic }] = await peer.arrivals(1) as [Arrival];
    return topic === "end" ? [] : [topic, ...await topicsUntilEnd(peer)];
  };
  await using bob = await connect(broker);
  await using cas = await connect(broker);
  for (const { client } of [bob, cas]) {
    await client.subscribeAsync(["$share/crew/jobs/+", "end"], { qos: 1 });
  }
  await using ann = await connect(broker);
  for (let i = 0; i < 60; i++) {
    await ann.client.publishAsync(`jobs/${i % 15}`, "x", { qos: 1 });
  }
  await ann.client.publishAsync("end", "", { qos: 1 });
  const shares = [await topicsUntilEnd(bob), await topicsUntilEnd(cas)];
  assertEquals(shares.flat().length, 60);
  const both = new Set(shares[0]).intersection(new Set(shares[1]));
  assertEquals([...both], [], "who has got a topic gets it again");
}, { args: ["--share-strategy", "hash-topic"] });

testBroker("MQTT.js 5.0 sends topic aliases", async (broker) => {
  await using bob = await connect(broker);
  await bob.client.subscribeAsync("long/+/topic", { qos: 1 });
  await using ann = await connect(broker, { autoAssignTopicAlias: true });
  let aliased = 0;
  ann.client.on("packetsend", (packet) => {
    if (packet.cmd === "publish" && packet.topic === "") aliased++;
  });
  const topics = ["long/1/topic", "long/2/topic", "long/1/topic"];
  for (const topic of [...topics, ...topics]) {
    await ann.client.publishAsync(topic, "x", { qos: 1 });
  }
  assert(aliased > 0, "an alias was sent");
  const got = (await bob.arrivals(6)).map(({ topic }) => topic);
  assertEquals(got, [...topics, ...topics]);
});

testBroker("MQTT.js 5.0 gets topic aliases", async (broker) => {
  const properties = { topicAliasMaximum: 2 };
  await using bob = await connect(broker, { properties });
  await bob.client.subscribeAsync("long/+/topic", { qos: 1 });
  await using ann = await connect(broker);
  const topics = ["1", "2", "1", "3", "4", "1", "2", "1"]
    .map((level) => `long/${level}/topic`);
  for (const topic of topics) {
    await ann.client.publishAsync(topic, "x", { qos: 1 });
  }
  const got = (await bob.arrivals(topics.length)).map(({ topic }) => topic);
  assertEquals(got, topics);
  const onWire: string[] = [];
  for (const _ of topics) onWire.push((await bob.packet("publish")).topic);
  assert(onWire.includes(""), `an alias was sent: ${onWire}`);
});

testBroker("MQTT.js 5.0 gets no message of its own", async (broker) => {
  await using ann = await connect(broker);
  await ann.client.subscribeAsync({ a: { qos: 1, nl: true } });
  await using bob = await connect(broker);
  await ann.client.publishAsync("a", "own", { qos: 1 });
  await bob.client.publishAsync("a", "other", { qos: 1 });
  assertEquals(await ann.payloads(1), ["other"]);
});

testBroker("MQTT.js 5.0 chooses what it sees of retaining", async (broker) => {
  await using ann = await connect(broker);
  const publish = (payload: string) =>
    ann.client.publishAsync("r", payload, { qos: 1, retain: true });
  await publish("old");
  await using bob = await connect(broker);
  const { client } = bob;
  await client.subscribeAsync({ r: { qos: 1, rap: true, rh: 2 } });
  await publish("new");
  assertEquals(await bob.arrivals(1), [
    { topic: "r", payload: "new", qos: 1, retain: true },
  ]);
  await client.subscribeAsync({ r: { qos: 1, rap: false, rh: 1 } });
  await publish("newer");
  assertEquals(await bob.arrivals(1), [
    { topic: "r", payload: "newer", qos: 1, retain: false },
  ]);
  await client.subscribeAsync({ r: { qos: 1, rh: 0 } });
  assertEquals(await bob.arrivals(1), [
    { topic: "r", payload: "newer", qos: 1, retain: true },
  ]);
});

testBroker("MQTT.js 5.0 gets what has not expired", async (broker) => {
  {
    await using bob = await connect(broker, STORED);
    await bob.client.subscribeAsync("a", { qos: 1 });
  }
  await using ann = await connect(broker);
  for (const messageExpiryInterval of [1, 60]) {
    const properties = { messageExpiryInterval };
    await ann.client.publishAsync("a", "x", { qos: 1, properties });
  }
  await afterMs(1500);
  await using bob = await connect(broker, STORED);
  await ann.client.publishAsync("a", "last", { qos: 1 });
  assertEquals(await bob.payloads(2), ["x", "last"]);
  const { messageExpiryInterval } = (await bob.packet("publish")).properties!;
  assert(messageExpiryInterval! < 60, "what is left is told");
  assert(messageExpiryInterval! > 30);
});

testBroker("MQTT.js 5.0 finds sessions that last", async (broker) => {
  const session = (seconds: number) => ({
    ...STORED,
    clientId: `lasts ${seconds} s`,
    properties: { sessionExpiryInterval: seconds },
  });
  for (const seconds of [1, 60]) {
    await using bob = await connect(broker, session(seconds));
    assertEquals(bob.connack?.sessionPresent, false);
  }
  await afterMs(1500);
  for (const seconds of [1, 60]) {
    await using bob = await connect(broker, session(seconds));
    assertEquals(bob.connack?.sessionPresent, seconds === 60);
  }
});

testBroker("MQTT.js 5.0 has a will that waits", async (broker) => {
  await using bob = await connect(broker);
  await bob.client.subscribeAsync("wills/#", { qos: 1 });
  const will = (name: string, willDelayInterval: number) => ({
    clientId: name,
    properties: { sessionExpiryInterval: 60 },
    will: {
      topic: `wills/${name}`,
      payload: Buffer.from("gone"),
      qos: 1,
      retain: false,
      properties: { willDelayInterval, contentType: "text/plain" },
    },
  } as const);
  for (const [name, delay] of [["back", 2], ["late", 2], ["now", 0]] as const) {
    const victim = await connect(broker, will(name, delay));
    victim.client.stream.destroy();
    await victim.client.endAsync(true);
  }
  await using _back = await connect(broker, { clientId: "back", clean: false });
  const startMs = performance.now();
  const topics = (await bob.arrivals(2)).map(({ topic }) => topic);
  assertEquals(topics, ["wills/now", "wills/late"]);
  assert(performance.now() - startMs > 500, "it has waited");
  const { properties } = await bob.packet("publish");
  assertEquals(properties?.contentType, "text/plain");
});

testBroker("MQTT.js 5.0 hears that nobody listens", async (broker) => {
  await using ann = await connect(broker);
  await ann.client.publishAsync("nobody", "x", { qos: 1 });
  assertEquals((await ann.packet("puback")).reasonCode, 0x10);
  await ann.client.publishAsync("nobody", "x", { qos: 2 });
  assertEquals((await ann.packet("pubrec")).reasonCode, 0x10);
});

testBroker(
  "MQTT.js 5.0 hears what it had not subscribed to",
  async (broker) => {
    await using ann = await connect(broker);
    await ann.client.subscribeAsync("a");
    await ann.client.unsubscribeAsync(["a", "b"]);
    const { granted } = await ann.packet("unsuback");
    assertEquals(granted, [0, 0x11]);
  },
);

testBroker("MQTT.js 5.0 gets no more than it takes", async (broker) => {
  const properties = { receiveMaximum: 2, maximumPacketSize: 200 };
  await using bob = await connect(broker, { properties });
  await bob.client.subscribeAsync("a", { qos: 2 });
  await using ann = await connect(broker);
  const payloads = Array.from({ length: 100 }, (_, i) => `${i}`);
  await Promise.all(payloads.map((text) => {
    const padding = " ".repeat(text === "50" ? 200 : 0);
    return ann.client.publishAsync("a", text + padding, { qos: 2 });
  }));
  const expected = payloads.filter((text) => text !== "50");
  assertEquals(await bob.payloads(99), expected);
});

testBroker("MQTT.js 5.0 hears which limit it has met", async (broker) => {
  await using ann = await connect(broker);
  await ann.client.subscribeAsync("a");
  await ann.packet("suback");
  await assertRejects(() => ann.client.subscribeAsync("b"), Error, "Quota");
  const { granted, properties } = await ann.packet("suback");
  assertEquals(granted, [0x97]);
  assertEquals(
    properties?.reasonString,
    "more than 1 subscriptions of a client",
  );
}, { args: ["--subscriptions-max", "1"] });

testBroker("MQTT.js 5.0 hears that it is taken over", async (broker) => {
  await using first = await connect(broker, { clientId: "ann" });
  await using _second = await connect(broker, { clientId: "ann" });
  assertEquals((await first.packet("disconnect")).reasonCode, 0x8e);
});

testBroker("MQTT.js 5.0 hears that the broker stops", async (broker) => {
  await using ann = await connect(broker);
  assertEquals(await broker.stop("SIGTERM"), 0);
  assertEquals((await ann.packet("disconnect")).reasonCode, 0x8b);
});

testBroker("MQTT.js 5.0 is sent to another server", async (broker) => {
  await using ann = await connect(broker);
  assertEquals(await broker.stop("SIGTERM"), 0);
  const { reasonCode, properties } = await ann.packet("disconnect");
  assertEquals(reasonCode, 0x9c);
  assertEquals(properties?.serverReference, "b.example");
}, { args: ["--server-reference", "b.example"] });

testBroker("MQTT.js 5.0 is told what is switched off", async (broker) => {
  await using ann = await connect(broker, {
    clientId: "ann",
    properties: { requestResponseInformation: true },
  });
  const { properties } = ann.connack!;
  assertEquals(properties?.responseInformation, "answers/ann/");
  assertEquals(properties?.maximumQoS, 1);
  assertEquals(properties?.retainAvailable, false);
  assertEquals(properties?.wildcardSubscriptionAvailable, false);
  assertEquals(properties?.subscriptionIdentifiersAvailable, false);
  assertEquals(properties?.sharedSubscriptionAvailable, false);
}, {
  args: [
    ...["--response-information", "answers/%c/", "--maximum-qos", "1"],
    ...["--retain", "no", "--wildcards", "no", "--subscription-ids", "no"],
    ...["--shared-subscriptions", "no"],
  ],
});

testBroker("MQTT.js 5.0 gets one each, and clean text", async (broker) => {
  await using bob = await connect(broker);
  await bob.client.subscribeAsync({ "a/b": { qos: 1 }, "a/+": { qos: 1 } });
  await using ann = await connect(broker);
  const properties = { payloadFormatIndicator: true };
  await ann.client.publishAsync("a/b", "x", { qos: 1, properties });
  assertEquals(await bob.payloads(2), ["x", "x"]);
  const bad = Buffer.from([0xff]);
  await assertRejects(
    () => ann.client.publishAsync("a/b", bad, { qos: 1, properties }),
    Error,
    "Payload format invalid",
  );
}, { args: ["--deliver-each", "--check-payload-format"] });

testBroker("MQTT.js 5.0 and 3.1.1 talk to each other", async (broker) => {
  await using ann = await connect(broker);
  await using bob = await Peer.connect(broker, { protocolVersion: 4 });
  for (const { client } of [ann, bob]) {
    await client.subscribeAsync("both", { qos: 2 });
  }
  const properties = { contentType: "text/plain", userProperties: { a: "1" } };
  await ann.client.publishAsync("both", "of 5.0", { qos: 2, properties });
  await bob.client.publishAsync("both", "of 3.1.1", { qos: 1 });
  for (const peer of [ann, bob]) {
    assertEquals(await peer.arrivals(2), [
      { topic: "both", payload: "of 5.0", qos: 2, retain: false },
      { topic: "both", payload: "of 3.1.1", qos: 1, retain: false },
    ]);
  }
  assertEquals((await ann.packet("publish")).properties, {
    ...properties,
    userProperties: Object.assign(Object.create(null), { a: "1" }),
  });
});

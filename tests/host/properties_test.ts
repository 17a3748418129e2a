/**
 * The library's broker and MQTT 5.0, with real sockets on loopback: message
 * properties into the process and out of it, and settings that only 5.0
 * clients notice. What MQTT asks for is proven without sockets elsewhere.
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  Broker,
  type BrokerSettings,
  type Properties,
  ProtocolError,
  type ReceivedMessage,
} from "../../src/mod.ts";
import { RawClient } from "../support/raw_client.ts";
import * as wire4 from "../support/wire.ts";
import {
  connect,
  type ConnectFields,
  decode,
  frame,
  publish,
  type ServerPacket,
  subscribe,
} from "../support/wire5.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** All that a message may have. */
const DRESSED = {
  payloadFormat: 1,
  contentType: "text/plain",
  responseTopic: "answers/1",
  correlationData: Uint8Array.of(0, 0xff),
  userProperties: [["b", "1"], ["a", "2"], ["b", "3"]],
} as const;

/** A 5.0 client; `packet` reads the next packet as the oracle does. */
class Client5 implements Disposable {
  readonly raw: RawClient;

  private constructor(raw: RawClient) {
    this.raw = raw;
  }

  static async connected(
    port: number,
    fields: ConnectFields = {},
  ): Promise<[Client5, ServerPacket]> {
    const client = new Client5(await RawClient.open(port));
    await client.raw.send(connect(fields));
    return [client, await client.packet()];
  }

  async packet(): Promise<ServerPacket> {
    const { firstByte, body } = await this.raw.frame();
    return decode(frame(firstByte, body))[0]!;
  }

  async subscribed(filter: string): Promise<void> {
    await this.raw.send(subscribe(1, [{ filter, qos: 1 }]));
    const { type } = await this.packet();
    assertEquals(type, "suback");
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}

/** Runs with a broker that listens. */
function testHost(
  name: string,
  settings: BrokerSettings,
  run: (broker: Broker, port: number) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using broker = new Broker(settings);
    const { port } = await broker.listen(LOOPBACK);
    await run(broker, port);
  });
}

/** What a subscriber in the process gets, until there are so many. */
async function take(
  messages: AsyncIterable<ReceivedMessage>,
  count: number,
): Promise<ReceivedMessage[]> {
  const taken: ReceivedMessage[] = [];
  for await (const message of messages) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

testHost("properties reach the process", {}, async (broker) => {
  broker.publish("a", "old", { retain: true, properties: DRESSED });
  const messages = broker.subscribe("a");
  broker.publish("a", "new", { properties: DRESSED });
  broker.publish("a", "bare");
  const found = (await take(messages, 3)).map((one) => one.properties);
  assertEquals(found, [DRESSED, DRESSED, {}]);
});

testHost("properties reach 5.0 clients", {}, async (broker, port) => {
  const [client] = await Client5.connected(port);
  using _client = client;
  await client.subscribed("a");
  using old = await RawClient.connected(port, { clientId: "old" });
  await old.send(wire4.subscribe(1, ["a", 1]));
  await old.packet("suback");
  const properties = { ...DRESSED, messageExpirySeconds: 60 };
  broker.publish("a", "x", { qos: 1, properties });
  const packet = await client.packet();
  assertEquals(packet.type === "publish" && packet.payload, "x");
  assertEquals(packet.type === "publish" && textsOf(packet.properties), {
    ...textsOf(DRESSED),
    messageExpirySeconds: 60,
  });
  assertEquals((await old.packet("publish")).payload, "x");
});

testHost("those of a client reach the process", {}, async (broker, port) => {
  const [client] = await Client5.connected(port);
  using _client = client;
  const events: Properties[] = [];
  broker.on("publish", ({ properties }) => events.push(properties));
  const messages = broker.subscribe("a");
  await client.raw.send(
    publish({ topic: "a", properties: { topicAlias: 1 } }),
    publish({ topic: "", properties: { ...DRESSED, topicAlias: 1 } }),
  );
  const found = (await take(messages, 2)).map((one) => one.properties);
  assertEquals(found, [{}, DRESSED]);
  assertEquals(events, [{}, DRESSED]);
});

testHost("what is no property of a message is refused", {}, async (broker) => {
  const wrong: Properties[] = [
    { payloadFormat: 2 },
    { responseTopic: "a/+" },
    { contentType: "x".repeat(65_536) },
  ];
  for (const properties of wrong) {
    const send = () => broker.publish("a", "x", { properties });
    assertThrows(send, ProtocolError);
  }
  const foreign = { receiveMaximum: 1, topicAlias: 1, subscriptionIds: [1] };
  const messages = broker.subscribe("a");
  broker.publish("a", "x", { properties: foreign });
  const [message] = await take(messages, 1);
  assertEquals(message?.properties, {}, "what is of no message is left out");
});

testHost(
  "settings are told to 5.0 clients",
  {
    features: {
      maximumQos: 1,
      retain: false,
      wildcards: false,
      subscriptionIds: false,
      sharedSubscriptions: false,
    },
    responseInformation: "answers/%c",
  },
  async (_broker, port) => {
    const [client, connack] = await Client5.connected(port, {
      clientId: "$&",
      properties: { requestResponseInformation: 1 },
    });
    using _client = client;
    const { maximumQos, ...others } = connack.type === "connack"
      ? connack.properties
      : {};
    assertEquals(maximumQos, 1);
    assertEquals(others.retainAvailable, 0);
    assertEquals(others.wildcardSubscriptionAvailable, 0);
    assertEquals(others.subscriptionIdsAvailable, 0);
    assertEquals(others.sharedSubscriptionAvailable, 0);
    assertEquals(others.responseInformation, "answers/$&");
  },
);

testHost(
  "a payload that is not what it says is refused",
  { checksPayloadFormat: true },
  async (_broker, port) => {
    const [client] = await Client5.connected(port);
    using _client = client;
    const payload = Uint8Array.of(0xff);
    const properties = { payloadFormat: 1 };
    await client.raw.send(publish({ topic: "a", payload, qos: 1, properties }));
    const answer = await client.packet();
    assertEquals(answer.type === "puback" && answer.reason, 0x99);
  },
);

testHost("each filter counts", { deliversEach: true }, async (broker, port) => {
  const [client] = await Client5.connected(port);
  using _client = client;
  await client.subscribed("a");
  await client.subscribed("+");
  broker.publish("a", "x");
  for (let i = 0; i < 2; i++) {
    assertEquals((await client.packet()).type, "publish");
  }
});

testHost(
  "a shared subscription keeps to its topics",
  { shareStrategy: "hash-topic" },
  async (broker, port) => {
    const [ann] = await Client5.connected(port, { clientId: "ann" });
    using _ann = ann;
    const [bob] = await Client5.connected(port, { clientId: "bob" });
    using _bob = bob;
    for (const client of [ann, bob]) {
      await client.subscribed("$share/crew/+");
      await client.subscribed("end/#");
    }
    for (let i = 0; i < 6; i++) broker.publish("a", "x");
    broker.publish("end/x", "");
    const counts: number[] = [];
    for (const client of [ann, bob]) counts.push(await countTillEnd(client));
    assertEquals(counts.sort(), [0, 6]);
  },
);

testHost(
  "the end names another server",
  { serverReference: "b.example" },
  async (broker, port) => {
    const [client] = await Client5.connected(port);
    using _client = client;
    const closed = broker.close();
    const packet = await client.packet();
    assertEquals(packet.type === "disconnect" && packet.reason, 0x9c);
    assertEquals(
      packet.type === "disconnect" && packet.properties.serverReference,
      "b.example",
    );
    client.raw.close();
    await closed;
  },
);

async function countTillEnd(client: Client5): Promise<number> {
  for (let count = 0;; count++) {
    const packet = await client.packet();
    if (packet.type === "publish" && packet.topic === "end/x") return count;
  }
}

/** Bytes as text, one character each, so that both oracles compare. */
function textsOf(properties: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    ]),
  );
}

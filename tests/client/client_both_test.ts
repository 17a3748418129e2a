/**
 * The client against the library's broker in the same process: each version,
 * each QoS, each kind of door. Runs under Deno and Bun.
 */

import { tmpdir } from "node:os";
import type { Authenticator } from "../../src/auth/authenticator.ts";
import {
  Client,
  type ClientOptions,
  type Message,
} from "../../src/client/client.ts";
import { ConnectionLost, Refused } from "../../src/client/faults.ts";
import type { ReceivedMessage } from "../../src/client/received_message.ts";
import type { Connect } from "../../src/codec/connect.ts";
import { Broker } from "../../src/host/broker.ts";
import type { BrokerSettings } from "../../src/host/broker_settings.ts";
import type { ListenOptions } from "../../src/host/listen_options.ts";
import {
  type DialAddress,
  DialError,
  type DialTls,
} from "../../src/net/dial_address.ts";
import { readTls } from "../../src/net/read_tls.ts";
import { test } from "../support/both.ts";
import { Authority } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
} from "../support/std_assert.ts";

const LEVELS = [3, 4, 5] as const;
const QOS = [0, 1, 2] as const;
const NO_TLS: DialTls = {
  ca: undefined,
  certificate: undefined,
  key: undefined,
  alpn: undefined,
  version: undefined,
  isInsecure: false,
};

/** A broker with one door, and the clients that came to it. */
class Scene implements AsyncDisposable {
  readonly broker: Broker;
  readonly #clients: Client[] = [];
  address: DialAddress = {
    hostname: "127.0.0.1",
    port: 0,
    file: undefined,
    localAddress: undefined,
    tls: undefined,
    webSocketPath: undefined,
  };

  private constructor(settings: BrokerSettings) {
    this.broker = new Broker(settings);
  }

  static async open(
    settings: BrokerSettings = {},
    door: ListenOptions = {},
  ): Promise<Scene> {
    const scene = new Scene(settings);
    const { port } = await scene.broker.listen({
      hostname: "127.0.0.1",
      ...door,
    });
    scene.address = { ...scene.address, port };
    return scene;
  }

  async client(
    given: Partial<Connect> = {},
    options: Partial<ClientOptions> = {},
    received: (message: ReceivedMessage) => void = () => {},
  ): Promise<Client> {
    const connect = { ...login(), ...given };
    const all = { address: this.address, connect, ...options };
    const client = await Client.connect(all, { received });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.disconnect();
    await this.broker.close();
  }
}

function login(): Connect {
  return {
    level: 4,
    clientId: `c${crypto.randomUUID().slice(0, 8)}`,
    cleanSession: true,
    keepAliveSeconds: 60,
    will: undefined,
    userName: undefined,
    password: undefined,
    properties: {},
  };
}

function message(given: Partial<Message> = {}): Message {
  const payload = new TextEncoder().encode("20.5");
  const topic = "room/1";
  return { topic, payload, qos: 0, retain: false, properties: {}, ...given };
}

function entry(filter: string, qos: 0 | 1 | 2 = 2) {
  const rest = { noLocal: false, retainAsPublished: false } as const;
  return { filter, qos, retainHandling: 0, ...rest } as const;
}

/** Sends a message through the broker and back. */
async function roundTrip(
  scene: Scene,
  given: Partial<Connect>,
  qos: 0 | 1 | 2,
): Promise<ReceivedMessage> {
  const got = Promise.withResolvers<ReceivedMessage>();
  const client = await scene.client(given, {}, got.resolve);
  const { reasonCodes } = await client.subscribe([entry("room/+")]);
  assertEquals(reasonCodes, [2]);
  const answer = await client.publish(message({ qos }));
  assertEquals(answer.reasonCodes, [0]);
  return await within(got.promise, "the message");
}

for (const level of LEVELS) {
  for (const qos of QOS) {
    test(`a client of level ${level} at QoS ${qos}`, async () => {
      await using scene = await Scene.open();
      const got = await roundTrip(scene, { level }, qos);
      assertEquals([got.topic, got.qos], ["room/1", qos]);
      assertEquals(new TextDecoder().decode(got.payload), "20.5");
      await scene.broker.close();
    });
  }
}

test("more messages than may be in flight", async () => {
  await using scene = await Scene.open({ limits: { inflightInMax: 3 } });
  const texts: string[] = [];
  const all = Promise.withResolvers<void>();
  const client = await scene.client({ level: 5 }, {}, ({ payload }) => {
    texts.push(new TextDecoder().decode(payload));
    if (texts.length === 100) all.resolve();
  });
  assertEquals(client.connack.properties.receiveMaximum, 3);
  await client.subscribe([entry("#")]);
  const wanted = Array.from({ length: 100 }, (_, at) => `${at}`);
  await Promise.all(wanted.map((text) =>
    client.publish(message({
      qos: 2,
      payload: new TextEncoder().encode(text),
    }))
  ));
  await within(all.promise, "100 messages");
  assertEquals(texts, wanted);
});

test("properties come and go", async () => {
  await using scene = await Scene.open();
  const got = Promise.withResolvers<ReceivedMessage>();
  const client = await scene.client({ level: 5 }, {}, got.resolve);
  await client.subscribe([entry("#")], { subscriptionIds: [7] });
  const properties = { contentType: "text/plain", topicAlias: 1 };
  await client.publish(message({ properties }));
  const { properties: back } = await within(got.promise, "the message");
  assertEquals(back.contentType, "text/plain");
  assertEquals(back.subscriptionIds, [7]);
});

test("an alias stands for a topic", async () => {
  await using scene = await Scene.open();
  const topics: string[] = [];
  const both = Promise.withResolvers<void>();
  const properties = { topicAliasMaximum: 10 };
  const client = await scene.client({ level: 5, properties }, {}, (one) => {
    topics.push(one.topic);
    if (topics.length === 2) both.resolve();
  });
  await client.subscribe([entry("#")]);
  await client.publish(message({ qos: 1 }));
  await client.publish(message({ qos: 1 }));
  await within(both.promise, "two messages");
  assertEquals(topics, ["room/1", "room/1"]);
});

test("a broker that lets nobody in says why", async () => {
  const authenticator: Authenticator = {
    authenticate: (_, answer) => answer({ result: "not_authorized" }),
  };
  await using scene = await Scene.open({ authenticator });
  const refused = await assertRejects(() => scene.client(), Refused);
  assertMatch(refused.message, /^the broker refused the connection: /);
  assertEquals([refused.reason, refused.level], [0x87, 4]);
});

test("what is larger than the broker takes is not sent", async () => {
  await using scene = await Scene.open({ limits: { packetBytesMax: 1024 } });
  const client = await scene.client({ level: 5 });
  const payload = new Uint8Array(2000);
  const error = await assertRejects(() => client.publish(message({ payload })));
  assertMatch((error as Error).message, /takes 1024 bytes at most/);
  assertEquals((await client.publish(message({ qos: 1 }))).reasonCodes, [0x10]);
});

test("the end of a connection reaches all who wait", async () => {
  await using scene = await Scene.open();
  const client = await scene.client({ level: 5 });
  const last = client.closed;
  await scene.broker.close();
  const lost = await within(last, "the loss");
  assertEquals(lost.reason, 0x8b);
  assertMatch(lost.message, /it is shutting down/);
  await assertRejects(() => client.publish(message()), ConnectionLost);
  await assertRejects(() => client.subscribe([entry("a")]), ConnectionLost);
});

test("a client that is taken over is told", async () => {
  await using scene = await Scene.open();
  const first = await scene.client({ level: 5, clientId: "one" });
  await scene.client({ level: 5, clientId: "one" });
  assertEquals((await within(first.closed, "the loss")).reason, 0x8e);
});

test("a silent client shows that it lives", async () => {
  await using scene = await Scene.open();
  const lines: string[] = [];
  const pong = Promise.withResolvers<void>();
  const connect = { ...login(), keepAliveSeconds: 1 };
  const client = await Client.connect({ address: scene.address, connect }, {
    traced: (line) => {
      lines.push(line);
      if (line === "received PINGRESP") pong.resolve();
    },
  });
  await within(pong.promise, "a PINGRESP");
  assert(lines.includes("sending PINGREQ"));
  await client.disconnect();
});

test("a will is sent for who goes without a word", async () => {
  await using scene = await Scene.open();
  const got = Promise.withResolvers<ReceivedMessage>();
  const watcher = await scene.client({}, {}, got.resolve);
  await watcher.subscribe([entry("will")]);
  const will = { ...message({ topic: "will" }) };
  const client = await scene.client({ will });
  client.abort();
  assertEquals((await within(got.promise, "the will")).topic, "will");
});

test("a session is gone on with", async () => {
  await using scene = await Scene.open();
  const given = { clientId: "stays", cleanSession: false };
  const first = await scene.client(given);
  await first.subscribe([entry("#")]);
  await first.disconnect();
  scene.broker.publish("a", "kept", { qos: 1 });
  const got = Promise.withResolvers<ReceivedMessage>();
  const second = await scene.client(given, {}, got.resolve);
  assertEquals(second.connack.sessionPresent, true);
  assertEquals((await within(got.promise, "the message")).topic, "a");
});

test("over WebSocket, with packets of any size", async () => {
  await using scene = await Scene.open({}, { webSocket: { path: "/mqtt" } });
  scene.address = { ...scene.address, webSocketPath: "/mqtt" };
  const lengths: number[] = [];
  const all = Promise.withResolvers<void>();
  const client = await scene.client({}, {}, ({ payload }) => {
    lengths.push(payload.length);
    if (lengths.length === 4) all.resolve();
  });
  await client.subscribe([entry("#")]);
  for (const length of [1, 200, 70_000, 3]) {
    const payload = new Uint8Array(length);
    await client.publish(message({ payload, qos: 1 }));
  }
  await within(all.promise, "four messages");
  assertEquals(lengths, [1, 200, 70_000, 3]);
});

test("a WebSocket that is not there is told", async () => {
  await using scene = await Scene.open({}, { webSocket: { path: "/mqtt" } });
  scene.address = { ...scene.address, webSocketPath: "/elsewhere" };
  const error = await assertRejects(() => scene.client(), DialError);
  assertMatch(error.message, /does not speak WebSocket there: "HTTP\/1.1 404/);
});

test("over a Unix socket", async () => {
  const file = `${tmpdir()}/broker-${crypto.randomUUID()}.sock`;
  await using scene = await Scene.open({}, { unix: { file } });
  scene.address = { ...scene.address, file };
  assertEquals((await roundTrip(scene, {}, 1)).topic, "room/1");
});

test("what is in the way is told in words", async () => {
  await using scene = await Scene.open();
  const { address } = scene;
  const told = async (wrong: Partial<DialAddress>) => {
    scene.address = { ...address, ...wrong };
    return (await assertRejects(() => scene.client(), DialError)).message;
  };
  assertMatch(await told({ port: 1 }), /127.0.0.1:1: nothing listens there$/);
  assertMatch(await told({ file: "/nowhere" }), /: there is no such socket$/);
  const name = "nowhere.invalid";
  assertMatch(await told({ hostname: name }), /: there is no such host$/);
  const noTls = await told({ tls: NO_TLS });
  assertMatch(noTls, /: it (?:does not speak TLS|closed the connection)$/);
});

test("a broker in TLS has to be trusted", async () => {
  using authority = new Authority();
  using stranger = new Authority("Stranger");
  const issued = authority.issue("server", "/CN=localhost", {
    names: "DNS:broker.example",
  });
  const tls = await readTls(
    { ...issued, alpn: ["mqtt"], ...FILES },
    Date.now(),
  );
  await using scene = await Scene.open({}, { tls });
  const { address } = scene;
  const ca = authority.read(authority.caFile);
  const as = (given: Partial<DialTls>) => {
    scene.address = { ...address, tls: { ...NO_TLS, ...given } };
    return scene.client();
  };
  const told = async (given: Partial<DialTls>) =>
    (await assertRejects(() => as(given), DialError)).message;
  assertMatch(await told({}), /of no authority that is known here$/);
  const other = stranger.read(stranger.caFile);
  assertMatch(await told({ ca: other }), /of no authority that is known here$/);
  const another = { ca: other, isInsecure: true };
  assertMatch(await told(another), /of no authority that is known here$/);
  assertMatch(await told({ ca }), /its certificate is for other names$/);
  const alpn = "xmpp";
  // The broker's side on Deno ends the connection and sends no alert.
  const inAlpn = await told({ isInsecure: true, alpn });
  assertMatch(inAlpn, /(?:protocol asked for|closed the connection)$/);
  await as({ ca, isInsecure: true });
  await as({ isInsecure: true });
  await as({ isInsecure: true, alpn: "mqtt" });
  await as({ isInsecure: true, version: "1.2" });
  await as({ isInsecure: true, version: "1.3" });
});

const FILES = {
  clientCertificate: "no",
  minimumVersion: "1.2",
} as const;

test("the broker knows a client by its certificate, over wss", async () => {
  using authority = new Authority();
  const server = authority.issue("server", "/CN=localhost");
  const own = authority.issue("client", "/CN=ada");
  const { caFile } = authority;
  const tls = await readTls({
    ...server,
    ...FILES,
    caFile,
    clientCertificate: "required",
    alpn: ["http/1.1"],
  }, Date.now());
  await using scene = await Scene.open({}, { tls, webSocket: {} });
  const { address } = scene;
  const ca = authority.read(caFile);
  const bare = { ...NO_TLS, ca };
  scene.address = { ...address, tls: bare, webSocketPath: "/mqtt" };
  await assertRejects(() => scene.client(), DialError);
  const certificate = authority.read(own.certFile);
  const key = authority.read(own.keyFile);
  const shown = { ...bare, certificate, key };
  scene.address = { ...address, tls: shown, webSocketPath: "/mqtt" };
  assertEquals((await roundTrip(scene, {}, 2)).topic, "room/1");
});

/**
 * The library's broker with real sockets on loopback: its doors, publishing
 * and subscribing in the process and from outside, statistics, and how it
 * ends. What MQTT asks for is proven without sockets elsewhere.
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ALLOW_ALL } from "../../src/auth/authenticator.ts";
import {
  Broker,
  type BrokerSettings,
  type EnhancedAuthenticator,
  ListenError,
  type ListenOptions,
  ProtocolError,
} from "../../src/mod.ts";
import { within } from "../support/deadline.ts";
import { RawClient } from "../support/raw_client.ts";
import { publish, subscribe } from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** A broker that listens; gives the port too. */
async function open(
  settings: BrokerSettings = {},
): Promise<{ broker: Broker; port: number }> {
  const broker = new Broker(settings);
  const { port } = await broker.listen(LOOPBACK);
  return { broker, port };
}

/** Waits until it is so; fails when it takes too long. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  let isOver = false;
  const look = async (): Promise<void> => {
    while (!isSo() && !isOver) {
      await new Promise((done) => setTimeout(done, 2));
    }
  };
  await within(look(), what, () => isOver = true, 3000);
}

Deno.test("a client from outside gets what the process publishes", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  using client = await RawClient.connected(port);
  await client.send(subscribe(1, ["room/+", 1]));
  await client.packet("suback");
  broker.publish("room/1", "20.5", { qos: 1 });
  broker.publish("room/2", Uint8Array.of(0x32));
  const first = await client.packet("publish");
  assertEquals([first.topic, first.payload, first.qos], ["room/1", "20.5", 1]);
  assertEquals((await client.packet("publish")).payload, "2");
});

Deno.test("the process gets what a client publishes", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  const subscription = broker.subscribe("room/+");
  using client = await RawClient.connected(port);
  await client.send(
    publish({ topic: "room/1", payload: "a" }),
    publish({ topic: "room/2", payload: "b", qos: 1, retain: true }),
  );
  const got: [string, string, number, boolean][] = [];
  for await (const message of subscription) {
    const { topic, qos, retain } = message;
    got.push([topic, message.text(), qos, retain]);
    if (got.length === 2) break;
  }
  assertEquals(got, [["room/1", "a", 0, false], ["room/2", "b", 1, false]]);
  assertEquals(broker.statistics().subscriptions, 0);
});

Deno.test("retained messages come first to a local subscriber", async () => {
  await using broker = new Broker();
  broker.publish("a", "old", { retain: true });
  const got: string[] = [];
  const subscription = broker.subscribe("#", {
    onMessage: (message) => got.push(`${message.text()} ${message.retain}`),
  });
  broker.publish("a", "new");
  assertEquals(got, [], "nothing is called inside of the turn");
  await Promise.resolve();
  assertEquals(got, ["old true", "new false"]);
  subscription.close();
  subscription.close();
  broker.publish("a", "later");
  await Promise.resolve();
  assertEquals(got.length, 2);
});

Deno.test("a payload may be used again by its owner", async () => {
  await using broker = new Broker();
  const payload = Uint8Array.of(1);
  broker.publish("a", payload, { retain: true });
  const subscription = broker.subscribe("a");
  broker.publish("a", payload);
  payload[0] = 9;
  const got: number[] = [];
  for await (const message of subscription) {
    got.push(message.payload[0]!);
    if (got.length === 2) break;
  }
  assertEquals(got, [1, 1]);
});

Deno.test("a subscriber that does not iterate loses the newest", async () => {
  await using broker = new Broker();
  const subscription = broker.subscribe("a", { waitingMax: 2 });
  for (const text of ["1", "2", "3"]) broker.publish("a", text);
  assertEquals(subscription.dropped, 1);
  subscription.close();
  const got: string[] = [];
  for await (const message of subscription) got.push(message.text());
  assertEquals(got, ["1", "2"]);
});

Deno.test("an iteration ends when its subscription is closed", async () => {
  await using broker = new Broker();
  const subscription = broker.subscribe("a");
  const end = (async () => {
    for await (const _ of subscription) { /* nothing comes */ }
  })();
  subscription.close();
  await within(end, "the end of the iteration");
});

Deno.test("an iteration ends when its broker is closed", async () => {
  const broker = new Broker();
  const subscription = broker.subscribe("a");
  const end = (async () => {
    for await (const _ of subscription) { /* nothing comes */ }
  })();
  await broker.close();
  await within(
    end,
    "the end of the iteration",
    () => subscription.close(),
    500,
  );
});

Deno.test("what is malformed is refused with a ProtocolError", async () => {
  await using broker = new Broker({ limits: { topicLevelsMax: 2 } });
  assertThrows(() => broker.publish("a/+", "x"), ProtocolError, "wildcard");
  assertThrows(() => broker.publish("", "x"), ProtocolError);
  assertThrows(() => broker.publish("a/b/c", "x"), ProtocolError, "levels");
  assertThrows(() => broker.subscribe("a#"), ProtocolError, "#");
  assertThrows(
    () => new Broker({ limits: { inflightOutMax: 0 } }),
    RangeError,
    "inflightOutMax",
  );
});

Deno.test("events tell who comes, subscribes, publishes and goes", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  const seen: string[] = [];
  broker.on("connect", ({ client }) => seen.push(`+${client.clientId}`));
  broker.on("subscribe", ({ filter, qos }) => seen.push(`${filter} ${qos}`));
  broker.on("unsubscribe", ({ filter }) => seen.push(`-${filter}`));
  broker.on("publish", ({ topic, clientId }) => {
    seen.push(`${topic} by ${clientId}`);
  });
  broker.on("disconnect", ({ client, reason }) => {
    seen.push(`-${client.clientId}: ${reason}`);
  });
  const client = await RawClient.connected(port, { clientId: "ada" });
  await client.send(subscribe(1, ["a", 1]), publish({ topic: "b" }));
  await client.packet("suback");
  broker.publish("c", "");
  client.close();
  await until("five events", () => seen.length === 5);
  assertEquals(seen.slice(0, 4), ["+ada", "a 1", "b by ada", "c by undefined"]);
  assertStringIncludes(seen[4]!, "-ada: the client closed");
});

Deno.test("a listener may call the broker, and can be taken off", async () => {
  await using broker = new Broker();
  let calls = 0;
  const off = broker.on("publish", ({ topic }) => {
    calls++;
    if (topic === "ping") broker.publish("pong", "");
  });
  broker.publish("ping", "");
  await until("the answer", () => calls === 2);
  off();
  broker.publish("ping", "");
  await Promise.resolve();
  assertEquals(calls, 2);
});

Deno.test("a port in use is refused in one sentence", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  await using other = new Broker();
  const listen = () => other.listen({ hostname: "127.0.0.1", port });
  const error = await assertRejects(listen, ListenError);
  assertEquals(error.code, "in_use");
  assertStringIncludes(error.message, `127.0.0.1:${port}: the port is in use`);
});

Deno.test("an address of another machine is refused", async () => {
  await using broker = new Broker();
  const listen = () => broker.listen({ hostname: "192.0.2.1", port: 0 });
  const error = await assertRejects(listen, ListenError);
  assertEquals(error.code, "not_available");
});

Deno.test("a broker has several doors, a process several brokers", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  const second = await broker.listen(LOOPBACK);
  const other = await open();
  await using _other = other.broker;
  using a = await RawClient.connected(port, { clientId: "a" });
  using b = await RawClient.connected(second.port, { clientId: "b" });
  using c = await RawClient.connected(other.port, { clientId: "a" });
  for (const client of [a, b, c]) {
    await client.send(subscribe(1, ["t", 0]));
    await client.packet("suback");
  }
  assertEquals(broker.statistics().connections, 2);
  broker.publish("t", "one");
  other.broker.publish("t", "two");
  assertEquals((await a.packet("publish")).payload, "one");
  assertEquals((await b.packet("publish")).payload, "one");
  assertEquals((await c.packet("publish")).payload, "two");
});

Deno.test("close sends wills, says goodbye to all and ends", async () => {
  const { broker, port } = await open();
  const will = { topic: "gone", payload: "ada" };
  using ada = await RawClient.connected(port, { clientId: "ada", will });
  using bob = await RawClient.connected(port, { clientId: "bob" });
  await bob.send(subscribe(1, ["gone", 0]));
  await bob.packet("suback");
  const closed = broker.close();
  assertEquals(broker.close(), closed);
  assertEquals((await bob.packet("publish")).payload, "ada");
  await Promise.all([ada.untilClosed(), bob.untilClosed()]);
  bob.close();
  ada.close();
  await within(closed, "the end of the broker");
  assertEquals(broker.statistics().connections, 0);
  await assertRejects(() => broker.listen(LOOPBACK), TypeError);
  await assertRejects(() => RawClient.open(port));
});

/** Payloads that no kernel buffers for a client that does not read. */
const LARGE = new Uint8Array(4 << 20);

/** A subscriber that has stopped reading, with more than enough queued. */
async function stuck(port: number, broker: Broker): Promise<RawClient> {
  const client = await RawClient.connected(port, { clientId: "stuck" });
  await client.send(subscribe(1, ["t", 0]));
  await client.packet("suback");
  for (let i = 0; i < 8; i++) broker.publish("t", LARGE);
  assert(broker.statistics().queuedBytes > LARGE.length);
  return client;
}

Deno.test("close does not wait for ever for a stuck client", async () => {
  const { broker, port } = await open({ limits: { shutdownMs: 50 } });
  using _client = await stuck(port, broker);
  await within(broker.close(), "the end of the broker");
  assertEquals(broker.statistics().queuedBytes, 0);
});

Deno.test("a stuck client that is closed frees its memory", async () => {
  const { broker, port } = await open({ limits: { shutdownMs: 50 } });
  await using _ = broker;
  using _client = await stuck(port, broker);
  using _fresh = await RawClient.connected(port, { clientId: "stuck" });
  assertEquals(broker.statistics().connections, 1);
  await until(
    "the socket of the one that was taken over to be given up",
    () => broker.statistics().queuedBytes === 0,
  );
});

Deno.test("a large message goes through whole, and comes back", async () => {
  const { broker, port } = await open();
  await using _ = broker;
  using client = await RawClient.connected(port);
  await client.send(subscribe(1, ["t", 2]));
  await client.packet("suback");
  const payload = new Uint8Array(1_000_000).map((_, i) => i * 31);
  await client.send(publish({ topic: "t", qos: 1, payload }));
  const frames = [await client.frame(), await client.frame()];
  const got = frames.find(({ firstByte }) => firstByte === 0x32);
  // The topic's length, the topic, the packet id; then the payload.
  assertEquals(got?.body.length, 2 + 1 + 2 + payload.length);
  const isSame = payload.every((byte, i) => got!.body[5 + i] === byte);
  assert(isSame, "a byte has changed");
});

Deno.test("who decides on a door alone has no methods beside", async () => {
  const open: EnhancedAuthenticator = {
    method: "OPEN",
    begin: () => ({
      next: (_data, answer) =>
        answer({ result: "allow", data: undefined, userName: "ada" }),
    }),
  };
  const ours = { enhancedAuthenticators: [open] };
  await using broker = new Broker(ours);
  const doors: [options: ListenOptions, reason: number][] = [
    [{}, 0],
    [{ authenticator: ALLOW_ALL }, 0x8c],
    [{ authenticator: ALLOW_ALL, ...ours }, 0],
    [{ enhancedAuthenticators: [] }, 0x8c],
  ];
  for (const [options, reason] of doors) {
    const { port } = await broker.listen({ ...LOOPBACK, ...options });
    using client = await RawClient.open(port);
    const properties = { authenticationMethod: "OPEN" };
    await client.send(wire5.connect({ clientId: "c", properties }));
    const { body } = await client.frame();
    assertEquals(body[1], reason, JSON.stringify(options));
  }
});

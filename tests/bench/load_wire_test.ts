/**
 * What the load generator writes at either level, read with the broker's own
 * codec, and the little that it reads.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Publisher, type Tally } from "../../bench/load/clients.ts";
import { Histogram } from "../../bench/load/histogram.ts";
import {
  LEVELS,
  MQTT_4,
  MQTT_5,
  WITH_TOPIC_ALIAS,
  WITH_USER_PROPERTIES,
} from "../../bench/load/dialects.ts";
import { OPEN_TCP } from "../../bench/load/doors.ts";
import type { Target } from "../../bench/load/link.ts";
import {
  type Scenario,
  scenarios,
  type Variant,
} from "../../bench/load/scenarios.ts";
import { Tape } from "../../bench/load/tape.ts";
import {
  connectPacket,
  Inbox,
  propertyField,
  skipProperties,
  subscribePacket,
} from "../../bench/load/wire.ts";
import { readConnect } from "../../src/codec/connect.ts";
import {
  decodeProperties,
  type Properties,
  propertiesSize,
  writeProperties,
} from "../../src/codec/properties.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { readSubscribe } from "../../src/codec/subscribe.ts";
import { decodeText } from "../../src/codec/text.ts";
import { within } from "../support/deadline.ts";

const DIALECTS = [MQTT_4, MQTT_5, WITH_USER_PROPERTIES, WITH_TOPIC_ALIAS];
const NOW_MS = 1234.5;

/** A message as the broker would read it. */
interface Seen {
  topic: string;
  properties: Properties;
  packetId: number;
  payloadBytes: number;
  stampMs: number;
}

Deno.test("CONNECT and SUBSCRIBE are of their level", () => {
  for (const level of LEVELS) {
    const connect = connectPacket("me", level);
    const { clientId, ...rest } = readConnect(connect, 2, connect.length);
    assertEquals([clientId, rest.level, rest.properties], ["me", level, {}]);
    assertEquals(rest.userName, undefined);
    const login = { userName: "ada", password: "secret" };
    const named = connectPacket("me", level, login);
    const { userName, password } = readConnect(named, 2, named.length);
    assert(password !== undefined);
    const secret = new TextDecoder().decode(password);
    assertEquals([userName, secret], ["ada", "secret"]);
    const subscribe = subscribePacket("a/#", 1, level);
    const { entries } = readSubscribe(subscribe, 2, subscribe.length, level);
    assertEquals(entries.map(({ filter, qos }) => [filter, qos]), [["a/#", 1]]);
  }
});

Deno.test("each message of a tape is whole, twice around", () => {
  for (const dialect of DIALECTS) {
    for (const qos of [0, 1] as const) {
      const door = OPEN_TCP;
      const variant = { ...named("pairs10_qos0"), dialect, door, qos };
      const seen = messagesOf(new Tape(variant, 7), variant, 2_500);
      for (const [index, message] of seen.entries()) {
        const isNamed = index === 0 || dialect !== WITH_TOPIC_ALIAS;
        assertEquals(message, {
          topic: isNamed ? "b/7" : "",
          properties: dialect.properties,
          packetId: qos > 0 ? index + 1 : 0,
          payloadBytes: variant.payloadBytes,
          stampMs: NOW_MS,
        }, `${dialect.name}, QoS ${qos}, message ${index}`);
      }
    }
  }
});

Deno.test("a tape goes round its topics with properties too", () => {
  const variant = {
    ...named("wild_1ktopics"),
    dialect: WITH_USER_PROPERTIES,
    door: OPEN_TCP,
  };
  const seen = messagesOf(new Tape(variant, 0), variant, 2_001);
  assertEquals(seen[999]?.topic, "w/999/t");
  assertEquals(seen[2_000]?.topic, "w/0/t");
  assertEquals(seen[2_000]?.properties, WITH_USER_PROPERTIES.properties);
});

Deno.test("the user properties of a message take 100 bytes", () => {
  const { properties } = WITH_USER_PROPERTIES;
  assertEquals(properties.userProperties?.length, 5);
  assertEquals(propertyField(WITH_USER_PROPERTIES).length, 1 + 100);
  assertEquals(propertyField(MQTT_5), Uint8Array.of(0));
  assertEquals(propertyField(MQTT_4).length, 0);
});

Deno.test("properties of any length are skipped", () => {
  for (const textBytes of [0, 100, 200, 20_000]) {
    const properties = { reasonString: "x".repeat(textBytes) };
    const bytes = new Uint8Array(3 + propertiesSize(properties));
    const end = writeProperties(bytes, 3, properties);
    assertEquals(skipProperties(bytes, 3), end);
  }
});

Deno.test("a refused message ends a run and tells its reason", async () => {
  const connack = [0x20, 6, 0, 0, 3, 34, 0, 5];
  const refusals = [
    [[0x20, 3, 0, 0x8a, 0], [], "refused with code 138"],
    [connack, [0x40, 3, 0, 1, 0x97], "packet type 4, reason 151"],
    [connack, [0x50, 4, 0, 1, 0x87, 0], "packet type 5, reason 135"],
    [connack, [0xe0, 1, 0x94], "DISCONNECT, reason 148"],
    [connack, [0xe0, 0], "DISCONNECT"],
  ] as const;
  for (const [hello, answer, words] of refusals) {
    await assertRejects(() => exchangeWith(hello, answer), Error, words);
  }
});

/** A publisher's run at QoS 1 with a broker that says only this. */
async function exchangeWith(
  hello: readonly number[],
  answer: readonly number[],
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const target: Target = {
    hostname,
    port,
    protocol: "mqtt",
    transport: "tcp",
    path: "/",
    caCertificate: undefined,
    login: undefined,
  };
  const variant: Variant = {
    ...named("p2p_qos1"),
    dialect: MQTT_5,
    door: OPEN_TCP,
  };
  const accepted = listener.accept();
  const connected = Publisher.connect(target, variant, 0, newTally());
  connected.catch(() => {});
  using conn = await within(accepted, "a connection");
  await conn.write(Uint8Array.from(hello));
  const publisher = await within(connected, "a CONNACK");
  try {
    const exchanged = publisher.exchange(1);
    exchanged.catch(() => {});
    await conn.write(Uint8Array.from(answer));
    await within(exchanged, "an acknowledgement");
  } finally {
    publisher.close();
  }
}

function newTally(): Tally {
  const latency = new Histogram();
  return { sent: 0, acknowledged: 0, delivered: 0, progressMs: 0, latency };
}

function named(name: string): Scenario {
  const scenario = scenarios.find((it) => it.name === name);
  assert(scenario !== undefined, name);
  return scenario;
}

function messagesOf(tape: Tape, variant: Variant, count: number): Seen[] {
  const { level } = variant.dialect;
  const inbox = new Inbox(1_000_000);
  const view = new PublishView();
  const seen: Seen[] = [];
  while (seen.length < count) {
    const slice = tape.take(count - seen.length, NOW_MS);
    inbox.room().set(slice);
    inbox.grow(slice.length);
    const before = seen.length;
    while (inbox.next()) {
      const { bytes, at, body, end } = inbox;
      assert(end - at <= tape.frameBytesMax);
      readPublish(bytes, at, body, end, level, view);
      seen.push(seenIn(view));
    }
    assertEquals(seen.length - before, tape.taken);
  }
  return seen;
}

function seenIn(view: PublishView): Seen {
  const { bytes, propertiesAt, payloadAt } = view;
  return {
    topic: decodeText(bytes, view.topicAt + 2, view.topicEnd),
    properties: decodeProperties("PUBLISH", bytes, propertiesAt, payloadAt),
    packetId: view.packetId,
    payloadBytes: view.end - payloadAt,
    stampMs: view.words.getFloat64(payloadAt),
  };
}

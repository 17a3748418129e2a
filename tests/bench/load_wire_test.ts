/**
 * The load generator's messages at either level, read with the broker's own
 * codec, and the little that it reads.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { targetAt } from "../../bench/load/contenders.ts";
import { OPEN_TCP } from "../../bench/load/doors.ts";
import { NO_EQUIPMENT } from "../../bench/load/equipment.ts";
import {
  decodeProperties,
  type Properties,
  propertiesSize,
  writeProperties,
} from "../../src/codec/properties.ts";
import { PublishView, readPublish } from "../../src/codec/publish.ts";
import { decodeText } from "../../src/codec/text.ts";
import {
  MQTT_4,
  MQTT_5,
  WITH_TOPIC_ALIAS,
  WITH_USER_PROPERTIES,
} from "../../src/load/dialects.ts";
import { Inbox, skipProperties } from "../../src/load/inbox.ts";
import { Publisher } from "../../src/load/publisher.ts";
import {
  type Load,
  type Scenario,
  scenarios,
} from "../../src/load/scenarios.ts";
import { Tally } from "../../src/load/tally.ts";
import { Tape } from "../../src/load/tape.ts";
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

Deno.test("each message of a tape is whole, twice around", () => {
  for (const dialect of DIALECTS) {
    for (const qos of [0, 1] as const) {
      const variant = { ...named("pairs10_qos0"), dialect, qos };
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
  };
  const seen = messagesOf(new Tape(variant, 0), variant, 2_001);
  assertEquals(seen[999]?.topic, "w/999/t");
  assertEquals(seen[2_000]?.topic, "w/0/t");
  assertEquals(seen[2_000]?.properties, WITH_USER_PROPERTIES.properties);
});

Deno.test("the user properties of a message take 100 bytes", () => {
  const { properties } = WITH_USER_PROPERTIES;
  assertEquals(properties.userProperties?.length, 5);
  assertEquals(propertiesSize(properties), 1 + 100);
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
    [connack, [0x40, 3, 0, 1, 0x97], "PUBACK, reason 151"],
    [connack, [0x50, 4, 0, 1, 0x87, 0], "PUBREC, reason 135"],
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
  const { addr } = listener;
  const target = targetAt(addr, "mqtt", OPEN_TCP, NO_EQUIPMENT);
  const load: Load = { ...named("p2p_qos1"), dialect: MQTT_5 };
  const accepted = listener.accept();
  const connected = Publisher.connect(target, load, 0, new Tally());
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

function named(name: string): Scenario {
  const scenario = scenarios.find((it) => it.name === name);
  assert(scenario !== undefined, name);
  return scenario;
}

function messagesOf(tape: Tape, variant: Load, count: number): Seen[] {
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

/**
 * Doors with a mount point: what stands before all topics of their clients,
 * which do not see it.
 */

import { assert, assertEquals } from "@std/assert";
import { type Door, plainDoor } from "../../src/broker/door.ts";
import { MountPoint } from "../../src/broker/mount_point.ts";
import * as talk from "../conformance/talk.ts";
import {
  asPublish,
  brief,
  dial,
  expectAlive,
  expectDisconnect,
  expectGone,
  hear,
  listen,
  listener,
  messages,
  payloads,
  read,
  STORED,
  tell,
} from "../conformance/talk5.ts";
import {
  TestBroker,
  type TestBrokerOptions,
  type TestClient,
} from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import {
  connect,
  type ConnectFields,
  puback,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import { concat, publishOurs } from "./setting.ts";
import { Rulebook } from "./rulebook.ts";

/** A broker with a door below `site/` and one with nothing special. */
function mounted(options: TestBrokerOptions = {}) {
  const broker = new TestBroker(options);
  const site = plainDoor("site", { mountPoint: new MountPoint("site/") });
  return { broker, site };
}

/** Connects by a door at 5.0. */
function dialBy(
  broker: TestBroker,
  door: Door,
  fields: ConnectFields = {},
): TestClient {
  const client = broker.open({ door });
  assertEquals(hear(client, connect(fields)), ["connack 00"]);
  return client;
}

/** The same at 3.1.1. */
function dialOldBy(
  broker: TestBroker,
  door: Door,
  fields: wire.ConnectFields = {},
): TestClient {
  const client = broker.open({ door });
  const [connack, ...more] = talk.ask(client, wire.connect(fields));
  assertEquals(connack, { type: "connack", flags: 0, returnCode: 0 });
  assertEquals(more, []);
  return client;
}

/** The messages that came, as `topic=payload`. */
function heard(client: TestClient): string[] {
  return messages(client).map(brief).map((text) => text.slice(8));
}

function heardOld(client: TestClient): string[] {
  return talk.messages(client).map(({ topic, payload }) =>
    `${topic}=${payload}`
  );
}

/** Four ears: within and without, at 5.0 and at 3.1.1. */
function earsOf(broker: TestBroker, site: Door): () => string[][] {
  const in5 = dialBy(broker, site, { clientId: "in5" });
  const in4 = dialOldBy(broker, site, { clientId: "in4" });
  const out5 = dial(broker, { clientId: "out5" });
  const out4 = talk.dial(broker, { clientId: "out4" });
  for (const client of [in5, out5]) listen(client, "#", 2);
  for (const client of [in4, out4]) talk.listen(client, "#", 2);
  return () => [heard(in5), heardOld(in4), heard(out5), heardOld(out4)];
}

Deno.test("clients within and without see their own topics", () => {
  const { broker, site } = mounted();
  const ears = earsOf(broker, site);
  const speakers = [
    [dialBy(broker, site, { clientId: "a" }), publish, "t"],
    [dialOldBy(broker, site, { clientId: "b" }), wire.publish, "t"],
    [dial(broker, { clientId: "c" }), publish, "site/t"],
    [talk.dial(broker, { clientId: "d" }), wire.publish, "site/t"],
  ] as const;
  for (const qos of [0, 1, 2] as const) {
    for (const payload of ["x", "x".repeat(20_000)]) {
      for (const [client, encode, topic] of speakers) {
        client.send(encode({ topic, qos, payload }));
        client.send(wire.pubrel(1));
        const [within, without] = [`t=${payload}`, `site/t=${payload}`];
        assertEquals(ears(), [[within], [within], [without], [without]]);
      }
    }
  }
  // What is not below the mount point does not come in.
  for (const topic of ["t", "site", "sit/t", "sites/t"]) {
    speakers[2][0].send(publish({ topic, payload: "y" }));
    const without = [`${topic}=y`];
    assertEquals(ears(), [[], [], without, without], topic);
  }
  broker.checkInvariants();
});

Deno.test("runs of messages are told apart by their mount points", () => {
  const { broker, site } = mounted();
  const ears = earsOf(broker, site);
  const count = 300;
  const within = Array.from({ length: count }, (_, at) => `t/${at % 3}=${at}`);
  const without = within.map((text) => `site/${text}`);
  for (const [door, prefix] of [[site, ""], [broker.door, "site/"]] as const) {
    for (const encode of [publish, wire.publish]) {
      const client = encode === publish
        ? dialBy(broker, door, { clientId: "speaker" })
        : dialOldBy(broker, door, { clientId: "speaker" });
      const packets = within.map((_, at) =>
        encode({ topic: `${prefix}t/${at % 3}`, payload: `${at}` })
      );
      // Whole, and cut where it hurts.
      const bytes = concat(packets);
      client.send(bytes);
      assertEquals(ears(), [within, within, without, without]);
      for (let at = 0; at < bytes.length; at += 97) {
        client.send(bytes.subarray(at, at + 97));
      }
      assertEquals(ears(), [within, within, without, without]);
    }
  }
  broker.checkInvariants();
});

Deno.test("an alias stands for the client's own topic, both ways", () => {
  const { broker, site } = mounted();
  const ears = earsOf(broker, site);
  const properties = { topicAliasMaximum: 5 };
  const ear = dialBy(broker, site, { clientId: "ear", properties });
  listen(ear, "#");
  const client = dialBy(broker, site);
  const say = (topic: string, payload: string) =>
    publish({ topic, payload, properties: { topicAlias: 1 } });
  client.send(concat([say("t", "1"), say("", "2"), say("", "3")]));
  client.send(say("", "4"));
  client.send(concat([say("u", "5"), say("", "6")]));
  const within = ["t=1", "t=2", "t=3", "t=4", "u=5", "u=6"];
  const without = within.map((text) => `site/${text}`);
  assertEquals(ears(), [within, within, without, without]);
  const names = new Map<number, string>();
  const got = messages(ear).map(({ topic, payload, properties }) => {
    const alias = properties.topicAlias!;
    if (topic !== "") names.set(alias, topic);
    return `${names.get(alias)}=${payload}`;
  });
  assertEquals(got, within);
});

Deno.test("subscriptions, shared or not, end by the names they have", () => {
  const { broker, site } = mounted();
  const client = dialBy(broker, site);
  const filters = ["a/+", "$share/g/b/#", "c"];
  const wanted = filters.map((filter) => ({ filter }));
  assertEquals(hear(client, subscribe(1, wanted)), ["suback 1 00 00 00"]);
  const own = [...broker.core.sessions.get("client")!.subscriptions.values()]
    .map(({ filter }) => filter);
  assertEquals(own, ["site/a/+", "$share/g/site/b/#", "site/c"]);
  const outside = dial(broker, { clientId: "outside" });
  for (const topic of ["site/a/1", "site/b/2", "site/c", "a/1", "b/2"]) {
    tell(outside, { topic, payload: "x" });
  }
  assertEquals(heard(client), ["a/1=x", "b/2=x", "c=x"]);
  const answer = hear(client, unsubscribe(2, [...filters, "site/c"]));
  assertEquals(answer, ["unsuback 2 00 00 00 11"]);
  assertEquals(broker.core.router.size, 0);
  broker.checkInvariants();
});

Deno.test("of a group, members come by doors of their own", () => {
  const { broker, site } = mounted();
  const inside = dialBy(broker, site, { clientId: "inside" });
  listen(inside, "$share/g/job");
  const outside = dial(broker, { clientId: "outside" });
  listen(outside, "$share/g/site/job");
  const client = dial(broker, { clientId: "c" });
  for (const payload of ["1", "2"]) {
    tell(client, { topic: "site/job", payload });
  }
  const got = [...heard(inside), ...heard(outside)].sort();
  assertEquals(got.map((text) => text.slice(-5)), ["job=1", "job=2"]);
  assertEquals(got.some((text) => text.startsWith("site/job")), true);
  assertEquals(got.some((text) => text.startsWith("job")), true);
});

Deno.test("retained messages and wills have their places below it", () => {
  const { broker, site } = mounted();
  const will = { topic: "w", payload: "gone", retain: true };
  dialBy(broker, site, { clientId: "new", will }).drop();
  dialOldBy(broker, site, { clientId: "old", will: { ...will, topic: "v" } })
    .drop();
  const client = dialBy(broker, site);
  tell(client, { topic: "r", payload: "kept", retain: true });
  tell(dial(broker, { clientId: "c" }), {
    topic: "r",
    payload: "elsewhere",
    retain: true,
  });
  const stored = [...broker.core.retained.match("#")].map(({ topic }) => topic);
  assertEquals(stored.sort(), ["r", "site/r", "site/v", "site/w"]);
  const within = listen(dialBy(broker, site, { clientId: "e" }), "#");
  const texts = within.map(({ topic, payload }) => `${topic}=${payload}`);
  assertEquals(texts.sort(), ["r=kept", "v=gone", "w=gone"]);
  tell(client, { topic: "r", retain: true });
  assertEquals(broker.core.retained.size, 3);
});

Deno.test("rights are those on the broker's topics", () => {
  const authorizer = new Rulebook({ client: ["readwrite site/a", "write b"] });
  const { broker, site } = mounted({ authorizer });
  const client = dialBy(broker, site);
  const wanted = ["a", "b", "site/a", "#"].map((filter) => ({ filter }));
  assertEquals(hear(client, subscribe(1, wanted)), ["suback 1 00 87 87 00"]);
  const say = (topic: string) =>
    hear(client, publish({ topic, qos: 1, payload: "x" }));
  assertEquals(say("a"), ["publish a=x", "puback 1 00"]);
  for (const topic of ["b", "site/a"]) {
    assertEquals(say(topic), ["puback 1 87"]);
  }
  const will = { topic: "b" };
  const bad = broker.open({ door: site });
  assertEquals(hear(bad, connect({ will })), ["connack 87"]);
});

Deno.test("$SYS of the broker is not to be seen from within", () => {
  const { broker, site } = mounted();
  const client = dialBy(broker, site);
  const wanted = ["$SYS/#", "#"].map((filter) => ({ filter }));
  hear(client, subscribe(1, wanted));
  publishOurs(broker, "$SYS/uptime");
  assertEquals(messages(client), []);
  const ear = listener(broker, "$SYS/#");
  tell(client, { topic: "$SYS/uptime", payload: "no" });
  assertEquals(messages(ear), []);
});

Deno.test("a topic that is too long with its mount point", () => {
  const { broker, site } = mounted({
    topicBytesMax: 65_535,
    connectPacketBytesMax: 1 << 20,
  });
  const most = 65_535 - "site/".length;
  const client = dialBy(broker, site, { clientId: "a" });
  listen(client, "#");
  tell(client, { topic: "t".repeat(most), payload: "fits" });
  assertEquals(payloads(client), ["fits"]);
  for (const door of [site, broker.door]) {
    const old = dialOldBy(broker, door, { clientId: "old" });
    old.send(wire.publish({ topic: "t".repeat(most + 1) }));
    assertEquals(old.closed, door === site);
  }
  const topic = "t".repeat(most + 1);
  expectDisconnect(client, publish({ topic }), 0x90);
  const will = broker.open({ door: site });
  assertEquals(hear(will, connect({ will: { topic } })), ["connack 90"]);
  const filters = dialBy(broker, site, { clientId: "b" });
  const answer = hear(filters, subscribe(1, [{ filter: topic }]));
  assertEquals(answer, ["suback 1 8f"]);
  broker.checkInvariants();
});

Deno.test("faults of topics are faults behind a mount point, too", () => {
  const { broker, site } = mounted();
  for (const topic of ["", "a/+", "#", "a\0b"]) {
    const old = dialOldBy(broker, site);
    old.send(wire.publish({ topic }));
    assert(old.closed, topic);
    const will = broker.open({ door: site });
    will.send(wire.connect({ will: { topic } }));
    assert(will.closed, `will ${topic}`);
    const client = dialBy(broker, site);
    client.send(publish({ topic }));
    assert(client.closed, topic);
    expectGone(client, [0x81, 0x82, 0x90]);
  }
  const client = dialBy(broker, site);
  expectDisconnect(client, subscribe(1, [{ filter: "" }]), [0x81, 0x82, 0x8f]);
});

Deno.test("a session that comes back by another door", () => {
  const { broker, site } = mounted();
  const client = dial(broker, STORED);
  listen(client, "#", 1);
  client.drop();
  const outside = dial(broker, { clientId: "outside" });
  const topics = ["a", "site/", "site/a", "another/a"];
  for (const topic of topics) tell(outside, { topic, qos: 1, payload: "1" });
  const back = broker.open({ door: site });
  back.send(connect(STORED));
  const [, ...packets] = read(back);
  const got = packets.map(asPublish);
  assertEquals(got.map(brief), ["publish a=1"]);
  back.send(puback(got[0]!.packetId));
  for (const qos of [0, 1] as const) {
    for (const topic of topics) tell(outside, { topic, qos, payload: "2" });
    assertEquals(heard(back), ["a=2"]);
  }
  assertEquals(broker.core.counters.droppedUnfit, 9);
  expectAlive(back);
  broker.checkInvariants();
});

Deno.test("what was in flight by one door is none by another", () => {
  const { broker, site } = mounted();
  const client = dial(broker, STORED);
  listen(client, "#", 1);
  tell(dial(broker, { clientId: "c" }), { topic: "a", qos: 1 });
  assertEquals(messages(client).length, 1);
  client.drop();
  const back = broker.open({ door: site });
  assertEquals(hear(back, connect(STORED)), ["connack 00"]);
  assertEquals(broker.core.sessions.get("stored")!.inflightSize, 0);
  broker.checkInvariants();
});

Deno.test("what waits for a slow reader is not written over", () => {
  const { broker, site } = mounted();
  const ear = listener(broker, "#");
  ear.reading = false;
  const client = dialBy(broker, site);
  const wanted: string[] = [];
  for (const letter of ["x", "y", "z"]) {
    const payload = letter.repeat(200_000);
    // In two pieces: then the broker owns the memory in which it is whole.
    const bytes = publish({ topic: "t", payload });
    client.send(bytes.subarray(0, 150_000));
    client.send(bytes.subarray(150_000));
    wanted.push(`site/t=${payload}`);
  }
  ear.reading = true;
  ear.flush();
  assertEquals(heard(ear), wanted);
  broker.checkInvariants();
});

Deno.test("properties go along, and the time that is left is right", () => {
  const { broker, site } = mounted();
  const away = dialBy(broker, site, STORED);
  listen(away, "#", 1);
  away.drop();
  const ear = listener(broker, "#");
  const client = dialBy(broker, site);
  const properties = {
    contentType: "text",
    messageExpirySeconds: 100,
    responseTopic: "answers",
  };
  for (const topicAlias of [undefined, 1]) {
    const more = topicAlias === undefined ? {} : { topicAlias };
    const fields = { topic: "t", qos: 1 as const, payload: "x" };
    tell(client, { ...fields, properties: { ...more, ...properties } });
    tell(client, { ...fields, properties: { ...properties, ...more } });
  }
  assertEquals(messages(ear).map((each) => each.properties), [
    properties,
    properties,
    properties,
    properties,
  ]);
  broker.advance(10_000);
  const back = broker.open({ door: site });
  back.send(connect(STORED));
  const [, ...packets] = read(back);
  const left = { ...properties, messageExpirySeconds: 90 };
  assertEquals(packets.map((each) => asPublish(each).properties), [
    left,
    left,
    left,
    left,
  ]);
});

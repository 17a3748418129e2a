/**
 * MQTT 5.0, section 3.3.2.3.4: topic aliases, from a client and towards it.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import { publish, type PublishPacket } from "../support/wire5.ts";
import {
  ask,
  asPublish,
  dial,
  expectAlive,
  expectDisconnect,
  greet,
  listener,
  messages,
  onlyMessage,
  settle,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** A client's table of aliases: names the topics of what it gets. */
class Aliases {
  readonly #topics = new Map<number, string>();
  readonly #maximum: number;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  topicOf({ topic, properties }: PublishPacket): string {
    const alias = properties.topicAlias;
    if (alias === undefined) return topic;
    assert(alias <= this.#maximum, `alias ${alias} above ${this.#maximum}`);
    if (topic !== "") this.#topics.set(alias, topic);
    const known = this.#topics.get(alias);
    assert(known !== undefined, `alias ${alias} has no topic`);
    return known;
  }
}

/** A PUBLISH with an alias. */
function aliased(topic: string, topicAlias: number): Uint8Array {
  return publish({ topic, payload: "x", properties: { topicAlias } });
}

/** How many aliases the server accepts. */
function aliasesOf(broker: TestBroker): number {
  const { client, properties } = greet(broker, { clientId: "probe" });
  client.drop();
  return properties.topicAliasMaximum ?? 0;
}

statement(
  "[MQTT-3.3.2-12] every alias up to the maximum stands for its topic",
  (broker) => {
    const maximum = aliasesOf(broker);
    assert(maximum > 0, "this server is to have aliases");
    const witness = listener(broker, "#");
    const client = dial(broker);
    for (let alias = 1; alias <= maximum; alias++) {
      client.send(aliased(`topic/${alias}`, alias));
    }
    for (let alias = maximum; alias >= 1; alias--) {
      client.send(aliased("", alias));
    }
    const names = messages(witness).map(({ topic }) => topic);
    const once = Array.from({ length: maximum }, (_, at) => `topic/${at + 1}`);
    assertEquals(names, [...once, ...once.toReversed()]);
  },
);

statement(
  "[MQTT-3.3.2-12] an alias may be given another topic",
  (broker) => {
    const witness = listener(broker, "#");
    const client = dial(broker);
    const topics = ["a", "", "b", "", "", "a", ""];
    for (const topic of topics) client.send(aliased(topic, 1));
    const names = messages(witness).map(({ topic }) => topic);
    assertEquals(names, ["a", "a", "b", "b", "b", "a", "a"]);
  },
);

statement(
  "[MQTT-3.3.2-12] aliases work with every QoS and with RETAIN",
  (broker) => {
    const witness = listener(broker, "a", 2);
    const client = dial(broker);
    for (const topic of ["a", ""]) {
      for (const qos of [0, 1, 2] as const) {
        const properties = { topicAlias: 1 };
        tell(client, { topic, qos, properties, retain: true, payload: "x" });
      }
    }
    const got = messages(witness);
    assertEquals(got.map(({ topic }) => topic), Array(6).fill("a"));
    settle(witness, got);
    const late = listener(broker, { filter: "a", retainHandling: 2 }, 0, {
      clientId: "late",
    });
    expectAlive(late);
  },
);

statement(
  "MQTT 5.0: the alias of a publisher is not passed on",
  (broker) => {
    const witness = listener(broker, "a");
    const client = dial(broker);
    for (const topic of ["a", ""]) {
      const properties = { topicAlias: 1, contentType: "t" };
      client.send(publish({ topic, properties }));
      const got = onlyMessage(witness);
      assertEquals(got.topic, "a");
      assertEquals(got.properties, { contentType: "t" });
    }
  },
);

statement(
  "[MQTT-3.3.2-7] a new connection knows no alias of the last one",
  (broker) => {
    const client = dial(broker, STORED);
    client.send(aliased("a", 1));
    client.drop();
    const back = greet(broker, STORED).client;
    expectDisconnect(back, aliased("", 1), 0x82);
    const first = dial(broker, { clientId: "first" });
    const second = dial(broker, { clientId: "second" });
    first.send(aliased("a", 1));
    expectDisconnect(second, aliased("", 1), 0x82, "another's alias");
  },
);

statement("[MQTT-3.3.2-8] alias 0 is invalid", (broker) => {
  expectDisconnect(dial(broker), aliased("a", 0), 0x94);
  expectDisconnect(dial(broker), aliased("", 0), [0x82, 0x94]);
});

statement(
  "[MQTT-3.3.2-9][MQTT-3.2.2-17] an alias above the maximum is invalid",
  (broker) => {
    const maximum = aliasesOf(broker);
    for (const alias of [maximum + 1, 65_535]) {
      expectDisconnect(dial(broker), aliased("a", alias), 0x94, `${alias}`);
    }
  },
);

statement(
  "[MQTT-3.2.2-18] without a maximum every alias is invalid",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.topicAliasMaximum ?? 0, 0);
    expectDisconnect(client, aliased("a", 1), 0x94);
  },
  { topicAliasMax: 0 },
);

statement(
  "MQTT 5.0: an empty topic needs an alias that is known (3.3.2.3.4)",
  (broker) => {
    expectDisconnect(dial(broker), publish({ topic: "" }), 0x82);
    expectDisconnect(dial(broker), aliased("", 1), 0x82);
  },
);

/** Sends to many topics in turn and checks what the listener makes of it. */
function expectTopics(
  teller: TestClient,
  client: TestClient,
  aliases: Aliases,
): PublishPacket[] {
  const all: PublishPacket[] = [];
  for (let round = 0; round < 5; round++) {
    for (let at = 0; at < 40; at++) {
      // A few topics are used much more often.
      const topic = `to/${at % 2 === 0 ? at % 6 : at}`;
      tell(teller, { topic, payload: topic, qos: at % 3 === 0 ? 1 : 0 });
    }
    const got = messages(client);
    assertEquals(got.map((one) => aliases.topicOf(one)).length, 40);
    for (const one of got) assertEquals(aliases.topicOf(one), one.payload);
    settle(client, got);
    all.push(...got);
  }
  return all;
}

statement(
  "[MQTT-3.3.2-11][MQTT-3.1.2-26] no alias is above the client's maximum",
  (broker) => {
    const teller = dial(broker);
    for (const topicAliasMaximum of [1, 2, 5, 65_535]) {
      const properties = { topicAliasMaximum };
      const client = listener(broker, "to/#", 1, { properties });
      expectTopics(teller, client, new Aliases(topicAliasMaximum));
      client.drop();
    }
  },
);

statement(
  "[MQTT-3.1.2-27] without a maximum the server uses no alias",
  (broker) => {
    const teller = dial(broker);
    for (const properties of [{}, { topicAliasMaximum: 0 }]) {
      const client = listener(broker, "to/#", 1, { properties });
      const got = expectTopics(teller, client, new Aliases(0));
      assert(got.every((one) => one.properties.topicAlias === undefined));
      client.drop();
    }
  },
);

statement("MQTT 5.0: the server does use aliases", (broker) => {
  const properties = { topicAliasMaximum: 10 };
  const client = listener(broker, "to/#", 1, { properties });
  const got = expectTopics(dial(broker), client, new Aliases(10));
  const saved = got.filter(({ topic }) => topic === "").length;
  assert(saved > got.length / 4, `${saved} of ${got.length}`);
});

statement(
  "[MQTT-3.3.2-7] the server's aliases end with the connection",
  (broker) => {
    const properties = { ...STORED.properties, topicAliasMaximum: 3 };
    const fields = { ...STORED, properties };
    const client = listener(broker, "a", 1, fields);
    const teller = dial(broker);
    const first = new Aliases(3);
    for (let round = 0; round < 5; round++) {
      tell(teller, { topic: "a", qos: 1, payload: "a" });
    }
    const open = messages(client);
    assertEquals(open.map((one) => first.topicOf(one)), Array(5).fill("a"));
    client.drop();
    const back = greet(broker, fields);
    const second = new Aliases(3);
    const repeated = back.packets.map(asPublish);
    assertEquals(repeated.map((one) => second.topicOf(one)), [
      ...Array(5).fill("a"),
    ]);
    settle(back.client, repeated);
    assertEquals(ask(back.client, publish({ topic: "none" })), []);
  },
);

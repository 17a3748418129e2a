/**
 * Messages that their client may not publish: acknowledged, as MQTT has it,
 * and gone.
 */

import { assertEquals } from "@std/assert";
import * as talk from "../conformance/talk.ts";
import * as talk5 from "../conformance/talk5.ts";
import { TestBroker } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";
import { concat, logged, publishOurs, renew } from "./setting.ts";
import { rightsBy, Rulebook } from "./rulebook.ts";

const QOS = [0, 1, 2] as const;
const DENIED = "no right to publish on this topic";

/** A broker of which "pub" may publish below `open/` only. */
function guarded(): TestBroker {
  const authorizer = new Rulebook({
    pub: ["readwrite open/#"],
    odd: ["write odd", "write both"],
    even: ["write even", "write both"],
  });
  return new TestBroker({ authorizer });
}

Deno.test("3.1.1: what may not be published is acknowledged and gone", () => {
  const broker = guarded();
  const ear = talk.listener(broker, "#", 2);
  const client = talk.dial(broker, { clientId: "pub" });
  for (const qos of QOS) {
    talk.tell(client, { topic: "shut", qos, payload: "x", retain: true });
    assertEquals(talk.messages(ear), []);
  }
  assertEquals(broker.core.counters.publishDenied, 3);
  assertEquals(broker.core.retained.size, 0);
  const lines = logged(broker, "publish_denied");
  assertEquals(lines.map(({ fields }) => fields), [
    { client_id: "pub", topic: "shut" },
    { client_id: "pub", topic: "shut" },
    { client_id: "pub", topic: "shut" },
  ]);
  for (const qos of QOS) {
    talk.tell(client, { topic: "open/a", qos, payload: `${qos}` });
  }
  assertEquals(talk.payloads(ear), ["0", "1", "2"]);
  broker.checkInvariants();
});

Deno.test("3.1.1: a denied QoS 2 message that is repeated has its id", () => {
  const broker = guarded();
  const client = talk.dial(broker, { clientId: "pub" });
  const message = { topic: "shut", qos: 2, packetId: 7 } as const;
  const pubrec = [{ type: "pubrec", packetId: 7 }] as const;
  assertEquals(talk.ask(client, wire.publish(message)), [...pubrec]);
  const again = wire.publish({ ...message, dup: true });
  assertEquals(talk.ask(client, again), [...pubrec]);
  const answer = talk.ask(client, wire.pubrel(7));
  assertEquals(answer, [{ type: "pubcomp", packetId: 7 }]);
});

Deno.test("5.0: 0x87 says why, and a QoS 2 message ends there", () => {
  const broker = guarded();
  const ear = talk5.listener(broker, "#", 2);
  const client = talk5.dial(broker, { clientId: "pub" });
  for (const qos of QOS) {
    const message = { topic: "shut", qos, payload: "x", retain: true };
    const answers = talk5.ask(client, wire5.publish(message));
    const type = qos === 1 ? "puback" : "pubrec";
    const properties = { reasonString: DENIED };
    const answer = { type, packetId: 1, reason: 0x87, properties } as const;
    assertEquals(answers, qos === 0 ? [] : [answer]);
  }
  assertEquals(talk5.messages(ear), []);
  assertEquals(broker.core.retained.size, 0);
  // The packet id is free: the next message is none that was repeated.
  talk5.tell(client, { topic: "open/a", qos: 2, payload: "new" });
  assertEquals(talk5.payloads(ear), ["new"]);
  broker.checkInvariants();
});

Deno.test("5.0: who wants no reason strings gets none", () => {
  const broker = guarded();
  const properties = { requestProblemInformation: 0 };
  const client = talk5.dial(broker, { clientId: "pub", properties });
  const bytes = wire5.publish({ topic: "shut", qos: 1 });
  const answer = { type: "puback", packetId: 1, reason: 0x87 } as const;
  assertEquals(talk5.ask(client, bytes), [{ ...answer, properties: {} }]);
});

Deno.test("5.0: a message that was good once is not refused later", () => {
  const book = new Rulebook({ pub: ["write a"] });
  const broker = new TestBroker({ authorizer: book });
  const ear = talk5.listener(broker, "a", 2);
  const client = talk5.dial(broker, { clientId: "pub" });
  const message = { topic: "a", qos: 2, payload: "once", packetId: 3 } as const;
  assertEquals(talk5.hear(client, wire5.publish(message)), ["pubrec 3 00"]);
  book.change("pub", "write b");
  renew(broker);
  const again = wire5.publish({ ...message, dup: true });
  assertEquals(talk5.hear(client, again), ["pubrec 3 00"]);
  assertEquals(talk5.hear(client, wire5.pubrel(3)), ["pubcomp 3 00"]);
  assertEquals(talk5.payloads(ear), ["once"]);
});

Deno.test("an alias is told and used whether its topic is good or not", () => {
  const broker = guarded();
  const ear = talk5.listener(broker, "#");
  const client = talk5.dial(broker, { clientId: "pub" });
  const say = (topic: string, topicAlias: number, payload: string) =>
    wire5.publish({ topic, payload, properties: { topicAlias } });
  client.send(concat([
    say("open/a", 1, "1"),
    say("shut", 2, "-"),
    say("", 2, "-"),
    say("", 1, "2"),
    say("", 1, "3"),
    say("", 2, "-"),
    say("", 1, "4"),
  ]));
  assertEquals(talk5.payloads(ear), ["1", "2", "3", "4"]);
  assertEquals(broker.core.counters.publishDenied, 3);
  talk5.expectAlive(client);
});

Deno.test("in one chunk, denied messages leave the others in order", () => {
  for (const version of [4, 5]) {
    const broker = guarded();
    const ear = talk.listener(broker, "#", 1);
    const topics = Array.from({ length: 600 }, (_, at) =>
      [
        at % 7 < 3 ? "shut" : `open/${at % 2}`,
        at % 5 === 0 ? 1 : 0,
        `${at}`.padStart(3, "0"),
      ] as const);
    const packets = topics.map(([topic, qos, payload], at) => {
      const fields = { topic, qos, payload, packetId: at + 1 };
      return version === 4 ? wire.publish(fields) : wire5.publish(fields);
    });
    const fields = { clientId: "pub" };
    const client = version === 4
      ? talk.dial(broker, fields)
      : talk5.dial(broker, fields);
    client.send(concat(packets));
    const wanted = topics.filter(([topic]) => topic !== "shut");
    assertEquals(talk.payloads(ear), wanted.map(([, , payload]) => payload));
    const denied = topics.length - wanted.length;
    assertEquals(broker.core.counters.publishDenied, denied);
    broker.checkInvariants();
  }
});

Deno.test("clients with other rights publish on one topic in turns", () => {
  const broker = guarded();
  const ear = talk.listener(broker, "#");
  const odd = talk.dial(broker, { clientId: "odd" });
  const even = talk.dial(broker, { clientId: "even" });
  const any = talk.dial(broker, { clientId: "any" });
  for (const topic of ["odd", "even", "both", "none"]) {
    for (let round = 0; round < 3; round++) {
      for (const [name, client] of Object.entries({ odd, even, any })) {
        client.send(wire.publish({ topic, payload: name }));
        const isHeard = [name, "both"].includes(topic) || name === "any";
        assertEquals(talk.payloads(ear), isHeard ? [name] : [], topic);
      }
    }
  }
});

Deno.test("a retained message is not cleared by who may not", () => {
  const broker = guarded();
  const admin = talk.dial(broker, { clientId: "admin" });
  for (const topic of ["shut", "open/a"]) {
    talk.tell(admin, { topic, payload: "kept", retain: true });
  }
  const client = talk.dial(broker, { clientId: "pub" });
  for (const qos of QOS) {
    talk.tell(client, { topic: "shut", qos, retain: true });
  }
  talk.tell(client, { topic: "open/a", retain: true });
  const ear = talk.dial(broker);
  assertEquals(talk.listen(ear, "#").map(({ topic }) => topic), ["shut"]);
});

Deno.test("nobody publishes to $SYS, whatever the rules say", () => {
  const authorizer = new Rulebook({ pub: ["readwrite $SYS/#"] });
  for (const broker of [new TestBroker({ authorizer }), new TestBroker()]) {
    const ear = talk5.listener(broker, "$SYS/#");
    const client = talk5.dial(broker, { clientId: "pub" });
    for (const topic of ["$SYS", "$SYS/a", "$SYS/a/b"]) {
      const bytes = wire5.publish({ topic, qos: 1, retain: true });
      assertEquals(talk5.hear(client, bytes), ["puback 1 87"]);
    }
    const will = { topic: "$SYS/gone" };
    const bytes = wire5.connect({ clientId: "other", will });
    talk5.expectConnack(broker, bytes, 0x87);
    assertEquals(talk5.messages(ear), []);
    assertEquals(broker.core.retained.size, 0);
    // The broker itself may.
    publishOurs(broker, "$SYS/a");
    assertEquals(talk5.payloads(ear), ["ours"]);
  }
  const broker = new TestBroker();
  const ear = talk5.listener(broker, "$SYSTEM/#");
  talk5.tell(talk5.dial(broker), { topic: "$SYSTEM/a", payload: "theirs" });
  assertEquals(talk5.payloads(ear), ["theirs"]);
});

Deno.test("rights are asked when they are other ones, and not before", () => {
  let asked = 0;
  const rights = rightsBy(["write a"]);
  const mayPublish = (topic: string) => {
    asked++;
    return rights.mayPublish(topic);
  };
  const counted = { ...rights, mayPublish, mayRead: () => true };
  const broker = new TestBroker({
    authorizer: {
      rightsOf: () => ({ ...counted, reach: () => "all" as const }),
    },
  });
  const client = talk.dial(broker);
  for (let i = 0; i < 50; i++) client.send(wire.publish({ topic: "a" }));
  assertEquals(asked, 1);
  renew(broker);
  for (let i = 0; i < 50; i++) client.send(wire.publish({ topic: "a" }));
  assertEquals(asked, 2);
  assertEquals(broker.core.counters.publishDenied, 0);
});

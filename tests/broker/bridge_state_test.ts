/**
 * Bridges of Mosquitto as clients: on `$SYS/broker/connection/{name}/state`
 * they tell, retained and by their will, whether they are connected.
 */

import { assertEquals } from "@std/assert";
import type { AccessRule } from "../../src/auth/access_rule.ts";
import { compileRules } from "../../src/auth/access_rules.ts";
import {
  dial,
  listen,
  listener,
  messages,
  payloads,
  tell,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";

function stateOf(name: string): string {
  return `$SYS/broker/connection/${name}/state`;
}

/** A bridge that has said that it is there, as Mosquitto's do. */
function bridge(broker: TestBroker, name: string): TestClient {
  const topic = stateOf(name);
  const will = { topic, payload: "0", qos: 1 as const, retain: true };
  const client = dial(broker, { clientId: name, will });
  tell(client, { topic, payload: "1", qos: 1, retain: true });
  return client;
}

function retainedAt(broker: TestBroker, filter: string): string[] {
  const client = dial(broker, { clientId: "curious" });
  return listen(client, filter).map(({ payload }) => payload);
}

Deno.test("a bridge tells whether it is there", () => {
  const broker = new TestBroker();
  const ear = listener(broker, "$SYS/broker/connection/#");
  const client = bridge(broker, "attic");
  assertEquals(payloads(ear), ["1"]);
  assertEquals(retainedAt(broker, "$SYS/#"), ["1"]);
  assertEquals(retainedAt(broker, stateOf("+")), ["1"]);
  client.drop();
  assertEquals(payloads(ear), ["0"]);
  assertEquals(retainedAt(broker, stateOf("attic")), ["0"]);
  assertEquals(retainedAt(broker, "#"), []);
  broker.checkInvariants();
});

Deno.test("it tells nothing else in $SYS, and nobody does for it", () => {
  const broker = new TestBroker();
  const ear = listener(broker, "$SYS/#");
  const client = dial(broker);
  const topics = [
    "$SYS/broker/connection/a",
    "$SYS/broker/connection/a/b/state",
    "$SYS/broker/connection/a/states",
    "$SYS/broker/connection//state",
    "a/$SYS/broker/connection/a/state",
  ];
  for (const topic of topics) tell(client, { topic, retain: true });
  assertEquals(messages(ear), []);
  assertEquals(broker.core.counters.publishDenied, 4);
});

Deno.test("what bridges tell is within the limits of what is retained", () => {
  for (const limits of [{ retainedMax: 10 }, { retainedBytesMax: 5500 }]) {
    const broker = new TestBroker(limits);
    const client = dial(broker);
    for (let at = 0; at < 100; at++) {
      const topic = stateOf(`${at}`);
      tell(client, { topic, payload: "1", retain: true });
    }
    const { retained, counters } = broker.core;
    assertEquals(retained.size, 10);
    assertEquals(counters.retainedRefused, 90);
    assertEquals(retainedAt(broker, "$SYS/#").length, 10);
    for (let at = 0; at < 10; at++) {
      const topic = stateOf(`${at}`);
      tell(client, { topic, payload: "0", retain: true });
      tell(client, { topic, payload: "", retain: true });
    }
    assertEquals([retained.size, retained.bytes], [0, 0]);
  }
});

Deno.test("with an ACL it tells what it may, and is let in anyway", () => {
  const may = new Map<string, AccessRule[]>([
    ["told", [{ allow: true, actions: "write", filter: stateOf("+") }]],
    ["mute", [{ allow: true, actions: "readwrite", filter: "#" }]],
    ["curious", [{ allow: true, actions: "read", filter: "$SYS/#" }]],
  ]);
  const broker = new TestBroker({
    authorizer: {
      rightsOf: (identity) =>
        compileRules(may.get(identity.clientId)!, identity),
    },
  });
  bridge(broker, "mute").drop();
  assertEquals(retainedAt(broker, "$SYS/#"), []);
  bridge(broker, "told").drop();
  assertEquals(retainedAt(broker, "$SYS/#"), ["0"]);
  assertEquals(broker.core.counters.publishDenied, 2);
});

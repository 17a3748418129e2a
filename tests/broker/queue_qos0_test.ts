/**
 * QoS 0 messages for sessions that are away: dropped and counted, or kept
 * where `queueQos0` asks for it; then in order like any others.
 */

import { assertEquals } from "@std/assert";
import {
  asPublish,
  dial,
  dialStored,
  greet,
  listen,
  messages,
  payloads,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import { join, puback, publish, type Qos } from "../support/wire.ts";
import { sessionOf } from "./setting.ts";

const STORED = { clientId: "stored", cleanSession: false };

/** A broker with a session that is away and a client that publishes. */
function away(
  options: ConstructorParameters<typeof TestBroker>[0],
): { broker: TestBroker; teller: TestClient } {
  const broker = new TestBroker(options);
  const client = dialStored(broker, "stored");
  listen(client, "t", 1);
  client.drop();
  return { broker, teller: dial(broker, { clientId: "teller" }) };
}

function say(teller: TestClient, payload: string, qos: Qos): void {
  teller.send(publish({ topic: "t", payload, qos }));
  teller.bytes();
}

Deno.test("QoS 0 is not kept for those who are away", () => {
  const { broker, teller } = away({});
  const both = join(
    publish({ topic: "t", payload: "1" }),
    publish({ topic: "t", payload: "2" }),
  );
  teller.send(both);
  say(teller, "3", 0);
  assertEquals(broker.core.counters.droppedOffline, 3);
  assertEquals(greet(broker, STORED).packets, []);
});

Deno.test("with queueQos0 it is kept, in order with QoS 1", () => {
  const { broker, teller } = away({ queueQos0: true });
  say(teller, "1", 0);
  say(teller, "2", 1);
  teller.send(join(
    publish({ topic: "t", payload: "3" }),
    publish({ topic: "t", payload: "4" }),
    publish({ topic: "t", payload: "5", retain: true }),
  ));
  assertEquals(broker.core.counters.droppedOffline, 0);
  const got = greet(broker, STORED).packets.map(asPublish);
  assertEquals(
    got.map(({ payload, qos, retain, dup }) => ({
      payload,
      qos,
      retain,
      dup,
    })),
    [
      { payload: "1", qos: 0, retain: false, dup: false },
      { payload: "2", qos: 1, retain: false, dup: false },
      { payload: "3", qos: 0, retain: false, dup: false },
      { payload: "4", qos: 0, retain: false, dup: false },
      { payload: "5", qos: 0, retain: false, dup: false },
    ],
  );
  broker.checkInvariants();
});

Deno.test("kept QoS 0 counts against the limits of the backlog", () => {
  const { broker, teller } = away({ queueQos0: true, backlogMessagesMax: 2 });
  for (const payload of ["1", "2", "3"]) say(teller, payload, 0);
  assertEquals(broker.core.counters.droppedBacklogFull, 1);
  assertEquals(sessionOf(broker, "stored").backlogLength, 2);
});

Deno.test("[MQTT-4.6.0-6] new QoS 0 does not overtake what was kept", () => {
  const { broker, teller } = away({ queueQos0: true, inflightOutMax: 1 });
  say(teller, "1", 1);
  say(teller, "2", 1);
  say(teller, "old", 0);
  const { client, packets } = greet(broker, STORED);
  assertEquals(packets.length, 1);
  say(teller, "new", 0);
  const early = payloads(client);
  client.send(puback(asPublish(packets[0]!).packetId));
  const late = messages(client).map(({ payload }) => payload);
  const qos0 = [...early, ...late].filter((payload) => payload !== "2");
  assertEquals(qos0, ["old", "new"]);
});

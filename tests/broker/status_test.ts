/**
 * `$SYS` in the broker: retained apart from what clients retain, for those
 * who ask for it by name and may read it; and the readings that it is made
 * of.
 */

import { assertEquals } from "@std/assert";
import type { AccessRule } from "../../src/auth/access_rule.ts";
import { compileRules } from "../../src/auth/access_rules.ts";
import { plainDoor } from "../../src/broker/door.ts";
import { readingsOf } from "../../src/broker/readings.ts";
import { StatusReporter } from "../../src/broker/status_reporter.ts";
import { END_CAUSES, type EndCause } from "../../src/metrics/end_cause.ts";
import {
  dial,
  dialStored,
  listen,
  payloads,
  tell,
} from "../conformance/talk.ts";
import {
  TestBroker,
  type TestBrokerOptions,
  type TestClient,
} from "../support/test_broker.ts";
import { connect, disconnect, publish } from "../support/wire.ts";

const INTERVAL_MS = 10_000;
const NO_HOST = { memoryBytes: undefined, doors: {} };

function telling(options: TestBrokerOptions = {}): TestBroker {
  return reported(options).broker;
}

function reported(options: TestBrokerOptions = {}) {
  const broker = new TestBroker(options);
  const { core } = broker;
  const reporter = new StatusReporter(core, {
    intervalMs: INTERVAL_MS,
    version: "1",
    readings: () => readingsOf(core, NO_HOST),
  });
  reporter.onDeadline();
  core.endTurn();
  return { broker, reporter };
}

Deno.test("how often the status comes can change", () => {
  const { broker, reporter } = reported();
  const client = dial(broker, { clientId: "a" });
  listen(client, "$SYS/broker/uptime");
  broker.advance(INTERVAL_MS);
  assertEquals(payloads(client), ["10 seconds"]);
  reporter.intervalMs = 1000;
  broker.advance(1000);
  assertEquals(payloads(client), ["11 seconds"]);
  reporter.intervalMs = 0;
  broker.advance(10 * INTERVAL_MS);
  assertEquals(payloads(client), []);
  reporter.intervalMs = INTERVAL_MS;
  broker.advance(INTERVAL_MS);
  assertEquals(payloads(client), ["121 seconds"]);
});

/** What a new subscription of a client brings. */
function retainedAt(client: TestClient, filter: string): string[] {
  return listen(client, filter, 2).map(({ payload }) => payload);
}

Deno.test("the status is retained, and comes again when it changes", () => {
  const broker = telling();
  const client = dial(broker, { clientId: "a" });
  const topic = "$SYS/broker/clients/connected";
  assertEquals(retainedAt(client, topic), ["0"]);
  broker.advance(INTERVAL_MS - 1);
  assertEquals(payloads(client), []);
  broker.advance(1);
  assertEquals(payloads(client), ["1"]);
  broker.advance(5 * INTERVAL_MS);
  assertEquals(payloads(client), []);
  const uptime = retainedAt(client, "$SYS/broker/uptime");
  assertEquals(uptime, ["60 seconds"]);
  broker.checkInvariants();
});

Deno.test("a wildcard at the beginning does not match the status", () => {
  const broker = telling();
  const client = dial(broker);
  for (const filter of ["#", "+/broker/uptime"]) {
    assertEquals(retainedAt(client, filter), []);
  }
  broker.advance(INTERVAL_MS);
  assertEquals(payloads(client), []);
  const all = retainedAt(client, "$SYS/#");
  assertEquals(all.length > 40, true);
});

Deno.test("no limit is for the status, and it counts for none", () => {
  const broker = telling({ retainedMax: 1, retainedBytesMax: 5000 });
  const { core } = broker;
  tell(dial(broker), { topic: "a", retain: true, payload: "x" });
  assertEquals([core.retained.size, core.counters.retainedRefused], [1, 0]);
  const all = retainedAt(dial(broker, { clientId: "b" }), "$SYS/#");
  assertEquals(all.length > 40, true);
});

Deno.test("only who may reads the status, and nobody writes it", () => {
  const all: AccessRule[] = [
    { allow: true, actions: "readwrite", filter: "#" },
  ];
  const status: AccessRule[] = [
    { allow: true, actions: "read", filter: "$SYS/#" },
  ];
  const broker = telling({
    authorizer: {
      rightsOf: (identity) =>
        compileRules(identity.clientId === "nosy" ? status : all, identity),
    },
  });
  const client = dial(broker, { clientId: "nosy" });
  const topic = "$SYS/broker/version";
  assertEquals(retainedAt(client, topic), ["broker version 1"]);
  const other = dial(broker, { clientId: "other" });
  // Its # does not match what begins with a $.
  assertEquals(retainedAt(other, "+/#"), []);
  other.send(publish({ topic, retain: true }));
  assertEquals(retainedAt(client, topic), ["broker version 1"]);
  assertEquals(broker.core.counters.publishDenied, 1);
});

Deno.test("the readings tell clients, what waits, what is in flight", () => {
  const broker = telling();
  const read = () => readingsOf(broker.core, NO_HOST);
  const away = dialStored(broker, "away");
  listen(away, "a", 1);
  away.send(disconnect());
  const reader = dialStored(broker, "reader");
  listen(reader, "a", 1);
  dial(broker).send(publish({ topic: "a", qos: 1, packetId: 1 }));
  broker.advance(1500);
  const { backlog, clients, inflight, sessions, uptimeMs } = read();
  assertEquals({ backlog, clients, inflight, sessions, uptimeMs }, {
    backlog: 1,
    clients: 2,
    inflight: 1,
    sessions: 3,
    uptimeMs: 1500,
  });
});

Deno.test("a listener's traffic is counted apart", () => {
  const broker = new TestBroker();
  const doors = [plainDoor("one"), plainDoor("other")] as const;
  const [teller, reader] = doors.map((door) => {
    const client = broker.open({ door });
    client.send(connect({ clientId: door.name }));
    client.bytes(); // CONNACK
    return client;
  });
  listen(reader!, "a");
  teller!.send(publish({ topic: "a" }));
  teller!.send(publish({ topic: "a" }));
  const { counters } = broker.core;
  assertEquals(doors.map((door) => door.publishReceived), [2, 0]);
  assertEquals(
    doors[0].bytesReceived + doors[1].bytesReceived,
    counters.bytesReceived,
  );
  assertEquals(doors[0].bytesSent + doors[1].bytesSent, counters.bytesSent);
  teller!.drop();
  const left = doors.map((door) => [door.connections, door.connectionsOpened]);
  assertEquals(left, [[0, 1], [1, 1]]);
});

/** What a client does, or does not do, and how its end is counted. */
const ENDS: readonly (readonly [EndCause, (broker: TestBroker) => void])[] = [
  ["client", (broker) => dial(broker).send(disconnect())],
  ["network", (broker) => dial(broker).drop()],
  ["protocol_error", (broker) => dial(broker).send(connect())],
  ["login_refused", (broker) => broker.open().send(connect({ level: 9 }))],
  ["taken_over", (broker) => {
    for (let i = 0; i < 2; i++) dial(broker, { clientId: "twin" });
  }],
  ["keep_alive", (broker) => {
    dial(broker, { keepAliveS: 1 });
    broker.advance(2000);
  }],
  ["too_slow", (broker) => {
    broker.open();
    broker.advance(20_000);
  }],
];

for (const [cause, end] of ENDS) {
  Deno.test(`an end is counted by its cause: ${cause}`, () => {
    const broker = new TestBroker();
    end(broker);
    const { ends, connectionsClosed } = broker.core.counters;
    const counted = Object.keys(END_CAUSES).filter((one) =>
      ends[one as EndCause] > 0
    );
    assertEquals([counted, ends[cause], connectionsClosed], [[cause], 1, 1]);
  });
}

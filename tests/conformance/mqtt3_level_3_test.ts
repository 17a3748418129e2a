/**
 * MQTT 3.1, the text of IBM and Eurotech of 2010, where it differs from
 * MQTT 3.1.1. It numbers no statements, so most names here begin with
 * "MQTT 3.1:". What is the same in both versions is not repeated.
 */

import { assert, assertEquals } from "@std/assert";
import { AccessRules } from "../../src/auth/access_rules.ts";
import {
  connect,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type Qos,
  subscribe,
  unsubscribe,
  withFlags,
} from "../support/wire.ts";
import {
  ask,
  asPublish,
  dial,
  expectAlive,
  expectEnd,
  expectNoEntry,
  expectRefusal,
  greet,
  listen,
  listener,
  messages,
  onlyMessage,
  payloads,
  settle,
  statement,
  tell,
} from "./talk.ts";

const OLD = { level: 3, clientId: "old" };
const DUP_BIT = 8;

statement("MQTT 3.1: MQIsdp with level 3 is accepted", (broker) => {
  const client = broker.open();
  client.send(connect(OLD));
  assertEquals(Array.from(client.bytes()), [0x20, 2, 0, 0]);
  expectAlive(client);
});

statement("MQTT 3.1: other protocol names are not served", (broker) => {
  for (const protocolName of ["MQIsd", "mqisdp", "MQIsdpp", "MQISDP"]) {
    expectNoEntry(broker, connect({ ...OLD, protocolName }), protocolName);
  }
});

statement("MQTT 3.1: an unknown level has return code 1", (broker) => {
  for (const level of [0, 1, 2]) {
    expectRefusal(broker, connect({ level, protocolName: "MQIsdp" }), 1);
  }
});

statement("MQTT 3.1: CONNACK has no session present", (broker) => {
  // Its first byte is reserved, so it is 0 even where a session goes on.
  const fields = { ...OLD, cleanSession: false };
  dial(broker, fields).send(subscribe(1, ["a", 1]));
  const { client, sessionPresent } = greet(broker, fields);
  assertEquals(sessionPresent, false);
  client.send(publish({ topic: "a", payload: "still here" }));
  assertEquals(payloads(client), ["still here"]);
});

statement(
  "MQTT 3.1: longer client ids are accepted unless it is strict",
  (broker) => {
    dial(broker, { ...OLD, clientId: "x".repeat(23) });
    dial(broker, { ...OLD, clientId: "x".repeat(24) });
    dial(broker, { ...OLD, clientId: "x".repeat(200) });
  },
);

statement(
  "[MQTT-3.1.3-9] MQTT 3.1: a strict broker wants 1 to 23 characters",
  (broker) => {
    for (const length of [24, 25, 200]) {
      const clientId = "x".repeat(length);
      expectRefusal(broker, connect({ ...OLD, clientId }), 2);
    }
    for (const clientId of ["x", "x".repeat(23)]) {
      dial(broker, { ...OLD, clientId });
    }
    // 3.1.1 leaves longer ids to the server, and this one has no such rule.
    dial(broker, { clientId: "x".repeat(24) });
  },
  { strictClientIdLength: true },
);

statement("MQTT 3.1: an empty client id is refused", (broker) => {
  for (const cleanSession of [true, false]) {
    const fields = { ...OLD, clientId: "", cleanSession };
    expectRefusal(broker, connect(fields), 2);
  }
});

statement(
  "MQTT 3.1: user name and password may be missing behind their flags",
  (broker) => {
    // The remaining length has precedence over the two flags.
    dial(broker, { ...OLD, flags: 0x82 });
    dial(broker, { ...OLD, flags: 0xc2 });
    dial(broker, { ...OLD, userName: "user", flags: 0xc2 });
    expectNoEntry(broker, connect({ ...OLD, password: "no user name" }));
  },
);

statement(
  "MQTT 3.1: what is said of a will where there is none is disregarded",
  (broker) => {
    const witness = listener(broker, "#", 2);
    // Will QoS, will retain, and the bit that is reserved.
    for (const bits of [0x08, 0x10, 0x18, 0x20, 0x38, 0x01, 0x39]) {
      dial(broker, { ...OLD, flags: 0x02 | bits }).drop();
    }
    assertEquals(messages(witness), []);
    const will = { topic: "will", qos: 3 as const };
    expectNoEntry(broker, connect({ ...OLD, will }));
    expectNoEntry(broker, connect({ clientId: "new", flags: 0x02 | 0x08 }));
  },
);

statement(
  "MQTT 3.1: who may not read is acknowledged as if it could",
  (broker) => {
    // Section 3.8: it "must therefore make a positive acknowledgement".
    const client = dial(broker, OLD);
    const packet = subscribe(1, ["a", 1], ["b", 2], ["c", 1]);
    assertEquals(ask(client, packet), [
      { type: "suback", packetId: 1, returnCodes: [1, 2, 1] },
    ]);
    const teller = dial(broker);
    for (const topic of ["a", "b", "c"]) tell(teller, { topic });
    assertEquals(messages(client).map(({ topic }) => topic), ["a"]);
  },
  {
    authorizer: new AccessRules({
      everyone: [[
        { allow: true, actions: "write", filter: "#" },
        { allow: true, actions: "read", filter: "a" },
      ]],
      anonymous: [],
      users: new Map(),
    }),
  },
);

statement(
  "MQTT 3.1: a subscription beyond a limit ends the connection",
  (broker) => {
    // It has no word for that, and an acknowledgement would be a promise.
    const client = dial(broker, OLD);
    expectEnd(client, subscribe(1, ["a", 1], ["b", 2]));
  },
  { subscriptionsMax: 1 },
);

statement(
  "MQTT 3.1: PUBREL, SUBSCRIBE and UNSUBSCRIBE may be sent with DUP",
  (broker) => {
    const client = dial(broker, OLD);
    const packet = subscribe(1, ["a", 1]);
    assertEquals(ask(client, withFlags(packet, 2 | DUP_BIT)), [
      { type: "suback", packetId: 1, returnCodes: [1] },
    ]);
    ask(client, publish({ topic: "b", qos: 2, packetId: 2 }));
    assertEquals(ask(client, withFlags(pubrel(2), 2 | DUP_BIT)), [
      { type: "pubcomp", packetId: 2 },
    ]);
    assertEquals(ask(client, withFlags(unsubscribe(3, "a"), 2 | DUP_BIT)), [
      { type: "unsuback", packetId: 3 },
    ]);
    expectAlive(client);
  },
);

statement("MQTT 3.1: violations end the connection", (broker) => {
  expectEnd(dial(broker, OLD), connect(OLD));
  expectEnd(dial(broker, OLD), publish({ topic: "a", qos: 3 }));
  expectEnd(dial(broker, OLD), publish({ topic: "a/#" }));
  expectEnd(dial(broker, OLD), subscribe(1, ["a", 3]));
});

statement("MQTT 3.1: the will is published on a loss", (broker) => {
  const witness = listener(broker, "will", 2);
  const will = { topic: "will", payload: "gone", qos: 2 as const };
  dial(broker, { ...OLD, will }).drop();
  assertEquals(onlyMessage(witness).payload, "gone");
});

statement("MQTT 3.1: keep alive is one and a half times", (broker) => {
  const client = dial(broker, { ...OLD, keepAliveS: 10 });
  broker.advance(14_900);
  assert(!client.closed);
  broker.advance(1_200);
  assert(client.closed);
});

statement(
  "MQTT 3.1: both versions exchange messages at every QoS",
  (broker) => {
    const old = listener(broker, "a", 2, OLD);
    const modern = listener(broker, "a", 2);
    for (const qos of [0, 1, 2] as Qos[]) {
      for (const level of [3, 4]) {
        const teller = dial(broker, { level, clientId: "teller" });
        const payload = `from level ${level}`;
        tell(teller, { topic: "a", payload, qos });
        for (const client of [old, modern]) {
          const got = messages(client);
          assertEquals(got.map((one) => [one.payload, one.qos]), [
            [payload, qos],
          ]);
          settle(client, got);
        }
      }
    }
  },
);

statement(
  "MQTT 3.1: a stored session repeats what is open, with DUP",
  (broker) => {
    const fields = { ...OLD, cleanSession: false };
    const client = dial(broker, fields);
    listen(client, "a", 2);
    const teller = dial(broker);
    tell(teller, { topic: "a", qos: 1 });
    tell(teller, { topic: "a", qos: 2 });
    const [one, two] = messages(client);
    ask(client, pubrec(two!.packetId));
    client.drop();
    const { client: back, packets } = greet(broker, fields);
    assertEquals(asPublish(packets[0]!), { ...one!, dup: true });
    assertEquals(packets[1], { type: "pubrel", packetId: two!.packetId });
    assertEquals(ask(back, pubcomp(two!.packetId)), []);
    settle(back, [one!]);
  },
);

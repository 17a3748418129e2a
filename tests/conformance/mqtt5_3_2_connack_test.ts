/**
 * MQTT 5.0, section 3.2: the CONNACK. Topic alias maximum is in
 * `mqtt5_3_3_alias_test.ts`.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { LoginAnswer } from "../../src/auth/authenticator.ts";
import { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  join,
  pingreq,
  publish,
  subscribe,
} from "../support/wire5.ts";
import {
  ask,
  brief,
  dial,
  expectAlive,
  expectConnack,
  expectDisconnect,
  greet,
  hear,
  listen,
  listener,
  messages,
  payloads,
  read,
  statement,
  STORED,
  tell,
} from "./talk5.ts";

/** A broker that refuses everybody for one reason. */
function refusing(result: LoginAnswer["result"]): TestBroker {
  return new TestBroker({
    loginDelayMs: 0,
    loginFailuresMax: 1_000_000,
    authenticator: {
      authenticate: (_request, answer) => answer({ result }),
    },
  });
}

statement(
  "[MQTT-3.2.0-1] the first answer is a CONNACK",
  (broker) => {
    listener(broker, "a", 1, STORED).drop();
    tell(dial(broker), { topic: "a", qos: 1, payload: "waits" });
    const more = [pingreq(), publish({ topic: "b", qos: 1 })];
    const answers = hear(broker.open(), join(connect(STORED), ...more));
    assertEquals(answers[0], "connack 00");
    assertEquals(
      answers.slice(1).sort(),
      ["pingresp", "puback 1 10", "publish a=waits"],
    );
  },
);

statement("[MQTT-3.2.0-2] a connection has one CONNACK", (broker) => {
  const { client, packets } = greet(broker);
  const everything = [
    ...packets,
    ...ask(client, subscribe(1, [{ filter: "a" }])),
    ...ask(client, publish({ topic: "a", qos: 2 })),
    ...ask(client, connect()),
  ];
  const types = everything.map(({ type }) => type);
  assert(!types.includes("connack"), `${types}`);
});

statement(
  "[MQTT-3.2.2-1] bits 7 to 1 of the flags are 0",
  (broker) => {
    const flagsOf = (bytes: Uint8Array): number => {
      const client = broker.open();
      client.send(bytes);
      const got = client.bytes();
      client.drop();
      return got[2]!;
    };
    const seen = [connect(), connect(STORED), connect(STORED)].map(flagsOf);
    assertEquals(seen, [0, 0, 1]);
  },
);

statement(
  "[MQTT-3.2.2-2] after clean start 1 session present is 0",
  (broker) => {
    dial(broker, STORED).drop();
    const fresh = { ...STORED, cleanStart: true };
    assertEquals(greet(broker, fresh).sessionPresent, false);
  },
);

statement(
  "[MQTT-3.2.2-3] after clean start 0 session present is the truth",
  (broker) => {
    const seen = [];
    for (let round = 0; round < 3; round++) {
      const { client, sessionPresent } = greet(broker, STORED);
      seen.push(sessionPresent);
      client.drop();
    }
    assertEquals(seen, [false, true, true]);
  },
);

statement(
  "[MQTT-3.2.2-6][MQTT-3.2.2-7] a refusal has session present 0 and ends",
  () => {
    let result: LoginAnswer["result"] = "allow";
    const broker = new TestBroker({
      authenticator: {
        authenticate: (_request, answer) => answer({ result }),
      },
    });
    dial(broker, STORED).drop();
    result = "not_authorized";
    expectConnack(broker, connect(STORED), 0x87);
    result = "allow";
    assertEquals(greet(broker, STORED).sessionPresent, true);
    broker.checkInvariants();
  },
);

statement(
  "[MQTT-3.2.2-8][MQTT-3.1.4-2] a failed login has its reason code",
  () => {
    const codes = [
      ["bad_credentials", 0x86],
      ["not_authorized", 0x87],
      ["unavailable", 0x88],
    ] as const;
    for (const [result, code] of codes) {
      const broker = refusing(result);
      const fields = { userName: "user", password: "wrong" };
      expectConnack(broker, connect(fields), code);
      broker.checkInvariants();
    }
  },
);

statement(
  "[MQTT-3.1.4-6] nothing behind a refused CONNECT is processed",
  () => {
    let result: LoginAnswer["result"] = "not_authorized";
    const broker = new TestBroker({
      authenticator: {
        authenticate: (_request, answer) => answer({ result }),
      },
    });
    const more = [publish({ topic: "a", retain: true }), pingreq()];
    expectConnack(broker, join(connect(), ...more), 0x87);
    result = "allow";
    assertEquals(listen(dial(broker), "a"), []);
    broker.checkInvariants();
  },
);

statement(
  "[MQTT-3.1.4-6] nothing behind a CONNECT is processed before the login",
  () => {
    for (const result of ["allow", "bad_credentials"] as const) {
      let answerNow: (() => void) | undefined;
      const broker = new TestBroker({
        authenticator: {
          authenticate: (_request, answer) => {
            answerNow = () => answer({ result });
          },
        },
      });
      const client = broker.open();
      const more = [pingreq(), publish({ topic: "a", qos: 1 })];
      client.send(join(connect(), ...more));
      assertEquals(read(client), [], "an answer before the login's");
      answerNow?.();
      const isAllowed = result === "allow";
      assertEquals(
        read(client).map(brief),
        isAllowed ? ["connack 00", "pingresp", "puback 1 10"] : ["connack 86"],
      );
      assertEquals(client.closed, !isAllowed);
      broker.checkInvariants();
    }
  },
);

statement(
  "[MQTT-3.2.2-10] subscriptions of every QoS are accepted",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.maximumQos, undefined);
    const wanted = [0, 1, 2].map((qos) => ({ filter: `a/${qos}`, qos }));
    const answer = hear(client, subscribe(1, wanted));
    assertEquals(answer, ["suback 1 00 01 02"]);
  },
);

statement(
  "[MQTT-3.2.2-15] a packet above the maximum of the CONNACK ends it",
  (broker) => {
    const { client, properties } = greet(broker);
    assertEquals(properties.maximumPacketSize, 200);
    const head = publish({ topic: "a" }).length;
    const fits = publish({ topic: "a", payload: "x".repeat(199 - head) });
    const large = publish({ topic: "a", payload: "x".repeat(201 - head) });
    assertEquals(ask(client, fits), []);
    expectAlive(client);
    expectDisconnect(client, large, 0x95);
  },
  { packetBytesMax: 200 },
);

statement(
  "[MQTT-3.2.2-15] its length alone ends it, before all of it came",
  (broker) => {
    const client = dial(broker);
    const large = publish({ topic: "a", payload: "x".repeat(5000) });
    expectDisconnect(client, large.subarray(0, 3), 0x95);
  },
  { packetBytesMax: 200 },
);

statement(
  "[MQTT-3.2.2-16][MQTT-3.1.3-6] an empty client id is replaced by a new one",
  (broker) => {
    const ids = new Set<unknown>();
    for (const cleanStart of [true, false, true]) {
      const { properties, sessionPresent, client } = greet(broker, {
        clientId: "",
        cleanStart,
      });
      assertEquals(sessionPresent, false);
      assertNotEquals(properties.assignedClientId, undefined);
      assertNotEquals(properties.assignedClientId, "");
      ids.add(properties.assignedClientId);
      listen(client, "a");
    }
    assertEquals(ids.size, 3);
  },
);

statement(
  "[MQTT-3.2.2-16] an assigned client id is not that of another client",
  (broker) => {
    // The test broker calls its clients auto-1, auto-2 and so on.
    const owners = [1, 2].map((at) =>
      dial(broker, { ...STORED, clientId: `auto-${at}` })
    );
    owners[1]!.drop();
    const { properties } = greet(broker, { clientId: "" });
    assertEquals(properties.assignedClientId, "auto-3");
    expectAlive(owners[0]!);
    const back = greet(broker, { ...STORED, clientId: "auto-2" });
    assertEquals(back.sessionPresent, true);
  },
);

statement(
  "[MQTT-3.1.3-7] an assigned client id is like one of the client's own",
  (broker) => {
    const first = greet(broker, { ...STORED, clientId: "" });
    const clientId = first.properties.assignedClientId!;
    listen(first.client, "a", 1);
    first.client.drop();
    tell(dial(broker), { topic: "a", qos: 1, payload: "waits" });
    const back = greet(broker, { ...STORED, clientId });
    assertEquals(back.sessionPresent, true);
    assertEquals(back.packets.map(brief), ["publish a=waits"]);
    assertEquals(back.properties.assignedClientId, undefined);
  },
);

statement(
  "[MQTT-3.2.2-19][MQTT-3.2.2-20] no CONNACK is larger than the client takes",
  () => {
    const broker = refusing("not_authorized");
    for (let size = 5; size < 200; size++) {
      const client = broker.open();
      client.send(connect({ properties: { maximumPacketSize: size } }));
      const { length } = client.bytes();
      assert(length <= size, `${length} bytes for a limit of ${size}`);
      assert(length > 0, "not a word");
      assert(client.closed);
    }
    broker.checkInvariants();
  },
);

statement(
  "[MQTT-3.2.2-21] the server keep alive replaces the client's",
  (broker) => {
    for (const keepAliveS of [0, 11, 65_535]) {
      const { client, properties } = greet(broker, { keepAliveS });
      assertEquals(properties.serverKeepAliveSeconds, 10);
      broker.advance(14_000);
      assert(!client.closed);
      broker.advance(2_000);
      assert(client.closed, `keep alive ${keepAliveS}`);
    }
  },
  { keepAliveSecondsMax: 10 },
);

statement(
  "[MQTT-3.2.2-22] without a server keep alive the client's holds",
  (broker) => {
    const { client, properties } = greet(broker, { keepAliveS: 5 });
    assertEquals(properties.serverKeepAliveSeconds, undefined);
    broker.advance(7_000);
    assert(!client.closed);
    broker.advance(1_500);
    assert(client.closed);
  },
  { keepAliveSecondsMax: 10 },
);

statement(
  "MQTT 5.0: a shorter session expiry is told in the CONNACK",
  (broker) => {
    const capped = greet(broker, STORED);
    assertEquals(capped.properties.sessionExpirySeconds, 100);
    capped.client.drop();
    broker.advance(99_000);
    const back = greet(broker, STORED);
    assertEquals(back.sessionPresent, true);
    back.client.drop();
    broker.advance(101_000);
    assertEquals(greet(broker, STORED).sessionPresent, false);
    const fields = { properties: { sessionExpirySeconds: 99 } };
    const { properties } = greet(broker, fields);
    assertEquals(properties.sessionExpirySeconds, undefined);
  },
  { sessionExpirySecondsMax: 100 },
);

statement("MQTT 5.0: nothing that is usual is told", (broker) => {
  const { properties } = greet(broker);
  const usual = [
    "sessionExpirySeconds",
    "maximumQos",
    "retainAvailable",
    "assignedClientId",
    "reasonString",
    "wildcardSubscriptionAvailable",
    "subscriptionIdsAvailable",
    "sharedSubscriptionAvailable",
    "serverKeepAliveSeconds",
    "authenticationMethod",
  ] as const;
  for (const name of usual) assertEquals(properties[name], undefined, name);
  const client = listener(broker, "a/+/#");
  client.send(publish({ topic: "a/b", payload: "x" }));
  assertEquals(payloads(client), ["x"]);
  assertEquals(messages(client), []);
});

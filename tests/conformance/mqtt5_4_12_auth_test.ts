/**
 * MQTT 5.0, sections 3.15 and 4.12: AUTH and enhanced authentication, with a
 * method made for these tests.
 */

import { assert, assertEquals } from "@std/assert";
import type {
  AuthExchange,
  EnhancedAuthenticator,
} from "../../src/auth/enhanced_authenticator.ts";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  auth,
  connect,
  type ConnectFields,
  disconnect,
  join,
  pingreq,
  publish,
  type ServerPacket,
  subscribe,
  withFlags,
} from "../support/wire5.ts";
import {
  ask,
  brief,
  dial,
  expectAlive,
  expectConnack,
  expectDisconnect,
  FAULTY,
  hear,
  listener,
  payloads,
  read,
  statement,
} from "./talk5.ts";

const METHOD = "LADDER";

/** The client says 1, is told 2, says 3 and is let in with 4. */
function ladder(): AuthExchange {
  let step = 1;
  const bytes = (text: string) => new TextEncoder().encode(text);
  return {
    next(data, answer) {
      const said = data === undefined ? "" : new TextDecoder().decode(data);
      if (said === "forbidden") return answer({ result: "not_authorized" });
      if (said !== `${step}`) return answer({ result: "bad_credentials" });
      step += 2;
      if (step === 3) return answer({ result: "continue", data: bytes("2") });
      answer({ result: "allow", data: bytes("4"), userName: "ada" });
    },
  };
}

const LADDER: EnhancedAuthenticator = { method: METHOD, begin: ladder };
const WITH_LADDER = { enhancedAuthenticators: [LADDER] };

/** A CONNECT that begins to climb. */
function first(authenticationData = "1"): ConnectFields {
  return {
    clientId: "climber",
    properties: { authenticationMethod: METHOD, authenticationData },
  };
}

/** An AUTH of the client. */
function say(reason: number, authenticationData: string): Uint8Array {
  return auth(reason, { authenticationMethod: METHOD, authenticationData });
}

/** The data of a packet that has some. */
function dataOf(packet: ServerPacket | undefined): unknown {
  assert(packet !== undefined && "properties" in packet, "no packet");
  return packet.properties.authenticationData;
}

/** A client that was asked to go on. */
function half(broker: TestBroker, fields = first()): TestClient {
  const client = broker.open();
  assertEquals(hear(client, connect(fields)), ["auth 18"]);
  return client;
}

/** A client that was let in. */
function climbed(broker: TestBroker, fields = first()): TestClient {
  const client = half(broker, fields);
  assertEquals(hear(client, say(0x18, "3")), ["connack 00"]);
  return client;
}

statement(
  "[MQTT-4.12.0-1] a method that nobody knows is refused",
  (broker) => {
    for (const authenticationMethod of ["", "ladder", "SCRAM-SHA-1"]) {
      const properties = { authenticationMethod };
      const bytes = connect({ properties });
      expectConnack(broker, bytes, [0x8c, 0x87], authenticationMethod);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-1] without any method every one is refused",
  (broker) => {
    expectConnack(broker, connect(first()), [0x8c, 0x87]);
  },
);

statement(
  "[MQTT-4.12.0-2][MQTT-4.12.0-3] a login of several steps",
  (broker) => {
    const client = broker.open();
    const asked = ask(client, connect(first()));
    assertEquals(asked.map(brief), ["auth 18"]);
    assertEquals(dataOf(asked[0]), "2");
    const accepted = ask(client, say(0x18, "3"));
    assertEquals(accepted.map(brief), ["connack 00"]);
    assertEquals(dataOf(accepted[0]), "4");
    expectAlive(client);
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-3] an AUTH that does not go on is a fault",
  (broker) => {
    const wrong = [
      say(0x00, "3"),
      say(0x19, "3"),
      auth(),
      auth(0x18),
      auth(0x18, { authenticationMethod: "other", authenticationData: "3" }),
      auth(0x18, { authenticationData: "3" }),
    ];
    for (const bytes of wrong) {
      const client = half(broker);
      client.send(bytes);
      assert(client.closed, `${bytes}`);
      const answers = read(client).map(brief);
      const allowed = ["", "connack 81", "connack 82", "connack 8c"];
      assert(allowed.includes(answers.join()), `${answers} to ${bytes}`);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-4] a login may be refused at every step",
  (broker) => {
    expectConnack(broker, connect(first("wrong")), [0x86, 0x87]);
    expectConnack(broker, connect(first("forbidden")), 0x87);
    const none = { properties: { authenticationMethod: METHOD } };
    expectConnack(broker, connect(none), [0x86, 0x87]);
    for (const data of ["wrong", "1", "forbidden"]) {
      const client = half(broker);
      const [answer, ...more] = hear(client, say(0x18, data));
      assert(/^connack 8[67]$/.test(answer ?? ""), answer);
      assertEquals(more, []);
      assert(client.closed);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-5] AUTH and CONNACK repeat the method",
  (broker) => {
    const client = broker.open();
    const packets = [
      ...ask(client, connect(first())),
      ...ask(client, say(0x18, "3")),
      ...ask(client, say(0x19, "1")),
      ...ask(client, say(0x18, "3")),
    ];
    assertEquals(packets.map(brief), [
      "auth 18",
      "connack 00",
      "auth 18",
      "auth 00",
    ]);
    for (const packet of packets) {
      assert("properties" in packet);
      assertEquals(packet.properties.authenticationMethod, METHOD);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-6] without a method there is neither AUTH nor method",
  (broker) => {
    const client = broker.open();
    const [answer, ...more] = ask(client, connect());
    assertEquals(more, []);
    assert(answer?.type === "connack");
    assertEquals(answer.properties.authenticationMethod, undefined);
    assertEquals(answer.properties.authenticationData, undefined);
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.0-7] without a method an AUTH is a protocol error",
  (broker) => {
    for (const reason of [0x18, 0x19]) {
      expectDisconnect(dial(broker), say(reason, "1"), 0x82);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.1-1] a client may log in again while it works",
  (broker) => {
    const client = climbed(broker);
    const witness = listener(broker, "a");
    const asked = ask(client, say(0x19, "1"));
    assertEquals(asked.map(brief), ["auth 18"]);
    assertEquals(dataOf(asked[0]), "2");
    // Between the steps all goes on.
    const message = publish({ topic: "a", qos: 1, payload: "x" });
    assertEquals(hear(client, message), ["puback 1 00"]);
    assertEquals(payloads(witness), ["x"]);
    const done = ask(client, say(0x18, "3"));
    assertEquals(done.map(brief), ["auth 00"]);
    assertEquals(dataOf(done[0]), "4");
    expectAlive(client);
    assertEquals(hear(client, say(0x19, "1")), ["auth 18"], "once more");
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.1-1] it keeps its first method",
  (broker) => {
    const wrong = [
      auth(0x19, { authenticationMethod: "other", authenticationData: "1" }),
      auth(0x19, { authenticationData: "1" }),
      auth(0x19),
      say(0x18, "1"),
      say(0x00, "1"),
    ];
    for (const bytes of wrong) {
      expectDisconnect(climbed(broker), bytes, [...FAULTY, 0x87, 0x8c]);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-4.12.1-2] a login that fails later ends the connection",
  (broker) => {
    const witness = listener(broker, "will");
    const will = { topic: "will", payload: "gone" };
    const client = climbed(broker, { ...first(), will });
    expectDisconnect(client, say(0x19, "wrong"), [0x87, 0x8c]);
    assertEquals(payloads(witness), ["gone"]);
    const second = climbed(broker);
    assertEquals(hear(second, say(0x19, "1")), ["auth 18"]);
    expectDisconnect(second, say(0x18, "wrong"), [0x87, 0x8c]);
  },
  WITH_LADDER,
);

statement(
  "[MQTT-3.1.2-30] before the CONNACK only AUTH and DISCONNECT may come",
  (broker) => {
    const witness = listener(broker, "a");
    const packets = [
      publish({ topic: "a" }),
      subscribe(1, [{ filter: "a" }]),
      pingreq(),
      connect(),
    ];
    for (const bytes of packets) {
      const client = half(broker);
      client.send(join(bytes, say(0x18, "3")));
      assert(client.closed, `${bytes}`);
      const answers = read(client).map(brief);
      const allowed = ["", "connack 81", "connack 82"];
      assert(allowed.includes(answers.join()), `${answers}`);
    }
    assertEquals(payloads(witness), []);
    const gone = half(broker);
    assertEquals(ask(gone, disconnect()), []);
    assert(gone.closed);
  },
  WITH_LADDER,
);

statement(
  "MQTT 5.0: who does not finish its login in time is cut off",
  (broker) => {
    const client = half(broker);
    broker.advance(3_600_000);
    assert(client.closed);
  },
  WITH_LADDER,
);

statement(
  "MQTT 5.0: a half login replaces nobody",
  (broker) => {
    const old = dial(broker, { clientId: "climber" });
    const client = half(broker);
    expectAlive(old);
    assertEquals(hear(client, say(0x18, "3")), ["connack 00"]);
    assert(old.closed);
  },
  WITH_LADDER,
);

statement(
  "[MQTT-3.15.1-1] an AUTH with other flags than 0 is malformed",
  (broker) => {
    for (let flags = 1; flags < 16; flags++) {
      const packet = withFlags(say(0x19, "1"), flags);
      expectDisconnect(climbed(broker), packet, 0x81, `flags ${flags}`);
    }
  },
  WITH_LADDER,
);

statement(
  "[MQTT-3.15.2-1] AUTH has a reason code of its table",
  (broker) => {
    for (let reason = 0; reason < 256; reason++) {
      if (reason === 0x18 || reason === 0x19) continue;
      expectDisconnect(climbed(broker), say(reason, "1"), FAULTY);
    }
    // The server's own are checked by the decoder of wire5_server.ts.
    assertEquals(hear(climbed(broker), say(0x19, "1")), ["auth 18"]);
  },
  WITH_LADDER,
);

statement(
  "[MQTT-3.15.2-2][MQTT-3.15.2-3] an AUTH fits its receiver",
  (broker) => {
    for (let size = 40; size < 120; size++) {
      const fields = first();
      const properties = { ...fields.properties, maximumPacketSize: size };
      const client = broker.open();
      for (
        const bytes of [connect({ ...fields, properties }), say(0x18, "3")]
      ) {
        client.send(bytes);
        const { length } = client.bytes();
        assert(length > 0 && length <= size, `${length}, not ${size}`);
      }
      client.drop();
    }
  },
  WITH_LADDER,
);

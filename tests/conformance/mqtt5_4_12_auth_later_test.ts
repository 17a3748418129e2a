/**
 * MQTT 5.0, section 4.12: enhanced authentication whose answers come later,
 * as those of a remote service do.
 */

import { assert, assertEquals } from "@std/assert";
import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import { auth, connect, join, pingreq, publish } from "../support/wire5.ts";
import { brief, hear, listener, payloads, read, statement } from "./talk5.ts";

const METHOD = "SLOW";
const CONNECT = connect({
  clientId: "climber",
  properties: { authenticationMethod: METHOD },
});
const NEXT = auth(0x18, { authenticationMethod: METHOD });
const AGAIN = auth(0x19, { authenticationMethod: METHOD });

const CONTINUE: AuthStep = { result: "continue", data: undefined };
const ALLOW: AuthStep = {
  result: "allow",
  data: undefined,
  userName: undefined,
};

/** A broker, and how to answer the oldest question that waits. */
function slow(): { broker: TestBroker; answer: (step: AuthStep) => void } {
  const waiting: ((step: AuthStep) => void)[] = [];
  const exchange = {
    next(_data: Uint8Array | undefined, answer: (step: AuthStep) => void) {
      waiting.push(answer);
    },
  };
  const broker = new TestBroker({
    enhancedAuthenticators: [{ method: METHOD, begin: () => exchange }],
  });
  const answer = (step: AuthStep) => waiting.shift()!(step);
  return { broker, answer };
}

/** Fails unless nothing has come and the connection is open. */
function expectSilence(client: TestClient): void {
  assertEquals(read(client), []);
  assert(!client.closed, client.closeReason);
}

statement("[MQTT-4.12.0-2] each step may take its time", () => {
  const { broker, answer } = slow();
  const client = broker.open();
  client.send(CONNECT);
  expectSilence(client);
  answer(CONTINUE);
  assertEquals(read(client).map(brief), ["auth 18"]);
  client.send(NEXT);
  expectSilence(client);
  answer(ALLOW);
  assertEquals(read(client).map(brief), ["connack 00"]);
  assertEquals(hear(client, pingreq()), ["pingresp"]);
  broker.checkInvariants();
});

statement("[MQTT-3.1.4-6] what came before the answer waits for it", () => {
  for (const step of [ALLOW, { result: "not_authorized" } as const]) {
    const { broker, answer } = slow();
    const client = broker.open();
    client.send(join(CONNECT, publish({ topic: "a", qos: 1 })));
    expectSilence(client);
    answer(step);
    const isAllowed = step === ALLOW;
    assertEquals(
      read(client).map(brief),
      isAllowed ? ["connack 00", "puback 1 10"] : ["connack 87"],
    );
    assertEquals(client.closed, !isAllowed);
    broker.checkInvariants();
  }
});

statement("[MQTT-4.12.0-4] an answer for someone who is gone is lost", () => {
  for (const step of [ALLOW, CONTINUE]) {
    const { broker, answer } = slow();
    const client = broker.open();
    client.send(CONNECT);
    client.drop();
    answer(step);
    broker.checkInvariants();
    assertEquals(broker.core.sessions.size, 0);
  }
});

statement("[MQTT-4.12.1-1] a client works on while it logs in again", () => {
  const { broker, answer } = slow();
  const client = broker.open();
  client.send(CONNECT);
  answer(ALLOW);
  assertEquals(read(client).map(brief), ["connack 00"]);
  const witness = listener(broker, "a");
  client.send(AGAIN);
  const message = publish({ topic: "a", qos: 1, payload: "x" });
  assertEquals(hear(client, message), ["puback 1 00"]);
  assertEquals(payloads(witness), ["x"]);
  answer(ALLOW);
  assertEquals(read(client).map(brief), ["auth 00"]);
  broker.checkInvariants();
});

statement("[MQTT-4.12.1-2] a refusal that comes later ends it", () => {
  const { broker, answer } = slow();
  const client = broker.open();
  client.send(CONNECT);
  answer(ALLOW);
  assertEquals(hear(client, AGAIN), ["connack 00"]);
  answer({ result: "bad_credentials" });
  assertEquals(read(client).map(brief), ["disconnect 87"]);
  assert(client.closed);
  broker.checkInvariants();
});

statement("[MQTT-4.12.1-2] an answer behind the client's end is lost", () => {
  for (const step of [ALLOW, { result: "unavailable" } as const]) {
    const { broker, answer } = slow();
    const client = broker.open();
    client.send(CONNECT);
    answer(ALLOW);
    client.send(AGAIN);
    client.drop();
    answer(step);
    assertEquals(broker.core.connections.size, 0);
    broker.checkInvariants();
  }
});

statement("MQTT 5.0: a name that no method has proved is none (4.12)", () => {
  for (const proved of [undefined, "ada"]) {
    const { broker, answer } = slow();
    const client = broker.open();
    client.send(connect({
      clientId: "climber",
      userName: "eve",
      properties: { authenticationMethod: METHOD },
    }));
    answer({ ...ALLOW, userName: proved });
    assertEquals(read(client).map(brief), ["connack 00"]);
    assertEquals(broker.core.sessions.get("climber")!.userName, proved);
  }
});

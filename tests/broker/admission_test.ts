/**
 * What a login makes of a client: another name, another client id, an end of
 * its time; and what is said of a login that is not good, to whom.
 */

import { assert, assertEquals } from "@std/assert";
import type { LoginAnswer } from "../../src/auth/authenticator.ts";
import { plainDoor } from "../../src/broker/door.ts";
import * as talk from "../conformance/talk.ts";
import {
  dial,
  expectConnack,
  expectGone,
  greet,
  hear,
  listen,
  listener,
  payloads,
  read,
  STORED,
} from "../conformance/talk5.ts";
import { TestBroker, type TestBrokerOptions } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import { auth, connect, pingreq } from "../support/wire5.ts";
import { logged, PendingLogins, renew, sessionOf } from "./setting.ts";
import { Rulebook } from "./rulebook.ts";

/** A broker of which every login has this answer. */
function answering(
  answer: LoginAnswer,
  options: TestBrokerOptions = {},
): TestBroker {
  return new TestBroker({
    ...options,
    authenticator: { authenticate: (_request, decide) => decide(answer) },
  });
}

Deno.test("the client is who its login says it is", () => {
  const broker = answering({
    result: "allow",
    userName: "ada",
    clientId: "phone",
  }, { authorizer: { rightsOf: (who) => (asked.push(who), rights) } });
  const asked: unknown[] = [];
  const rights = new Rulebook({}).rightsOf({ clientId: "", userName: "" });
  const fields = { clientId: "other", userName: "eve" };
  dial(broker, fields);
  const { userName } = sessionOf(broker, "phone");
  assertEquals(userName, "ada");
  assertEquals(asked, [{ clientId: "phone", userName: "ada" }]);
  assertEquals([...broker.core.sessions.keys()], ["phone"]);
  // By that id it is taken over.
  const second = dial(broker, { ...fields, clientId: "third" });
  assertEquals(broker.core.counters.takeOvers, 1);
  assertEquals(broker.core.sessions.size, 1);
  assert(!second.closed);
  broker.checkInvariants();
});

Deno.test("a session is found by the client id that the login gives", () => {
  const broker = answering({ result: "allow", clientId: "phone" });
  const client = dial(broker, { ...STORED, clientId: "x" });
  listen(client, "a", 1);
  client.drop();
  const back = greet(broker, { ...STORED, clientId: "y" });
  assertEquals(back.sessionPresent, true);
  assertEquals(back.properties.assignedClientId, undefined);
});

Deno.test("who has sent no client id is told the login's", () => {
  const broker = answering({ result: "allow", clientId: "phone" });
  const { properties } = greet(broker, { clientId: "" });
  assertEquals(properties.assignedClientId, "phone");
  assertEquals(talk.greet(broker, { clientId: "" }).packets, []);
});

Deno.test("a client id of a login is subject to the limits", () => {
  const options = { clientIdBytesMax: 30 };
  for (const clientId of ["x".repeat(31), "ä".repeat(16), "a\0b"]) {
    const broker = answering({ result: "allow", clientId }, options);
    expectConnack(broker, connect(), 0x85, clientId);
    talk.expectRefusal(broker, wire.connect(), 2);
    assertEquals(broker.core.sessions.size, 0);
    broker.checkInvariants();
  }
  const longest = "ä".repeat(15);
  const broker = answering({ result: "allow", clientId: longest }, options);
  dial(broker);
  sessionOf(broker, longest);
});

Deno.test("the time of a login ends: 0xA0, and the will goes out", () => {
  const broker = answering({ result: "allow", validMs: 5000 });
  const will = { topic: "w", payload: "over" };
  const client = dial(broker, { clientId: "new", will });
  const old = talk.dial(broker, { clientId: "old", will });
  broker.advance(4000);
  const late = listener(broker, "w", 0, { clientId: "late" });
  broker.advance(999);
  assert(!client.closed && !old.closed);
  // It is no silence: a busy client has to go as well.
  client.send(pingreq());
  old.send(wire.pingreq());
  read(client);
  talk.read(old);
  broker.advance(1);
  expectGone(client, 0xa0);
  assert(old.closed);
  assertEquals(talk.read(old), []);
  assertEquals(payloads(late), ["over", "over"]);
  assertEquals(logged(broker, "timeout").map(({ message }) => message), [
    "the time for which the login was good is over",
    "the time for which the login was good is over",
  ]);
  broker.checkInvariants();
});

Deno.test("a time that was over before it began ends at once", () => {
  for (const validMs of [0, -1000]) {
    const broker = answering({ result: "allow", validMs });
    const client = broker.open();
    client.send(connect());
    broker.advance(0);
    assert(client.closed);
    assertEquals(broker.core.connections.size, 0);
    broker.checkInvariants();
  }
});

Deno.test("the time of a login begins when its answer comes", () => {
  const waiting: ((answer: LoginAnswer) => void)[] = [];
  const broker = new TestBroker({
    authenticator: {
      authenticate: (_request, answer) => waiting.push(answer),
    },
  });
  const client = broker.open();
  client.send(connect());
  broker.advance(3000);
  waiting.pop()!({ result: "allow", validMs: 2000 });
  broker.advance(1999);
  assert(!client.closed);
  broker.advance(1);
  assert(client.closed);
});

Deno.test("each door has its own authenticator, or the broker's", () => {
  const broker = answering({ result: "allow", userName: "anybody" });
  const refusing = plainDoor("strict", {
    authenticator: {
      authenticate: ({ userName }, answer) =>
        answer({ result: userName === "ada" ? "allow" : "bad_credentials" }),
    },
  });
  dial(broker, { clientId: "a" });
  assertEquals(sessionOf(broker, "a").userName, "anybody");
  const eve = broker.open({ door: refusing });
  assertEquals(hear(eve, connect({ userName: "eve" })), ["connack 86"]);
  const ada = broker.open({ door: refusing });
  const fields = { clientId: "b", userName: "ada" };
  assertEquals(hear(ada, connect(fields)), ["connack 00"]);
  assertEquals(sessionOf(broker, "b").userName, "ada");
  assertEquals(refusing.connections, 1);
  broker.checkInvariants();
});

Deno.test("a door's authenticator gets what is known of the client", () => {
  const requests: unknown[] = [];
  const door = plainDoor("seen", {
    authenticator: {
      authenticate: (request, answer) => {
        requests.push({ ...request, password: request.password?.slice() });
        answer({ result: "allow" });
      },
    },
  });
  const certificate = { commonName: "ada", subject: "CN=ada" };
  const client = new TestBroker().open({ door, host: "::1", certificate });
  client.send(connect({ userName: "u", password: "p" }));
  assertEquals(requests, [{
    clientId: "client",
    userName: "u",
    password: Uint8Array.of(0x70),
    address: "::1:10001",
    certificate,
  }]);
});

Deno.test("a question that nobody answers is a refusal", () => {
  const broker = answering({ result: "pass" });
  const { reasonString } = expectConnack(broker, connect(), 0x87);
  assertEquals(reasonString, "nobody vouches for this client");
  talk.expectRefusal(broker, wire.connect(), 5);
  assertEquals(broker.core.counters.loginsRefused, 2);
});

Deno.test("why a login is refused is for the log only", () => {
  const detail = "the token is of another audience";
  for (const result of ["bad_credentials", "unavailable"] as const) {
    const broker = answering({ result, detail });
    const client = broker.open();
    client.send(connect());
    const text = new TextDecoder().decode(client.bytes());
    assert(text.length > 4 && !text.includes("audience"), text);
    const [line, ...more] = logged(broker, "login_refused");
    assertEquals(more, []);
    assertEquals([line!.level, line!.message], ["warn", detail]);
    assertEquals(line!.fields, { address: client.address });
  }
  const broker = answering({ result: "bad_credentials" });
  broker.open().send(connect());
  assertEquals(logged(broker, "login_refused"), []);
});

Deno.test("an answer that waits and a client that leaves", () => {
  const logins = new PendingLogins();
  const broker = new TestBroker({ authenticator: logins });
  const client = broker.open();
  client.send(connect());
  client.drop();
  logins.answer("bad_credentials");
  assertEquals(broker.core.counters.loginsRefused, 0);
  assertEquals(logged(broker, "connection_refused"), []);
  broker.checkInvariants();
});

Deno.test("logging in again renews the proof", () => {
  const unwanted = new Set<unknown>();
  let proof = 0;
  const broker = new TestBroker({
    enhancedAuthenticators: [{
      method: "M",
      begin: () => ({
        next: (data, answer) =>
          answer({
            result: "allow",
            data,
            userName: undefined,
            proof: ++proof,
          }),
      }),
      stillAdmits: (given) => !unwanted.has(given),
    }],
  });
  const properties = { authenticationMethod: "M" };
  const client = dial(broker, { properties });
  unwanted.add(1);
  assertEquals(hear(client, auth(0x19, properties)), ["auth 00"]);
  renew(broker);
  assert(!client.closed);
  unwanted.add(2);
  renew(broker);
  expectGone(client, 0x87);
});

/**
 * What a ban is worth: connections that were there before it are no way
 * around it, nor is a login that was asked about before, nor AUTH.
 */

import { assert, assertEquals } from "@std/assert";
import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { brief, dial, expectGone, hear, read } from "../conformance/talk5.ts";
import * as talk from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import { auth, connect } from "../support/wire5.ts";

const METHOD = { authenticationMethod: "M" };

/** A broker that bans after two failures; answers come from the test. */
function strict() {
  const asked: string[] = [];
  const answers: ((isGood: boolean) => void)[] = [];
  const steps: ((step: AuthStep) => void)[] = [];
  const broker = new TestBroker({
    loginFailuresMax: 1,
    loginBanMs: 30_000,
    authenticator: {
      authenticate({ clientId, userName }, answer) {
        asked.push(clientId);
        const decide = (isGood: boolean) =>
          answer({ result: isGood ? "allow" : "bad_credentials" });
        if (userName === "later") answers.push(decide);
        else decide(userName === "ada");
      },
    },
    enhancedAuthenticators: [{
      method: "M",
      begin: () => ({ next: (_data, answer) => void steps.push(answer) }),
    }],
  });
  return { broker, asked, answers, steps };
}

/** The address of the test's clients is banned from here on. */
function ban(broker: TestBroker): void {
  for (let i = 0; i < 2; i++) {
    assertEquals(hear(broker.open(), connect()), ["connack 86"]);
  }
  assertEquals(broker.open().connection, undefined);
}

/** What it is told, and that it is gone. */
function lastWord(client: TestClient): string[] {
  const words = read(client).map(brief);
  assert(client.closed);
  return words;
}

Deno.test("who has connected before a ban can't guess after it", () => {
  const { broker, asked } = strict();
  const early = [broker.open(), broker.open()];
  const other = broker.open({ host: "192.0.2.2" });
  const old = broker.open();
  ban(broker);
  for (const [at, userName] of ["eve", "ada"].entries()) {
    early[at]!.send(connect({ clientId: "early", userName }));
    assertEquals(lastWord(early[at]!), ["connack 8a"]);
  }
  old.send(wire.connect({ clientId: "early", userName: "ada" }));
  const refused = { type: "connack", flags: 0, returnCode: 5 } as const;
  assertEquals(talk.read(old), [refused]);
  assert(!asked.includes("early"));
  assertEquals(hear(other, connect({ userName: "ada" })), ["connack 00"]);
  broker.checkInvariants();
  // It ends, and was not made longer by those who were not asked about.
  broker.advance(30_000);
  dial(broker, { userName: "ada" });
});

Deno.test("an answer that comes after the ban is not told", () => {
  const { broker, answers } = strict();
  const waiting = [true, false].map((isGood) => {
    const client = broker.open();
    client.send(connect({ clientId: `${isGood}`, userName: "later" }));
    return { client, isGood };
  });
  ban(broker);
  for (const { client, isGood } of waiting) {
    answers.shift()!(isGood);
    assertEquals(lastWord(client), ["connack 8a"]);
  }
  assertEquals(broker.core.sessions.size, 0);
  broker.checkInvariants();
});

Deno.test("a login of several steps is no way around a ban", () => {
  const { broker, steps } = strict();
  const clients = [1, 2].map((id) => {
    const client = broker.open();
    client.send(connect({ clientId: `${id}`, properties: METHOD }));
    return client;
  });
  for (const step of steps.splice(0)) {
    step({ result: "continue", data: undefined });
  }
  clients[1]!.send(auth(0x18, METHOD));
  ban(broker);
  clients[0]!.send(auth(0x18, METHOD));
  assertEquals(steps.length, 1, "nobody is asked any more");
  steps.pop()!({ result: "allow", data: undefined, userName: "ada" });
  for (const client of clients) {
    const words = lastWord(client);
    assertEquals(words, ["auth 18", "connack 8a"]);
  }
  assertEquals(broker.core.sessions.size, 0);
  broker.checkInvariants();
});

Deno.test("who fails to log in again has failed to log in", () => {
  const { broker, steps } = strict();
  const clients = [1, 2].map((id) => {
    const client = broker.open();
    client.send(connect({ clientId: `${id}`, properties: METHOD }));
    steps.pop()!({ result: "allow", data: undefined, userName: "ada" });
    assertEquals(read(client).map(brief), ["connack 00"]);
    return client;
  });
  for (const client of clients) {
    client.send(auth(0x19, METHOD));
    steps.pop()!({ result: "bad_credentials" });
    expectGone(client, 0x87);
  }
  assertEquals(broker.open().connection, undefined);
  broker.checkInvariants();
});

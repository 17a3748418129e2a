/**
 * `sessionsPerUserMax`: one user can't have all the sessions that there may
 * be. What counts, what no longer counts, and who is let in all the same.
 */

import { assert, assertEquals } from "@std/assert";
import * as talk from "../conformance/talk.ts";
import {
  dial,
  expectConnack,
  expectGone,
  greet,
} from "../conformance/talk5.ts";
import { RecordingStore } from "../store/recording_store.ts";
import { TestBroker } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import { connect, type ConnectFields, disconnect } from "../support/wire5.ts";
import { logged } from "./setting.ts";

const QUOTA_EXCEEDED = 0x97;

/** A CONNECT of a session that stays for an hour. */
function kept(userName: string | undefined, clientId: string): ConnectFields {
  return {
    clientId,
    cleanStart: false,
    properties: { sessionExpirySeconds: 3600 },
    ...(userName !== undefined && { userName }),
  };
}

function limited(sessionsPerUserMax = 2): TestBroker {
  return new TestBroker({ sessionsPerUserMax });
}

/** Fails unless one more of a user is refused. */
function expectFull(broker: TestBroker, userName: string | undefined): void {
  const more = connect(kept(userName, "one more"));
  expectConnack(broker, more, QUOTA_EXCEEDED);
  assert(!broker.core.sessions.has("one more"));
  broker.checkInvariants();
}

Deno.test("a user has so many sessions and no more", () => {
  const broker = limited();
  dial(broker, kept("ada", "1")).drop();
  const second = dial(broker, kept("ada", "2"));
  expectFull(broker, "ada");
  assertEquals(broker.core.counters.loginsRefused, 1);
  const [line] = logged(broker, "connection_refused");
  assertEquals(line!.message, "too many sessions of this user");
  talk.expectRefusal(
    broker,
    wire.connect({ clientId: "3", userName: "ada", cleanSession: false }),
    3,
  );
  // Those who are known come back, with their session or with a new one.
  assert(greet(broker, kept("ada", "1")).sessionPresent);
  const anew = { ...kept("ada", "2"), cleanStart: true };
  dial(broker, anew);
  assert(second.closed, "taken over");
  // A clean session is gone with its connection, and others have their own.
  dial(broker, { clientId: "clean", userName: "ada" });
  dial(broker, kept("ben", "3"));
  expectFull(broker, "ada");
});

Deno.test("clients without a name are one user", () => {
  const broker = limited();
  dial(broker, kept(undefined, "1"));
  dial(broker, kept("", "2"));
  expectFull(broker, undefined);
  expectFull(broker, "");
  dial(broker, kept("ada", "3"));
});

Deno.test("a session that ends makes room", () => {
  const broker = limited(1);
  dial(broker, kept("ada", "expires")).drop();
  expectFull(broker, "ada");
  broker.advance(3600_000);
  const leaves = dial(broker, kept("ada", "leaves"));
  expectFull(broker, "ada");
  // It says so only when it goes: MQTT 5.0 section 3.14.2.2.2.
  leaves.send(disconnect(0, { sessionExpirySeconds: 0 }));
  const shortens = dial(broker, kept("ada", "shortens"));
  shortens.drop();
  dial(broker, { ...kept("ada", "shortens"), properties: {} }).drop();
  dial(broker, kept("ada", "ends")).drop();
  dial(broker, { clientId: "ends", userName: "ada", cleanStart: true });
  dial(broker, kept("ada", "last"));
  expectFull(broker, "ada");
});

Deno.test("who is refused takes nobody's place", () => {
  const broker = limited(1);
  dial(broker, kept("eve", "1"));
  const ada = dial(broker, kept("ada", "2"));
  expectConnack(broker, connect(kept("eve", "2")), QUOTA_EXCEEDED);
  assert(!ada.closed);
  // With room it may: ada's session ends, and counts no more.
  dial(broker, kept("ben", "2"));
  expectGone(ada, 0x8e);
  dial(broker, kept("ada", "3"));
  broker.checkInvariants();
});

Deno.test("a clean session that is to be kept now counts", () => {
  const broker = limited(1);
  dial(broker, kept("ada", "1"));
  const clean = dial(broker, { clientId: "2", userName: "ada" });
  expectConnack(broker, connect(kept("ada", "2")), QUOTA_EXCEEDED);
  assert(!clean.closed);
});

Deno.test("sessions that a store has kept count", () => {
  const store = new RecordingStore();
  const before = new TestBroker({ store });
  dial(before, kept("ada", "1")).drop();
  dial(before, kept("ada", "2")).drop();
  const broker = new TestBroker({ store, sessionsPerUserMax: 1 });
  broker.checkInvariants();
  expectFull(broker, "ada");
  // There are more than may be, and all of them are served.
  for (const clientId of ["1", "2"]) {
    assert(greet(broker, kept("ada", clientId)).sessionPresent);
  }
  expectFull(broker, "ada");
});

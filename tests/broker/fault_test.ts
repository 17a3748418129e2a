/**
 * Our own faults: whatever throws inside of the broker costs the connection
 * at whose boundary it happens, is counted and logged, and nobody else is
 * harmed. Hooks and a journal that throw stand in for such a fault.
 */

import { assert, assertEquals } from "@std/assert";
import type { Hooks } from "../../src/broker/hooks.ts";
import {
  dial,
  dialStored,
  expectAlive,
  greet,
  listen,
  messages,
} from "../conformance/talk.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  puback,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import { WatchedStore } from "../store/journals.ts";
import { logged, PendingLogins } from "./setting.ts";

/** Throws, once it is armed. */
class Trap {
  armed = false;

  readonly spring = (): void => {
    if (this.armed) throw new Error("a fault of our own");
  };
}

interface Setting {
  broker: TestBroker;
  trap: Trap;
  /** Connected before; must not notice anything. */
  other: TestClient;
}

function setting(hookNames: readonly (keyof Hooks)[]): Setting {
  const trap = new Trap();
  const hooks: Record<string, () => void> = {};
  for (const name of hookNames) hooks[name] = trap.spring;
  const broker = new TestBroker({ hooks });
  const other = dial(broker, { clientId: "other" });
  return { broker, trap, other };
}

/** The fault ended `client`, was counted and logged, and harmed nobody. */
function expectContained(
  { broker, trap, other }: Setting,
  client: TestClient,
): void {
  trap.armed = false;
  assertEquals(broker.core.counters.internalErrors, 1);
  assertEquals(logged(broker, "internal_error").length, 1);
  assert(client.closed, "the connection is to be closed");
  assertEquals(broker.core.connections.has(client.connection!), false);
  expectAlive(other);
  broker.checkInvariants();
}

Deno.test("a fault while a PUBLISH is routed", () => {
  const all = setting(["onPublish"]);
  const client = dial(all.broker);
  all.trap.armed = true;
  client.send(publish({ topic: "a", qos: 1 }));
  expectContained(all, client);
});

Deno.test("a fault while a SUBSCRIBE is handled", () => {
  const all = setting(["onSubscribe"]);
  const client = dial(all.broker);
  all.trap.armed = true;
  client.send(subscribe(1, ["a", 0], ["b", 0]));
  expectContained(all, client);
});

Deno.test("a fault while an UNSUBSCRIBE is handled", () => {
  const all = setting(["onUnsubscribe"]);
  const client = dial(all.broker);
  listen(client, "a");
  all.trap.armed = true;
  client.send(unsubscribe(2, "a"));
  expectContained(all, client);
});

Deno.test("a fault while a client is welcomed", () => {
  const all = setting(["onConnect"]);
  const client = all.broker.open();
  all.trap.armed = true;
  client.send(connect());
  expectContained(all, client);
});

Deno.test("a fault while a late login is welcomed", () => {
  const trap = new Trap();
  const logins = new PendingLogins();
  const hooks = { onConnect: trap.spring };
  const broker = new TestBroker({ hooks, authenticator: logins });
  const other = broker.open();
  other.send(connect({ clientId: "other" }));
  logins.answer("allow");
  other.bytes();
  const client = broker.open();
  client.send(connect());
  trap.armed = true;
  logins.answer("allow");
  expectContained({ broker, trap, other }, client);
});

Deno.test("a fault while a client says goodbye", () => {
  const all = setting(["onDisconnect"]);
  const client = dial(all.broker);
  all.trap.armed = true;
  client.send(disconnect());
  expectContained(all, client);
});

Deno.test("a fault while a lost client's will is published", () => {
  const all = setting(["onPublish"]);
  const client = dial(all.broker, { will: { topic: "w" } });
  all.trap.armed = true;
  client.drop();
  all.trap.armed = false;
  assertEquals(all.broker.core.counters.internalErrors, 1);
  assertEquals(all.broker.core.connections.size, 1);
  expectAlive(all.other);
  all.broker.checkInvariants();
});

Deno.test("a fault while a client times out", () => {
  const all = setting(["onPublish"]);
  const client = dial(all.broker, { keepAliveS: 1, will: { topic: "w" } });
  all.trap.armed = true;
  all.broker.advance(1500);
  expectContained(all, client);
});

Deno.test("a fault in the taken-over connection spares the new one", () => {
  const all = setting(["onPublish"]);
  const old = dial(all.broker, { clientId: "same", will: { topic: "w" } });
  all.trap.armed = true;
  const fresh = all.broker.open();
  fresh.send(connect({ clientId: "same" }));
  all.trap.armed = false;
  fresh.bytes();
  assert(old.closed);
  expectAlive(fresh);
  assertEquals(all.broker.core.counters.internalErrors, 1);
  all.broker.checkInvariants();
});

/** A broker with a journal that throws once the trap is armed. */
function brokenJournal(): Setting {
  const trap = new Trap();
  const store = new WatchedStore((name) => {
    // The end of the connection is not the fault that is looked for.
    if (name !== "sessionLeft") trap.spring();
  });
  const broker = new TestBroker({ store, inflightOutMax: 1 });
  return { broker, trap, other: dial(broker, { clientId: "other" }) };
}

Deno.test("a fault while an acknowledgement makes room", () => {
  const all = brokenJournal();
  const client = dialStored(all.broker, "stored");
  listen(client, "a", 1);
  all.other.send(publish({ topic: "a", qos: 1, payload: "1" }));
  all.other.send(publish({ topic: "a", qos: 1, payload: "2" }));
  all.other.bytes();
  const [first] = messages(client);
  all.trap.armed = true;
  client.send(puback(first!.packetId));
  expectContained(all, client);
});

Deno.test("a fault while a drained socket takes more", () => {
  const all = brokenJournal();
  const client = dialStored(all.broker, "stored");
  listen(client, "a", 1);
  client.reading = false;
  const payload = new Uint8Array(1_100_000);
  all.other.send(publish({ topic: "a", qos: 1, payload }));
  all.other.bytes();
  client.send(puback(1));
  all.other.send(publish({ topic: "a", qos: 1, packetId: 2 }));
  all.other.bytes();
  all.trap.armed = true;
  client.take(1_090_000);
  client.reading = true;
  client.flush();
  expectContained(all, client);
});

Deno.test("messages before a fault in the same chunk go their way", () => {
  const all = setting(["onSubscribe"]);
  listen(all.other, "a");
  const client = dial(all.broker);
  all.trap.armed = true;
  const good = publish({ topic: "a", payload: "x" });
  client.send(Uint8Array.of(...good, ...good, ...subscribe(1, ["b", 0])));
  assertEquals(messages(all.other).length, 2);
  expectContained(all, client);
});

Deno.test("a session survives the fault of its connection", () => {
  const all = setting(["onSubscribe"]);
  const client = dialStored(all.broker, "stored");
  listen(client, "a", 1);
  all.trap.armed = true;
  client.send(subscribe(2, ["b", 1]));
  expectContained(all, client);
  all.other.send(publish({ topic: "a", qos: 1, payload: "x" }));
  all.other.bytes();
  const back = greet(all.broker, { clientId: "stored", cleanSession: false });
  assert(back.sessionPresent);
  assertEquals(back.packets.length, 1);
});

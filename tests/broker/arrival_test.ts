/**
 * Who is let in by a door, before anything is known but the address; and
 * that those who are in are counted, however they go.
 */

import { assert, assertEquals } from "@std/assert";
import { introduced } from "../../src/broker/arrival.ts";
import { type Door, plainDoor } from "../../src/broker/door.ts";
import * as talk from "../conformance/talk.ts";
import { brief, hear, read } from "../conformance/talk5.ts";
import {
  TestBroker,
  type TestBrokerOptions,
  type TestClient,
} from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import { auth, connect, disconnect } from "../support/wire5.ts";
import { logged } from "./setting.ts";

const ALLOWED = "connack 00";

/** Whether a further connection is let in; it does not stay. */
function isLetIn(broker: TestBroker, door: Door, host = "192.0.2.1"): boolean {
  const client = broker.open({ door, host });
  client.drop();
  return client.connection !== undefined;
}

/** Connects by a door; the id is free. */
function enter(broker: TestBroker, door: Door, clientId: string): TestClient {
  const client = broker.open({ door });
  assertEquals(hear(client, connect({ clientId })), [ALLOWED]);
  return client;
}

/** A broker that refuses Eve and never comes to an end with method M. */
const OPTIONS: TestBrokerOptions = {
  connectTimeoutMs: 1000,
  packetBytesMax: 100,
  enhancedAuthenticators: [{
    method: "M",
    begin: () => ({
      next: (data, answer) => answer({ result: "continue", data }),
    }),
  }],
  authenticator: {
    authenticate: ({ userName }, answer) =>
      answer({ result: userName === "eve" ? "not_authorized" : "allow" }),
  },
};
const properties = { authenticationMethod: "M" };
/** How a connection may end. */
const ENDS: Record<string, (client: TestClient, b: TestBroker) => void> = {
  "the network breaks": (client) => client.drop(),
  "no CONNECT comes": (_, broker) => broker.advance(1000),
  "a fault": (client) => client.send(Uint8Array.of(0xff, 0)),
  "a refusal": (client) => client.send(connect({ userName: "eve" })),
  "DISCONNECT": (client) => {
    client.send(connect());
    client.send(disconnect());
  },
  "the keep alive": (client, broker) => {
    client.send(connect({ keepAliveS: 1 }));
    broker.advance(1500);
  },
  "a login that is given up": (client) => {
    client.send(connect({ properties }));
    client.send(disconnect());
  },
  "a login that is a fault": (client) => {
    client.send(connect({ properties }));
    client.send(auth(0));
  },
  "another takes over": (client, broker) => {
    client.send(connect());
    const other = broker.open();
    other.send(connect());
    other.drop();
  },
};

Deno.test("a door has so many places, and each end frees one", () => {
  const door = plainDoor("small", { connectionsMax: 2 });
  for (const [what, end] of Object.entries(ENDS)) {
    const broker = new TestBroker(OPTIONS);
    const client = broker.open({ door });
    assert(isLetIn(broker, door), what);
    const stays = broker.open({ door });
    stays.send(connect({ clientId: "stays" }));
    assert(!isLetIn(broker, door), what);
    assertEquals(door.connections, 2);
    end(client, broker);
    assertEquals(door.connections, 1, what);
    assert(isLetIn(broker, door), what);
    stays.drop();
    assertEquals(door.connections, 0, what);
    assertEquals(broker.core.connections.size, 0, what);
    broker.checkInvariants();
  }
});

Deno.test("who finds no place is turned away with a word in the log", () => {
  const broker = new TestBroker();
  const door = plainDoor("full", { connectionsMax: 1 });
  enter(broker, door, "a");
  const second = broker.open({ door });
  assertEquals([second.closed, second.connection], [true, undefined]);
  const [line] = logged(broker, "connection_refused");
  assertEquals(line!.message, "too many connections of this listener");
  const { address } = second;
  assertEquals(line!.fields, { address, listener: "full" });
  assertEquals(broker.core.counters.connectionsRefused, 1);
  // The other doors are open.
  assert(isLetIn(broker, broker.door));
  broker.checkInvariants();
});

Deno.test("an address has so many places, by all doors together", () => {
  const broker = new TestBroker({ connectionsPerAddressMax: 3 });
  const door = plainDoor("other");
  const first = enter(broker, door, "a");
  enter(broker, broker.door, "b");
  enter(broker, broker.door, "c");
  for (const each of [door, broker.door]) {
    assert(!isLetIn(broker, each));
    assert(isLetIn(broker, each, "192.0.2.2"));
  }
  const [line] = logged(broker, "connection_refused");
  assertEquals(line!.message, "too many connections from this address");
  // Take-over: the place of the old connection is free at once.
  first.drop();
  enter(broker, door, "b");
  assert(isLetIn(broker, door));
});

Deno.test("a door admits whom it is told to", () => {
  const broker = new TestBroker();
  const admits = (host: string) => host.startsWith("10.");
  const door = plainDoor("inside", { admits });
  assert(isLetIn(broker, door, "10.1.2.3"));
  assert(!isLetIn(broker, door, "192.0.2.1"));
  assertEquals(
    logged(broker, "connection_refused")[0]!.message,
    "this address is not let in here",
  );
});

/** A proxy's connection; what it says of its client is said by the test. */
class Proxied {
  readonly client: TestClient;

  constructor(broker: TestBroker, door: Door, proxy = "10.0.0.1") {
    this.client = broker.open({ door, host: proxy });
  }

  /** The proxy tells who its client is. */
  introduce(broker: TestBroker, host: string): void {
    Object.defineProperty(this.client, "host", { value: host });
    introduced(this.client.connection!);
    broker.core.endTurn();
  }
}

/** A door that believes 10.0.0.1. */
function behindProxy(given: Partial<Door> = {}): Door {
  const isProxy = (host: string) => host === "10.0.0.1";
  return plainDoor("proxied", { ...given, isProxy });
}

Deno.test("behind a proxy it is the client that counts", () => {
  const most = { connectionsPerAddressMax: 1 };
  const broker = new TestBroker(most);
  const door = behindProxy();
  const [first, second, third] = [1, 2, 3].map(() => new Proxied(broker, door));
  first!.introduce(broker, "192.0.2.1");
  second!.introduce(broker, "192.0.2.2");
  for (const { client } of [first!, second!]) {
    const clientId = client.address;
    assertEquals(hear(client, connect({ clientId })), [ALLOWED]);
  }
  third!.introduce(broker, "192.0.2.1");
  assert(third!.client.closed);
  assertEquals(
    third!.client.closeReason,
    "too many connections from this address",
  );
  assertEquals(broker.core.counters.connectionsRefused, 1);
  broker.checkInvariants();
  first!.client.drop();
  const fourth = new Proxied(broker, door);
  fourth.introduce(broker, "192.0.2.1");
  assert(!fourth.client.closed);
  for (const { client } of [second!, fourth]) client.drop();
  assertEquals(door.connections, 0);
});

Deno.test("a proxy's client may come from where the door says", () => {
  const broker = new TestBroker();
  const door = behindProxy({ admits: (host) => host === "192.0.2.1" });
  const good = new Proxied(broker, door);
  good.introduce(broker, "192.0.2.1");
  assert(!good.client.closed);
  const bad = new Proxied(broker, door);
  bad.introduce(broker, "192.0.2.2");
  assert(bad.client.closed);
  assertEquals(door.connections, 1);
  // Whoever is no proxy is not asked what it has to say.
  const stranger = new Proxied(broker, door, "192.0.2.1");
  assertEquals(stranger.client.connection, undefined);
  assertEquals(
    logged(broker, "connection_refused").map(({ message }) => message),
    ["this address is not let in here", "this is no proxy that is trusted"],
  );
});

Deno.test("a proxy that says nothing counts nowhere", () => {
  const most = { connectionsPerAddressMax: 1, connectTimeoutMs: 1000 };
  const broker = new TestBroker(most);
  const door = behindProxy();
  const silent = [1, 2, 3].map(() => new Proxied(broker, door).client);
  assertEquals(silent.filter(({ closed }) => closed), []);
  broker.advance(1000);
  assertEquals(silent.filter(({ closed }) => closed).length, 3);
  assertEquals(door.connections, 0);
});

Deno.test("who is introduced too late counts nowhere", () => {
  const most = { connectionsPerAddressMax: 1, connectTimeoutMs: 1000 };
  const broker = new TestBroker(most);
  const door = behindProxy();
  const late = new Proxied(broker, door);
  broker.advance(1000);
  assert(late.client.closed);
  late.introduce(broker, "192.0.2.1");
  const next = new Proxied(broker, door);
  next.introduce(broker, "192.0.2.1");
  assert(!next.client.closed);
  broker.checkInvariants();
});

Deno.test("failed logins of a proxy's clients are theirs", () => {
  const broker = new TestBroker({
    loginFailuresMax: 1,
    authenticator: {
      authenticate: (_request, answer) => answer({ result: "bad_credentials" }),
    },
  });
  const door = behindProxy();
  const knock = (host: string) => {
    const proxied = new Proxied(broker, door);
    proxied.introduce(broker, host);
    return hear(proxied.client, connect());
  };
  assertEquals(knock("192.0.2.1"), ["connack 86"]);
  assertEquals(knock("192.0.2.1"), ["connack 86"]);
  assertEquals(knock("192.0.2.1"), []);
  assertEquals(knock("192.0.2.2"), ["connack 86"]);
});

Deno.test("who fails too often is told late, and then not let in", () => {
  const broker = new TestBroker({
    loginFailuresMax: 12,
    loginDelayMs: 1000,
    loginBanMs: 30_000,
    authenticator: {
      authenticate: ({ userName }, answer) =>
        answer({ result: userName === "ada" ? "allow" : "bad_credentials" }),
    },
  });
  const knock = () => {
    const client = broker.open();
    client.send(connect({ userName: "eve" }));
    return client;
  };
  for (let i = 0; i < 10; i++) {
    assertEquals(read(knock()).length, 1, `${i}`);
  }
  // From now on the answer waits; meanwhile the client is not read from.
  const early = knock();
  assertEquals(read(early), []);
  assert(early.paused && !early.closed);
  early.send(new Uint8Array(50));
  broker.checkInvariants();
  // Others from there who know the password are served.
  const ada = broker.open();
  assertEquals(hear(ada, connect({ userName: "ada" })), [ALLOWED]);
  broker.checkInvariants();
  ada.drop(); // who stayed would vouch for the address
  broker.advance(999);
  assert(!early.closed);
  broker.advance(1);
  assertEquals(hear(early, connect()), ["connack 86"]);
  assert(early.closed);
  const leaves = knock();
  leaves.drop();
  for (let i = 0; i < 2; i++) knock();
  assertEquals(broker.open().connection, undefined);
  assertEquals(
    logged(broker, "connection_refused").at(-1)!.message,
    "too many failed logins from this address",
  );
  assert(isLetIn(broker, broker.door, "192.0.2.2"));
  broker.advance(30_000);
  assert(isLetIn(broker, broker.door));
  broker.checkInvariants();
});

Deno.test("an answer that comes late and is bad waits as well", () => {
  const waiting: (() => void)[] = [];
  const broker = new TestBroker({
    loginDelayMs: 1000,
    authenticator: {
      authenticate: (_request, answer) =>
        waiting.push(() => answer({ result: "bad_credentials" })),
    },
  });
  const clients = Array.from({ length: 11 }, () => broker.open());
  for (const client of clients) client.send(connect());
  for (const answer of waiting) answer();
  const last = clients.pop()!;
  assertEquals(clients.filter(({ closed }) => !closed), []);
  assert(last.paused && !last.closed);
  broker.advance(1000);
  assertEquals(hear(last, connect()), ["connack 86"]);
  assertEquals(broker.core.counters.loginsRefused, 11);
  broker.checkInvariants();
});

Deno.test("a refusal that waits is not undone by another answer", () => {
  for (const isLater of [false, true]) {
    const broker = new TestBroker({
      loginDelayMs: 1000,
      authenticator: {
        authenticate: (_request, answer) => {
          const both = () => {
            answer({ result: "bad_credentials" });
            answer({ result: "allow" });
          };
          if (isLater) waiting.push(both);
          else both();
        },
      },
    });
    const waiting: (() => void)[] = [];
    for (let i = 0; i < 11; i++) {
      const client = broker.open();
      client.send(connect());
      waiting.pop()?.();
      if (i === 10) broker.advance(1000);
      assertEquals(read(client).map(brief), ["connack 86"]);
      assert(client.closed);
    }
    assertEquals(broker.core.sessions.size, 0);
    broker.checkInvariants();
  }
});

Deno.test("an authenticator that is out of order bans nobody", () => {
  const broker = new TestBroker({
    loginFailuresMax: 1,
    loginDelayMs: 1000,
    authenticator: {
      authenticate: (_request, answer) => answer({ result: "unavailable" }),
    },
  });
  for (let i = 0; i < 20; i++) {
    const client = broker.open();
    assertEquals(hear(client, connect()), ["connack 88"]);
  }
  assertEquals(broker.core.addresses.failedHosts, 0);
});

Deno.test("two clients that throw each other out are stopped", () => {
  const broker = new TestBroker({ reconnectsMax: 5 });
  let clients = 0;
  while (clients < 20) {
    const client = broker.open();
    const [answer] = hear(client, connect());
    if (answer !== ALLOWED) {
      assertEquals(answer, "connack 9f");
      assert(client.closed);
      break;
    }
    clients++;
  }
  // Each but the first has ended one before it.
  assertEquals(clients, 7);
  talk.expectRefusal(broker, wire.connect(), 3);
  // Who is there stays, and others come in.
  assertEquals(broker.core.connections.size, 1);
  enter(broker, broker.door, "other");
  broker.advance(199);
  talk.expectRefusal(broker, wire.connect(), 3);
  broker.advance(1);
  enter(broker, broker.door, "client");
  broker.checkInvariants();
});

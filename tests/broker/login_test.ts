/**
 * Logins that are answered later: what comes meanwhile is kept in order, and
 * the answer is a turn of its own, at the time at which it comes.
 */

import { assert, assertEquals } from "@std/assert";
import { ask, greet, listener, read } from "../conformance/talk.ts";
import { TestBroker } from "../support/test_broker.ts";
import {
  connect,
  disconnect,
  join,
  pingreq,
  publish,
  type ServerPacket,
  subscribe,
} from "../support/wire.ts";
import { logged, PendingLogins } from "./setting.ts";

const ACCEPTED: ServerPacket = { type: "connack", flags: 0, returnCode: 0 };
const SUBACK: ServerPacket = { type: "suback", packetId: 1, returnCodes: [0] };
const PONG: ServerPacket = { type: "pingresp" };

/** A broker of which every login waits for the test. */
function pending(limits: Record<string, number> = {}): {
  broker: TestBroker;
  logins: PendingLogins;
} {
  const logins = new PendingLogins();
  return {
    logins,
    broker: new TestBroker({ authenticator: logins, ...limits }),
  };
}

Deno.test("while a login is checked, the client is not read from", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  assertEquals(ask(client, connect()), []);
  assert(client.paused);
  broker.checkInvariants();
  logins.answer("allow");
  assert(!client.paused);
  assertEquals(read(client), [ACCEPTED]);
  broker.checkInvariants();
});

Deno.test("packets in the chunk of CONNECT wait for the answer", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(join(connect(), subscribe(1, ["a", 0]), pingreq()));
  assertEquals(read(client), []);
  logins.answer("allow");
  assertEquals(read(client), [ACCEPTED, SUBACK, PONG]);
});

Deno.test("chunks that come meanwhile are handled in order", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  const late = join(
    subscribe(1, ["a", 0]),
    publish({ topic: "a", payload: "x" }),
    pingreq(),
  );
  client.send(join(connect(), late.subarray(0, 3)));
  client.send(late.subarray(3, 10));
  client.send(late.subarray(10));
  logins.answer("allow");
  const types = read(client).map((packet) => packet.type);
  assertEquals(types, ["connack", "suback", "publish", "pingresp"]);
  broker.checkInvariants();
});

Deno.test("bytes that wait for an answer are counted once", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(connect());
  client.send(pingreq());
  logins.answer("allow");
  const sent = connect().length + pingreq().length;
  assertEquals(broker.core.counters.bytesReceived, sent);
});

Deno.test("a refusal that comes later ends the connection", () => {
  for (
    const [result, returnCode] of [
      ["unavailable", 3],
      ["bad_credentials", 4],
      ["not_authorized", 5],
    ] as const
  ) {
    const { broker, logins } = pending();
    const client = broker.open();
    const will = { topic: "will", payload: "gone" };
    client.send(join(connect({ will }), subscribe(1, ["a", 0])));
    logins.answer(result);
    assertEquals(read(client), [{ type: "connack", flags: 0, returnCode }]);
    assert(client.closed);
    assertEquals(broker.core.counters.loginsRefused, 1);
    assertEquals(broker.core.counters.willsPublished, 0);
    assertEquals(broker.core.router.size, 0);
    broker.checkInvariants();
  }
});

Deno.test("a client that is gone does not get its answer", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(connect({ clientId: "gone", will: { topic: "w" } }));
  client.drop();
  logins.answer("allow");
  assertEquals(broker.core.sessions.size, 0);
  assertEquals(broker.core.connections.size, 0);
  assertEquals(broker.core.counters.willsPublished, 0);
  broker.checkInvariants();
});

Deno.test("a DISCONNECT that waited ends the accepted connection", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(join(connect(), disconnect()));
  logins.answer("allow");
  assertEquals(read(client), [ACCEPTED]);
  assert(client.closed);
  broker.checkInvariants();
});

Deno.test("bad bytes that waited end the accepted connection only", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(join(connect(), 0));
  logins.answer("allow");
  assert(client.closed);
  assertEquals(logged(broker, "protocol_error").length, 1);
  broker.checkInvariants();
});

Deno.test("no more may wait for an answer than one packet may have", () => {
  const { broker } = pending({ packetBytesMax: 100 });
  const client = broker.open();
  client.send(connect());
  client.send(new Uint8Array(100));
  assert(!client.closed);
  client.send(new Uint8Array(1));
  assert(client.closed);
  assertEquals(logged(broker, "protocol_error").length, 1);
  broker.checkInvariants();
});

Deno.test("what all clients send before their answer has a limit", () => {
  const partialBytesMax = 64 << 10;
  const { broker, logins } = pending({ partialBytesMax });
  const early = publish({ topic: "a", payload: new Uint8Array(1000) });
  const clients = Array.from({ length: 70 }, () => broker.open());
  for (const [at, client] of clients.entries()) {
    // A few bytes with CONNECT, and the rest later.
    client.send(join(connect({ clientId: `${at}` }), early.subarray(0, 9)));
    client.send(early.subarray(9));
    broker.checkInvariants();
    assert(broker.core.partialBytes <= partialBytesMax);
  }
  // A piece that is kept costs more than its bytes.
  const most = Math.trunc(partialBytesMax / early.length);
  const closed = clients.map((client) => client.closed);
  const served = closed.indexOf(true);
  assert(served > most / 2 && served <= most, `${served} of ${most}`);
  assertEquals(closed.lastIndexOf(false), served - 1);
  for (let i = 0; i < served; i++) logins.answer("allow");
  assertEquals(broker.core.counters.publishReceived, served);
  assertEquals(broker.core.partialBytes, 0);
  broker.checkInvariants();
});

Deno.test("an answer that takes too long ends the connection", () => {
  const { broker, logins } = pending({ connectTimeoutMs: 500 });
  const client = broker.open();
  client.send(connect());
  broker.advance(499);
  assert(!client.closed);
  broker.advance(1);
  assert(client.closed);
  logins.answer("allow");
  assertEquals(read(client), []);
  assertEquals(broker.core.sessions.size, 0);
  broker.checkInvariants();
});

Deno.test("of two logins with one id the later answer takes over", () => {
  const { broker, logins } = pending();
  const first = broker.open();
  const second = broker.open();
  first.send(connect({ clientId: "same" }));
  second.send(connect({ clientId: "same" }));
  logins.answer("allow");
  assert(!first.closed);
  logins.answer("allow");
  assert(first.closed);
  assert(!second.closed);
  assertEquals(broker.core.sessions.size, 1);
  broker.checkInvariants();
});

Deno.test("an answer at once needs no pause", () => {
  const broker = new TestBroker({
    authenticator: {
      authenticate: (request, answer) =>
        answer({
          result: request.userName === "ada" ? "allow" : "bad_credentials",
        }),
    },
  });
  const { client } = greet(broker, { userName: "ada" });
  assert(!client.paused);
  const other = broker.open();
  const refusal = { type: "connack", flags: 0, returnCode: 4 } as const;
  assertEquals(ask(other, connect({ userName: "eve" })), [refusal]);
});

Deno.test("the keep alive begins when the answer comes", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(connect({ keepAliveS: 1 }));
  // Time passes in which nothing happens: nobody tells the core of it.
  broker.nowMs += 2000;
  logins.answer("allow");
  assertEquals(read(client), [ACCEPTED]);
  broker.advance(1000);
  assert(!client.closed, `closed: ${client.closeReason}`);
});

Deno.test("an authenticator that throws costs that client only", () => {
  const broker = new TestBroker({
    authenticator: {
      authenticate: ({ clientId }, answer) => {
        if (clientId === "odd") throw new Error("out of order");
        answer({ result: "allow" });
      },
    },
  });
  const other = listener(broker, "a");
  const client = broker.open();
  client.send(connect({ clientId: "odd" }));
  assert(client.closed);
  assertEquals(broker.core.counters.internalErrors, 1);
  assertEquals(ask(other, pingreq()), [PONG]);
  broker.checkInvariants();
});

Deno.test("a second answer to one login changes nothing", () => {
  const { broker, logins } = pending();
  const client = broker.open();
  client.send(connect());
  const answer = logins.waiting[0]!;
  logins.answer("allow");
  answer({ result: "bad_credentials" });
  assertEquals(read(client), [ACCEPTED]);
  assert(!client.closed);
  broker.checkInvariants();
});

/**
 * MQTT in WebSocket at a whole pure broker: conversations in frames of any
 * shape, pings in between, and every way to an end. Runs under Deno and Bun.
 */

import { closeAllConnections } from "../../src/broker/disconnect.ts";
import { forSeeds, pieces } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import {
  BINARY,
  clientClose,
  clientFrame,
  CLOSE,
  closeCodeOf,
  CONTINUATION,
  drawFrames,
  payloadOf,
  PING,
  PONG,
  serverFrames,
  TEXT,
  upgradeRequest,
} from "../support/web_socket.ts";
import { WebSocketPeer, withDriver } from "../support/web_socket_peer.ts";
import {
  connect,
  decode,
  disconnect,
  join,
  pingreq,
  publish,
  subscribe,
} from "../support/wire.ts";
import { connect as connect5 } from "../support/wire5.ts";
import { decode as decode5 } from "../support/wire5_server.ts";

const TALK = join(
  connect({ clientId: "a" }),
  subscribe(1, ["t", 1]),
  publish({ topic: "t", qos: 1, packetId: 9, payload: "hello" }),
  pingreq(),
);
const TALK_ANSWERS = ["connack", "suback", "puback", "publish", "pingresp"];

/** What came, without the answer to the request. */
function withoutHead(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  assert(text.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), text);
  return bytes.slice(text.indexOf("\r\n\r\n") + 4);
}

function typesOf(bytes: Uint8Array): string[] {
  return decode(bytes).map(({ type }) => type);
}

test("[MQTT-6.0.0-2] a conversation in any frames, byte by byte", () => {
  forSeeds(30, (random, seed) => {
    withDriver((driver) => {
      const client = new WebSocketPeer(driver);
      client.writeBytesMax = random.pick([1, 2, 7, Infinity]);
      const frames = drawFrames(random, TALK);
      const bytes = join(upgradeRequest(), ...frames);
      const parts = seed === 1
        ? [bytes]
        : seed === 2
        ? [...bytes].map((byte) => Uint8Array.of(byte))
        : pieces(random, bytes);
      for (const part of parts) client.send(part);
      const answers = payloadOf(serverFrames(withoutHead(client.take())));
      assertEquals(typesOf(answers).sort(), TALK_ANSWERS.toSorted());
      assertEquals(client.connection.queue.bytes, 0);
    });
  });
});

test("[MQTT-6.0.0-2] packets in one frame are answered in one", () => {
  withDriver((driver) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(TALK);
    const frames = client.takeFrames();
    assertEquals(frames.map(({ opcode }) => opcode), [BINARY]);
    assertEquals(typesOf(payloadOf(frames)).length, TALK_ANSWERS.length);
  });
});

test("a ping inside of a message is answered, and is no sign of life", () => {
  withDriver((driver, broker) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(connect({ keepAliveS: 10 }));
    client.take();
    const packet = pingreq();
    client.connection.receivedMs = -5;
    client.send(clientFrame(BINARY, packet.slice(0, 1), { fin: false }));
    client.connection.receivedMs = -5;
    client.send(clientFrame(PING, [1, 2, 3]));
    assertEquals(client.connection.receivedMs, -5);
    assertEquals(client.takeFrames(), [
      { opcode: PONG, payload: Uint8Array.of(1, 2, 3) },
    ]);
    client.send(clientFrame(CONTINUATION, packet.slice(1)));
    assert(client.connection.receivedMs >= 0);
    assertEquals(typesOf(payloadOf(client.takeFrames())), ["pingresp"]);
    client.send(clientFrame(PONG, [1]));
    assertEquals(client.take().length, 0);
    assertEquals(broker.logs.at(-1)?.event, "client_connected");
  });
});

test("a flood of pings leaves one answer to send", () => {
  const pingresp = Uint8Array.of(0xd0, 0);
  withDriver((driver, broker) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(connect());
    client.take();
    client.isAsync = true;
    for (let i = 0; i < 300; i++) {
      client.send(join(clientFrame(PING), clientFrame(PING, [i & 255, 1])));
    }
    client.sendBinary(pingreq());
    while (client.endWrite());
    assertEquals(client.takeFrames(), [
      // It was under way already when the others came.
      { opcode: PONG, payload: Uint8Array.of(0, 1) },
      { opcode: PONG, payload: Uint8Array.of(43, 1) },
      { opcode: BINARY, payload: pingresp },
    ]);
    assertEquals(broker.core.pool.queuedBytes, 0);
  });
});

test("a queue larger than a frame, in writes of all sizes", () => {
  const payload = new Uint8Array(800_000).map((_, i) => i * 31);
  const packet = publish({ topic: "t", payload });
  for (const isAsync of [false, true]) {
    for (const most of [1000, 65_536, 100_000, Infinity]) {
      withDriver((driver, broker) => {
        const client = new WebSocketPeer(driver).upgrade();
        client.sendBinary(join(connect(), subscribe(1, ["t", 0])));
        client.take();
        client.isAsync = isAsync;
        client.writeBytesMax = most;
        for (const part of [packet.slice(0, 99), packet.slice(99)]) {
          client.sendBinary(part);
        }
        for (let i = 0; i < 3; i++) client.sendBinary(pingreq());
        while (client.endWrite(most));
        const frames = client.takeFrames();
        assert(frames.length >= 4);
        const sent = payloadOf(frames);
        assertEquals(sent.subarray(0, packet.length), packet);
        assertEquals(typesOf(sent.slice(packet.length)).length, 3);
        assertEquals(broker.core.pool.queuedBytes, 0);
        assertEquals(client.link.next(), null);
      });
    }
  }
});

test("the client's Close is answered with its code; its will goes out", () => {
  withDriver((driver, broker) => {
    const other = new WebSocketPeer(driver).upgrade();
    other.sendBinary(join(connect({ clientId: "b" }), subscribe(1, ["w", 0])));
    other.take();
    const closes: [Uint8Array, number, string][] = [
      [
        clientClose(1001, "bye"),
        1001,
        "the client closed the WebSocket (1001)",
      ],
      [clientClose(4000), 4000, "the client closed the WebSocket (4000)"],
      [clientFrame(CLOSE), 0, "the client closed the WebSocket"],
    ];
    for (const [close, code, reason] of closes) {
      const client = new WebSocketPeer(driver).upgrade();
      const will = { topic: "w", payload: "gone" };
      client.sendBinary(connect({ clientId: "a", will }));
      client.take();
      client.send(join(close, clientFrame(BINARY, disconnect())));
      const frames = client.takeFrames();
      assertEquals(frames.map(({ opcode }) => opcode), [CLOSE]);
      assertEquals(closeCodeOf(frames[0]!), code);
      assert(client.isEnded);
      assertEquals(client.connection.closeReason, reason);
      assertEquals(typesOf(payloadOf(other.takeFrames())), ["publish"]);
    }
    assertEquals(broker.core.counters.protocolErrors, 0);
  });
});

test("a frame that is half sent is ended before the Close", () => {
  withDriver((driver, broker) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(join(connect(), subscribe(1, ["t", 0])));
    client.take();
    client.isAsync = true;
    const payload = new Uint8Array(100_000).fill(3);
    client.sendBinary(publish({ topic: "t", payload }));
    client.endWrite(1000);
    client.send(clientClose(1000));
    assertEquals(client.connection.phase, "closed");
    while (client.endWrite(1000));
    const frames = client.takeFrames();
    assertEquals(frames.map(({ opcode }) => opcode), [BINARY, CLOSE]);
    assert(client.isEnded);
    assertEquals(broker.core.pool.queuedBytes, 0);
    assertEquals(broker.core.counters.internalErrors, 0);
  });
});

test("when the broker ends it, a Close follows what is queued", () => {
  withDriver((driver) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(join(connect(), subscribe(1, ["t", 0])));
    client.take();
    client.reading = false;
    const payload = new Uint8Array(700_000);
    client.sendBinary(publish({ topic: "t", payload }));
    // DISCONNECT and the Close of a client that is in a hurry.
    client.send(join(clientFrame(BINARY, disconnect()), clientClose(1000)));
    client.send(clientFrame(BINARY, pingreq()));
    client.reading = true;
    client.flush();
    const frames = client.takeFrames();
    const opcodes = frames.map(({ opcode }) => opcode);
    assertEquals(opcodes, [BINARY, BINARY, BINARY, CLOSE]);
    assertEquals(closeCodeOf(frames.at(-1)!), 1000);
    assertEquals(typesOf(payloadOf(frames)), ["publish"]);
    assert(client.isEnded);
    assertEquals(client.connection.closeReason, "the client disconnected");
  });
});

test("the broker's reasons are among the codes of WebSocket", () => {
  const packetBytesMax = 500;
  withDriver((driver, { core }) => {
    const large = publish({ topic: "t", payload: "x".repeat(600) });
    const ends: [(client: WebSocketPeer) => void, number][] = [
      [(client) => client.sendBinary(large), 1009],
      [(client) => client.sendBinary(Uint8Array.of(0xff, 0)), 1008],
      [() => {
        closeAllConnections(core, "the broker is shutting down");
        driver.endTurn();
      }, 1001],
    ];
    for (const [end, code] of ends) {
      for (const packet of [connect(), connect5()]) {
        const client = new WebSocketPeer(driver).upgrade();
        client.sendBinary(packet);
        client.take();
        end(client);
        const frames = client.takeFrames();
        assertEquals(closeCodeOf(frames.at(-1)!), code);
        const isTold = packet.length > connect().length;
        assertEquals(frames.length, isTold ? 2 : 1);
        assert(client.isEnded);
      }
    }
  }, { packetBytesMax });
});

test("[MQTT-6.0.0-1] a broken rule of frames ends the connection", () => {
  const ends: [Uint8Array, number, string][] = [
    [clientFrame(TEXT, pingreq()), 1003, "a text frame"],
    [
      clientFrame(BINARY, [1], { mask: null }),
      1002,
      "a frame that is not masked",
    ],
    [clientFrame(CONTINUATION), 1002, "a continuation of nothing"],
    [clientFrame(CLOSE, [3, 0xe8, 0xff]), 1007, "a reason that is not UTF-8"],
  ];
  for (const [bytes, code, fault] of ends) {
    withDriver((driver, broker) => {
      const client = new WebSocketPeer(driver).upgrade();
      client.sendBinary(connect5());
      client.take();
      // What is good is answered first, and MQTT 5.0 says why it ends.
      client.send(join(clientFrame(BINARY, pingreq()), bytes, bytes));
      const frames = client.takeFrames();
      const close = frames.pop()!;
      assertEquals([close.opcode, closeCodeOf(close)], [CLOSE, code]);
      const said = new TextDecoder().decode(close.payload.subarray(2));
      assertEquals(said, fault);
      const packets = decode5(payloadOf(frames));
      assertEquals(
        packets.map(({ type }) => type),
        ["pingresp", "disconnect"],
      );
      assert(client.isEnded);
      const line = broker.logs.find(({ event }) => event === "protocol_error");
      assertEquals(line?.message, `WebSocket: ${fault}`);
      assertEquals(broker.core.counters.protocolErrors, 1);
    });
  }
});

test("a fault before CONNECT gets its Close as well", () => {
  withDriver((driver) => {
    const client = new WebSocketPeer(driver);
    client.send(join(upgradeRequest(), clientFrame(TEXT, [0x61])));
    const [close] = serverFrames(withoutHead(client.take()));
    assertEquals(closeCodeOf(close!), 1003);
    assert(client.isEnded);
  });
});

test("a refused request is answered, closed, counted and logged", () => {
  const refused: [Uint8Array, string][] = [
    [
      upgradeRequest({ "Upgrade": null }),
      "no WebSocket (426): this is an MQTT broker and no web site; " +
      "MQTT over WebSocket is at the path /mqtt",
    ],
    [connect(), "no WebSocket (400): bytes that are not HTTP"],
  ];
  for (const [bytes, reason] of refused) {
    withDriver((driver, broker) => {
      const client = new WebSocketPeer(driver);
      client.send(join(bytes, clientFrame(BINARY, connect())));
      const text = new TextDecoder().decode(client.take());
      const [head, body] = text.split("\r\n\r\n");
      assert(head!.startsWith("HTTP/1.1 4"), text);
      assert(body!.endsWith(".\n"), text);
      assert(client.isEnded);
      assertEquals(broker.core.counters.upgradesRefused, 1);
      assertEquals(broker.core.connections.size, 0);
      assertEquals(broker.logs.map(({ event }) => event), [
        "connection_closed",
      ]);
      assertEquals(broker.logs[0]!.fields["reason"], reason);
    });
  }
});

test("a client that ends in the middle of its request gets no Close", () => {
  withDriver((driver, { core }) => {
    const client = new WebSocketPeer(driver);
    client.send(upgradeRequest().slice(0, 30));
    client.connection.close("too_slow", "nothing came in time");
    driver.endTurn();
    assertEquals(client.take().length, 0);
    assert(client.isEnded);
    client.send(upgradeRequest().slice(30));
    assertEquals(client.take().length, 0);
    assertEquals(core.counters.upgradesRefused, 0);
  });
});

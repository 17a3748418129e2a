/**
 * The first bytes at doors that look at them: each way in, cut anywhere, and
 * what is turned away. The socket is in memory: see `opening_peer.ts`. Runs
 * under Deno and Bun.
 */

import { monotonicMs } from "../../src/net/driver.ts";
import { plainEntrance } from "../../src/net/entrance.ts";
import { test } from "../support/both.ts";
import {
  type DoorName,
  HELLO,
  OpeningPeer,
  PROXY_ADDRESS,
} from "../support/opening_peer.ts";
import { assert, assertEquals, assertMatch } from "../support/std_assert.ts";
import { upgradeRequest } from "../support/web_socket.ts";
import { withDriver } from "../support/web_socket_peer.ts";
import { connect, join } from "../support/wire.ts";
import { ascii, INET_ADDRESSES, INET_TCP, tls, tlv, v2 } from "./proxy_wire.ts";

const HEADER = ascii("PROXY TCP4 192.0.2.7 198.51.100.1 4660 1883\r\n");
const MQTT = connect({ clientId: "a" });
const CONNACK = "\x20\x02\0\0";
const REQUEST = upgradeRequest();

/** What is sent where, and whether it is in TLS and through a proxy. */
const WAYS_IN: readonly (readonly [DoorName, ...Uint8Array[]])[] = [
  ["any", MQTT],
  ["any", REQUEST],
  ["any, TLS", MQTT],
  ["any, TLS", REQUEST],
  ["any, TLS", HELLO, MQTT],
  ["any, TLS", HELLO, REQUEST],
  ["any, TLS, proxy", HEADER, MQTT],
  ["any, TLS, proxy", HEADER, REQUEST],
  ["any, TLS, proxy", HEADER, HELLO, MQTT],
  ["any, TLS, proxy", HEADER, HELLO, REQUEST],
  ["MQTT, proxy", HEADER, MQTT],
  ["MQTT, TLS, proxy", HEADER, HELLO, MQTT],
  ["WebSocket, proxy", HEADER, REQUEST],
];

for (const [door, ...parts] of WAYS_IN) {
  const bytes = join(...parts);
  const words = parts.map((part) =>
    part === MQTT
      ? "MQTT"
      : part === REQUEST
      ? "HTTP"
      : part === HELLO
      ? "TLS"
      : "PROXY"
  );
  test(`door "${door}" takes ${words.join(", ")}, cut anywhere`, () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      withDriver((driver) => {
        const peer = new OpeningPeer(driver, door);
        if (cut > 0) peer.send(bytes.subarray(0, cut));
        if (cut < bytes.length) peer.send(bytes.subarray(cut));
        const isMqtt = parts.includes(MQTT);
        const answer = new TextDecoder().decode(peer.received);
        const wanted = isMqtt ? CONNACK : "HTTP/1.1 101 ";
        assert(answer.startsWith(wanted), answer);
        assertEquals(peer.handshakes, parts.includes(HELLO) ? 1 : 0);
        const hasProxy = parts.includes(HEADER);
        assertEquals(peer.host, hasProxy ? "192.0.2.7" : PROXY_ADDRESS);
      });
    }
  });
}

const TURNED_AWAY: readonly (readonly [DoorName, Uint8Array, RegExp])[] = [
  ["any", HELLO, /^TLS is not spoken here$/],
  ["any", HEADER, /not MQTT, TLS or HTTP/],
  ["any, TLS", join(HELLO, HELLO), /^TLS is not spoken here$/],
  ["any, TLS, proxy", MQTT, /^no PROXY header/],
  ["any, TLS, proxy", join(HELLO, HEADER), /^no PROXY header/],
  ["any, TLS, proxy", join(HEADER, HELLO, HEADER), /not MQTT, TLS or HTTP/],
  ["MQTT, proxy", ascii("PROXY TCP4 1.2.3.4\r\n"), /not well formed/],
  [
    "MQTT, proxy",
    ascii("PROXY TCP4 203.0.113.9 198.51.100.1 1 2\r\n"),
    /^this address is not let in here$/,
  ],
];

for (const [door, bytes, reason] of TURNED_AWAY) {
  const words = JSON.stringify(String.fromCharCode(...bytes.subarray(0, 40)));
  test(`door "${door}" turns ${words} away: ${reason.source}`, () => {
    withDriver((driver, broker) => {
      const peer = new OpeningPeer(driver, door);
      peer.send(bytes);
      assertMatch(peer.connection.closeReason, reason);
      assert(peer.isEnded);
      assertEquals(peer.received.length, 0);
      peer.send(join(HEADER, HELLO, MQTT)); // which is for nobody
      assertEquals(peer.received.length, 0);
      assertEquals(peer.door.connections, 0);
      assertEquals(broker.core.counters.internalErrors, 0);
    });
  });
}

test("a proxy's word on the certificate is that of the client", () => {
  const name = tls(7, 0, tlv(0x22, "meter-7"));
  const header = v2(INET_TCP, join(INET_ADDRESSES, name));
  withDriver((driver) => {
    const peer = new OpeningPeer(driver, "MQTT, proxy");
    peer.send(join(header, MQTT));
    assertEquals(peer.certificate?.commonName, "meter-7");
    assertEquals(peer.address, "192.0.2.7:4660");
  });
});

test("the longest header of a proxy comes in byte by byte", () => {
  const rest = tlv(0xe0, "x".repeat(4096 - INET_ADDRESSES.length - 3));
  const header = v2(INET_TCP, join(INET_ADDRESSES, rest));
  withDriver((driver) => {
    const peer = new OpeningPeer(driver, "MQTT, proxy");
    for (const byte of header) peer.send(Uint8Array.of(byte));
    peer.send(MQTT);
    assertEquals(peer.address, "192.0.2.7:4660");
    assertEquals(peer.connection.phase, "open");
  });
});

test("a header that does not go on has the time of a CONNECT", () => {
  withDriver((driver, broker) => {
    const peer = new OpeningPeer(driver, "any, TLS, proxy");
    peer.send(HEADER.subarray(0, 20));
    const { connectTimeoutMs } = broker.core.options.limits;
    broker.core.tick(monotonicMs() + connectTimeoutMs);
    assertEquals(peer.connection.closeReason, "no CONNECT in time");
    assert(peer.isEnded);
  });
});

test("a link that throws ends its own connection", () => {
  withDriver((driver, broker) => {
    const peer = new OpeningPeer(driver, plainEntrance("test"));
    const other = new OpeningPeer(driver, plainEntrance("test"));
    peer.link.received = () => {
      throw new Error("a mistake of ours");
    };
    peer.send(MQTT);
    assertEquals(peer.connection.phase, "closed");
    assertEquals(broker.core.counters.internalErrors, 1);
    other.send(MQTT);
    assertEquals(other.connection.phase, "open");
  });
});

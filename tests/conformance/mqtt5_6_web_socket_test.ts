/**
 * MQTT 5.0, chapter 6: WebSocket as a transport. The rest of it, which is
 * the matter of RFC 6455, is in `tests/net`.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  BINARY,
  clientFrame,
  closeCodeOf,
  CONTINUATION,
  payloadOf,
  TEXT,
  upgradeRequest,
} from "../support/web_socket.ts";
import { WebSocketPeer, withDriver } from "../support/web_socket_peer.ts";
import { join, pingreq } from "../support/wire.ts";
import { connect, publish, subscribe } from "../support/wire5.ts";
import { decode } from "../support/wire5_server.ts";

function typesFrom(client: WebSocketPeer): string[] {
  return decode(payloadOf(client.takeFrames())).map(({ type }) => type);
}

Deno.test("[MQTT-6.0.0-1] a packet in a text frame ends the connection", () => {
  for (const first of [connect(), pingreq()]) {
    withDriver((driver) => {
      const client = new WebSocketPeer(driver).upgrade();
      if (first.length === 2) client.sendBinary(connect());
      client.take();
      client.send(clientFrame(TEXT, first));
      const frames = client.takeFrames();
      assertEquals(closeCodeOf(frames.pop()!), 1003);
      // Who is connected is told in MQTT's own words as well.
      const isConnected = first.length === 2;
      const types = decode(payloadOf(frames)).map(({ type }) => type);
      assertEquals(types, isConnected ? ["disconnect"] : []);
      assert(client.isEnded);
    });
  }
});

Deno.test("[MQTT-6.0.0-2] packets are joined and split by frames", () => {
  const talk = join(
    connect(),
    subscribe(1, [{ filter: "a" }]),
    publish({ topic: "a", payload: "b" }),
    pingreq(),
  );
  const answers = ["connack", "suback", "publish", "pingresp"];
  withDriver((driver) => {
    const client = new WebSocketPeer(driver).upgrade();
    client.sendBinary(talk);
    assertEquals(typesFrom(client), answers);
  });
  for (let at = 1; at < talk.length; at++) {
    withDriver((driver) => {
      const client = new WebSocketPeer(driver).upgrade();
      const isMessage = at % 2 === 0;
      client.send(clientFrame(BINARY, talk.slice(0, at), { fin: isMessage }));
      const opcode = isMessage ? BINARY : CONTINUATION;
      client.send(clientFrame(opcode, talk.slice(at)));
      assertEquals(typesFrom(client), answers);
    });
  }
});

Deno.test("[MQTT-6.0.0-4] the server selects mqtt", () => {
  for (const offered of ["mqtt", "chat, mqtt", "mqttv3.1,mqtt"]) {
    withDriver((driver) => {
      const client = new WebSocketPeer(driver);
      client.send(upgradeRequest({ "Sec-WebSocket-Protocol": offered }));
      const text = new TextDecoder().decode(client.take());
      assertStringIncludes(text, "\r\nSec-WebSocket-Protocol: mqtt\r\n");
    });
  }
});

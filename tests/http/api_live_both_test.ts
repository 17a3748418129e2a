/**
 * What goes on beside requests: messages through a WebSocket, and traces.
 */

import { connect as connectTcp } from "node:net";
import { tapPackets } from "../../src/broker/packet_tap.ts";
import { LogRing } from "../../src/http/log_ring.ts";
import { test } from "../support/both.ts";
import { within } from "../support/deadline.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import {
  connect,
  pingreq,
  puback,
  publish,
  subscribe,
} from "../support/wire.ts";
import { type ApiWorld, SECRET, withApi } from "./api_world.ts";

/** A viewer, and what it is told. */
class Viewer {
  readonly socket: WebSocket;
  // deno-lint-ignore no-explicit-any -- tests look into it
  readonly told: any[] = [];
  readonly closed: Promise<number>;
  #news = Promise.withResolvers<void>();

  constructor(world: ApiWorld, order: unknown) {
    this.socket = new WebSocket(`ws://127.0.0.1:${world.port}/api/v1/live`);
    this.socket.onopen = () => this.socket.send(JSON.stringify(order));
    this.socket.onmessage = ({ data }) => {
      this.told.push(JSON.parse(data));
      this.#news.resolve();
      this.#news = Promise.withResolvers<void>();
    };
    this.closed = new Promise((resolve) =>
      this.socket.onclose = ({ code }) => resolve(code)
    );
  }

  async until(isThere: () => boolean): Promise<void> {
    const look = async () => {
      while (!isThere()) await this.#news.promise;
    };
    await within(look(), "what a viewer is told");
  }

  async close(): Promise<void> {
    this.socket.close();
    await within(this.closed, "the end of a WebSocket");
  }
}

/** Waits until the broker has that many subscriptions. */
async function subscribed(world: ApiWorld, count: number): Promise<void> {
  const look = async () => {
    while (world.broker.core.subscriptionCount !== count) {
      await world.ask("GET", "/bans"); // a turn of the event loop, and more
    }
  };
  await within(look(), "a subscription of a viewer");
}

test("a viewer sees messages, retained ones first", async () => {
  await withApi(async (world) => {
    const ada = world.client({ clientId: "ada" });
    ada.send(publish({ topic: "a/old", payload: "1", retain: true }));
    const viewer = new Viewer(world, { token: SECRET, filter: "a/#" });
    await viewer.until(() => viewer.told.length === 1);
    ada.send(publish({ topic: "a/new", payload: new Uint8Array([255]) }));
    ada.send(publish({ topic: "b", payload: "x" }));
    await viewer.until(() => viewer.told.length === 2);
    const [old, fresh] = viewer.told;
    assertEquals([old.topic, old.payload, old.retain], ["a/old", "1", true]);
    assertEquals([fresh.topic, fresh.payloadBase64], ["a/new", "/w=="]);
    viewer.socket.send(JSON.stringify({ filter: "b" }));
    await subscribed(world, 1);
    while (viewer.told.length < 3) {
      ada.send(publish({ topic: "b", payload: "y" }));
      await world.ask("GET", "/bans");
    }
    assertEquals(viewer.told[2].topic, "b");
    await viewer.close();
    await subscribed(world, 0);
    world.broker.checkInvariants();
  });
});

test("a flood is shown in part, and counted in whole", async () => {
  await withApi(async (world) => {
    const ada = world.client({ clientId: "ada" });
    const viewer = new Viewer(world, { token: SECRET, filter: "#" });
    await subscribed(world, 1);
    for (let i = 0; i < 5000; i++) {
      ada.send(publish({ topic: "a", payload: `${i}` }));
    }
    await viewer.until(() => viewer.told.some(({ skipped }) => skipped > 0));
    const { skipped } = viewer.told.find((one) => one.skipped > 0);
    assertEquals(skipped + viewer.told.length - 1, 5000);
    assert(viewer.told.length < 100);
    await viewer.close();
  });
});

test("nobody looks without a token, or with a bad filter", async () => {
  await withApi(async (world) => {
    const orders = [
      { token: "wrong", filter: "#" },
      { filter: "#" },
      { token: SECRET },
      { token: SECRET, filter: "a#" },
      "x",
    ];
    for (const order of orders) {
      const viewer = new Viewer(world, order);
      const code = await within(viewer.closed, "a refusal");
      assertEquals([code, viewer.told], [1008, []], JSON.stringify(order));
    }
    assertEquals(world.broker.core.subscriptionCount, 0);
    assertEquals((await world.ask("GET", "/live")).status, 426);
  });
});

test("a page of others gets no WebSocket", async () => {
  await withApi(async (world) => {
    const head = "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
      "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n";
    const answer = (lines: string) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      let text = "";
      const socket = connectTcp(world.port, "127.0.0.1", () => {
        socket.write(`${head}${lines}\r\n`);
      });
      socket.on("data", (chunk) => {
        text += String(chunk);
        resolve(text.split("\r\n")[0]!);
        socket.destroy();
      });
      socket.on("error", () => {});
      return within(promise, "an answer", () => socket.destroy());
    };
    assertEquals(await answer(""), "HTTP/1.1 101 Switching Protocols");
    const foreign = "Origin: https://evil.example\r\n";
    assert((await answer(foreign)).startsWith("HTTP/1.1 403"));
  });
});

test("a client's packets are traced, and what it holds is not", async () => {
  await withApi(async (world) => {
    const fields = { userName: "u", password: "pencil", clientId: "ada" };
    const ada = world.client(fields);
    const bob = world.client({ clientId: "bob" });
    const { body } = await world.ask("POST", "/traces", { clientId: "ada" });
    ada.send(subscribe(7, ["a/#", 1]));
    bob.send(publish({ topic: "a/1", payload: "secret", qos: 1, packetId: 3 }));
    ada.send(puback(1));
    ada.send(pingreq());
    const lines = () =>
      world.logs.after(0).map(({ event, fields }) =>
        `${event.replace("trace_", "")} ${fields["packet"] ?? ""}`.trim()
      );
    assertEquals(lines(), [
      "began",
      "received SUBSCRIBE",
      "sent SUBACK",
      "sent PUBLISH",
      "received PUBACK",
      "received PINGREQ",
      "sent PINGRESP",
    ]);
    const all = JSON.stringify(world.logs.after(0));
    assert(!all.includes("secret") && all.includes("a/1"));
    ada.drop();
    world.client(fields).send(pingreq());
    assertEquals(lines().slice(7, 9), ["disconnected", "connected"]);
    assert(!JSON.stringify(world.logs.after(0)).includes("pencil"));
    const again = await world.ask("POST", "/traces", { clientId: "ada" });
    assertEquals(again.status, 409);
    assertEquals(
      (await world.ask("DELETE", `/traces/${body.id}`)).status,
      204,
    );
    const { last } = world.logs;
    bob.send(publish({ topic: "a/1", payload: "x" }));
    assertEquals(world.logs.last, last);
    assertEquals(Object.keys(world.hooks), []);
  });
});

test("messages of a topic are traced, at a bounded rate", async () => {
  await withApi(async (world) => {
    const ada = world.client({ clientId: "ada" });
    const order = { topicFilter: "a/+", hasPayloads: true };
    assertEquals((await world.ask("POST", "/traces", order)).status, 201);
    ada.send(publish({ topic: "a/1", payload: "shown" }));
    ada.send(publish({ topic: "b/1", payload: "x" }));
    const [, line] = world.logs.after(0);
    assertEquals(line?.event, "trace_published");
    assertEquals(line?.fields["publisher"], "ada");
    assertEquals(line?.fields["payload"], "shown");
    for (let i = 0; i < 1000; i++) ada.send(publish({ topic: "a/1" }));
    const { body } = await world.ask("GET", "/traces");
    const [{ lines, skipped }] = body.items;
    assertEquals(lines + skipped, 1001);
    assert(skipped > 0);
    for (const bad of [{}, { clientId: "a", topicFilter: "a" }]) {
      assertEquals((await world.ask("POST", "/traces", bad)).status, 400);
    }
    const filter = { topicFilter: "a#" };
    assertEquals((await world.ask("POST", "/traces", filter)).status, 400);
  });
});

test("the last lines of the log are kept, and no secret", () => {
  const ring = new LogRing();
  const line = { timeMs: 0, level: "info", message: "", fields: {} } as const;
  assertEquals(ring.after(0), []);
  for (let i = 1; i <= 1234; i++) ring.add({ ...line, event: `e${i}` });
  ring.add({ ...line, event: "http_secret" });
  const kept = ring.after(0);
  assertEquals([kept.length, kept[0]?.event, kept.at(-1)?.event], [
    500,
    "e735",
    "e1234",
  ]);
  assertEquals(ring.after(1233).map(({ number }) => number), [1234]);
  assertEquals(ring.after(9999), []);
});

test("who looks on sees each packet, wherever chunks are cut", async () => {
  await withApi(async (world) => {
    const seen: string[] = [];
    const ada = world.broker.open();
    ada.send(connect({ clientId: "ada" }));
    ada.reading = false;
    ada.send(pingreq());
    const end = tapPackets(ada.connection!, false, (direction, packet) => {
      seen.push(`${direction} ${packet.packet} ${packet.topic ?? ""}`.trim());
    });
    ada.reading = true;
    ada.take(1); // the rest of a packet that began before is passed over
    const bytes = publish({ topic: "a/b", payload: "x".repeat(5000) });
    for (const byte of bytes.subarray(0, 20)) ada.send(Uint8Array.of(byte));
    ada.send(bytes.subarray(20));
    ada.send(pingreq());
    assertEquals(seen, [
      "received PUBLISH a/b",
      "received PINGREQ",
      "sent PINGRESP",
    ]);
    end();
    ada.send(pingreq());
    assertEquals(seen.length, 3);
    await Promise.resolve();
  });
});

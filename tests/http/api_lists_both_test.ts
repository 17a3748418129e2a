/**
 * Lists of the API, page by page while clients come and go, and what is done
 * to clients and sessions.
 */

import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { connect, disconnect, publish } from "../support/wire.ts";
import { connect as connect5, decode as decode5 } from "../support/wire5.ts";
import type { TestClient } from "../support/test_broker.ts";
import { type ApiWorld, withApi } from "./api_world.ts";

/** All items of a list; `between` is called behind each page. */
async function walk(
  world: ApiWorld,
  path: string,
  between: () => void = () => {},
  // deno-lint-ignore no-explicit-any -- items of all kinds
): Promise<any[]> {
  const items = [];
  const mark = path.includes("?") ? "&" : "?";
  for (let after = "";;) {
    const { body, status } = await world.ask("GET", path + after);
    assertEquals(status, 200, JSON.stringify(body));
    items.push(...body.items);
    if (body.next === null) return items;
    after = `${mark}after=${encodeURIComponent(body.next)}`;
    between();
  }
}

test("thousands of clients are listed, each once", async () => {
  await withApi(async (world) => {
    for (let i = 0; i < 3000; i++) world.client({ clientId: `c${i}` });
    const items = await walk(world, "/clients?limit=1000");
    assertEquals(
      items.map(({ clientId }) => clientId),
      [
        ...Array(3000).keys(),
      ].map((i) => `c${i}`),
    );
    const first = await world.ask("GET", "/clients");
    assertEquals([first.body.items.length, first.body.total], [100, 3000]);
    const few = await world.ask("GET", "/clients?filter=C299");
    assertEquals([few.body.total, few.body.next], [11, null]);
  }, { connectionsPerAddressMax: 100_000 });
});

test("who stays is listed once while others come and go", async () => {
  await withApi(async (world) => {
    const leaving: TestClient[] = [];
    for (let i = 0; i < 400; i++) {
      world.client({ clientId: `stay${i}` });
      leaving.push(world.client({ clientId: `go${i}` }));
    }
    let came = 0;
    for (const sort of ["", "&sort=clientId", "&sort=-connectedAt"]) {
      const items = await walk(world, `/clients?limit=50${sort}`, () => {
        for (let i = 0; i < 20; i++) leaving.pop()?.send(disconnect());
        world.client({ clientId: `new${came++}` });
      });
      const stayed = items
        .map(({ clientId }) => clientId)
        .filter((id) => id.startsWith("stay"));
      assertEquals(stayed.length, 400, sort);
      assertEquals(
        new Set(items.map(({ clientId }) => clientId)).size,
        items.length,
      );
    }
  }, { connectionsPerAddressMax: 100_000 });
});

test("clients are sorted by what they have, either way", async () => {
  await withApi(async (world) => {
    for (
      const [id, count] of [["a", 3], ["b", 1], ["c", 2], ["d", 2]] as const
    ) {
      const client = world.client({ clientId: id });
      for (let i = 0; i < count; i++) {
        client.send(publish({ topic: "t", payload: "x" }));
      }
    }
    const order = async (sort: string) => {
      const items = await walk(world, `/clients?limit=1&sort=${sort}`);
      return items.map(({ clientId }) => clientId).join("");
    };
    assertEquals(await order("messagesIn"), "bcda");
    assertEquals(await order("-messagesIn"), "acdb");
    world.client({ clientId: "e" }, "t");
    world.client({ clientId: "f" }, "t").send(publish({ topic: "t" }));
    assertEquals(await order("-messagesOut"), "efabcd");
    assertEquals(await order("-clientId"), "fedcba");
  });
});

test("a client is told of, and disconnected", async () => {
  await withApi(async (world) => {
    const will = { topic: "gone", payload: "x" };
    const ada = world.broker.open();
    ada.send(connect5({ clientId: "a/ä", userName: "ada", will }));
    ada.bytes();
    const path = `/clients/${encodeURIComponent("a/ä")}`;
    const { body } = await world.ask("GET", path);
    assertEquals([body.protocol, body.userName], ["5.0", "ada"]);
    assertEquals([body.willTopic, body.subscriptionList], ["gone", []]);
    assertEquals((await world.ask("DELETE", path)).status, 204);
    const [told] = decode5(ada.bytes());
    assertEquals([told?.type, ada.closed], ["disconnect", true]);
    assertEquals(world.broker.core.counters.ends.operator, 1);
    assertEquals((await world.ask("DELETE", path)).status, 404);
    assertEquals((await world.ask("GET", path)).status, 404);
  });
});

test("a ban keeps a client out until it ends, or is lifted", async () => {
  await withApi(async (world) => {
    const eve = world.client({ clientId: "eve" });
    const { status } = await world.ask("POST", "/clients/eve/ban");
    assertEquals([status, eve.closed], [201, true]);
    const again = () => {
      const client = world.broker.open();
      client.send(connect({ clientId: "eve" }));
      return client.closed;
    };
    assertEquals(again(), true);
    assertEquals(world.client({ clientId: "eva" }).closed, false);
    const { body } = await world.ask("GET", "/bans");
    assertEquals(body.items[0].clientId, "eve");
    assertEquals((await world.ask("DELETE", "/bans/eve")).status, 204);
    assertEquals((await world.ask("DELETE", "/bans/eve")).status, 404);
    assertEquals(again(), false);
    await world.ask("POST", "/clients/eve/ban", { seconds: 10 });
    assertEquals(again(), true);
    world.broker.advance(10_000);
    assertEquals(again(), false);
    const bad = await world.ask("POST", "/clients/eve/ban", { seconds: 0 });
    assertEquals(bad.status, 400);
  });
});

test("a session and its queue are seen, and deleted", async () => {
  await withApi(async (world) => {
    const away = world.client({ clientId: "a", cleanSession: false }, "q/#");
    const bob = world.client({ clientId: "b" });
    const send = (topic: string, packetId: number) =>
      bob.send(publish({ topic, payload: "12345", qos: 1, packetId }));
    send("q/0", 1); // in flight
    away.drop();
    for (let i = 1; i < 10; i++) send(`q/${i}`, i + 1);
    const { body } = await world.ask("GET", "/sessions/a");
    assertEquals([body.isConnected, body.queued, body.inflight], [false, 9, 1]);
    const items = await walk(world, "/sessions/a/queue?limit=4");
    assertEquals(
      items.map(({ topic }) => topic),
      [...Array(10).keys()].map((i) => `q/${i}`),
    );
    assertEquals([items[0].state, items[1].state], ["sent", "waiting"]);
    assertEquals(items[1].bytes, 5);
    assertEquals((await world.ask("DELETE", "/sessions/a")).status, 204);
    assertEquals((await world.ask("GET", "/sessions/a")).status, 404);
    assertEquals((await world.ask("GET", "/sessions/a/queue")).status, 404);
    // One that is connected loses its connection as well.
    assertEquals((await world.ask("DELETE", "/sessions/b")).status, 204);
    assertEquals(bob.closed, true);
    world.broker.checkInvariants();
  });
});

test("subscriptions are listed, and narrowed", async () => {
  await withApi(async (world) => {
    for (let i = 0; i < 50; i++) {
      world.client({ clientId: `c${i}` }, "a/#", `only/${i}`, "$share/g/s");
    }
    const items = await walk(world, "/subscriptions?limit=7");
    assertEquals(items.length, 150);
    const keys = items.map(({ clientId, filter }) => `${clientId} ${filter}`);
    assertEquals(new Set(keys).size, 150);
    const one = await walk(world, "/subscriptions?clientId=c3");
    assertEquals(one.map(({ filter }) => filter), [
      "a/#",
      "only/3",
      "$share/g/s",
    ]);
    const { body } = await world.ask("GET", "/subscriptions?filter=ONLY/4");
    assertEquals(body.total, 11);
  }, { connectionsPerAddressMax: 100_000 });
});

test("retained messages are browsed while they change", async () => {
  await withApi(async (world) => {
    const ada = world.client({ clientId: "ada" });
    const keep = (topic: string, payload = "x") =>
      ada.send(publish({ topic, payload, retain: true }));
    for (let i = 0; i < 300; i++) {
      keep(`stay/${i % 7}/${i}`);
      keep(`go/${i}`);
    }
    let gone = 0;
    const items = await walk(world, "/retained?limit=20", () => {
      for (let i = 0; i < 15; i++) keep(`go/${gone++}`, "");
      keep(`come/${gone}`);
      keep(`stay/3/new${gone}`);
    });
    const topics = items.map(({ topic }) => topic);
    assertEquals(new Set(topics).size, topics.length);
    for (let i = 0; i < 300; i++) assert(topics.includes(`stay/${i % 7}/${i}`));
    const { body } = await world.ask("GET", "/retained?filter=stay/%2B/5");
    assertEquals(body.items.map(({ topic }: { topic: string }) => topic), [
      "stay/5/5",
    ]);
    const { size } = world.broker.core.retained;
    const deleted = await world.ask("DELETE", "/retained?filter=stay/%23");
    assert(deleted.body.deleted >= 300);
    assertEquals(world.broker.core.retained.size, size - deleted.body.deleted);
    world.broker.checkInvariants();
  });
});

test("a retained message is set, shown, cut and forgotten", async () => {
  await withApi(async (world) => {
    const reader = world.client({ clientId: "r" }, "long");
    const payload = "ä".repeat(2000);
    const properties = { contentType: "text/plain", messageExpirySeconds: 60 };
    const put = await world.ask("PUT", "/retained/long", {
      payload,
      properties,
    });
    assertEquals([put.status, put.body.matched], [200, 1]);
    assert(reader.bytes().length > 4000);
    const { body } = await world.ask("GET", "/retained/long");
    assertEquals([body.payload, body.contentType], [payload, "text/plain"]);
    assertEquals(body.properties.messageExpirySeconds, 60);
    assert(body.expiresAt !== null);
    const { body: { items } } = await world.ask("GET", "/retained");
    assertEquals([items[0].isCut, items[0].payload], [true, "ä".repeat(512)]);
    assertEquals((await world.ask("DELETE", "/retained/long")).status, 204);
    assertEquals((await world.ask("DELETE", "/retained/long")).status, 404);
    assertEquals(world.broker.core.retainedExpiries.size, 0);
    const empty = await world.ask("PUT", "/retained/long", {});
    assertEquals(empty.status, 400);
    // The end that the message was to have is not that of its successor.
    await world.ask("PUT", "/retained/long", { payload: "stays" });
    world.broker.advance(61_000);
    assertEquals((await world.ask("GET", "/retained/long")).status, 200);
    world.broker.checkInvariants();
  });
});

test("topics are those that are retained, and those in use", async () => {
  await withApi(async (world) => {
    const ada = world.client({ clientId: "ada" }, "used/#");
    ada.send(publish({ topic: "kept", payload: "x", retain: true }));
    for (let i = 0; i < 5; i++) {
      ada.send(publish({ topic: `used/${i}`, payload: "x" }));
    }
    const items = await walk(world, "/topics?limit=2");
    assertEquals(
      items.map(({ topic }) => topic).sort(),
      ["kept", ...[...Array(5).keys()].map((i) => `used/${i}`)],
    );
    assertEquals(items[0], {
      topic: "kept",
      isRetained: true,
      subscribers: null,
    });
    assertEquals(items[1].subscribers, 1);
  });
});

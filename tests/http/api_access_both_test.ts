/**
 * Who may ask the API: with a secret or a token, from no foreign page, not
 * too often, and with what is asked in the form that is described.
 */

import { connect } from "node:net";
import { Access } from "../../src/http/access.ts";
import { test } from "../support/both.ts";
import { within } from "../support/deadline.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { type ApiWorld, SECRET, withApi } from "./api_world.ts";

/** The status for a request with other headers. */
async function statusWith(
  world: ApiWorld,
  headers: Record<string, string>,
  method = "GET",
  path = "/status",
): Promise<number> {
  return (await world.ask(method, path, undefined, headers)).status;
}

test("a token is given for the secret, and for no other word", async () => {
  await withApi(async (world) => {
    const good = await world.ask("POST", "/login", { secret: SECRET }, {
      authorization: "",
    });
    assertEquals(good.status, 200);
    const { token } = good.body;
    assertEquals(token.length, 64);
    const bearer = (word: string) =>
      statusWith(world, { authorization: `Bearer ${word}` });
    assertEquals(await bearer(token), 200);
    assertEquals(await bearer(SECRET), 200);
    for (const word of [`${token}x`, token.slice(1), `${SECRET}x`, "x"]) {
      assertEquals(await bearer(word), 401, word);
    }
    for (const authorization of ["", "Bearer", `Basic ${SECRET}`, SECRET]) {
      assertEquals(await statusWith(world, { authorization }), 401);
    }
    const bad = await world.ask("POST", "/login", { secret: "x" });
    assertEquals([bad.status, bad.body.error.code], [403, "wrong_secret"]);
  });
});

test("wrong secrets make their address wait", async () => {
  await withApi(async (world) => {
    const statuses = new Set<number>();
    for (let i = 0; i < 10; i++) {
      const { status } = await world.ask("POST", "/login", { secret: "no" });
      statuses.add(status);
    }
    assertEquals([...statuses], [403]);
    const late = await world.ask("POST", "/login", { secret: SECRET });
    assertEquals([late.status, late.body.error.code], [
      429,
      "too_many_requests",
    ]);
    assert(Number(late.headers.get("retry-after")) > 0);
    // Who has the secret goes on, and who guesses is told to wait.
    assertEquals(await statusWith(world, {}), 200);
    const guess = { authorization: "Bearer 0123" };
    assertEquals(await statusWith(world, guess), 429);
  });
});

test("tokens end, the oldest first, and buckets fill again", () => {
  const access = new Access(SECRET);
  const first = access.login(SECRET, 0)!;
  assert(access.admits(first.token, first.untilMs - 1));
  assert(!access.admits(first.token, first.untilMs));
  const second = access.login(SECRET, 0)!;
  for (let i = 0; i < 1000; i++) access.login(SECRET, 0);
  assert(!access.admits(second.token, 1));
  for (let i = 0; i < 1000; i++) access.requested("192.0.2.1", 0);
  assert(access.requested("192.0.2.1", 0) > 0);
  assertEquals(access.requested("192.0.2.2", 0), 0);
  assertEquals(access.requested("192.0.2.1", 1000), 0);
  for (let i = 0; i < 5000; i++) access.failed(`192.0.${i >> 8}.${i & 255}`, 0);
  assertEquals(access.patienceFor("192.0.2.1", 0), 0);
});

test("pages of others, and names of others, are not served", async () => {
  await withApi(async (world) => {
    const own = `http://127.0.0.1:${world.port}`;
    const cases: readonly [Record<string, string>, number][] = [
      [{ origin: own }, 200],
      [{ origin: "https://evil.example" }, 403],
      [{ origin: "null" }, 403],
      [{ origin: `${own}.evil.example` }, 403],
      [{ "sec-fetch-site": "same-origin" }, 200],
      [{ "sec-fetch-site": "none" }, 200],
    ];
    for (const [headers, status] of cases) {
      assertEquals(
        await statusWith(world, headers),
        status,
        JSON.stringify(headers),
      );
    }
    for (const method of ["POST", "DELETE"]) {
      const path = method === "POST" ? "/reload" : "/retained?filter=%23";
      const headers = { origin: "http://evil.example" };
      assertEquals(await statusWith(world, headers, method, path), 403);
    }
    assertEquals(world.reloads, 0);
  });
});

test("a body is JSON, says so, and is as described", async () => {
  await withApi(async (world) => {
    const statusOf = async (
      body: unknown,
      type = "application/json",
      path = "/publish",
    ) => {
      const headers = { "content-type": type };
      return (await world.ask("POST", path, body, headers)).status;
    };
    const good = { topic: "a" };
    assertEquals(await statusOf(good), 200);
    assertEquals(await statusOf(good, "application/json; charset=utf-8"), 200);
    for (
      const type of ["text/plain", "application/x-www-form-urlencoded", ""]
    ) {
      assertEquals(await statusOf(good, type), 415, type);
    }
    const bad: readonly unknown[] = [
      "{",
      "null",
      "[]",
      '"a"',
      "",
      '{"topic":1}',
      {},
      { topic: "" },
      { topic: "a", qos: 3 },
      { topic: "a", qos: "1" },
      { topic: "a", retain: 1 },
      { topic: "a", what: 1 },
      '{"topic":"a","__proto__":{"qos":1}}',
      { topic: "a", payload: "x", payloadBase64: "eA==" },
      { topic: "a", payloadBase64: "%" },
      { topic: "a", properties: { userProperties: [["a"]] } },
      { topic: "a", properties: { contentType: 1 } },
      { topic: "a/#" },
      { topic: "a\0b" },
      { topic: "$SYS/broker/uptime", payload: "x" },
      { topic: "\ud800" },
    ];
    for (const body of bad) {
      const status = await statusOf(body);
      const isRefused = status === 400 || status === 415;
      assert(isRefused, `${status}: ${JSON.stringify(body)}`);
    }
    assertEquals(world.faults, []);
  });
});

test("a body that is too long is not read", async () => {
  await withApi(async (world) => {
    const huge = JSON.stringify({ topic: "a", payload: "x".repeat(5 << 20) });
    const token = `Authorization: Bearer ${SECRET}\r\n`;
    const json = "Content-Type: application/json\r\n";
    const chunked = "Transfer-Encoding: chunked\r\n";
    const chunk = `100000\r\n${"x".repeat(0x10_0000)}\r\n`;
    const cases: readonly [string, string, string][] = [
      [`${token}${json}Content-Length: ${huge.length}\r\n`, huge, "413"],
      [`${token}${json}Content-Length: ${1e15}\r\n`, "", "413"],
      [`${token}${json}${chunked}`, chunk.repeat(5), "413"],
      // Nobody who is not known has anything read.
      [`${json}Content-Length: ${huge.length}\r\n`, "", "401"],
      [`${json}${chunked}`, "", "401"],
    ];
    for (const [lines, body, status] of cases) {
      const head = "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\n";
      const said = await answerTo(world, `${head}${lines}\r\n${body}`);
      assertEquals(said.split(" ")[1], status, lines);
    }
    const long = { secret: "x".repeat(2000) };
    assertEquals((await world.ask("POST", "/login", long)).status, 400);
    const { status } = await world.ask("GET", "/status");
    assertEquals(status, 200);
  });
});

/** What comes first for those bytes. */
async function answerTo(world: ApiWorld, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(world.port, "127.0.0.1", () => socket.write(bytes));
  socket.once("data", (chunk) => resolve(String(chunk)));
  socket.on("error", () => {}); // what is not read is reset
  try {
    return await within(promise, "an answer");
  } finally {
    socket.destroy();
  }
}

test("a query is as described", async () => {
  await withApi(async (world) => {
    const bad = [
      "/clients?limit=0",
      "/clients?limit=1001",
      "/clients?limit=-1",
      "/clients?limit=1e3",
      "/clients?limit=",
      "/clients?sort=password",
      "/clients?what=1",
      "/clients?after=x",
      "/clients?after=W10x",
      "/clients?sort=queued&after=WzFd",
      "/sessions?after=bnVsbA",
      "/retained?filter=a%23",
      "/retained?filter=",
      "/retained?after=WyJhIl0",
      "/topics?filter=%00",
      "/logs?after=x",
    ];
    for (const path of bad) {
      const { body, status } = await world.ask("GET", path);
      assertEquals(status, 400, `${path}: ${JSON.stringify(body)}`);
    }
    assertEquals((await world.ask("DELETE", "/retained")).status, 400);
    assertEquals(world.faults, []);
  });
});

test("percent signs mean what they say, once", async () => {
  await withApi(async (world) => {
    for (const topic of ["a/b", "/", "ä/ 日本", "a%2Fb", "a+b"]) {
      const path = `/retained/${encodeURIComponent(topic)}`;
      const put = await world.ask("PUT", path, { payload: topic });
      const isTopic = !topic.includes("+");
      assertEquals(put.status, isTopic ? 200 : 400, topic);
      if (!isTopic) continue;
      const { body } = await world.ask("GET", path);
      assertEquals([body.topic, body.payload], [topic, topic]);
    }
    const bad = ["%", "%zz", "%ff", "%c3%28", "%00", "a/b", ""];
    for (const path of bad) {
      const { status } = await world.ask("GET", `/retained/${path}`);
      // An empty name is another path.
      assert([404, 400, 200].includes(status), `${path}: ${status}`);
      const put = await world.ask("PUT", `/retained/${path}`, { payload: "x" });
      assert(put.status >= 400, `${path}: ${put.status}`);
    }
    assertEquals(world.faults, []);
  });
});

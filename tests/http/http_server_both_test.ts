/**
 * The HTTP server on both runtimes: routes, who may ask, and what a peer can
 * use of it. That slow peers are let go of is in `tests/e2e/seeing_test.ts`.
 */

import { connect } from "node:net";
import { setImmediate } from "node:timers";
import type { HttpServer } from "../../src/http/http_server.ts";
import { Access } from "../../src/http/access.ts";
import { type HttpRoute, textAnswer } from "../../src/http/routes.ts";
import { watchRoutes } from "../../src/http/watch_routes.ts";
import { readingsWith } from "../metrics/readings.ts";
import { test } from "../support/both.ts";
import { within } from "../support/deadline.ts";
import { assertEquals } from "../support/std_assert.ts";
import { httpDoor } from "./http_door.ts";

const TOKEN = "0123456789abcdef";

interface Served {
  url: string;
  port: number;
  faults: unknown[];
  server: HttpServer;
}

/** Serves while `run` asks. */
async function serving(
  routes: readonly HttpRoute[],
  token: string | undefined,
  run: (served: Served) => Promise<void>,
): Promise<void> {
  const faults: unknown[] = [];
  const server = await httpDoor({
    routes,
    access: new Access(token ?? TOKEN),
    isLocal: token === undefined,
    onFault: (error) => faults.push(error),
  });
  const { http, port } = server;
  const url = `http://127.0.0.1:${port}`;
  try {
    await run({ url, port, faults, server: http });
  } finally {
    server.close();
  }
}

/** Status and body. */
async function ask(url: string, init: RequestInit = {}) {
  const headers = { connection: "close", ...init.headers };
  const answer = await fetch(url, { ...init, headers });
  return [answer.status, (await answer.text()).trim()];
}

/** What comes back for those bytes until the server hangs up. */
function said(port: number, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  socket.on("data", (chunk) => text += String(chunk));
  socket.on("error", () => {});
  socket.on("close", () => resolve(text));
  return within(promise, "the end of the connection", () => socket.destroy());
}

const OPEN = route("/open", true);
const CLOSED = route("/closed", false);

function route(path: string, isOpen: boolean): HttpRoute {
  return { method: "GET", path, isOpen, answer: () => textAnswer(200, path) };
}

test("a path has its answer, and others are refused", async () => {
  await serving([OPEN, CLOSED], undefined, async ({ url }) => {
    assertEquals(await ask(`${url}/open?x=1`), [200, "/open"]);
    assertEquals(await ask(`${url}/closed`), [200, "/closed"]);
    assertEquals(await ask(`${url}/open/`), [404, "not found"]);
    assertEquals(await ask(`${url}/open`, { method: "HEAD" }), [200, ""]);
    const post = await ask(`${url}/open`, { method: "POST", body: "x" });
    assertEquals(post, [405, "method not allowed"]);
  });
});

test("an answer is for no page, frame or cache", async () => {
  await serving([OPEN], undefined, async ({ url }) => {
    const { headers, body } = await fetch(`${url}/open`);
    await body?.cancel();
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("access-control-allow-origin"), null);
  });
});

test("a token opens what is closed, and no other word does", async () => {
  await serving([OPEN, CLOSED], TOKEN, async ({ url }) => {
    const statusFor = async (authorization: string) =>
      (await ask(`${url}/closed`, { headers: { authorization } }))[0];
    assertEquals(await ask(`${url}/open`), [200, "/open"]);
    assertEquals((await ask(`${url}/closed`))[0], 401);
    assertEquals(await statusFor(`Bearer ${TOKEN}`), 200);
    assertEquals(await statusFor(`bearer ${TOKEN}`), 200);
    for (const word of [`${TOKEN}x`, TOKEN.slice(1), "", "x y"]) {
      assertEquals(await statusFor(`Bearer ${word}`), 401, word);
    }
    assertEquals(await statusFor(`Basic ${TOKEN}`), 401);
  });
});

test("without a token no other name than this machine's is heard", async () => {
  await serving([OPEN], undefined, async ({ port }) => {
    const statusFor = async (host: string) => {
      const head = `GET /open HTTP/1.1\r\nHost: ${host}\r\n`;
      const text = await said(port, `${head}Connection: close\r\n\r\n`);
      return text.split(" ")[1];
    };
    for (const host of ["localhost:1", "127.0.0.1", "[::1]:80", "LocalHost"]) {
      assertEquals(await statusFor(host), "200", host);
    }
    for (const host of ["evil.example", "localhost.evil.example", "x:80"]) {
      assertEquals(await statusFor(host), "421", host);
    }
  });
});

test("a handler's fault is told and ends nothing", async () => {
  const fault = new Error("by the test");
  const broken: HttpRoute = {
    ...OPEN,
    path: "/broken",
    answer: () => {
      throw fault;
    },
  };
  await serving([broken, OPEN], undefined, async ({ url, faults }) => {
    assertEquals((await ask(`${url}/broken`))[0], 500);
    assertEquals(faults, [fault]);
    assertEquals(await ask(`${url}/open`), [200, "/open"]);
  });
});

test("what is not HTTP, or too long, ends its connection", async () => {
  await serving([OPEN], undefined, async ({ port, url }) => {
    const long = `X: ${"x".repeat(40_000)}`;
    const head = "GET /open HTTP/1.1\r\nHost: localhost\r\n";
    for (const bytes of ["\0\x01\x02\r\n\r\n", `${head}${long}\r\n\r\n`]) {
      const text = await said(port, bytes);
      assertEquals(/^HTTP\/1\.1 4\d\d /.test(text), true, text.slice(0, 99));
    }
    assertEquals(await ask(`${url}/open`), [200, "/open"]);
  });
});

test("a request with a body has its answer and no successor", async () => {
  await serving([OPEN], undefined, async ({ port }) => {
    const head = "GET /open HTTP/1.1\r\nHost: localhost\r\n";
    const text = await said(port, `${head}Content-Length: 99\r\n\r\nabc`);
    assertEquals(text.split(" ")[1], "200");
  });
});

test("one connection too many is closed at once", async () => {
  await serving([OPEN], undefined, async ({ port, server, url }) => {
    const sockets = Array.from({ length: 64 }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("GET /open HTTP/1.1\r\n");
      return socket;
    });
    const reaches = async (count: number) => {
      while (server.connections !== count) {
        await new Promise((done) => setImmediate(done));
      }
    };
    await within(reaches(64), "64 connections");
    assertEquals(await said(port, "GET /open HTTP/1.1\r\n\r\n"), "");
    for (const socket of sockets) socket.destroy();
    await within(reaches(0), "their end");
    assertEquals(await ask(`${url}/open`), [200, "/open"]);
  });
});

test("who asks for OpenMetrics gets it, others the older text", async () => {
  const broker = { isReady: true, readings: () => readingsWith() };
  await serving(watchRoutes(broker), undefined, async ({ url }) => {
    const typeFor = async (accept: string) => {
      const answer = await fetch(`${url}/metrics`, { headers: { accept } });
      const isOpen = (await answer.text()).endsWith("# EOF\n");
      return [answer.headers.get("content-type")?.split(";")[0], isOpen];
    };
    assertEquals(await typeFor("*/*"), ["text/plain", false]);
    const prometheus =
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1";
    assertEquals(await typeFor(prometheus), [
      "application/openmetrics-text",
      true,
    ]);
  });
});

test("who is not ready says so, and is well", async () => {
  const broker = { isReady: false, readings: () => readingsWith() };
  await serving(watchRoutes(broker), undefined, async ({ url }) => {
    assertEquals(await ask(`${url}/healthz`), [200, "ok"]);
    assertEquals(await ask(`${url}/readyz`), [503, "not ready"]);
    broker.isReady = true;
    assertEquals(await ask(`${url}/readyz`), [200, "ok"]);
  });
});

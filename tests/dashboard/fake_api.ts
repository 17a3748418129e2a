/**
 * A server of the page and of what it asks for, with a broker that is made
 * up: ten thousand clients, names that are meant to do harm, a store that is
 * broken. What a real broker answers is in `dashboard_test.ts`.
 */

import { dashboardPage } from "../../src/dashboard/page.ts";
import { within } from "../support/deadline.ts";
import {
  CLIENTS,
  HOSTILE,
  LISTENERS,
  LOGS,
  RETAINED,
  STATUS,
} from "./fake_broker.ts";

/** What the page logs in with. */
export const SECRET = "a secret of the test";
const TOKEN = "a token of the test";

/** A server that runs until it is disposed of. */
export class FakeApi implements AsyncDisposable {
  /** All that was asked to be changed: `METHOD /path?query body`. */
  readonly changes: string[] = [];
  /** How often each path was asked for. */
  readonly questions = new Map<string, number>();
  /** Answered in place of all else, where there is one. */
  fault: { status: number; message: string } | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #startMs = Date.now();
  readonly #waiters = new Set<
    { path: string; count: number; resolve: () => void }
  >();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Waits until a path has been asked for so often. */
  async asked(path: string, count: number): Promise<void> {
    if ((this.questions.get(path) ?? 0) >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add({ path, count, resolve });
    await within(promise, `question ${count} for ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams, search } = new URL(request.url);
    if (pathname === "/") {
      const { body, headers } = dashboardPage();
      return new Response(body, { headers });
    }
    const path = pathname.replace("/api/v1/", "");
    if (path === "live") return live(request);
    const body = await request.text();
    if (path === "login") {
      return body.includes(SECRET)
        ? json({ token: TOKEN, expiresAt: new Date(0) })
        : failed(403, "This is not the secret.");
    }
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) {
      return failed(401, "A token is needed.");
    }
    if (this.fault !== undefined) {
      return failed(this.fault.status, this.fault.message);
    }
    this.#count(path);
    if (request.method !== "GET") {
      this.changes.push(`${request.method} ${path}${search} ${body}`.trim());
      return changed(request.method, path);
    }
    return this.#read(path, searchParams);
  }

  #count(path: string): void {
    const count = (this.questions.get(path) ?? 0) + 1;
    this.questions.set(path, count);
    for (const waiter of this.#waiters) {
      if (waiter.path === path && count >= waiter.count) waiter.resolve();
    }
  }

  #read(path: string, query: URLSearchParams): Response {
    const [word, name, rest] = path.split("/").map(decodeURIComponent);
    if (rest === "queue") return json(paged(QUEUE, query));
    switch (word) {
      case "status":
        return json(STATUS((Date.now() - this.#startMs) / 1000));
      case "listeners":
        return json({ items: LISTENERS, total: LISTENERS.length, next: null });
      case "logs":
        return json(query.has("after") ? { items: [], next: "9" } : LOGS);
      case "clients":
        return name === undefined
          ? json(paged(sorted(query), query))
          : clientNamed(name);
      case "subscriptions":
        return json(paged(subscriptionsOf(query.get("clientId")!), query));
      case "sessions":
        return json(paged(SESSIONS, query));
      case "topics":
      case "retained":
        return name === undefined
          ? json(paged(matching(query), query))
          : retainedOf(name);
      default:
        return failed(404, "There is nothing of that name.");
    }
  }
}

const QUEUE = Array.from({ length: 3 }, (_, i) => ({
  topic: "plant/line 4/press/temperature",
  qos: 1,
  bytes: 120 + i,
  state: i === 0 ? "sent" : "waiting",
  ...(i === 0 ? { packetId: 17 } : {}),
  expiresAt: null,
}));

const SESSIONS = CLIENTS.slice(0, 250).map((client, i) => ({
  clientId: client.clientId,
  userName: client.userName,
  isConnected: i % 3 !== 0,
  expirySeconds: i % 2 === 0 ? null : 86_400,
  expiresAt: null,
  subscriptions: client.subscriptions,
  queued: client.queued,
  queuedBytes: client.queuedBytes,
  inflight: client.inflight,
}));

function sorted(query: URLSearchParams): typeof CLIENTS {
  const sort = query.get("sort") ?? "";
  const key = sort.replace(/^-/, "") as keyof typeof CLIENTS[number];
  const filter = (query.get("filter") ?? "").toLowerCase();
  const found = CLIENTS.filter(({ clientId, userName, address }) =>
    `${clientId}\n${userName}\n${address}`.toLowerCase().includes(filter)
  );
  const sign = sort.startsWith("-") ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [a[key] ?? "", b[key] ?? ""];
    return x < y ? -sign : x > y ? sign : 0;
  });
}

function matching(query: URLSearchParams): typeof RETAINED {
  const prefix = (query.get("filter") ?? "#").replace(/#$/, "");
  return RETAINED.filter(({ topic }) => topic.startsWith(prefix));
}

function paged(items: readonly unknown[], query: URLSearchParams): unknown {
  const from = Number(query.get("after") ?? 0);
  const to = from + Number(query.get("limit") ?? 100);
  return {
    items: items.slice(from, to),
    total: items.length,
    next: to < items.length ? String(to) : null,
  };
}

function clientNamed(name: string): Response {
  const client = CLIENTS.find(({ clientId }) => clientId === name);
  return client === undefined
    ? failed(404, "There is no such client.")
    : json({ ...client, willTopic: null, subscriptionList: [] });
}

function subscriptionsOf(clientId: string): unknown[] {
  const options = { noLocal: false, retainAsPublished: true };
  return [
    { ...options, clientId, filter: "plant/+/press/#", qos: 1 },
    { ...options, clientId, filter: HOSTILE[0], qos: 0 },
  ];
}

function retainedOf(name: string): Response {
  const message = RETAINED.find(({ topic }) => topic === name);
  return message === undefined
    ? failed(404, "No message is retained for this topic.")
    : json({ ...message, properties: {} });
}

function changed(method: string, path: string): Response {
  if (path === "publish") return json({ matched: 2 });
  if (path === "retained") return json({ deleted: 12 });
  if (method === "PUT") return json({ matched: 0 });
  return new Response(null, { status: 204 });
}

/** Sends some messages as soon as it knows what for. */
function live(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => {
    const { token, filter } = JSON.parse(data);
    if (token !== TOKEN) return socket.close(4001, "A token is needed.");
    if (filter === "##") return socket.close(4000, "This is no topic filter.");
    RETAINED.slice(0, 12).forEach((message, i) =>
      socket.send(JSON.stringify({
        ...message,
        retain: i % 2 === 0,
        at: new Date().toISOString(),
      }))
    );
    socket.send(JSON.stringify({ skipped: 40 }));
  };
  return response;
}

function json(body: unknown): Response {
  return Response.json(body);
}

function failed(status: number, message: string): Response {
  return Response.json({ error: { code: "fault", message } }, { status });
}

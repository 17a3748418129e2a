/**
 * The API with a broker behind it that is made up: ten thousand clients,
 * names that are meant to do harm, a store that is broken. What is asked is
 * held against the table of the API as the real one does it, and so is what
 * is answered. A real broker is in `tests/e2e/dashboard_test.ts`.
 */

import { dashboardPage } from "../../src/dashboard/page.ts";
import {
  apiRoutes,
  type Asked,
  type Handler,
  type Handlers,
} from "../../src/http/api.ts";
import { ApiFault } from "../../src/http/api_fault.ts";
import { SCHEMAS } from "../../src/http/api_schemas.ts";
import { type OperationName, OPERATIONS } from "../../src/http/api_table.ts";
import { checkValue } from "../../src/http/check_value.ts";
import type { Operation } from "../../src/http/operation.ts";
import { findRoute, type HttpAnswer } from "../../src/http/routes.ts";
import { within } from "../support/deadline.ts";
import { FAKE_HANDLERS } from "./fake_handlers.ts";
import { RETAINED } from "./fake_broker.ts";

/** What the page logs in with. */
export const SECRET = "a secret of the test";
const TOKEN = "a token of the test";

const OPEN: readonly string[] = ["login", "live"];

interface Waiter {
  name: OperationName;
  count: number;
  resolve: () => void;
}

/** A server that runs until it is disposed of. */
export class FakeApi implements AsyncDisposable {
  /** What was asked to be changed: the operation, and what it was given. */
  readonly changes: unknown[] = [];
  /** How often each was asked. */
  readonly questions = new Map<OperationName, number>();
  /** Answered in place of all else, where there is one. */
  fault: { status: number; message: string } | undefined;
  readonly #waiters = new Set<Waiter>();
  readonly #routes = apiRoutes(this.#handlers());
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Waits until something has been asked so often. */
  async asked(name: OperationName, count: number): Promise<void> {
    if ((this.questions.get(name) ?? 0) >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add({ name, count, resolve });
    await within(promise, `question ${count} for ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #handlers(): Handlers {
    const names = Object.keys(OPERATIONS) as OperationName[];
    const pairs = names.map((name) => [
      name,
      (asked: Asked) => this.#handle(name, asked),
    ]);
    return Object.fromEntries(pairs);
  }

  #handle(name: OperationName, asked: Asked): unknown {
    const operation: Operation = OPERATIONS[name];
    if (!OPEN.includes(name) && this.fault !== undefined) {
      const { status, message } = this.fault;
      throw new ApiFault(status, "fault", message);
    }
    this.#count(name);
    if (operation.method !== "GET" && name !== "login") {
      const { body, names, query } = asked;
      this.changes.push({ name, ...names, ...query, ...body as object });
    }
    const answer = this.#handlerOf(name)(asked);
    const { schema } = operation.answer;
    const fault = schema && checkValue(SCHEMAS[schema], answer, name, SCHEMAS);
    if (fault !== undefined) throw new ApiFault(500, "fake", fault);
    return answer;
  }

  #handlerOf(name: OperationName): Handler {
    if (name === "login") return login;
    const handler = FAKE_HANDLERS[name];
    if (handler !== undefined) return handler;
    throw new ApiFault(500, "fake", `the fake has no ${name}`);
  }

  #count(name: OperationName): void {
    const count = (this.questions.get(name) ?? 0) + 1;
    this.questions.set(name, count);
    for (const waiter of this.#waiters) {
      if (waiter.name === name && count >= waiter.count) waiter.resolve();
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") {
      return responseOf({ status: 200, ...dashboardPage() });
    }
    const found = findRoute(this.#routes, request.method, pathname);
    if ("status" in found) return responseOf(found);
    if (found.route.isWebSocket) return live(request);
    const header = (name: string) => request.headers.get(name) ?? "";
    const isKnown = header("authorization") === `Bearer ${TOKEN}`;
    if (!found.route.isOpen && !isKnown) return UNKNOWN.clone();
    const answer = await found.route.answer({
      method: request.method,
      path: pathname,
      query: searchParams,
      names: found.names,
      address: "127.0.0.1",
      body: await request.bytes(),
      header,
    });
    return responseOf(answer);
  }
}

const UNKNOWN = Response.json(
  { error: { code: "unauthorized", message: "a token is needed" } },
  { status: 401 },
);

function login({ body }: Asked): unknown {
  if ((body as { secret: string }).secret === SECRET) {
    return { token: TOKEN, expiresAt: "2026-05-01T06:12:00.000Z" };
  }
  throw new ApiFault(403, "wrong_secret", "this is not the secret");
}

function responseOf({ body, headers = {}, status }: HttpAnswer): Response {
  const sent = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return new Response(status === 204 ? null : Uint8Array.from(sent), {
    status,
    headers: { ...headers },
  });
}

/** Sends some messages as soon as it knows what for. */
function live(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => {
    const { token, filter } = JSON.parse(data);
    if (token !== TOKEN) return socket.close(4001, "the token is not good");
    if (filter === "##") return socket.close(4000, "this is no topic filter");
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

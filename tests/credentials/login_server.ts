/**
 * A login server on the loopback interface: it answers as it is told and
 * keeps what it was asked. And clients that log in with its help.
 */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type {
  LoginAnswer,
  LoginRequest,
} from "../../src/auth/authenticator.ts";
import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import {
  HttpAuthenticator,
  type HttpOptions,
} from "../../src/credentials/http_authenticator.ts";
import { ask, requestWith } from "./jwt_maker.ts";

/** What it was asked. */
export interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it says; a function says it by itself, or nothing. */
export type Reply =
  | {
    readonly status?: number;
    readonly type?: string;
    readonly body?: string | object;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | ((response: ServerResponse) => void);

export class LoginServer {
  readonly questions: Question[] = [];
  /** How it answers from now on. */
  reply: Reply = { status: 204 };
  /** Questions that are being answered, and the most there were. */
  busy = 0;
  busyMost = 0;
  readonly #server: Server;
  readonly #scheme: "http" | "https";

  private constructor(server: Server, scheme: "http" | "https") {
    this.#server = server;
    this.#scheme = scheme;
    server.on("request", (request, response) => {
      this.#answer(request, response);
    });
  }

  static async start(
    server: Server = createServer(),
    scheme: "http" | "https" = "http",
  ): Promise<LoginServer> {
    const made = new LoginServer(server, scheme);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return made;
  }

  /** Its address, by one name or another. */
  url(path = "/login", host = "127.0.0.1"): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://${host}:${port}${path}`;
  }

  get last(): Question {
    return this.questions.at(-1)!;
  }

  /** Ends its connections too. */
  async stop(): Promise<void> {
    await new Promise<void>((done) => {
      this.#server.close(() => done());
      this.#server.closeAllConnections();
    });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    this.busy++;
    this.busyMost = Math.max(this.busyMost, this.busy);
    response.on("close", () => this.busy--);
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { method, url, headers } = request;
    this.questions.push({ method: method!, url: url!, headers, body: text });
    const { reply } = this;
    if (typeof reply === "function") return reply(response);
    const { status = 200, type = "application/json", body = "" } = reply;
    response.writeHead(status, { "content-type": type, ...reply.headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }
}

type Changes = Partial<HttpOptions>;
type Use = (server: LoginServer) => Promise<void>;

export async function withServer(use: Use): Promise<void> {
  const server = await LoginServer.start();
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

export function logins(
  server: LoginServer,
  changes: Changes = {},
): HttpAuthenticator {
  return new HttpAuthenticator({
    url: server.url(),
    compileRules: () => ALL_RIGHTS,
    ...changes,
  });
}

export function login(
  authenticator: HttpAuthenticator,
  changes: Partial<LoginRequest> = {},
): Promise<LoginAnswer> {
  return ask(authenticator, requestWith("pencil", changes));
}

export function unavailable(why: string): LoginAnswer {
  return { result: "unavailable", detail: `the login server ${why}` };
}

/** Who is let in as it is. */
export const ALLOWED: LoginAnswer = {
  result: "allow",
  userName: undefined,
  clientId: undefined,
  rights: undefined,
  validMs: undefined,
};

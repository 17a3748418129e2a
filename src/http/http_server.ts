/**
 * Serves a table of routes by HTTP/1.1, on the `node:http` that both
 * runtimes have. To be loaded when it is needed: it costs time at the start.
 * What a peer can use of it is limited: connections, time, and size.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Guard } from "./guard.ts";
import {
  findRoute,
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  textAnswer,
} from "./routes.ts";

/** Where and what to serve. */
export interface HttpOptions {
  /** A host name or an address. */
  readonly hostname: string;
  /** The port; 0 takes a free one. */
  readonly port: number;
  /** What there is to ask. */
  readonly routes: readonly HttpRoute[];
  /** What has to be shown, for routes that are not open. */
  readonly token: string | undefined;
  /** Told when a handler has thrown. */
  readonly onFault: (error: unknown) => void;
}

/**
 * A further connection is closed at once. On Bun `node:http` shows one only
 * when something has come by it; a silent one it closes by itself.
 */
const CONNECTIONS_MAX = 64;
/** A longer head is refused. */
const HEAD_BYTES_MAX = 16 << 10;
/** How long a request may take, and its answer, and what is between them. */
const PATIENCE_MS = 10_000;

/** On every answer: nothing of it is for a page, a frame or a cache. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

/** A server that listens. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpOptions;
  readonly #guard: Guard;
  /** All connections, and what ends each when it takes too long. */
  readonly #sockets = new Map<Socket, ReturnType<typeof setTimeout>>();

  private constructor(options: HttpOptions) {
    this.#options = options;
    this.#guard = new Guard(options.token);
    this.#server = createServer(
      { maxHeaderSize: HEAD_BYTES_MAX },
      (request, response) => this.#serve(request, response),
    );
    this.#server.keepAliveTimeout = PATIENCE_MS;
    this.#server.on("connection", (socket: Socket) => this.#welcome(socket));
  }

  /** Listens; rejects with the system's error when that is not possible. */
  static async listen(options: HttpOptions): Promise<HttpServer> {
    const http = new HttpServer(options);
    await new Promise<void>((resolve, reject) => {
      http.#server.once("error", reject);
      http.#server.listen(options.port, options.hostname, () => {
        http.#server.off("error", reject);
        resolve();
      });
    });
    return http;
  }

  /** The port. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends it, and all of its connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #welcome(socket: Socket): void {
    if (this.#sockets.size >= CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    this.#beginPatience(socket);
    socket.on("close", () => {
      clearTimeout(this.#sockets.get(socket));
      this.#sockets.delete(socket);
    });
    socket.on("error", () => {}); // whose peer is gone
  }

  /** The runtimes' own limits for this don't hold on both of them. */
  #beginPatience(socket: Socket): void {
    clearTimeout(this.#sockets.get(socket));
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    this.#sockets.set(socket, timer);
  }

  #serve(incoming: IncomingMessage, response: ServerResponse): void {
    const { socket } = incoming;
    if (this.#sockets.has(socket)) this.#beginPatience(socket);
    const { status, headers, body } = this.#answer(requestOf(incoming));
    const bytes = new TextEncoder().encode(body);
    response.writeHead(status, {
      ...HEADERS,
      ...headers,
      "content-length": bytes.length,
      // What else the peer sends with it is not read.
      ...(hasBody(incoming) ? { connection: "close" } : {}),
    });
    response.end(incoming.method === "HEAD" ? undefined : bytes);
  }

  #answer(request: HttpRequest): HttpAnswer {
    const { routes, onFault } = this.#options;
    const found = findRoute(routes, request.method, request.path);
    if ("status" in found) return found;
    const refusal = this.#guard.refuse(request, found);
    if (refusal !== undefined) return refusal;
    try {
      return found.answer(request);
    } catch (error) {
      onFault(error);
      return textAnswer(500, "an error inside of the broker");
    }
  }
}

function requestOf({ headers, method, url }: IncomingMessage): HttpRequest {
  const [path = "", ...rest] = (url ?? "").split("?");
  return {
    method: method ?? "",
    path,
    query: new URLSearchParams(rest.join("?")),
    header: (name) => `${headers[name] ?? ""}`,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return "transfer-encoding" in headers ||
    (headers["content-length"] ?? "0") !== "0";
}

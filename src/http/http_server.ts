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
import type { Duplex } from "node:stream";
import type { Access } from "./access.ts";
import { Guard } from "./guard.ts";
import { readBody } from "./request_body.ts";
import {
  faultAnswer,
  findRoute,
  type FoundRoute,
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  textAnswer,
} from "./routes.ts";
import { acceptWebSocket, refuseUpgrade } from "./upgrade.ts";
import type { WebSocketPeer } from "./web_socket_peer.ts";

/** Where and what to serve. */
export interface HttpOptions {
  /** A host name or an address. */
  readonly hostname: string;
  /** The port; 0 takes a free one. */
  readonly port: number;
  /** What there is to ask. */
  readonly routes: readonly HttpRoute[];
  /** Who may ask what is not open. */
  readonly access: Access;
  /** Whether only this machine reaches it. */
  readonly isLocal: boolean;
  /** Told when a handler has thrown. */
  readonly onFault: (error: unknown) => void;
  /** Given each WebSocket that has begun. */
  readonly onWebSocket?: (peer: WebSocketPeer, request: HttpRequest) => void;
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
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const NO_BODY = new Uint8Array(0);

/** A server that listens. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpOptions;
  readonly #guard: Guard;
  /** All connections, and what ends each when it takes too long. */
  readonly #sockets = new Map<Duplex, ReturnType<typeof setTimeout>>();

  private constructor(options: HttpOptions) {
    this.#options = options;
    this.#guard = new Guard({ ...options, nowMs: Date.now });
    this.#server = createServer(
      { maxHeaderSize: HEAD_BYTES_MAX },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.keepAliveTimeout = PATIENCE_MS;
    this.#server.on("connection", (socket: Socket) => this.#welcome(socket));
    this.#server.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
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

  #welcome(socket: Duplex): void {
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
  #beginPatience(socket: Duplex): void {
    clearTimeout(this.#sockets.get(socket));
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    this.#sockets.set(socket, timer);
  }

  async #serve(
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { socket } = incoming;
    if (this.#sockets.has(socket)) this.#beginPatience(socket);
    const { answer, isRead } = await this.#answerTo(incoming);
    const { body, headers, status } = answer;
    const bytes = typeof body === "string"
      ? new TextEncoder().encode(body)
      : body;
    response.writeHead(status, {
      ...HEADERS,
      ...headers,
      ...(status !== 204 && { "content-length": bytes.length }),
      // What else the peer sends with it is not read.
      ...(isRead ? {} : { connection: "close" }),
    });
    const isBare = incoming.method === "HEAD" || status === 204;
    response.end(isBare ? undefined : bytes);
  }

  /** The answer, and whether all of the request was read. */
  async #answerTo(
    incoming: IncomingMessage,
  ): Promise<{ answer: HttpAnswer; isRead: boolean }> {
    const isBodiless = !hasBody(incoming);
    const asked = requestOf(incoming);
    const found = this.#admitted(asked);
    if ("status" in found) return { answer: found, isRead: isBodiless };
    const { names, route: { answer, bodyBytesMax } } = found;
    if (bodyBytesMax === undefined || isBodiless) {
      const reply = await this.#run(answer, { ...asked, names });
      return { answer: reply, isRead: isBodiless };
    }
    const body = await readBody(incoming, bodyBytesMax);
    if (body === undefined) return { answer: TOO_LONG, isRead: false };
    const reply = await this.#run(answer, { ...asked, names, body });
    return { answer: reply, isRead: true };
  }

  #admitted(request: HttpRequest): FoundRoute | HttpAnswer {
    const { method, path } = request;
    const found = findRoute(this.#options.routes, method, path);
    if ("status" in found) return found;
    return this.#guard.refuse(request, found.route) ?? found;
  }

  async #run(
    answer: HttpRoute["answer"],
    request: HttpRequest,
  ): Promise<HttpAnswer> {
    try {
      return await answer(request);
    } catch (error) {
      this.#options.onFault(error);
      return BROKEN;
    }
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const request = requestOf(incoming);
    const { onWebSocket } = this.#options;
    const found = this.#admitted(request);
    if ("status" in found) return refuseUpgrade(socket, found);
    const isHere = found.route.isWebSocket && onWebSocket !== undefined;
    if (!isHere) return refuseUpgrade(socket, NO_WEB_SOCKET);
    const peer = acceptWebSocket(incoming, socket, head);
    if (peer === undefined) return;
    // It may stay: from here on its time is its own matter.
    clearTimeout(this.#sockets.get(socket));
    onWebSocket(peer, request);
  }
}

const BROKEN = faultAnswer(500, "internal", "an error inside of the broker");
const TOO_LONG = faultAnswer(413, "too_long", "the body is too long");
const NO_WEB_SOCKET = textAnswer(404, "no WebSocket here");

function requestOf(incoming: IncomingMessage): HttpRequest {
  const { headers, method, socket, url } = incoming;
  const [path = "", ...rest] = (url ?? "").split("?");
  return {
    method: method ?? "",
    path,
    query: new URLSearchParams(rest.join("?")),
    names: {},
    address: socket.remoteAddress ?? "",
    body: NO_BODY,
    header: (name) => `${headers[name] ?? ""}`,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return "transfer-encoding" in headers ||
    (headers["content-length"] ?? "0") !== "0";
}

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

/** What to serve, and to whom. */
export interface HttpOptions {
  /** What there is to ask. */
  readonly routes: readonly HttpRoute[];
  /** Who may ask what is not open. */
  readonly access: Access;
  /** Told when a handler has thrown. */
  readonly onFault: (error: unknown) => void;
  /** Given each WebSocket that has begun. */
  readonly onWebSocket?: (peer: WebSocketPeer, request: HttpRequest) => void;
}

/** A further connection is closed at once. */
const CONNECTIONS_MAX = 64;
/** A longer head is refused. */
const HEAD_BYTES_MAX = 16 << 10;
/** How long a request may take, and its answer. */
const PATIENCE_MS = 10_000;

/** On every answer: nothing of it is for a page, a frame or a cache. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const NO_BODY = new Uint8Array(0);

/** Who has come. */
export interface HttpPeer {
  /** Its address, without a port. */
  readonly address: string;
  /** Whether it came by a door that only this machine reaches. */
  readonly isLocal: boolean;
}

/** A server of whoever is brought to it. */
export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpOptions;
  readonly #guards: Readonly<Record<"local" | "remote", Guard>>;
  readonly #peers = new WeakMap<object, HttpPeer>();
  /** All connections, and what ends each when it takes too long. */
  readonly #sockets = new Map<Duplex, ReturnType<typeof setTimeout>>();

  /** A server that nobody has come to. */
  constructor(options: HttpOptions) {
    const { access } = options;
    const nowMs = Date.now;
    this.#options = options;
    this.#guards = {
      local: new Guard({ access, isLocal: true, nowMs }),
      remote: new Guard({ access, isLocal: false, nowMs }),
    };
    this.#server = createServer(
      { maxHeaderSize: HEAD_BYTES_MAX },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket, head);
    });
  }

  /** How many have come and are not gone. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Serves what comes through a stream: one request, or a WebSocket. */
  take(stream: Duplex, peer: HttpPeer): void {
    if (this.#sockets.size >= CONNECTIONS_MAX) {
      stream.destroy();
      return;
    }
    this.#peers.set(stream, peer);
    this.#beginPatience(stream);
    stream.on("close", () => {
      clearTimeout(this.#sockets.get(stream));
      this.#sockets.delete(stream);
    });
    stream.on("error", () => {}); // whose peer is gone
    this.#server.emit("connection", stream);
  }

  /** Ends it, and all of its connections. */
  close(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
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
    const { body, headers, status } = await this.#answerTo(incoming);
    const bytes = typeof body === "string"
      ? new TextEncoder().encode(body)
      : body;
    response.writeHead(status, {
      ...HEADERS,
      ...headers,
      ...(status !== 204 && { "content-length": bytes.length }),
      // Deno hangs up behind an answer to who was brought to it, whatever it
      // says; so it is said.
      connection: "close",
    });
    const isBare = incoming.method === "HEAD" || status === 204;
    response.end(isBare ? undefined : bytes);
  }

  async #answerTo(incoming: IncomingMessage): Promise<HttpAnswer> {
    const asked = requestOf(incoming, this.#peerOf(incoming));
    const found = this.#admitted(asked, incoming);
    if ("status" in found) return found;
    const { names, route: { answer, bodyBytesMax } } = found;
    if (bodyBytesMax === undefined || !hasBody(incoming)) {
      return await this.#run(answer, { ...asked, names });
    }
    const body = await readBody(incoming, bodyBytesMax);
    if (body === undefined) return TOO_LONG;
    return await this.#run(answer, { ...asked, names, body });
  }

  /** Nobody is trusted whom nobody has brought. */
  #peerOf({ socket }: IncomingMessage): HttpPeer {
    return this.#peers.get(socket) ?? { address: "", isLocal: false };
  }

  #admitted(
    request: HttpRequest,
    incoming: IncomingMessage,
  ): FoundRoute | HttpAnswer {
    const { method, path } = request;
    const found = findRoute(this.#options.routes, method, path);
    if ("status" in found) return found;
    const { isLocal } = this.#peerOf(incoming);
    const guard = this.#guards[isLocal ? "local" : "remote"];
    return guard.refuse(request, found.route) ?? found;
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
    const request = requestOf(incoming, this.#peerOf(incoming));
    const { onWebSocket } = this.#options;
    const found = this.#admitted(request, incoming);
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

function requestOf(
  { headers, method, url }: IncomingMessage,
  { address }: HttpPeer,
): HttpRequest {
  const [path = "", ...rest] = (url ?? "").split("?");
  return {
    method: method ?? "",
    path,
    query: new URLSearchParams(rest.join("?")),
    names: {},
    address,
    body: NO_BODY,
    header: (name) => `${headers[name] ?? ""}`,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return "transfer-encoding" in headers ||
    (headers["content-length"] ?? "0") !== "0";
}

/**
 * The HTTP request with which a WebSocket begins, and its answer: RFC 6455
 * section 4.2, in the strict HTTP/1.1 of RFC 9112. Nothing else is served
 * here; a person who comes with a browser gets a sentence.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** What a WebSocket door asks of those who come. */
export interface WebSocketOptions {
  /** The path at which MQTT is, as `/mqtt`; at each of them with `/*`. */
  readonly path: string;
  /** Whose pages may connect, as `https://a.example`; empty for all. */
  readonly origins: readonly string[];
}

/** What a request is answered with. */
export interface UpgradeAnswer {
  /** The status code: 101 when all is well. */
  readonly status: number;
  /** The whole response. */
  readonly response: Uint8Array;
  /** Why it was refused, in words; empty when it was not. */
  readonly refusal: string;
}

/** A request in all, bytes. */
const REQUEST_BYTES_MAX = 8 << 10;
/** Header fields of a request. */
const FIELDS_MAX = 64;
const KEPT_BYTES_LEAST = 512;

/** [MQTT-6.0.0-4]; the second is what clients of MQTT 3.1 ask for. */
const SUB_PROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];
/** RFC 6455 section 1.3. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
const REQUEST_LINE = /^([!-~]+) ([!-~]+) HTTP\/([0-9])\.([0-9])$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may come more than once, and then is one list. */
const LISTS: readonly string[] = [
  "connection",
  "upgrade",
  "sec-websocket-protocol",
];
/** What stands for one thing: said twice, nobody knows which one counts. */
const SINGLES: readonly string[] = [
  "host",
  "origin",
  "content-length",
  "transfer-encoding",
  "sec-websocket-key",
  "sec-websocket-version",
];

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  505: "HTTP Version Not Supported",
};

/** A request that has been read. */
interface UpgradeRequest {
  readonly method: string;
  readonly path: string;
  /** 1.1 as 11. */
  readonly version: number;
  /** By names in lower case; only those that matter here. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * One client's request, which comes in as many pieces as it likes. Kept of
 * it is what came, up to its limit, and nothing once it is answered.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Handshake } from "./web_socket_handshake.ts";
 *
 * const handshake = new Handshake({ path: "/mqtt", origins: [] });
 * const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
 * assertEquals(handshake.read(bytes, bytes.length), bytes.length);
 * assertEquals(handshake.answer?.status, 426);
 * ```
 */
export class Handshake {
  /** Set once the request is whole, or can't become right any more. */
  answer: UpgradeAnswer | null = null;
  readonly #options: WebSocketOptions;
  #kept: Uint8Array = EMPTY;
  #keptBytes = 0;
  /** Where the reader stands. */
  #lines = 0;
  #lineBytes = 0;
  #isAfterCr = false;

  /** A request at a door with these options. */
  constructor(options: WebSocketOptions) {
    this.#options = options;
  }

  /** Memory set aside for the request, bytes. */
  get keptCapacity(): number {
    return this.#kept.length;
  }

  /**
   * Takes `chunk[0, length)`; returns how much of it belongs to the request.
   * The rest is what the client sends first through its WebSocket.
   */
  read(chunk: Uint8Array, length: number): number {
    for (let at = 0; at < length; at++) {
      if (this.#keptBytes + at === REQUEST_BYTES_MAX) {
        return this.#refuse(431, "a request above 8 KiB", length);
      }
      const byte = chunk[at]!;
      if (this.#isAfterCr) {
        // Line ends are CR LF: whoever takes others too can be made to see
        // another request than the proxy before it.
        if (byte !== LF) return this.#refuse(400, "a stray CR", length);
        this.#isAfterCr = false;
        if (this.#lineBytes === 0) return this.#readWhole(chunk, at + 1);
        this.#lineBytes = 0;
        if (++this.#lines > FIELDS_MAX + 1) {
          return this.#refuse(431, "more than 64 header fields", length);
        }
      } else if (byte === CR) this.#isAfterCr = true;
      else if ((byte < SPACE && byte !== TAB) || byte === DELETE) {
        return this.#refuse(400, "bytes that are not HTTP", length);
      } else this.#lineBytes++;
    }
    this.#keep(chunk, length);
    return length;
  }

  #readWhole(chunk: Uint8Array, length: number): number {
    this.#keep(chunk, length);
    let head = "";
    // The two line ends at the end are not of interest.
    for (let i = 0; i < this.#keptBytes - 4; i++) {
      head += String.fromCharCode(this.#kept[i]!);
    }
    this.#kept = EMPTY;
    this.answer = answerUpgrade(head, this.#options);
    return length;
  }

  #refuse(status: number, sentence: string, length: number): number {
    this.#kept = EMPTY;
    this.answer = refusalOf(new Refusal(status, sentence));
    return length;
  }

  #keep(chunk: Uint8Array, length: number): void {
    const bytes = this.#keptBytes + length;
    if (bytes > this.#kept.length) {
      const grown = new Uint8Array(
        Math.max(bytes, KEPT_BYTES_LEAST, this.#kept.length * 2),
      );
      grown.set(this.#kept.subarray(0, this.#keptBytes));
      this.#kept = grown;
    }
    this.#kept.set(chunk.subarray(0, length), this.#keptBytes);
    this.#keptBytes = bytes;
  }
}

/** The answer to a request: its head, without the empty line behind. */
function answerUpgrade(
  head: string,
  options: WebSocketOptions,
): UpgradeAnswer {
  const request = readRequest(head);
  if (request instanceof Refusal) return refusalOf(request);
  const refusal = checkHttp(request) ?? checkPurpose(request, options) ??
    checkWebSocket(request, options);
  if (refusal !== undefined) return refusalOf(refusal);
  const key = request.fields.get("sec-websocket-key")!;
  const offered = listOf(request, "sec-websocket-protocol");
  // [MQTT-6.0.0-4]; a browser gives up where the choice is not echoed.
  const chosen = SUB_PROTOCOLS.find((name) => offered.includes(name))!;
  const accept = createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
  const response = "HTTP/1.1 101 Switching Protocols\r\n" +
    "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n` +
    `Sec-WebSocket-Protocol: ${chosen}\r\n\r\n`;
  return { status: 101, response: encoder.encode(response), refusal: "" };
}

function readRequest(head: string): UpgradeRequest | Refusal {
  const [requestLine, ...lines] = head.split("\r\n");
  const parts = REQUEST_LINE.exec(requestLine!);
  if (parts === null) return new Refusal(400, "no HTTP request line");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colonAt = line.indexOf(":");
    const name = line.slice(0, Math.max(colonAt, 0));
    // No space before the colon, and no line that goes on in the next.
    if (!TOKEN.test(name)) return new Refusal(400, "no HTTP header field");
    const key = name.toLowerCase();
    const value = trimmed(line.slice(colonAt + 1));
    const before = fields.get(key);
    if (LISTS.includes(key)) {
      fields.set(key, before === undefined ? value : `${before},${value}`);
    } else if (SINGLES.includes(key)) {
      if (before !== undefined) return new Refusal(400, `${key} comes twice`);
      fields.set(key, value);
    }
  }
  const [, method, target, major, minor] = parts;
  const version = Number(major! + minor!);
  return { method: method!, path: pathOf(target!), version, fields };
}

function checkHttp(request: UpgradeRequest): Refusal | undefined {
  const { fields, method, version } = request;
  if (version < 11) return new Refusal(505, "HTTP/1.1 is needed");
  if (method !== "GET") {
    return new Refusal(405, "only GET is served", "Allow: GET\r\n");
  }
  if (!fields.has("host")) {
    return new Refusal(400, "the Host header is missing");
  }
  // What follows the head are frames, whatever a proxy may think.
  const isBare = (fields.get("content-length") ?? "0") === "0" &&
    !fields.has("transfer-encoding");
  return isBare ? undefined : new Refusal(400, "a request with a body");
}

/** Whether it wants a WebSocket, and the one that is here. */
function checkPurpose(
  request: UpgradeRequest,
  { path }: WebSocketOptions,
): Refusal | undefined {
  const where = `MQTT over WebSocket is at the path ${path}`;
  const wanted = listOf(request, "upgrade").map((name) => name.toLowerCase());
  if (!wanted.includes("websocket")) {
    return new Refusal(
      426,
      `this is an MQTT broker and no web site; ${where}`,
      "Upgrade: websocket\r\n",
    );
  }
  if (path !== "/*" && request.path !== path) {
    return new Refusal(404, `not here: ${where}`);
  }
  const connection = listOf(request, "connection");
  if (connection.some((name) => name.toLowerCase() === "upgrade")) return;
  return new Refusal(
    400,
    "the Connection header does not say upgrade; a proxy in between may " +
      "have taken that off",
  );
}

function checkWebSocket(
  request: UpgradeRequest,
  { origins }: WebSocketOptions,
): Refusal | undefined {
  const { fields } = request;
  if (fields.get("sec-websocket-version") !== "13") {
    return new Refusal(
      426,
      "version 13 of the WebSocket protocol is needed",
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    );
  }
  if (!KEY.test(fields.get("sec-websocket-key") ?? "")) {
    return new Refusal(400, "the Sec-WebSocket-Key is not 16 bytes of base64");
  }
  if (!isAllowed(fields.get("origin"), origins)) {
    return new Refusal(403, "pages of this origin may not connect");
  }
  // [MQTT-6.0.0-3]
  const offered = listOf(request, "sec-websocket-protocol");
  if (offered.some((name) => SUB_PROTOCOLS.includes(name))) return undefined;
  return new Refusal(
    400,
    "the client has to offer the WebSocket sub-protocol mqtt",
  );
}

/** Browsers say where a page comes from; others need not, and may lie. */
function isAllowed(
  origin: string | undefined,
  origins: readonly string[],
): boolean {
  if (origin === undefined || origins.length === 0) return true;
  const wanted = origin.toLowerCase();
  return origins.some((allowed) => allowed.toLowerCase() === wanted);
}

function refusalOf({ status, sentence, head }: Refusal): UpgradeAnswer {
  const body = `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.\n`;
  const isUpgrade = head.startsWith("Upgrade:");
  const response = `HTTP/1.1 ${status} ${STATUS_TEXTS[status]}\r\n` +
    `Connection: ${isUpgrade ? "Upgrade, close" : "close"}\r\n${head}` +
    "Content-Type: text/plain; charset=utf-8\r\n" +
    `Content-Length: ${encoder.encode(body).length}\r\n\r\n${body}`;
  return { status, response: encoder.encode(response), refusal: sentence };
}

function listOf({ fields }: UpgradeRequest, name: string): string[] {
  return (fields.get(name) ?? "").split(",").map(trimmed);
}

/** The path of a target, which may name the host as well, without a query. */
function pathOf(target: string): string {
  const path = target.replace(/^(?:https?|wss?):\/\/[^/?#]*/i, "");
  const queryAt = path.search(/[?#]/);
  return queryAt < 0 ? path : path.slice(0, queryAt);
}

/** Without the spaces and tabs around it; HTTP means no others. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Why a request is turned away. */
class Refusal {
  readonly status: number;
  /** For the person or program that asked, and for the log. */
  readonly sentence: string;
  /** Further lines of the response's head. */
  readonly head: string;

  constructor(status: number, sentence: string, head = "") {
    this.status = status;
    this.sentence = sentence;
    this.head = head;
  }
}

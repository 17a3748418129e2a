/**
 * What there is to ask by HTTP: a table from paths to handlers, and nothing
 * of sockets. Whoever serves more adds to the table.
 *
 * @module
 */

/** A question, as far as handlers care. */
export interface HttpRequest {
  /** The method, in capitals. */
  readonly method: string;
  /** The path, without what stands behind a `?`. */
  readonly path: string;
  /** What stands behind it. */
  readonly query: URLSearchParams;
  /** What stands in the path for `{names}`, decoded. */
  readonly names: Readonly<Record<string, string>>;
  /** The address of the peer, without its port. */
  readonly address: string;
  /** The body; empty when there is none. */
  readonly body: Uint8Array;
  /** A header, by its name in small letters; empty when there is none. */
  header(name: string): string;
}

/** An answer. */
export interface HttpAnswer {
  /** The status code. */
  readonly status: number;
  /** Headers beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it says. */
  readonly body: string | Uint8Array;
}

/** A path and what answers there. */
export interface HttpRoute {
  /** The method; one for GET answers HEAD too. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path, all of it; a level may be a `{name}`. */
  readonly path: string;
  /** Whether anybody may ask who reaches the port: it tells no secret. */
  readonly isOpen: boolean;
  /** Whether the secret has to be shown wherever the port is. */
  readonly needsSecret?: boolean;
  /** How long a body may be; none is read unless it is said. */
  readonly bodyBytesMax?: number;
  /** Whether it is the beginning of a WebSocket. */
  readonly isWebSocket?: boolean;
  /** Answers. */
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

/** A route, and what the path has for its names. */
export interface FoundRoute {
  /** The route. */
  readonly route: HttpRoute;
  /** By name. */
  readonly names: Readonly<Record<string, string>>;
}

/**
 * The route for a request, or the answer when there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findRoute, textAnswer } from "./routes.ts";
 *
 * const answer = () => textAnswer(200, "ok");
 * const route = { method: "GET", path: "/a", isOpen: true, answer } as const;
 * assertEquals(findRoute([route], "HEAD", "/a"), { route, names: {} });
 * assertEquals(findRoute([route], "GET", "/b"), textAnswer(404, "not found"));
 * ```
 */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): FoundRoute | HttpAnswer {
  const levels = path.split("/");
  const here: FoundRoute[] = [];
  for (const route of routes) {
    const names = namesIn(route.path, path, levels);
    if (names !== undefined) here.push({ route, names });
  }
  if (here.length === 0) return textAnswer(404, "not found");
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find(({ route }) => route.method === wanted);
  if (found !== undefined) return found;
  const methods = here.map(({ route }) => route.method);
  const allowed = methods.includes("GET") ? ["HEAD", ...methods] : methods;
  return {
    ...textAnswer(405, "method not allowed"),
    headers: { allow: allowed.join(", "), ...PLAIN },
  };
}

/** What stands for the names of a route; `undefined` when it is another. */
function namesIn(
  pattern: string,
  path: string,
  levels: readonly string[],
): Record<string, string> | undefined {
  if (!pattern.includes("{")) return pattern === path ? {} : undefined;
  const parts = pattern.split("/");
  if (parts.length !== levels.length) return undefined;
  const names: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const level = levels[at]!;
    if (!part.startsWith("{")) {
      if (part !== level) return undefined;
      continue;
    }
    const name = decoded(level);
    if (name === undefined || name === "") return undefined;
    names[part.slice(1, -1)] = name;
  }
  return names;
}

/** `undefined` for what is no UTF-8 behind its percent signs. */
function decoded(level: string): string | undefined {
  try {
    return decodeURIComponent(level);
  } catch {
    return undefined;
  }
}

const PLAIN = { "content-type": "text/plain; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** A line for people. */
export function textAnswer(status: number, line: string): HttpAnswer {
  return { status, headers: PLAIN, body: `${line}\n` };
}

/** A value for programs. */
export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return { status, headers: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}

/** Why a request has no better answer, for programs and people. */
export function faultAnswer(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const answer = jsonAnswer(status, { error: { code, message } });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

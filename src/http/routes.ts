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
  readonly body: string;
}

/** A path and what answers there. */
export interface HttpRoute {
  /** The method; one for GET answers HEAD too. */
  readonly method: "GET";
  /** The path, all of it. */
  readonly path: string;
  /** Whether anybody may ask who reaches the port: it tells no secret. */
  readonly isOpen: boolean;
  /** Answers. */
  readonly answer: (request: HttpRequest) => HttpAnswer;
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
 * assertEquals(findRoute([route], "HEAD", "/a"), route);
 * assertEquals(findRoute([route], "GET", "/b"), textAnswer(404, "not found"));
 * ```
 */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): HttpRoute | HttpAnswer {
  const here = routes.filter((route) => route.path === path);
  if (here.length === 0) return textAnswer(404, "not found");
  const wanted = method === "HEAD" ? "GET" : method;
  const route = here.find((route) => route.method === wanted);
  if (route !== undefined) return route;
  const allowed = here.some((route) => route.method === "GET")
    ? ["HEAD", ...here.map((route) => route.method)]
    : here.map((route) => route.method);
  return {
    ...textAnswer(405, "method not allowed"),
    headers: { allow: allowed.join(", "), ...PLAIN },
  };
}

const PLAIN = { "content-type": "text/plain; charset=utf-8" };

/** A line for people. */
export function textAnswer(status: number, line: string): HttpAnswer {
  return { status, headers: PLAIN, body: `${line}\n` };
}

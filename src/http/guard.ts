/**
 * Whether a request is answered: asked by a name that is ours, by no page of
 * somebody else, not too often, and with the secret where that is needed.
 *
 * @module
 */

import { isIP } from "node:net";
import type { Access } from "./access.ts";
import {
  faultAnswer,
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
} from "./routes.ts";

/** What a {@linkcode Guard} is made with. */
export interface GuardOptions {
  /** Who may ask. */
  readonly access: Access;
  /**
   * Whether only this machine reaches the port: what tells little needs no
   * secret, and the port is to be asked for as this machine.
   */
  readonly isLocal: boolean;
  /** The time, ms since 1970. */
  readonly nowMs: () => number;
}

/** What of a request is looked at. */
export type Asking = Pick<HttpRequest, "address" | "header" | "method">;

const SAFE_METHODS = ["GET", "HEAD"];

/** Decides whether a request is answered. */
export class Guard {
  readonly #options: GuardOptions;

  /** Nobody has asked yet. */
  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** `undefined` when the request is fine; else the answer to it. */
  refuse(request: Asking, route: HttpRoute): HttpAnswer | undefined {
    const { isLocal } = this.#options;
    if (isLocal && !isPlainHost(request.header("host"))) return FOREIGN_HOST;
    if (isForeignPage(request)) return FOREIGN_PAGE;
    const { access, nowMs } = this.#options;
    const needsSecret = route.needsSecret ?? !isLocal;
    if (needsSecret || !route.isOpen) {
      const waitMs = access.requested(request.address, nowMs());
      if (waitMs > 0) return tooMany(waitMs);
    }
    if (route.isOpen || !needsSecret) return undefined;
    const [, word] = /^Bearer +(\S+)$/i.exec(request.header("authorization")) ??
      [];
    if (word === undefined) return UNKNOWN;
    if (access.admits(word, nowMs())) return undefined;
    const waitMs = access.failed(request.address, nowMs());
    return waitMs > 0 ? tooMany(waitMs) : UNKNOWN;
  }
}

/** The answer to who is too quick. */
export function tooMany(waitMs: number): HttpAnswer {
  const seconds = Math.ceil(waitMs / 1000);
  return faultAnswer(
    429,
    "too_many_requests",
    `too many requests from this address; come again in ${seconds} s`,
    { "retry-after": `${seconds}` },
  );
}

const FOREIGN_HOST = faultAnswer(
  421,
  "foreign_host",
  "ask by address or as localhost",
);

const FOREIGN_PAGE = faultAnswer(
  403,
  "foreign_page",
  "pages of other sites may not ask",
);

const UNKNOWN = faultAnswer(401, "unauthorized", "a token is needed", {
  "www-authenticate": "Bearer",
});

/**
 * A page can let its own name point to this machine and then ask us as if we
 * were its server. It can't do so with an address, or with `localhost`.
 */
function isPlainHost(host: string): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return isIP(name) !== 0 || name.toLowerCase() === "localhost";
}

/** Browsers say which page asks; nobody else need, and none of ours is. */
function isForeignPage({ header, method }: Asking): boolean {
  const origin = header("origin");
  const site = header("sec-fetch-site");
  if (site === "cross-site" || site === "same-site") {
    // One may come by a link, which brings no token.
    return !(SAFE_METHODS.includes(method) &&
      header("sec-fetch-mode") === "navigate");
  }
  if (origin === "") return false;
  const [, host = ""] = /^https?:\/\/([^/]*)$/i.exec(origin) ?? [];
  return host.toLowerCase() !== header("host").toLowerCase();
}

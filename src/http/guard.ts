/**
 * Who may ask: with a token, whoever has it; without one, whoever is on this
 * machine and not a web page. To be loaded when it is needed: `node:crypto`
 * costs time at the start.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { HttpAnswer, HttpRequest, HttpRoute } from "./routes.ts";
import { textAnswer } from "./routes.ts";

/** Decides whether a request is answered. */
export class Guard {
  /** A hash is of one length, whatever is compared with it. */
  readonly #digest: Uint8Array | undefined;

  /** @param token What has to be shown; `undefined` where nothing has to be. */
  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : digestOf(token);
  }

  /** `undefined` when the request is fine; else the answer to it. */
  refuse(request: HttpRequest, route: HttpRoute): HttpAnswer | undefined {
    if (this.#digest === undefined) {
      return isPlainHost(request.header("host")) ? undefined : FOREIGN;
    }
    if (route.isOpen) return undefined;
    const [, token] =
      /^Bearer +(\S+)$/i.exec(request.header("authorization")) ??
        [];
    const isGood = token !== undefined &&
      timingSafeEqual(digestOf(token), this.#digest);
    return isGood ? undefined : UNKNOWN;
  }
}

const FOREIGN = textAnswer(421, "ask by address or as localhost");

const UNKNOWN: HttpAnswer = {
  ...textAnswer(401, "a token is needed"),
  headers: {
    "www-authenticate": "Bearer",
    "content-type": "text/plain; charset=utf-8",
  },
};

/**
 * A page can let its own name point to this machine and then ask us as if we
 * were its server. It can't do so with an address, or with `localhost`.
 */
function isPlainHost(host: string): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return isIP(name) !== 0 || name.toLowerCase() === "localhost";
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

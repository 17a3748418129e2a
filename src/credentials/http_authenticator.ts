/**
 * Lets in whom a login server lets in: each login is one question over HTTP,
 * and who gets no clear answer stays outside (`unavailable`: return code 3,
 * 0x88). What is sent is in `credentials/http_template.ts`, what comes back
 * in `credentials/http_answer.ts`.
 *
 * @module
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../auth/authenticator.ts";
import { type Logger, SILENT } from "../base/logger.ts";
import { networkOf } from "../base/network_of.ts";
import { hostOf } from "./client_host.ts";
import { type CompileRules, grantedRights } from "./granted_rules.ts";
import { type HttpAllowance, readHttpAnswer } from "./http_answer.ts";
import { HttpAnswerCache } from "./http_answer_cache.ts";
import {
  HttpFault,
  type HttpMessage,
  type HttpSend,
  sendByFetch,
  wordsFor,
} from "./http_send.ts";
import { type HttpHeaders, readHttpUrl } from "./http_settings.ts";
import {
  fillTemplate,
  HTTP_TEMPLATE_DEFAULT,
  type HttpTemplate,
  readHttpTemplate,
} from "./http_template.ts";
import { Turnstile } from "./turnstile.ts";

/** What a {@linkcode HttpAuthenticator} is made with. */
export interface HttpOptions {
  /** The server's address, `https://…`. */
  readonly url: string;
  /** Makes rights of rules: `compileRules` of `auth/access_rules.ts`. */
  readonly compileRules: CompileRules;
  /** How to ask; GET puts what is asked into the address. "POST". */
  readonly method?: HttpMessage["method"];
  /** What to ask, see `credentials/http_template.ts`. All that is known. */
  readonly template?: string;
  /** Headers to send, by names in small letters. None. */
  readonly headers?: HttpHeaders;
  /** How long to wait for an answer, and before, for a turn. 3000. */
  readonly timeoutMs?: number;
  /** How long a yes is remembered; 0 for not at all. Unit: ms. 30,000. */
  readonly cacheMs?: number;
  /** How many of them are remembered. 1024. */
  readonly cacheEntriesMax?: number;
  /** Questions at a time. 32. */
  readonly activeMax?: number;
  /** Questions that wait, half of them of one address. 1024. */
  readonly waitingMax?: number;
  /** Sends a question. `fetch`; see `credentials/https_send.ts`. */
  readonly send?: HttpSend;
  /** Who is told when the server gives no answer. Nobody. */
  readonly logger?: Logger;
  /** A clock that only goes forward. Unit: ms. The runtime's. */
  readonly nowMs?: () => number;
}

/** What a client calls itself, and where it is. */
type Client = Pick<LoginRequest, "clientId" | "userName" | "address">;

const DEFAULTS = {
  method: "POST" as HttpMessage["method"],
  template: HTTP_TEMPLATE_DEFAULT as string,
  headers: {} as HttpHeaders,
  timeoutMs: 3000 as number,
  cacheMs: 30_000 as number,
  cacheEntriesMax: 1024 as number,
  activeMax: 32 as number,
  waitingMax: 1024 as number,
  send: sendByFetch as HttpSend,
  logger: SILENT as Logger,
  nowMs: (): number => performance.now(),
};

/** A server that is down is not news more often than that. */
const WARNING_EVERY_MS = 10_000;

/**
 * Decides by asking a login server.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ALL_RIGHTS } from "../topic/rights.ts";
 * import { HttpAuthenticator } from "./http_authenticator.ts";
 *
 * const yes = { status: 204, contentType: "", body: new Uint8Array(0) };
 * const server = new HttpAuthenticator({
 *   url: "https://login.example/mqtt",
 *   compileRules: () => ALL_RIGHTS,
 *   send: () => Promise.resolve(yes),
 * });
 * const { promise, resolve } = Promise.withResolvers<string>();
 * server.authenticate({
 *   clientId: "phone",
 *   userName: "ada",
 *   password: new TextEncoder().encode("pencil"),
 *   address: "127.0.0.1:50000",
 *   certificate: undefined,
 * }, ({ result }) => resolve(result));
 * assertEquals(await promise, "allow");
 * ```
 */
export class HttpAuthenticator implements Authenticator {
  readonly #options: typeof DEFAULTS & HttpOptions;
  readonly #url: URL;
  readonly #form: "json" | "query";
  readonly #template: HttpTemplate;
  readonly #cache: HttpAnswerCache;
  readonly #turnstile: Turnstile;
  #faults = 0;
  #faultsTold = 0;
  #toldMs = -Infinity;

  /** @throws {RangeError} When the address or the template is unsound. */
  constructor(options: HttpOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { url, method, template, cacheMs, cacheEntriesMax } = this.#options;
    this.#url = readHttpUrl(url);
    this.#form = method === "GET" ? "query" : "json";
    this.#template = readHttpTemplate(template, this.#form);
    this.#cache = new HttpAnswerCache({
      ttlMs: cacheMs,
      entriesMax: cacheEntriesMax,
    });
    this.#turnstile = new Turnstile(this.#options);
  }

  /** Questions that have got no answer of use, since the start. */
  get faults(): number {
    return this.#faults;
  }

  /** Forgets whom the server has let in: each has to be asked about again. */
  clearCache(): void {
    this.#cache.clear();
  }

  /** Answers when the server has, or has taken too long. */
  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    // At once: the password is only borrowed.
    const asked = fillTemplate(this.#template, request, this.#form);
    if (asked === undefined) {
      const detail = "a password that is no text, and can't be asked about";
      return answer({ result: "bad_credentials", detail });
    }
    const { clientId, userName, address } = request;
    this.#decide(asked, { clientId, userName, address }).then(
      answer,
      (error: unknown) => {
        answer(this.#unavailable(wordsFor(error)));
      },
    );
  }

  async #decide(asked: string, client: Client): Promise<LoginAnswer> {
    const { nowMs, timeoutMs } = this.#options;
    const name = await this.#cache.nameOf(asked);
    const sinceMs = nowMs();
    const kept = this.#cache.find(name, sinceMs);
    if (kept !== undefined) return this.#allowed(kept, client);
    const decided = this.#turnstile.admit(
      networkOf(hostOf(client.address)),
      () =>
        nowMs() - sinceMs >= timeoutMs
          ? Promise.reject(new HttpFault("has had no time for a question"))
          : this.#ask(asked, name, client),
    );
    return await decided ?? this.#unavailable("has too many questions");
  }

  async #ask(
    asked: string,
    name: string,
    client: Client,
  ): Promise<LoginAnswer> {
    const answer = readHttpAnswer(await this.#send(asked));
    if (answer.result === "fault") return this.#unavailable(answer.why);
    if (answer.result !== "allow") return { result: answer.result };
    this.#cache.keep(name, answer, this.#options.nowMs());
    return this.#allowed(answer, client);
  }

  async #send(asked: string): ReturnType<HttpSend> {
    const { send, timeoutMs } = this.#options;
    const abort = new AbortController();
    const late = new HttpFault(`has not answered within ${timeoutMs} ms`);
    const timer = setTimeout(() => abort.abort(late), timeoutMs);
    try {
      return await send(this.#message(asked), abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? late : error;
    } finally {
      clearTimeout(timer);
    }
  }

  #message(asked: string): HttpMessage {
    const { method, headers } = this.#options;
    const url = new URL(this.#url);
    const sent = { accept: "application/json", ...headers };
    // A reply that is packed could be unpacked to anything.
    const plain = { ...sent, "accept-encoding": "identity" };
    if (this.#form === "json") {
      const typed = { ...plain, "content-type": "application/json" };
      return { url: url.href, method, headers: typed, body: asked };
    }
    const both = [url.search.slice(1), asked].filter((part) => part !== "");
    url.search = both.join("&");
    return { url: url.href, method, headers: plain, body: undefined };
  }

  #allowed(
    { userName, clientId, validMs, rules }: HttpAllowance,
    client: Client,
  ): LoginAnswer {
    // A name that the server was not asked about is not one it vouches for.
    const name = this.#template.hasUserName ? userName : userName ?? "";
    const identity = {
      clientId: clientId ?? client.clientId,
      userName: name ?? client.userName,
    };
    const { compileRules } = this.#options;
    const rights = rules === undefined
      ? undefined
      : grantedRights(rules, identity, compileRules);
    return { result: "allow", userName: name, clientId, validMs, rights };
  }

  /** Counts it, and tells it now and then. */
  #unavailable(why: string): LoginAnswer {
    const { logger, nowMs } = this.#options;
    this.#faults++;
    const detail = `the login server ${why}`;
    const now = nowMs();
    if (now - this.#toldMs >= WARNING_EVERY_MS && logger.enabled("warn")) {
      const faults = this.#faults - this.#faultsTold;
      const server = this.#url.host;
      logger.log("warn", "login_server_fault", detail, { server, faults });
      this.#faultsTold = this.#faults;
      this.#toldMs = now;
    }
    return { result: "unavailable", detail };
  }
}

/**
 * HTTP, by which the broker is watched and run: at a port of its own, and at
 * those where all is spoken. What it takes is loaded when somebody comes.
 *
 * @module
 */

import type { HttpDoor, ServeHttp } from "../net/http_door.ts";
import { ListenError } from "../net/listening.ts";
import { formatAddress } from "../net/peer.ts";
import { type Address, isLoopback } from "./address.ts";
import type { Served } from "./api_joins.ts";
import type { Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

/** Where HTTP is spoken unless it is said. */
const HTTP_LISTEN: Address = { hostname: "127.0.0.1", port: 8080 };

/** The settings that decide on it. */
export type WatchSettings = Pick<Settings, "httpListen" | "httpTokenFile">;

/** HTTP of one broker. */
export class Watch {
  /** For listeners where all is spoken. */
  readonly door: HttpDoor;
  readonly #address: Address;
  /** Whether the operator has asked for the address. */
  readonly #isAsked: boolean;
  /** The operator's; `undefined` for one of our own. */
  readonly #secret: string | undefined;
  /** Loads who serves, once that is known. */
  readonly #loader = Promise.withResolvers<() => Promise<ServeHttp>>();

  private constructor(address: Address, isAsked: boolean, secret?: string) {
    this.#address = address;
    this.#isAsked = isAsked;
    this.#secret = secret;
    this.door = this.#doorFor({ isLocal: false });
  }

  /**
   * Reads what the settings name; `undefined` when HTTP is not to be spoken.
   *
   * @throws {UsageError} When others would reach it without a token, or the
   * token is none.
   */
  static async read(
    { httpListen, httpTokenFile }: WatchSettings,
  ): Promise<Watch | undefined> {
    if (httpListen === "none") return undefined;
    const address = httpListen ?? HTTP_LISTEN;
    const isAsked = httpListen !== undefined;
    if (httpTokenFile !== undefined) {
      const { givenSecret } = await import("./api_secret.ts");
      return new Watch(address, isAsked, await givenSecret(httpTokenFile));
    }
    if (isLoopback(address.hostname)) return new Watch(address, isAsked);
    const text = formatAddress(address.hostname, address.port);
    throw new UsageError(
      `--http-listen ${text} is open to other machines, so it needs ` +
        "--http-token-file FILE (openssl rand -hex 16 makes a token)",
    );
  }

  /**
   * Opens the port.
   *
   * @throws {ListenError} When that is not possible, and was asked for.
   * @throws {UsageError} When the secret can't be read or kept.
   */
  async open(served: Served): Promise<void> {
    const { broker } = served;
    const secret = this.#secret ?? await this.#keptSecret(served);
    // A signal may have come meanwhile, and the last line is written.
    if (secret === undefined || !broker.isReady) return;
    let loading: Promise<ServeHttp> | undefined;
    this.#loader.resolve(() => loading ??= load(served, secret));
    const isLocal = this.#secret === undefined;
    try {
      const http = this.#doorFor({ isLocal });
      const { port } = await broker.listen({ ...this.#address, http });
      if (!broker.isReady) return;
      const address = formatAddress(this.#address.hostname, port);
      served.log.announce("info", "http_listening", "listening for HTTP", {
        address,
        port,
        url: `http://${address}`,
      });
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (broker.isReady) this.#doWithout(served, error);
    }
  }

  /** What nobody has asked for is no reason not to start. */
  #doWithout({ broker, log }: Served, error: Error): void {
    if (this.#isAsked) throw error;
    if (!broker.isReady) return; // the last line is written
    const message = `${error.message}: there is no API, unless ` +
      "--http-listen HOST:PORT says where (none: without a word)";
    log.announce("warn", "http_unavailable", message, {});
  }

  /** `undefined` when there is none, or the broker is about to stop. */
  async #keptSecret(served: Served): Promise<string | undefined> {
    const { keptSecret } = await import("./api_secret.ts");
    if (!served.broker.isReady) return undefined;
    try {
      return keptSecret(served);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#doWithout(served, error);
      return undefined;
    }
  }

  #doorFor({ isLocal }: Pick<HttpDoor, "isLocal">): HttpDoor {
    const load = async () => await (await this.#loader.promise)();
    return { isLocal, load };
  }
}

async function load(served: Served, secret: string): Promise<ServeHttp> {
  const { serveHttp } = await import("./serve_http.ts");
  return serveHttp(served, secret);
}

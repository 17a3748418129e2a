/**
 * The HTTP port by which the broker is watched and run, by the settings. To
 * be loaded when it is needed: `node:http` costs time at the start.
 *
 * @module
 */

import { Access } from "../http/access.ts";
import { apiOf } from "../http/handlers.ts";
import { HttpServer } from "../http/http_server.ts";
import { watchRoutes } from "../http/watch_routes.ts";
import { listenErrorOf } from "../net/listening.ts";
import { formatAddress } from "../net/peer.ts";
import { type Address, isLoopback } from "./address.ts";
import { apiHost, type Served } from "./api_joins.ts";
import { givenSecret, keptSecret } from "./api_secret.ts";
import { UsageError } from "./usage_error.ts";

/** Where the broker is watched, and what has to be shown there. */
export class Watch {
  readonly #address: Address;
  /** The operator's; `undefined` for one of our own. */
  readonly #secret: string | undefined;

  private constructor(address: Address, secret: string | undefined) {
    this.#address = address;
    this.#secret = secret;
  }

  /**
   * Reads what the settings name.
   *
   * @throws {UsageError} When others would reach it without a token, or the
   * token is none.
   */
  static async read(
    address: Address,
    tokenFile: string | undefined,
  ): Promise<Watch> {
    if (tokenFile !== undefined) {
      return new Watch(address, await givenSecret(tokenFile));
    }
    if (isLoopback(address.hostname)) return new Watch(address, undefined);
    const text = formatAddress(address.hostname, address.port);
    throw new UsageError(
      `--http-listen ${text} is open to other machines: --http-token-file ` +
        "FILE (openssl rand -hex 16 makes a token)",
    );
  }

  /**
   * Opens it.
   *
   * @throws {ListenError} When that is not possible.
   * @throws {UsageError} When the secret can't be read or kept.
   */
  async open(served: Served): Promise<void> {
    const { log } = served;
    const secret = this.#secret ?? await keptSecret(served);
    const { port } = await this.#listen(served, new Access(secret));
    const address = formatAddress(this.#address.hostname, port);
    log.announce("info", "http_listening", "listening for HTTP", {
      address,
      port,
      url: `http://${address}`,
    });
  }

  async #listen(served: Served, access: Access): Promise<HttpServer> {
    const { broker, log } = served;
    const onFault = (error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      log.log("error", "http_error", "an answer could not be made", {
        stack: stack ?? String(error),
      });
    };
    const api = apiOf(apiHost(served, access));
    try {
      return await HttpServer.listen({
        ...this.#address,
        routes: [...watchRoutes(broker), ...api.routes],
        access,
        isLocal: this.#secret === undefined,
        onFault,
        onWebSocket: api.onWebSocket,
      });
    } catch (error) {
      throw await listenErrorOf(error, this.#address);
    }
  }
}

/**
 * The HTTP port by which the broker is watched, by the settings. To be
 * loaded when it is needed: `node:http` costs time at the start.
 *
 * @module
 */

import { readSecretFile } from "../credentials/secret_disk.ts";
import { HttpServer } from "../http/http_server.ts";
import { type Watched, watchRoutes } from "../http/watch_routes.ts";
import { listenErrorOf } from "../net/listening.ts";
import { formatAddress } from "../net/peer.ts";
import { type Address, isLoopback } from "./address.ts";
import type { LogWriter } from "./log_writer.ts";
import { told } from "./told.ts";
import { UsageError } from "./usage_error.ts";

/** What others can't guess: `openssl rand -hex 16` makes 32 of them. */
const TOKEN_CHARS_LEAST = 16;

/** Where the broker is watched, and what has to be shown there. */
export class Watch {
  readonly #address: Address;
  readonly #token: string | undefined;

  private constructor(address: Address, token: string | undefined) {
    this.#address = address;
    this.#token = token;
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
      return new Watch(address, await tokenIn(tokenFile));
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
   */
  async open(broker: Watched, log: LogWriter): Promise<void> {
    const { port } = await this.#listen(broker, log);
    const address = formatAddress(this.#address.hostname, port);
    log.announce("info", "http_listening", "listening for HTTP", {
      address,
      port,
      url: `http://${address}`,
    });
  }

  async #listen(broker: Watched, log: LogWriter): Promise<HttpServer> {
    const onFault = (error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      log.log("error", "http_error", "an answer could not be made", {
        stack: stack ?? String(error),
      });
    };
    try {
      return await HttpServer.listen({
        ...this.#address,
        routes: watchRoutes(broker),
        token: this.#token,
        onFault,
      });
    } catch (error) {
      throw await listenErrorOf(error, this.#address);
    }
  }
}

async function tokenIn(file: string): Promise<string> {
  const label = "--http-token-file: ";
  const token = (await told(label, readSecretFile(file))).trim();
  if (token.length >= TOKEN_CHARS_LEAST && /^[!-~]+$/.test(token)) {
    return token;
  }
  throw new UsageError(
    `${label}${file} has to hold one word of ${TOKEN_CHARS_LEAST} ` +
      "characters or more (openssl rand -hex 16)",
  );
}

/**
 * `-L URL`: broker, login, topic in one. Topics may have `#` and `?`, and
 * stand there as they are, so that the rules for URLs do not do.
 *
 * @module
 */

import { PORTS } from "./address.ts";
import type { ClientSettings } from "./client_settings.ts";
import { parseQuantity } from "./quantity.ts";
import { UsageError } from "./usage_error.ts";

/** Scheme, login, host, port and what stands behind them. */
const FORM = new RegExp(
  "^([a-z]+)://(?:([^/@]*)@)?" +
    "(\\[[^\\]]*\\]|[^/:[\\]]*)(?::([^/]*))?(?:/(.*))?$",
  "s",
);
const WEB_SOCKET_PATH = "/mqtt";
const WEB_PORT = 80;
const SECURE_WEB_PORT = 443;

/**
 * Sets what a URL says.
 *
 * @throws {UsageError} When it is none. It may hold a password, so that the
 * sentence does not repeat it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyUrl } from "./broker_url.ts";
 * import { defaultClientSettings } from "./client_settings.ts";
 *
 * const settings = defaultClientSettings();
 * applyUrl(settings, "mqtts://ada:p%40ss@a.example/room/#");
 * assertEquals(settings.password, "p@ss");
 * assertEquals(settings.topics, ["room/#"]);
 * ```
 */
export function applyUrl(to: ClientSettings, url: string): void {
  const [, scheme, login, host, port, rest] = FORM.exec(url) ?? [];
  if (scheme === "unix" && rest !== undefined && !host) {
    to.file = `/${rest}`;
    return;
  }
  if (!["mqtt", "mqtts", "ws", "wss"].includes(scheme ?? "") || !host) {
    throw new UsageError(
      "--url must be mqtt://[user[:password]@]host[:port]/topic, the same " +
        "with mqtts, ws[s]://host[:port]/path, or unix:///file",
    );
  }
  to.hostname = host.replace(/^\[(.*)\]$/, "$1");
  to.wantsTls ||= scheme === "mqtts" || scheme === "wss";
  if (port) to.port = parseQuantity(port, PORTS, "the port of --url");
  if (scheme === "ws" || scheme === "wss") {
    to.webSocketPath = rest ? `/${rest}` : WEB_SOCKET_PATH;
    to.port ??= scheme === "ws" ? WEB_PORT : SECURE_WEB_PORT;
  } else if (rest) to.topics.push(rest);
  if (login !== undefined) applyLogin(to, login);
}

function applyLogin(to: ClientSettings, login: string): void {
  const at = login.indexOf(":");
  to.userName = decoded(at < 0 ? login : login.slice(0, at));
  if (at >= 0) to.password = decoded(login.slice(at + 1));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError("the login of --url has a % that begins no byte");
  }
}

/**
 * From a listener of the settings to what the library takes; the files of
 * TLS are read here, each time anew.
 *
 * @module
 */

import type { ListenOptions } from "../host/listen_options.ts";
import type { TlsSettings } from "../net/tls_settings.ts";
import type { Listener } from "./listener.ts";
import type { Logins } from "./logins.ts";
import { mistakeIn } from "./told.ts";

/**
 * How to listen.
 *
 * @throws {UsageError} When a file of TLS is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { doorOptions } from "./door_options.ts";
 * import { listenerAt } from "./listener.ts";
 *
 * const listener = listenerAt({ hostname: "::1", port: 1883 }, "ws");
 * const { webSocket } = await doorOptions(listener, undefined);
 * assertEquals(webSocket, { path: "/mqtt", origins: [] });
 * ```
 */
export async function doorOptions(
  listener: Listener,
  logins: Logins | undefined,
): Promise<ListenOptions> {
  const { file, mode, origins, owner, path, spoken } = listener;
  return {
    ...(spoken === "unix"
      ? { unix: { file, mode, owner } }
      : { hostname: listener.hostname, port: listener.port }),
    tls: await tlsOf(listener),
    ...(isWeb(listener) && { webSocket: { path, origins } }),
    any: spoken === "any",
    authenticator: logins?.authenticator(listener.anonymous),
    enhancedAuthenticators: logins?.enhanced,
    mountPoint: listener.mountPoint,
    connectionsMax: listener.connectionsMax,
    allow: listener.allow,
    deny: listener.deny,
    proxies: listener.proxies,
    bytesPerSecond: listener.bytesPerSecond,
    messagesPerSecond: listener.messagesPerSecond,
  };
}

/** The files of TLS that a listener has. */
export function tlsFilesOf(
  { certFile, clientCaFile, keyFile }: Listener,
): string[] {
  return [certFile, keyFile, clientCaFile].filter((one) => one !== undefined);
}

/**
 * Certificate and key of a listener, read anew; `undefined` without any.
 *
 * @throws {UsageError} When a file is not as it should be.
 */
export async function tlsOf(
  listener: Listener,
): Promise<TlsSettings | undefined> {
  const { certFile, clientCaFile, clientCert, keyFile } = listener;
  if (certFile === undefined || keyFile === undefined) return undefined;
  const { readTls, TlsFileError } = await import("../net/read_tls.ts");
  try {
    return await readTls({
      certFile,
      keyFile,
      caFile: clientCaFile,
      clientCertificate: clientCert ?? "no",
      minimumVersion: listener.tlsVersion,
      // Browsers ask for HTTP by its name, and for nothing else.
      alpn: isWeb(listener) ? ["mqtt", "http/1.1"] : ["mqtt"],
    }, Date.now());
  } catch (cause) {
    if (!(cause instanceof TlsFileError)) throw cause;
    throw mistakeIn("", cause);
  }
}

/** Whether WebSocket is spoken at a listener. */
function isWeb({ spoken }: Listener): boolean {
  return spoken === "ws" || spoken === "wss" || spoken === "any";
}

/**
 * How a broker listens: the address, what is spoken there, who may come, and
 * what is different there.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";
import type { HttpDoor } from "../net/http_door.ts";
import type { UnixSocket } from "../net/unix_socket.ts";
import type { TlsSettings } from "../net/tls_settings.ts";

/** Where to listen, or where one listens. */
export interface ListenAddress {
  /** A host name or an address; `0.0.0.0` and `::` mean all. */
  hostname: string;
  /** The port; 0 takes a free one. */
  port: number;
}

/** MQTT in WebSocket. */
export interface WebSocketDoor {
  /** The path at which it is, or all with a `/*`. `/mqtt`. */
  path?: string;
  /** Origins of web pages that may connect. All. */
  origins?: readonly string[];
}

/**
 * How to listen; all of it has a default.
 *
 * @example
 * ```ts
 * import { Broker } from "@x/broker";
 *
 * await using broker = new Broker();
 * await broker.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   mountPoint: "guests/",
 *   connectionsMax: 100,
 * });
 * ```
 */
export interface ListenOptions {
  /** A host name or an address; `0.0.0.0` and `::` mean all. `127.0.0.1`. */
  hostname?: string;
  /** The port; 0 takes a free one. 0. */
  port?: number;
  /** A Unix socket, in place of host and port. */
  unix?: UnixSocket;
  /** Certificate and key: TLS is spoken. Not. */
  tls?: TlsSettings | undefined;
  /** MQTT in WebSocket, in place of MQTT alone. Not. */
  webSocket?: WebSocketDoor | undefined;
  /**
   * HTTP, in place of MQTT; with `any` beside it. Not.
   */
  http?: HttpDoor | undefined;
  /**
   * Whether a client may speak MQTT or WebSocket and, where `tls` is given,
   * either in TLS: its first bytes tell. No.
   */
  any?: boolean;
  /** Who may connect here. Whoever may elsewhere. */
  authenticator?: Authenticator | undefined;
  /**
   * The same for logins that name an authentication method: those of the
   * broker, but nobody where `authenticator` is given.
   */
  enhancedAuthenticators?: readonly EnhancedAuthenticator[] | undefined;
  /** What stands before all topics of clients here, unseen by them. Nothing. */
  mountPoint?: string | undefined;
  /** Connections at a time. As many as the broker takes. */
  connectionsMax?: number | undefined;
  /** Ranges such as `10.0.0.0/8` from where clients may come. All. */
  allow?: readonly string[];
  /** Ranges from where they may not. None. */
  deny?: readonly string[];
  /** Ranges of proxies that send a PROXY header; nobody else may come. */
  proxies?: readonly string[];
  /** Bytes a second of all clients here together. No limit. */
  bytesPerSecond?: number | undefined;
  /** Messages a second of all clients here together. No limit. */
  messagesPerSecond?: number | undefined;
}

/** A listener that is open. */
export interface OpenDoor extends ListenAddress {
  /** For people: `mqtts://0.0.0.0:8883`. */
  readonly url: string;
  /** New clients see another certificate; those who are here stay. */
  renew(tls: TlsSettings): Promise<void>;
  /** Stops accepting; connections go on. Then others can listen there. */
  close(): Promise<void>;
}

/**
 * The port between a connection and its socket: what the pure broker asks
 * of `net/`.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";
import type { Door } from "./door.ts";

/** A socket, as a connection sees it. */
export interface Transport {
  /** The listener by which the peer came. */
  readonly door: Door;
  /** The peer, as `host:port`. */
  readonly address: string;
  /** The peer's host alone: an IP address, or empty where there is none. */
  readonly host: string;
  /** Of the peer's certificate, if it has shown one that is good. */
  readonly certificate: CertificateName | undefined;
  /**
   * Sends what the connection's queue holds and, when the connection is
   * closed, ends the socket behind it. Called at the end of a turn.
   */
  flush(): void;
  /**
   * Sends as much of `bytes[start, end)` as the kernel takes at once, and
   * says how much that is: borrowed bytes leave without a copy. Only where
   * nothing waits, and only on runtimes whose sockets can do that.
   */
  sendNow?(bytes: Uint8Array, start: number, end: number): number;
  /** Stops reading; a chunk that is here already may still come. */
  pause(): void;
  /** Reads again. */
  resume(): void;
}

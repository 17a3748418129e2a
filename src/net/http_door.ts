/**
 * HTTP behind a door of the broker, as far as a door knows of it: whoever
 * serves it is loaded when the first peer comes.
 *
 * @module
 */

import type { Duplex } from "node:stream";

/** A peer that speaks HTTP. */
export interface HttpPeer {
  /** Its address, without a port. */
  readonly address: string;
  /** Whether only this machine reaches the door. */
  readonly isLocal: boolean;
}

/** Serves what comes through a stream. */
export type ServeHttp = (stream: Duplex, peer: HttpPeer) => void;

/** HTTP at a door. */
export interface HttpDoor {
  /** Whether only this machine reaches the door. */
  readonly isLocal: boolean;
  /** Who serves it, loaded once. */
  load(): Promise<ServeHttp>;
}

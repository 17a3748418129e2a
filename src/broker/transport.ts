/**
 * The port between a connection and its socket: what the pure broker asks
 * of `net/`.
 *
 * @module
 */

/** A socket, as a connection sees it. */
export interface Transport {
  /** The peer, as `host:port`. */
  readonly address: string;
  /**
   * Sends what the connection's queue holds and, when the connection is
   * closed, ends the socket behind it. Called at the end of a turn.
   */
  flush(): void;
  /** Stops reading; a chunk that is here already may still come. */
  pause(): void;
  /** Reads again. */
  resume(): void;
}

/**
 * A client's end of a stream of bytes, whatever carries it: TCP, TLS, a Unix
 * socket, or the frames of a WebSocket over one of them.
 *
 * @module
 */

/** The stream. */
export interface Wire {
  /**
   * Sends `bytes`, which may not change any more. False when more than
   * enough waits to be sent: {@linkcode Wire.drained} says when it is less.
   */
  write(bytes: Uint8Array): boolean;
  /** Resolves when what waits has been sent, or the wire is closed. */
  drained(): Promise<void>;
  /** Sends what waits, and closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** What is told of it. */
export interface WireEvents {
  /** Bytes have come, which are the receiver's until it returns. */
  received(chunk: Uint8Array): void;
  /** It is closed; `reason` says why in words, empty for a good end. */
  closed(reason: string): void;
}

/**
 * A client's end of a stream of bytes that is read when its owner wants to:
 * what comes meanwhile waits with the system, and slows the other side. Who
 * is told of bytes instead has `net/wire.ts`.
 *
 * @module
 */

/** The stream. */
export interface ByteStream {
  /** How many bytes came, at least one; `null` when the peer has closed. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes all of them; they may change when that is done. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes at once; what is read or written then fails. */
  close(): void;
}

/**
 * The part of Bun that is used here, as types: enough to check the adapter
 * without a package of types.
 *
 * @module
 */

/** A TCP socket of Bun with `Data` of ours. */
export interface BunSocket<Data> {
  /** Ours. */
  data: Data;
  /** The peer's address. */
  readonly remoteAddress: string;
  /** The peer's port. */
  readonly remotePort: number;
  /** Sends; returns how many bytes the kernel took, −1 when it is closed. */
  write(bytes: Uint8Array, offset: number, length: number): number;
  /** Sends what is left, then ends our side. */
  end(): void;
  /** Closes at once. */
  terminate(): void;
  /** Stops reading. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /** Switches Nagle's algorithm off. */
  setNoDelay(noDelay: boolean): void;
}

/** What Bun calls. */
export interface BunSocketHandlers<Data> {
  /** A peer has connected. */
  open(socket: BunSocket<Data>): void;
  /** A peer has sent something. */
  data(socket: BunSocket<Data>, chunk: Uint8Array): void;
  /** The kernel takes bytes again. */
  drain(socket: BunSocket<Data>): void;
  /** The socket is closed. */
  close(socket: BunSocket<Data>, error?: Error): void;
  /** The socket failed; `close` follows. */
  error(socket: BunSocket<Data>, error: Error): void;
}

/** A listening socket of Bun. */
export interface BunListener {
  /** The address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Stops accepting; closes the connections too when asked to. */
  stop(closeActiveConnections?: boolean): void;
}

/** The runtime's global object. */
export interface BunRuntime {
  /** Bun's version. */
  readonly version: string;
  /** Collects garbage: at once when `force` is set. */
  gc(force: boolean): void;
  /** Gives what is free back to the system; not every version has it. */
  shrink?(): void;
  /** Listens on a TCP port. */
  listen<Data>(options: {
    hostname: string;
    port: number;
    socket: BunSocketHandlers<Data>;
  }): BunListener;
}

/** Bun, when this is Bun. */
export function bunRuntime(): BunRuntime | undefined {
  return (globalThis as { Bun?: BunRuntime }).Bun;
}

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
  /**
   * Begins a handshake on a socket that was accepted. The events of both
   * come from then on: `data` of the first is what is encrypted.
   */
  upgradeTLS<Other>(options: {
    isServer: true;
    tls: BunTlsOptions;
    data: Other;
    socket: BunTlsHandlers<Other>;
    /** What was read from it already. */
    initialData?: Uint8Array;
  }): [raw: BunSocket<Data>, tls: BunTlsSocket<Other>];
}

/** A server's side of TLS. */
export interface BunTlsOptions {
  /** The certificate chain, PEM. */
  readonly cert: string;
  /** The private key, PEM. */
  readonly key: string;
  /** Who signs certificates of clients, PEM. */
  readonly ca?: string;
  /** Whether clients are asked for a certificate. */
  readonly requestCert: boolean;
  /** Whether the handshake ends without a good one. */
  readonly rejectUnauthorized: boolean;
  /** Flags of OpenSSL. */
  readonly secureOptions: number;
  /** As it stands in a hello: 0x0303 is TLS 1.2. */
  readonly minVersion: number;
  /** As they stand in a hello: each with its length before it. */
  readonly ALPNProtocols: string;
}

/** A socket in TLS. */
export interface BunTlsSocket<Data> extends BunSocket<Data> {
  /** Whether the client has shown a certificate that is good. */
  readonly authorized: boolean;
  /** What it has shown, if it has. */
  getPeerCertificate(): { readonly raw?: Uint8Array } | undefined;
}

/** What Bun calls, in TLS. */
export interface BunTlsHandlers<Data> {
  /** The handshake begins. */
  open(socket: BunTlsSocket<Data>): void;
  /** The handshake is over. */
  handshake(
    socket: BunTlsSocket<Data>,
    success: boolean,
    error: Error | null,
  ): void;
  /** A peer has sent something. */
  data(socket: BunTlsSocket<Data>, chunk: Uint8Array): void;
  /** The kernel takes bytes again. */
  drain(socket: BunTlsSocket<Data>): void;
  /** The socket is closed. */
  close(socket: BunTlsSocket<Data>, error?: Error): void;
  /** The socket failed; `close` follows. */
  error(socket: BunTlsSocket<Data>, error: Error): void;
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
  /** Runs a program; throws when it is not there. */
  spawn(
    words: readonly string[],
    stdio: Readonly<Record<"stdin" | "stdout" | "stderr", "ignore">>,
  ): { readonly exited: Promise<number> };
  /** Listens on a TCP port, or on a Unix socket. */
  listen<Data>(
    options:
      & ({ hostname: string; port: number } | { unix: string })
      & { socket: BunSocketHandlers<Data> },
  ): BunListener;
}

/** Bun, when this is Bun. */
export function bunRuntime(): BunRuntime | undefined {
  return (globalThis as { Bun?: BunRuntime }).Bun;
}

/**
 * TLS on Deno, through `node:tls`: a handshake on a connection that was
 * accepted as it is, at once or after its first bytes have been read. What
 * comes out reads and writes like a connection of Deno. To be loaded when it
 * is needed: `node:tls` costs time at the start.
 *
 * @module
 */

import { EventEmitter } from "node:events";
import {
  createServer,
  type PeerCertificate,
  type Server,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import type { CertificateName } from "../auth/authenticator.ts";
import { certificateName } from "./certificate_name.ts";
import { type Conn, ConnStream, READ_BYTES_IDLE } from "./conn_stream.ts";
import { IdleBuffers } from "./idle_buffers.ts";
import { HandshakeError, handshakeFault, RESUMED } from "./handshake_fault.ts";
import type { TlsSettings } from "./tls_settings.ts";

/** Certificates that are remembered at most, of all clients. */
const VERIFIED_MAX = 100_000;

/** The server's side of TLS, for any number of connections. */
export class NodeTls {
  #generation: Generation;
  readonly #idleBuffers = new IdleBuffers(READ_BYTES_IDLE);

  /** Throws the runtime's error when the settings are not good. */
  constructor(settings: TlsSettings) {
    this.#generation = new Generation(settings, new Set());
  }

  /** New peers get another certificate; those who are here stay. */
  renew(settings: TlsSettings): void {
    const { clientCa } = this.#generation.settings;
    const verified = settings.clientCa === clientCa
      ? this.#generation.verified
      : new Set<string>();
    this.#generation = new Generation(settings, verified);
  }

  /**
   * Begins a handshake on `conn`, which is ours from now on.
   *
   * @param first What has been read from it already; it is copied.
   */
  begin(conn: Conn, first: Uint8Array): NodeTlsConn {
    const generation = this.#generation;
    const stream = new ConnStream(conn, first, this.#idleBuffers);
    const secured = new NodeTlsConn(conn, stream);
    // The server tells of handshakes, but not of whose: so each connection
    // gets one with ears of its own, and all else as the server has it.
    const own = Object.create(generation.server, {
      emit: {
        value: (event: string, first: unknown, second: unknown): boolean => {
          if (event === "secureConnection") {
            settle(generation, secured, first as TLSSocket);
          } else if (event === "tlsClientError") {
            secured.fail(first, second as TLSSocket | undefined);
          }
          return true;
        },
      },
    });
    EventEmitter.prototype.emit.call(own, "connection", stream);
    return secured;
  }
}

/** Settings, and the server that was made of them. */
class Generation {
  readonly settings: TlsSettings;
  /** It never listens: connections are brought to it. */
  readonly server: Server;
  /** Certificates that its authority was seen to have signed, by hash. */
  readonly verified: Set<string>;

  constructor(settings: TlsSettings, verified: Set<string>) {
    this.settings = settings;
    this.server = createServer(optionsOf(settings));
    this.verified = verified;
  }

  /**
   * Whether what a client has shown is good here and now. A session that is
   * resumed is taken by Deno from any listener of the process, whoever its
   * authority is, and long after its certificate's end.
   */
  isGood(socket: TLSSocket, shown: PeerCertificate): boolean {
    const { verified } = this;
    const { fingerprint256, valid_to } = shown;
    if (!socket.authorized) return false;
    if (socket.isSessionReused()) {
      return verified.has(fingerprint256) && Date.now() < Date.parse(valid_to);
    }
    verified.add(fingerprint256);
    if (verified.size > VERIFIED_MAX) {
      for (const oldest of verified) {
        verified.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** A handshake is done: whether the client may stay is seen now. */
function settle(
  generation: Generation,
  secured: NodeTlsConn,
  socket: TLSSocket,
): void {
  const { clientCertificate } = generation.settings;
  const shown = socket.getPeerCertificate();
  // One that has shown nothing has an empty object here.
  if (clientCertificate === "no" || shown?.raw === undefined) {
    if (clientCertificate === "required") secured.fail(undefined, socket);
    else secured.open(socket, undefined);
  } else if (generation.isGood(socket, shown)) {
    secured.open(socket, certificateName(shown.raw));
  } else secured.fail(undefined, socket);
}

/** A connection in TLS: its first read waits for the handshake. */
export class NodeTlsConn implements Conn {
  /** Where the peer is. */
  readonly remoteAddr: Deno.Addr;
  /** Of the client's certificate, when it has shown one that is good. */
  certificate: CertificateName | undefined;
  readonly #stream: ConnStream;
  #socket: TLSSocket | undefined;
  /** Why there is nothing more to be read; null for a good end. */
  #end: Error | null | undefined;
  /** The read that waits. */
  #reader: Reader | undefined;

  /** Made by {@linkcode NodeTls}. */
  constructor({ remoteAddr }: Conn, stream: ConnStream) {
    this.remoteAddr = remoteAddr;
    this.#stream = stream;
    // That it has closed is no news before the handshake's end is told.
    stream.on("error", (error) => this.#finish(error));
  }

  /** The handshake is done, and the client may stay. */
  open(socket: TLSSocket, certificate: CertificateName | undefined): void {
    this.certificate = certificate;
    this.#socket = socket;
    socket.on("error", (error) => this.#finish(error));
    socket.on("readable", () => this.#offer());
    socket.on("end", () => this.#finish(null));
    socket.on("close", () => this.#finish(null));
    this.#offer();
  }

  /** The handshake has failed. */
  fail(error: unknown, socket: TLSSocket | undefined): void {
    const code = socket?.authorizationError as unknown as string | undefined;
    const reason = handshakeFault(code || error || RESUMED);
    this.#finish(new HandshakeError(reason, error));
    socket?.destroy();
    this.#stream.destroy();
  }

  /** See `Deno.Conn`: one at a time. */
  read(buffer: Uint8Array): Promise<number | null> {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.#reader = { buffer, resolve, reject };
    this.#offer();
    return promise;
  }

  /** See `Deno.Conn`: takes all, and `bytes` may not change until then. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket === undefined) {
        reject(new HandshakeError("there was nobody to write to"));
        return;
      }
      this.#socket.write(bytes, (error) => {
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
  }

  /** See `Deno.Conn`: TLS says that nothing more comes, then TCP does. */
  closeWrite(): Promise<void> {
    return new Promise((resolve) => {
      (this.#socket ?? this.#stream).end(() => resolve());
    });
  }

  /** See `Deno.Conn`. */
  close(): void {
    this.#finish(null);
    this.#socket?.destroy();
    this.#stream.destroy();
  }

  /** Gives the reader what there is. */
  #offer(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const chunk = this.#take(reader.buffer.length);
    if (chunk === null) {
      if (this.#end === undefined) return;
      this.#reader = undefined;
      if (this.#end === null) reader.resolve(null);
      else reader.reject(this.#end);
      return;
    }
    this.#reader = undefined;
    reader.buffer.set(chunk);
    reader.resolve(chunk.length);
  }

  #take(lengthMax: number): Uint8Array | null {
    const socket = this.#socket;
    if (socket === undefined) return null;
    // Reading nothing is what makes the stream ask for more.
    return socket.read(Math.min(socket.readableLength, lengthMax));
  }

  #finish(error: Error | null): void {
    if (this.#end === undefined) this.#end = error;
    this.#offer();
  }
}

interface Reader {
  readonly buffer: Uint8Array;
  readonly resolve: (length: number | null) => void;
  readonly reject: (error: Error) => void;
}

function optionsOf(settings: TlsSettings): TlsOptions {
  const { clientCa, clientCertificate } = settings;
  return {
    cert: settings.certificate,
    key: settings.key,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    requestCert: clientCertificate !== "no",
    // Who shows a bad one where none is needed is refused by `settle`.
    rejectUnauthorized: clientCertificate === "required",
    minVersion: settings.minimumVersion === "1.3" ? "TLSv1.3" : "TLSv1.2",
    ALPNProtocols: [...settings.alpn],
  };
}

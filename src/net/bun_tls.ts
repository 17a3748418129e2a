/**
 * TLS on Bun: a handshake on a socket that was accepted as it is, at once or
 * after its first bytes have been looked at. So the same listener serves
 * both, a connection counts from its accept, and another certificate needs
 * no other listener.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";
import type {
  BunSocket,
  BunTlsHandlers,
  BunTlsOptions,
  BunTlsSocket,
} from "./bun_types.ts";
import { certificateName } from "./certificate_name.ts";
import { HandshakeError, handshakeFault } from "./handshake_fault.ts";
import type { TlsSettings } from "./tls_settings.ts";

const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
/** Of OpenSSL: sessions can't be resumed. */
const NO_TICKET = 0x4000;

/** Whose socket it is: what is told of it. */
export interface BunTlsOwner {
  /** The handshake is done; nothing has been received before. */
  secured(certificate: CertificateName | undefined): void;
  /** It failed: {@linkcode BunTlsOwner.closed} follows. */
  failed(error: Error): void;
  /** The peer has sent something. */
  received(chunk: Uint8Array): void;
  /** The kernel takes bytes again. */
  flush(): void;
  /** The socket is closed. */
  closed(error: Error | undefined): void;
}

/** A TLS socket of an owner. */
export type BunSecured = BunTlsSocket<BunTlsOwner | undefined>;

/** The server's side of TLS, for any number of connections. */
export class BunTls {
  #settings: TlsSettings;
  #options: BunTlsOptions;
  readonly #handlers: BunTlsHandlers<BunTlsOwner | undefined>;

  /** What is wrong with the settings shows with the first handshake. */
  constructor(settings: TlsSettings) {
    this.#settings = settings;
    this.#options = optionsOf(settings);
    this.#handlers = {
      open: () => {},
      handshake: (socket, success, error) => {
        if (success) this.#handshaken(socket, error);
        else refuse(socket, error);
      },
      data: (socket, chunk) => socket.data?.received(chunk),
      drain: (socket) => socket.data?.flush(),
      close: (socket, error) => socket.data?.closed(error),
      error: (socket, error) => socket.data?.failed(error),
    };
  }

  /** New peers get another certificate; those who are here stay. */
  renew(settings: TlsSettings): void {
    this.#options = optionsOf(settings);
    this.#settings = settings;
  }

  /**
   * Begins a handshake on `socket`, which is not to be used any more: what
   * is returned takes its place.
   *
   * @param first What has been read from it already.
   */
  begin<Data>(
    socket: BunSocket<Data | undefined>,
    owner: BunTlsOwner,
    first: Uint8Array | undefined,
  ): BunSecured {
    const [raw, secured] = socket.upgradeTLS<BunTlsOwner | undefined>({
      isServer: true,
      tls: this.#options,
      data: owner,
      socket: this.#handlers,
      ...(first?.length ? { initialData: first } : {}),
    });
    raw.data = undefined; // whose events are of what is encrypted
    return secured;
  }

  /** Whether the client may stay; `error` is of its certificate. */
  #handshaken(socket: BunSecured, error: Error | null): void {
    const shown = socket.getPeerCertificate()?.raw;
    const isNeeded = this.#settings.clientCertificate === "required";
    if (shown === undefined && !isNeeded) socket.data?.secured(undefined);
    else if (shown !== undefined && socket.authorized && error === null) {
      socket.data?.secured(certificateName(shown));
    } else refuse(socket, error);
  }
}

function refuse(socket: BunSecured, error: Error | null): void {
  socket.data?.failed(new HandshakeError(handshakeFault(error), error));
  socket.terminate();
}

function optionsOf(settings: TlsSettings): BunTlsOptions {
  const { clientCa, clientCertificate } = settings;
  return {
    cert: settings.certificate,
    key: settings.key,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    requestCert: clientCertificate !== "no",
    rejectUnauthorized: clientCertificate === "required",
    // A session would outlive the end of its client's certificate.
    secureOptions: clientCertificate === "no" ? 0 : NO_TICKET,
    minVersion: settings.minimumVersion === "1.3" ? TLS_1_3 : TLS_1_2,
    ALPNProtocols: settings.alpn
      .map((name) => String.fromCharCode(name.length) + name)
      .join(""),
  };
}

/**
 * What the sockets of all runtimes have in common: whose they are, where the
 * peer is, and what takes their bytes.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";
import type { Connection } from "../broker/connection.ts";
import type { Transport } from "../broker/transport.ts";
import type { Timed } from "../broker/timed.ts";
import type { Driver } from "./driver.ts";
import type { Entrance } from "./entrance.ts";
import type { Link } from "./link.ts";
import { HandshakeError } from "./handshake_fault.ts";
import { bareHost, closeReasonOf, formatAddress } from "./peer.ts";

/** Where a peer is: an IP address and a port; a Unix socket has neither. */
export interface Peer {
  /** The IP address; empty for a peer on this machine without one. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What another one says of the peer, who stands between it and us. */
export interface Introduction extends Peer {
  /** Of the certificate that the peer has shown to that one. */
  readonly certificate: CertificateName | undefined;
}

/** A socket: the port of the broker, and what the edge needs of it. */
export abstract class Socket implements Transport {
  /** By which listener the peer came. */
  readonly door: Entrance;
  /** What takes its bytes, and has those to be written. */
  link!: Link;
  /** What is known of the peer beyond its address. */
  introduction: Introduction | undefined;
  /** Whether it is closed. */
  isClosed = false;
  /** The connection, once the broker has let the peer in. */
  protected connection!: Connection;
  protected lingering: Timed | undefined;
  protected isHungUp = false;
  protected readonly driver: Driver;

  /** A socket of a peer that came by `door`. */
  constructor(driver: Driver, door: Entrance) {
    this.driver = driver;
    this.door = door;
  }

  /**
   * What follows is TLS: from now on the bytes come and go in it.
   *
   * @param first What has been read of it already.
   */
  abstract secure(first: Uint8Array): void;

  /** Where the socket says that the peer is. */
  protected abstract get peer(): Peer;
  /** The peer's certificate, if it has shown one to us. */
  protected get shownCertificate(): CertificateName | undefined {
    return undefined;
  }

  /** See `Transport`. Made when asked for: an idle client needs no text. */
  get address(): string {
    const { hostname, port } = this.introduction ?? this.peer;
    return hostname === "" ? "unix" : formatAddress(hostname, port);
  }

  /** See `Transport`. */
  get host(): string {
    return bareHost((this.introduction ?? this.peer).hostname);
  }

  /** See `Transport`. */
  get certificate(): CertificateName | undefined {
    return this.introduction?.certificate ?? this.shownCertificate;
  }

  /** Lets the broker decide on the peer; false when it is turned away. */
  protected enter(): boolean {
    const connection = this.driver.open(this);
    if (connection === undefined) return false;
    this.connection = connection;
    this.link = this.door.join(this.driver, connection, this);
    return true;
  }

  /** The peer has sent `chunk[0, length)`, which is borrowed. */
  protected receive(chunk: Uint8Array, length: number): void {
    try {
      this.link.received(chunk, length);
    } catch (error) {
      this.fault(error);
    }
  }

  /** What a link has thrown ends this connection and no other. */
  protected fault(error: unknown): void {
    this.driver.turn(() => this.connection.fail(error));
  }

  /** See `Transport`. */
  abstract flush(): void;
  /** See `Transport`. */
  abstract pause(): void;
  /** See `Transport`. */
  abstract resume(): void;
  /** Closes it at once. */
  abstract destroy(): void;

  /** The connection is closed: from now on the socket's time is counted. */
  protected wind(): void {
    if (this.lingering !== undefined) return;
    this.lingering = this.driver.linger(this);
    this.resume();
  }

  /** The socket has failed or ended: how, in words, for the log. */
  protected reasonOf(error: unknown): string {
    if (!(error instanceof HandshakeError)) return closeReasonOf(error);
    this.driver.core.counters.handshakesFailed++;
    return error.message;
  }

  /** It is closed, whoever did it. */
  protected forget(): void {
    this.isClosed = true;
    this.link.gone?.();
    this.driver.gone(this, this.connection, this.lingering);
  }
}

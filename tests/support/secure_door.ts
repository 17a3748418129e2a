/**
 * A listener that speaks TLS as the broker's do, on whichever runtime this
 * is, and gives back what it gets: for tests of handshakes without a broker.
 */

import type { CertificateName } from "../../src/auth/authenticator.ts";
import {
  type BunRuntime,
  bunRuntime,
  type BunSocket,
} from "../../src/net/bun_types.ts";
import { BunTls, type BunTlsOwner } from "../../src/net/bun_tls.ts";
import { NodeTls, type NodeTlsConn } from "../../src/net/node_tls.ts";
import type { TlsSettings } from "../../src/net/tls_settings.ts";
import { within } from "./deadline.ts";

/** What became of a client. */
export type Outcome =
  | { certificate: CertificateName | undefined }
  | { fault: string };

export interface DoorOptions {
  /** Whether the first bytes are read before TLS is begun. */
  sniffs?: boolean;
}

/** The listener. */
export abstract class SecureDoor implements Disposable {
  /** Of the clients so far, in the order in which it was seen. */
  readonly #outcomes: Outcome[] = [];
  #waiting: (() => void) | undefined;

  /** Opens one on a free port of 127.0.0.1. */
  static open(settings: TlsSettings, options: DoorOptions = {}): SecureDoor {
    const bun = bunRuntime();
    return bun === undefined
      ? new DenoDoor(settings, options)
      : new BunDoor(bun, settings, options);
  }

  abstract readonly port: number;
  abstract renew(settings: TlsSettings): void;
  abstract [Symbol.dispose](): void;

  /** What became of the next client. */
  async outcome(): Promise<Outcome> {
    if (this.#outcomes.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await within(promise, "the outcome of a handshake", () => {});
    }
    return this.#outcomes.shift()!;
  }

  protected tell(outcome: Outcome): void {
    this.#outcomes.push(
      "fault" in outcome
        ? outcome
        : { certificate: withoutTime(outcome.certificate) },
    );
    this.#waiting?.();
  }
}

/** Who a certificate was made for: for how long it is good never stands. */
export function withoutTime(
  name: CertificateName | undefined,
): CertificateName | undefined {
  if (name === undefined) return undefined;
  const { commonName, subject } = name;
  return { commonName, subject };
}

class DenoDoor extends SecureDoor {
  readonly #tls: NodeTls;
  readonly #listener: Deno.TcpListener;
  readonly #sniffs: boolean;

  constructor(settings: TlsSettings, { sniffs = false }: DoorOptions) {
    super();
    this.#tls = new NodeTls(settings);
    this.#sniffs = sniffs;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#acceptAll();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  renew(settings: TlsSettings): void {
    this.#tls.renew(settings);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #acceptAll(): Promise<void> {
    for await (const conn of this.#listener) {
      const first = new Uint8Array(4);
      const length = this.#sniffs ? await conn.read(first) ?? 0 : 0;
      void this.#serve(this.#tls.begin(conn, first.subarray(0, length)));
    }
  }

  async #serve(conn: NodeTlsConn): Promise<void> {
    const buffer = new Uint8Array(50_000);
    let isOpen = false;
    try {
      for (;;) {
        const length = await conn.read(buffer);
        if (!isOpen) {
          this.tell(
            length === null
              ? { fault: "no handshake" }
              : { certificate: conn.certificate },
          );
        }
        isOpen = true;
        if (length === null) break;
        await conn.write(buffer.subarray(0, length));
      }
      await conn.closeWrite();
    } catch (error) {
      if (!isOpen) this.tell({ fault: (error as Error).message });
    }
    conn.close();
  }
}

type Plain = BunSocket<{ first: Uint8Array } | undefined>;

class BunDoor extends SecureDoor {
  readonly port: number;
  readonly #tls: BunTls;
  readonly #stop: () => void;

  constructor(
    bun: BunRuntime,
    settings: TlsSettings,
    { sniffs = false }: DoorOptions,
  ) {
    super();
    this.#tls = new BunTls(settings);
    const ignore = () => {};
    const listener = bun.listen<{ first: Uint8Array } | undefined>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { first: new Uint8Array(0) };
          if (!sniffs) this.#begin(socket, undefined);
        },
        data: (socket, chunk) => {
          if (socket.data !== undefined) this.#begin(socket, chunk);
        },
        drain: ignore,
        close: ignore,
        error: ignore,
      },
    });
    this.port = listener.port;
    this.#stop = () => listener.stop(true);
  }

  renew(settings: TlsSettings): void {
    this.#tls.renew(settings);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #begin(socket: Plain, first: Uint8Array | undefined): void {
    let waiting: Uint8Array[] = [];
    let isOver = false;
    const tell = (outcome: Outcome) => {
      if (!isOver) this.tell(outcome);
      isOver = true;
    };
    const flush = () => {
      while (waiting.length > 0) {
        const bytes = waiting.shift()!;
        const sent = Math.max(secured.write(bytes, 0, bytes.length), 0);
        if (sent === bytes.length) continue;
        waiting.unshift(bytes.subarray(sent));
        return;
      }
    };
    const owner: BunTlsOwner = {
      secured: (certificate) => tell({ certificate }),
      failed: (error) => tell({ fault: error.message }),
      received: (chunk) => {
        waiting.push(chunk.slice());
        flush();
      },
      flush,
      closed: () => {
        waiting = [];
        tell({ fault: "no handshake" });
      },
    };
    const secured = this.#tls.begin(socket, owner, first);
  }
}

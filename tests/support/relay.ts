/**
 * Stands between a client and a broker, as a proxy does: it tells the broker
 * what it is given to say first, then passes all bytes on, the client's first
 * ones one by one. So any client can come through a proxy, or in the smallest
 * of pieces.
 */

/** What a relay does besides passing bytes on. */
export interface RelayOptions {
  /** Sent to the broker before all else. */
  header?: Uint8Array;
  /** How many bytes of header and client go one by one. 0. */
  single?: number;
}

/** Lets the broker read one byte before the next is sent. */
const APART_MS = 1;

/** A relay; its connections end with it. */
export class Relay implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #options: Required<RelayOptions>;
  readonly #connections: Set<Deno.TcpConn> = new Set<Deno.TcpConn>();

  private constructor(target: number, options: RelayOptions) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#target = target;
    this.#options = { header: new Uint8Array(0), single: 0, ...options };
    void this.#acceptAll();
  }

  /** In front of a port of 127.0.0.1. */
  static to(target: number, options: RelayOptions = {}): Relay {
    return new Relay(target, options);
  }

  /** Where clients come. */
  get port(): number {
    return this.#listener.addr.port;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
  }

  async #acceptAll(): Promise<void> {
    for await (const client of this.#listener) void this.#serve(client);
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const hostname = "127.0.0.1";
    const broker = await Deno.connect({ hostname, port: this.#target });
    const both = [client, broker];
    for (const one of both) {
      this.#connections.add(one);
      one.setNoDelay(true);
    }
    await Promise.all([this.#forth(client, broker), back(broker, client)]);
    for (const one of both) {
      this.#connections.delete(one);
      close(one);
    }
  }

  /** From the client to the broker. */
  async #forth(client: Deno.TcpConn, broker: Deno.TcpConn): Promise<void> {
    const { header, single } = this.#options;
    let left = single;
    const send = async (bytes: Uint8Array) => {
      const singles = Math.min(left, bytes.length);
      left -= singles;
      for (let i = 0; i < singles; i++) {
        await broker.write(bytes.subarray(i, i + 1));
        await new Promise((done) => setTimeout(done, APART_MS));
      }
      await writeAll(broker, bytes.subarray(singles));
    };
    await untilEnd(async () => {
      await send(header);
      await eachChunk(client, send);
      await broker.closeWrite();
    });
  }
}

function back(broker: Deno.TcpConn, client: Deno.TcpConn): Promise<void> {
  return untilEnd(async () => {
    await eachChunk(broker, (bytes) => writeAll(client, bytes));
    await client.closeWrite();
  });
}

async function eachChunk(
  from: Deno.TcpConn,
  use: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await from.read(buffer);
    if (length === null) return;
    await use(buffer.subarray(0, length));
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await to.write(bytes.subarray(at));
  }
}

/** An end by a reset is an end, here. */
async function untilEnd(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { errors } = Deno;
    const isEnd = [
      errors.ConnectionReset,
      errors.BrokenPipe,
      errors.BadResource,
      errors.Interrupted,
      errors.NotConnected,
      errors.ConnectionAborted,
    ].some((kind) => error instanceof kind);
    if (!isEnd) throw error;
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}

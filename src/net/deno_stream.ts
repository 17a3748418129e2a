/**
 * A stream of bytes over a socket of Deno's own, which moves three times
 * what `node:net` does there.
 *
 * @module
 */

import type { ByteStream } from "./byte_stream.ts";
import type { DialAddress } from "./dial_address.ts";

/** Whether there is such a stream to the address: not with all of TLS. */
export function hasDenoStream({ tls, localAddress }: DialAddress): boolean {
  if (typeof Deno !== "object" || localAddress !== undefined) return false;
  return tls === undefined ||
    !tls.isInsecure && tls.version === undefined && tls.key === undefined;
}

/** Connects; in TLS the handshake has been made. */
export async function openDenoStream(
  address: DialAddress,
): Promise<ByteStream> {
  const { hostname, port, file, tls } = address;
  if (file !== undefined) {
    return new DenoStream(
      await Deno.connect({ transport: "unix", path: file }),
    );
  }
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay(true);
  if (tls === undefined) return new DenoStream(conn);
  const secure = await Deno.startTls(conn, {
    hostname,
    caCerts: tls.ca === undefined ? [] : [tls.ca],
    ...(tls.alpn !== undefined && { alpnProtocols: [tls.alpn] }),
  });
  const stream = new DenoStream(secure);
  try {
    await secure.handshake();
  } catch (error) {
    stream.close();
    throw error;
  }
  return stream;
}

class DenoStream implements ByteStream {
  readonly #conn: Deno.Conn;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = await this.#conn.write(bytes);
    while (done < bytes.length) {
      done += await this.#conn.write(bytes.subarray(done));
    }
  }

  close(): void {
    this.#conn.close();
  }
}

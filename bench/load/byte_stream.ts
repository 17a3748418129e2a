/**
 * Bytes both ways, whatever carries them: what a client's connection is made
 * of. Here the plain socket, in TLS or not; WebSocket is in `web_socket.ts`.
 */

export interface ByteStream {
  /** What bytes for `writeMasked` must have been XORed with; 0 for nothing. */
  readonly mask: number;
  /** How many bytes came; `null` when the peer has closed. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes all of them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes all of them, which are masked already. */
  writeMasked(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** A socket as it is. */
export class PlainStream implements ByteStream {
  readonly mask = 0;
  #conn: Deno.Conn;

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

  writeMasked(bytes: Uint8Array): Promise<void> {
    return this.write(bytes);
  }

  close(): void {
    this.#conn.close();
  }
}

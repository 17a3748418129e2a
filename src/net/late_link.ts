/**
 * Keeps the first bytes of a peer that speaks HTTP until who serves it is
 * loaded. That costs memory, which a broker that nobody asks does not need.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { Driver } from "./driver.ts";
import type { HttpDoor } from "./http_door.ts";
import type { Link, Piece } from "./link.ts";
import type { Socket } from "./socket.ts";

/** More is not read before it is loaded. */
const KEPT_BYTES_MAX = 64 << 10;

/** Waits until HTTP is served. */
export class LateLink implements Link {
  readonly #driver: Driver;
  readonly #connection: Connection;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;

  /** Begins to load what is needed. */
  constructor(
    driver: Driver,
    connection: Connection,
    socket: Socket,
    door: HttpDoor,
  ) {
    this.#driver = driver;
    this.#connection = connection;
    void this.#handOver(socket, door);
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    this.#kept.push(chunk.slice(0, length));
    this.#keptBytes += length;
    if (this.#keptBytes > KEPT_BYTES_MAX) this.#connection.transport.pause();
  }

  /** See {@linkcode Link}. */
  next(): Piece | null {
    return null;
  }

  /** See {@linkcode Link}. */
  pin(): void {}

  /** See {@linkcode Link}. */
  sent(): void {}

  async #handOver(socket: Socket, door: HttpDoor): Promise<void> {
    try {
      const { HttpLink } = await import("./http_link.ts");
      const serve = await door.load();
      if (socket.isClosed || this.#connection.phase === "closed") return;
      const link = new HttpLink(this.#driver, this.#connection);
      socket.link = link;
      const { isLocal } = door;
      serve(link.stream, { address: socket.host, isLocal });
      for (const bytes of this.#kept) link.received(bytes, bytes.length);
      socket.resume();
    } catch (error) {
      this.#driver.turn(() => this.#connection.fail(error));
    }
  }
}

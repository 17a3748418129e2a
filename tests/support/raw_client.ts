/**
 * A client that sends the bytes it is given and reads what comes back, whole
 * packets or exact counts, each with a deadline; over TCP, or whatever it is
 * given. It keeps no MQTT state and answers nothing by itself; the bytes are
 * made by `wire.ts`.
 */

import { assertEquals } from "@std/assert";
import { PATIENCE_MS, within } from "./deadline.ts";
import {
  connect,
  type ConnectFields,
  decode,
  frame,
  type IdPacket,
  join,
  type Part,
  pingreq,
  type ServerPacket,
} from "./wire.ts";

/** What a packet of that type looks like; five types share one form. */
export type PacketOf<T> = T extends IdPacket["type"] ? IdPacket
  : Extract<ServerPacket, { type: T }>;

const READ_BYTES = 64 * 1024;

export class RawClient implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #chunk: Uint8Array<ArrayBuffer> = new Uint8Array(READ_BYTES);
  /** Came in and was not asked for yet. */
  #ahead: Uint8Array = new Uint8Array(0);
  #isClosed = false;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Takes over a socket, of TLS or a file, say. */
  static over(connection: Deno.Conn): RawClient {
    return new RawClient(connection);
  }

  /** Connects a socket and sends nothing. */
  static async open(
    port: number,
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay(true);
    return new RawClient(connection);
  }

  /** Connects, sends a CONNECT and sees it accepted. */
  static async connected(
    port: number,
    fields: ConnectFields = {},
  ): Promise<RawClient> {
    const client = await RawClient.open(port);
    try {
      await client.send(connect(fields));
      const { type, returnCode } = await client.packet("connack");
      assertEquals([type, returnCode], ["connack", 0]);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Where the broker sees this client, as its log writes it. */
  get address(): string {
    const { hostname, port } = this.#connection.localAddr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  /** Sends all parts in as few writes as the system allows. */
  async send(...parts: Part[]): Promise<void> {
    const bytes = parts.length === 1 && parts[0] instanceof Uint8Array
      ? parts[0]
      : join(...parts);
    await this.#patiently(this.#writeAll(bytes), `sending ${bytes.length} B`);
  }

  /** Exactly so many bytes. */
  async bytes(count: number): Promise<Uint8Array> {
    while (this.#ahead.length < count) {
      if (await this.#more(`${count} bytes`)) continue;
      throw new Error(`closed after ${this.#ahead.length} of ${count} bytes`);
    }
    const bytes = this.#ahead.slice(0, count);
    this.#ahead = this.#ahead.subarray(count);
    return bytes;
  }

  /** The next packet, whatever it is. */
  async anyPacket(): Promise<ServerPacket> {
    const { firstByte, body } = await this.frame();
    return decode(frame(firstByte, body))[0]!;
  }

  /** The next packet in bytes, for floods that `decode` is too slow for. */
  async frame(): Promise<{ firstByte: number; body: Uint8Array }> {
    const firstByte = (await this.bytes(1))[0]!;
    let bodyLength = 0;
    for (let weight = 1;; weight *= 128) {
      const byte = (await this.bytes(1))[0]!;
      bodyLength += (byte & 127) * weight;
      if (byte < 128) break;
    }
    return { firstByte, body: await this.bytes(bodyLength) };
  }

  /** The next packet, which has to be of that type. */
  async packet<T extends ServerPacket["type"]>(
    type: T,
  ): Promise<PacketOf<T>> {
    const packet = await this.anyPacket();
    if (packet.type === type) return packet as PacketOf<T>;
    throw new Error(`${type} was due, ${JSON.stringify(packet)} came`);
  }

  /**
   * All that the broker sent before it answered a ping. What it was told
   * before the ping has been done by then, so silence can be asserted.
   */
  async packetsBeforePong(): Promise<ServerPacket[]> {
    await this.send(pingreq());
    const packets: ServerPacket[] = [];
    for (;;) {
      const packet = await this.anyPacket();
      if (packet.type === "pingresp") return packets;
      packets.push(packet);
    }
  }

  /** Waits until the broker closes; gives what came before that. */
  async untilClosed(): Promise<Uint8Array> {
    while (await this.#more("the end of the connection"));
    const rest = this.#ahead;
    this.#ahead = new Uint8Array(0);
    return rest;
  }

  /** Tells the broker that no more bytes come. */
  async closeWrite(): Promise<void> {
    await this.#connection.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False when the broker has closed, in order or by a reset. */
  async #more(waitingFor: string): Promise<boolean> {
    const count = await this.#patiently(this.#readChunk(), waitingFor);
    if (count === null) return false;
    this.#ahead = join(this.#ahead, this.#chunk.subarray(0, count));
    return true;
  }

  async #readChunk(): Promise<number | null> {
    try {
      return await this.#connection.read(this.#chunk);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      at += await this.#connection.write(bytes.subarray(at));
    }
  }

  #patiently<T>(work: Promise<T>, waitingFor: string): Promise<T> {
    return within(work, waitingFor, () => this.close(), PATIENCE_MS);
  }
}

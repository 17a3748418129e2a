/**
 * A client's connection, whatever carries it: it opens the door, says hello,
 * and moves bytes. What messages are is the matter of `clients.ts`.
 *
 * A relay (see `relay.ts`) speaks no MQTT: towards it a client says one byte
 * for its role and one for its index, and gets one byte back.
 */

import { type ByteStream, PlainStream } from "./byte_stream.ts";
import type { Level } from "./dialects.ts";
import { isSecure, isWebSocket, type Transport } from "./doors.ts";
import { WebSocketStream } from "./web_socket.ts";
import * as wire from "./wire.ts";

export interface Target {
  readonly hostname: string;
  readonly port: number;
  readonly protocol: "mqtt" | "relay";
  readonly transport: Transport;
  /** Of WebSocket. */
  readonly path: string;
  /** Trusted beside those of the system, PEM. */
  readonly caCertificate: string | undefined;
  readonly login: wire.Login | undefined;
}

/** What a client begins with. */
export interface Hello {
  /** Publisher, subscriber, or idle. */
  readonly role: "P" | "S" | "I";
  readonly index: number;
  readonly level: Level;
  readonly subscribe?: Uint8Array;
}

const ANSWER_MS_MAX = 10_000;

// Client ids must differ from those of an earlier run whose connections a
// broker may not have cleared away yet.
const runId = Math.floor(performance.timeOrigin).toString(36);
let clientsMade = 0;

/** A client's stream and its inbox. */
export class Link {
  readonly inbox: wire.Inbox;
  #stream: ByteStream;
  #state: "connecting" | "ready" | "late" | "closed" = "connecting";
  #deadline: ReturnType<typeof setTimeout>;

  constructor(stream: ByteStream, inboxBytes: number) {
    this.inbox = new wire.Inbox(inboxBytes);
    this.#stream = stream;
    // Closing is what ends a read that waits for a broker that is silent.
    this.#deadline = setTimeout(() => {
      this.#state = "late";
      this.#stream.close();
    }, ANSWER_MS_MAX);
  }

  /** Connects, says hello, and subscribes where there is a filter. */
  static async connect(
    target: Target,
    hello: Hello,
    inboxBytes: number,
  ): Promise<Link> {
    const link = new Link(await dial(target), inboxBytes);
    try {
      await link.#greet(target, hello);
    } catch (error) {
      link.close();
      throw error;
    }
    clearTimeout(link.#deadline);
    link.#state = "ready";
    return link;
  }

  /** What bytes for `writeMasked` must have been XORed with. */
  get mask(): number {
    return this.#stream.mask;
  }

  async read(): Promise<void> {
    let count: number | null;
    try {
      count = await this.#stream.read(this.inbox.room());
    } catch (cause) {
      if (this.#state !== "late") throw cause;
      const seconds = ANSWER_MS_MAX / 1000;
      throw new Error(`no answer within ${seconds} s`, { cause });
    }
    if (count === null) throw new Error("the broker closed a connection");
    this.inbox.grow(count);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes);
  }

  writeMasked(bytes: Uint8Array): Promise<void> {
    return this.#stream.writeMasked(bytes);
  }

  close(): void {
    clearTimeout(this.#deadline);
    const isOpen = this.#state !== "closed" && this.#state !== "late";
    if (isOpen) this.#stream.close();
    this.#state = "closed";
  }

  async #greet(target: Target, hello: Hello): Promise<void> {
    if (isWebSocket(target.transport)) {
      this.#stream = await WebSocketStream.open(this.#stream, target);
    }
    if (target.protocol === "relay") {
      await this.write(Uint8Array.of(hello.role.charCodeAt(0), hello.index));
      await this.#stream.read(new Uint8Array(1));
      return;
    }
    clientsMade += 1;
    const clientId = `load-${runId}-${hello.role}${clientsMade}`;
    const { level, subscribe } = hello;
    await this.write(wire.connectPacket(clientId, level, target.login));
    await this.#answer(wire.CONNACK);
    if (subscribe === undefined) return;
    await this.write(subscribe);
    await this.#answer(wire.SUBACK);
  }

  // CONNACK says yes or no in its second byte, SUBACK in its last.
  async #answer(type: number): Promise<void> {
    const { inbox } = this;
    while (!inbox.next()) await this.read();
    const got = inbox.bytes[inbox.at]! >> 4;
    if (got !== type) {
      throw new Error(`packet type ${got} came instead of ${type}`);
    }
    const isConnack = type === wire.CONNACK;
    const code = inbox.bytes[isConnack ? inbox.body + 1 : inbox.end - 1]!;
    const isRefused = isConnack ? code > 0 : code >= 0x80;
    if (isRefused) throw new Error(`refused with code ${code}`);
  }
}

async function dial(target: Target): Promise<ByteStream> {
  const { hostname, port, transport, caCertificate } = target;
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay(true);
  if (!isSecure(transport)) return new PlainStream(conn);
  const caCerts = caCertificate === undefined ? [] : [caCertificate];
  // Deno shakes hands with the first bytes that are sent.
  return new PlainStream(await Deno.startTls(conn, { hostname, caCerts }));
}

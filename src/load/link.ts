/**
 * A client's connection, whatever carries it: it opens the door, says hello,
 * and moves bytes. What messages are is the matter of `clients.ts`.
 *
 * A relay (`bench/load/relay.ts`) speaks no MQTT: towards it a client says
 * one byte for its role and one for its index, and gets one byte back.
 *
 * @module
 */

import { type Connack, readConnack } from "../codec/connack.ts";
import { type Connect, encodeConnect } from "../codec/connect.ts";
import { CONNACK, PACKET_NAMES, SUBACK } from "../codec/packet_type.ts";
import { NO_PROPERTIES } from "../codec/properties.ts";
import { encodeSubscribe } from "../codec/subscribe.ts";
import type { QoS } from "../base/qos.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { addressText, type DialAddress } from "../net/dial_address.ts";
import { openStream } from "../net/open_stream.ts";
import { Inbox } from "./inbox.ts";
import { WebSocketStream } from "./web_socket.ts";

/** Whom the clients log in as. */
export type Login = Pick<Connect, "password" | "userName">;

/** What a load goes to. */
export interface Target {
  /** Where it is. */
  readonly address: DialAddress;
  /** What it speaks. */
  readonly protocol: "mqtt" | "relay";
  /** Whom all clients log in as. */
  readonly login: Login | undefined;
  /** What client ids begin with. */
  readonly idPrefix: string;
}

/** What a client begins with. */
export interface Hello {
  /** Publisher, subscriber, or idle. */
  readonly role: "P" | "S" | "I";
  /** Its number among those. */
  readonly index: number;
  /** The protocol level. */
  readonly level: Connect["level"];
  /** The session to begin or go on with; else a clean one. */
  readonly session?: string | undefined;
  /** A session that its clean one is to end. */
  readonly ends?: string;
  /** What it subscribes to, if anything. */
  readonly subscribe?: { readonly filter: string; readonly qos: QoS };
}

const ANSWER_MS_MAX = 10_000;
const LEAVE_MS_MAX = 1_000;
const RANDOM_CHARS = 12;
const FOR_EVER = 0xffffffff;
const DISCONNECT = Uint8Array.of(0xe0, 0);

/** A client id that nobody has: earlier ones may not be cleared away yet. */
export function newClientId(
  { idPrefix }: Target,
  { role, index }: Pick<Hello, "index" | "role">,
): string {
  const random = crypto.randomUUID().replaceAll("-", "").slice(0, RANDOM_CHARS);
  return `${idPrefix}${role}${index}-${random}`;
}

/** A client's stream and its inbox. */
export class Link {
  /** What comes, frame by frame. */
  readonly inbox: Inbox;
  /** What the broker has said to the CONNECT. */
  connack: Connack | undefined;
  #stream: ByteStream;
  #webSocket: WebSocketStream | undefined;
  #state: "connecting" | "ready" | "late" | "closed" = "connecting";
  readonly #deadline: ReturnType<typeof setTimeout>;

  private constructor(stream: ByteStream, inboxBytes: number) {
    this.inbox = new Inbox(inboxBytes);
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
    const stream = await openStream(target.address, ANSWER_MS_MAX);
    const link = new Link(stream, inboxBytes);
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

  /** What bytes for {@linkcode writeMasked} must have been XORed with. */
  get mask(): number {
    return this.#webSocket?.mask ?? 0;
  }

  /** Waits for bytes, which are in the inbox then. */
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

  /** Writes all of them. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes);
  }

  /** Writes all of them, which are masked where there is a mask. */
  writeMasked(bytes: Uint8Array): Promise<void> {
    if (this.#webSocket === undefined) return this.#stream.write(bytes);
    return this.#webSocket.writeMasked(bytes);
  }

  /** Leaves in good order. */
  async leave(): Promise<void> {
    const timer = setTimeout(() => this.close(), LEAVE_MS_MAX);
    await this.write(DISCONNECT);
    // The broker closes, and has read the DISCONNECT then.
    await this.#stream.read(this.inbox.room()).catch(() => {});
    clearTimeout(timer);
    this.close();
  }

  /** Closes at once. */
  close(): void {
    clearTimeout(this.#deadline);
    const isOpen = this.#state !== "closed" && this.#state !== "late";
    if (isOpen) this.#stream.close();
    this.#state = "closed";
  }

  async #greet(target: Target, hello: Hello): Promise<void> {
    const { address, protocol } = target;
    if (address.webSocketPath !== undefined) {
      const path = address.webSocketPath;
      const request = { host: addressText(address), path };
      this.#webSocket = await WebSocketStream.open(this.#stream, request);
      this.#stream = this.#webSocket;
    }
    if (protocol === "relay") {
      await this.write(Uint8Array.of(hello.role.charCodeAt(0), hello.index));
      await this.#stream.read(new Uint8Array(1));
      return;
    }
    const { level, subscribe } = hello;
    await this.write(encodeConnect(connectOf(target, hello)));
    await this.#answer(CONNACK);
    const { bytes, body, end } = this.inbox;
    this.connack = readConnack(bytes, body, end, level);
    refuse(this.connack.reason);
    if (subscribe === undefined) return;
    await this.write(encodeSubscribe({
      packetId: 1,
      entries: [{
        ...subscribe,
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      }],
      properties: NO_PROPERTIES,
    }, level));
    await this.#answer(SUBACK);
    refuse(this.inbox.bytes[this.inbox.end - 1]!);
  }

  async #answer(type: number): Promise<void> {
    const { inbox } = this;
    while (!inbox.next()) await this.read();
    const got = inbox.bytes[inbox.at]! >> 4;
    if (got === type) return;
    const names = [got, type].map((each) => PACKET_NAMES[each]);
    throw new Error(`${names[0]} came instead of ${names[1]}`);
  }
}

/** [MQTT-3.1.2-22] of 3.1.1: no password without a name. */
function connectOf(target: Target, hello: Hello): Connect {
  const { level, session, ends } = hello;
  const isKept = session !== undefined;
  const { password, userName } = target.login ?? {};
  return {
    level,
    clientId: session ?? ends ?? newClientId(target, hello),
    cleanSession: !isKept,
    keepAliveSeconds: 0,
    will: undefined,
    userName: userName ?? (password && level < 5 ? "" : undefined),
    password,
    properties: isKept && level >= 5 ? { sessionExpirySeconds: FOR_EVER } : {},
  };
}

function refuse(reason: number): void {
  if (reason >= 0x80) throw new Error(`refused with code ${reason}`);
}

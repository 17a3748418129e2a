/**
 * A small MQTT client over the codec, for the command line: 3.1, 3.1.1 and
 * 5.0, QoS 0 to 2 both ways, keep alive, the broker's limits. It knows one
 * connection, and keeps nothing for the next one: who wants to go on after a
 * loss connects again.
 *
 * @module
 */

import type { Connack } from "../codec/connack.ts";
import { type Connect, encodeConnect } from "../codec/connect.ts";
import { encodeDisconnect } from "../codec/disconnect.ts";
import { encodePublish, type Publish } from "../codec/encode_publish.ts";
import { PINGREQ } from "../codec/packet_type.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PACKET_TOO_LARGE, SUCCESS } from "../codec/reason_code.ts";
import {
  encodeSubscribe,
  encodeUnsubscribe,
  type SubscribeEntry,
} from "../codec/subscribe.ts";
import { dial } from "../net/dial.ts";
import { addressText, type DialAddress } from "../net/dial_address.ts";
import type { Wire, WireEvents } from "../net/wire.ts";
import { ConnectionLost, Refused } from "./faults.ts";
import { type Answer, Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { ReceivedMessage } from "./received_message.ts";

/** What a client wants to know. */
export interface ClientEvents {
  /** A message has come; it is acknowledged when this returns. */
  received?(message: ReceivedMessage): void;
  /** A packet was sent or has come: a line for whoever looks for a fault. */
  traced?(line: string): void;
}

/** Settings of a client. */
export interface ClientOptions {
  /** Where the broker is. */
  readonly address: DialAddress;
  /** What is sent first. */
  readonly connect: Connect;
  /** How many QoS 1 and 2 messages may wait for their answer. 20. */
  readonly inflightMax?: number | undefined;
  /** How long it may take to connect. 30 s. */
  readonly timeoutMs?: number | undefined;
  /** QoS 2 messages whose end is still to come, of an earlier connection. */
  readonly receivedIds?: Set<number> | undefined;
}

/** A message to be published. */
export type Message = Omit<Publish, "packetId">;

const INFLIGHT_MAX = 20;
/** Section 3.2.2.3.3: what holds when a broker says nothing. */
const RECEIVE_MAXIMUM = 65_535;
/** What a broker may take to see that a client has left. */
const LEAVE_MS = 3000;
const TIMEOUT_MS = 30_000;
const SENT: Answer = { reasonCodes: [SUCCESS], properties: NO_PROPERTIES };

/** A connection to a broker. */
export class Client {
  /** Resolves with what ended the connection, and never rejects. */
  readonly closed: Promise<ConnectionLost>;
  readonly #options: ClientOptions;
  readonly #events: ClientEvents;
  readonly #inbox: Inbox;
  readonly #connected = Promise.withResolvers<Connack>();
  readonly #closed = Promise.withResolvers<ConnectionLost>();
  readonly #outbox = new Outbox<Answer>();
  #wire: Wire | undefined;
  #connack: Connack | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #isPingOpen = false;
  #end: ConnectionLost | undefined;

  private constructor(options: ClientOptions, events: ClientEvents) {
    this.#options = options;
    this.#events = events;
    this.closed = this.#closed.promise;
    // Who waits for it hears of a loss; nobody has to.
    this.#connected.promise.catch(() => {});
    const { connect, receivedIds = new Set<number>() } = options;
    this.#inbox = new Inbox(connect.level, receivedIds, {
      send: (bytes, line) => this.#send(bytes, line),
      trace: (line) => events.traced?.(line),
      connected: (connack) => this.#connected.resolve(connack),
      received: (message) => events.received?.(message),
      answered: (id, answer) => this.#outbox.answer(id, answer),
      isWaiting: (id) => this.#outbox.has(id),
      ended: (reason) => this.#fail(reason),
    });
  }

  /**
   * Connects to a broker.
   *
   * @throws {DialError} When there is no way to it.
   * @throws {Refused} When it does not let this client in.
   */
  static async connect(
    options: ClientOptions,
    events: ClientEvents = {},
  ): Promise<Client> {
    const client = new Client(options, events);
    await client.#open();
    return client;
  }

  /** How it was let in. */
  get connack(): Connack {
    return this.#connack!;
  }

  /**
   * Publishes. Resolves with the answer at QoS 1 and 2, at QoS 0 when the
   * message is on its way.
   *
   * @throws {ConnectionLost} When the connection ends before.
   * @throws {ProtocolError} When the broker takes no such packet.
   */
  async publish(message: Message): Promise<Answer> {
    if (message.qos === 0) {
      if (this.#end !== undefined) throw this.#end;
      this.#sendPublish({ ...message, packetId: 0 });
      await this.#wire!.drained();
      return SENT;
    }
    const outbox = this.#outbox;
    await outbox.enter();
    try {
      return await outbox.ask((packetId) =>
        this.#sendPublish({ ...message, packetId })
      );
    } finally {
      outbox.leave();
    }
  }

  /** Subscribes: the answer has a reason code for each filter. */
  subscribe(
    entries: SubscribeEntry[],
    properties: Properties = NO_PROPERTIES,
  ): Promise<Answer> {
    const { level } = this.#options.connect;
    const names = entries.map(({ filter }) => filter).join(", ");
    return this.#outbox.ask((packetId) =>
      this.#send(
        encodeSubscribe({ packetId, entries, properties }, level),
        `sending SUBSCRIBE (m${packetId}, ${names})`,
      )
    );
  }

  /** Unsubscribes. */
  unsubscribe(
    filters: string[],
    properties: Properties = NO_PROPERTIES,
  ): Promise<Answer> {
    const { level } = this.#options.connect;
    return this.#outbox.ask((packetId) =>
      this.#send(
        encodeUnsubscribe({ packetId, filters, properties }, level),
        `sending UNSUBSCRIBE (m${packetId}, ${filters.join(", ")})`,
      )
    );
  }

  /** Leaves in good order; resolves when the connection is closed. */
  async disconnect(
    reason: number = SUCCESS,
    properties: Properties = NO_PROPERTIES,
  ): Promise<void> {
    if (this.#end !== undefined) return;
    const isV5 = this.#options.connect.level >= 5;
    const normal = { reason: SUCCESS, properties: NO_PROPERTIES };
    this.#send(
      encodeDisconnect(isV5 ? { reason, properties } : normal),
      "sending DISCONNECT",
    );
    this.#stop(new ConnectionLost("this client has left"));
    this.#wire!.end();
    const timer = setTimeout(() => this.#wire!.destroy(), LEAVE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Ends the connection without a word, which sends the will. */
  abort(): void {
    this.#fail(new ConnectionLost("this client has gone"));
  }

  async #open(): Promise<void> {
    const { address, connect, timeoutMs = TIMEOUT_MS } = this.#options;
    const events: WireEvents = {
      received: (chunk) => this.#receive(chunk),
      closed: (reason) => this.#wireClosed(reason),
    };
    this.#wire = await dial(address, events, timeoutMs);
    const timer = setTimeout(() => {
      const where = addressText(address);
      const says = `${where} does not answer CONNECT: is it an MQTT broker?`;
      this.#fail(new ConnectionLost(says));
    }, timeoutMs);
    try {
      this.#send(encodeConnect(connect), "sending CONNECT");
      this.#settle(await this.#connected.promise);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sees whether it was let in, and on what terms. */
  #settle(connack: Connack): void {
    const { reason, properties } = connack;
    if (reason !== SUCCESS) {
      const { level } = this.#options.connect;
      const refused = new Refused(reason, level, properties.reasonString);
      this.#fail(new ConnectionLost(refused.message, { cause: refused }));
      throw refused;
    }
    this.#connack = connack;
    const { inflightMax = INFLIGHT_MAX, connect } = this.#options;
    // [MQTT5-3.3.4-9]: no more than the broker takes.
    const receiveMaximum = properties.receiveMaximum ?? RECEIVE_MAXIMUM;
    this.#outbox.setWindow(Math.min(inflightMax, receiveMaximum));
    // [MQTT5-3.1.2-21]
    const seconds = properties.serverKeepAliveSeconds ??
      connect.keepAliveSeconds;
    if (seconds === 0) return;
    this.#keepAlive = setInterval(() => this.#ping(), seconds * 1000);
  }

  /** [MQTT-3.1.2-23]: nothing for 1.5 times the keep alive is too long. */
  #ping(): void {
    if (this.#isPingOpen) {
      this.#fail(new ConnectionLost("the broker does not answer any more"));
      return;
    }
    this.#isPingOpen = true;
    this.#send(Uint8Array.of(PINGREQ << 4, 0), "sending PINGREQ");
  }

  #receive(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#isPingOpen = false;
    try {
      this.#inbox.receive(chunk);
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      const says = `the broker broke the protocol: ${cause.message}`;
      this.#fail(new ConnectionLost(says, { cause }));
    }
  }

  #sendPublish(publish: Publish): void {
    const { topic, payload, qos, retain, packetId } = publish;
    const bytes = encodePublish(publish, this.#options.connect.level);
    const { maximumPacketSize = Infinity } = this.connack.properties;
    if (bytes.length > maximumPacketSize) { // [MQTT5-3.2.2-15]
      throw new ProtocolError(
        PACKET_TOO_LARGE,
        `the broker takes ${maximumPacketSize} bytes at most, and this ` +
          `message has ${bytes.length}`,
      );
    }
    this.#send(
      bytes,
      `sending PUBLISH (d0, q${qos}, r${Number(retain)}, m${packetId}, ` +
        `'${topic}', ... (${payload.length} bytes))`,
    );
  }

  #send(bytes: Uint8Array, line: string): void {
    this.#events.traced?.(line);
    this.#wire!.write(bytes);
  }

  #fail(reason: ConnectionLost): void {
    if (this.#end !== undefined) return;
    this.#stop(reason);
    this.#wire!.destroy();
  }

  #wireClosed(reason: string): void {
    this.#stop(
      new ConnectionLost(reason || "the broker closed the connection"),
    );
    this.#closed.resolve(this.#end!);
  }

  /** Nothing more comes or goes. */
  #stop(reason: ConnectionLost): void {
    this.#end ??= reason;
    clearInterval(this.#keepAlive);
    this.#inbox.close();
    this.#connected.reject(this.#end);
    this.#outbox.close(this.#end);
  }
}

/**
 * A client of the simulated world: it keeps the state that MQTT asks of a
 * client (what it has sent and not got acknowledged, which QoS 2 ids it
 * has seen) and does one thing at a time. What it was given it writes down
 * in `received`, for the checkers. It decides nothing: `world.ts` does.
 */

import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  disconnect,
  puback,
  pubcomp,
  type PublishPacket,
  pubrec,
  pubrel,
  type Qos,
  type ServerPacket,
} from "../support/wire.ts";
import { pieces, type Random } from "../fuzz/random.ts";
import type { Dialect } from "./dialect.ts";

/** A message that a client has begun to publish. */
export interface Outgoing {
  packetId: number;
  topic: string;
  payload: string;
  qos: Qos;
  retain: boolean;
  isReleased: boolean;
}

/** The world around a client. */
export interface Watcher {
  /** The broker at the moment: it may be started anew. */
  readonly broker: TestBroker;
  /** A whole PUBLISH is about to reach the broker. */
  arrives(publisher: SimClient, message: Outgoing): void;
  /** The broker lets a session begin, or goes on with one. */
  began(client: SimClient, session: "new" | "kept"): void;
  /** A session without a future has ended. */
  ended(client: SimClient): void;
  /** What a new connection speaks. */
  dialect(): Dialect;
}

/** One message as the application behind the client sees it. */
export interface Delivery {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
  dup: boolean;
  /** Counts the connections of this client. */
  connection: number;
}

export class SimClient {
  readonly clientId: string;
  readonly persistent: boolean;
  /** What the application got. */
  readonly received: Delivery[] = [];
  /** Filters that were granted in this session. */
  readonly filters = new Map<string, Qos>();
  /** Counts the connections. */
  connections = 0;
  /** What the world wants to know. */
  readonly #watcher: Watcher;
  readonly #random: Random;
  #line: TestClient | undefined;
  #dialect: Dialect;
  #outgoing: Outgoing[] = [];
  /** QoS 2 ids of which the message was taken and PUBREL has not come. */
  #seen = new Set<number>();
  /** Answers that are owed, and the packet id that each of them settles. */
  #owed: [answer: Uint8Array, settles: number][] = [];
  #nextId = 1;

  constructor(
    watcher: Watcher,
    random: Random,
    clientId: string,
    kind: "persistent" | "clean",
  ) {
    this.#watcher = watcher;
    this.#dialect = watcher.dialect();
    this.#random = random;
    this.clientId = clientId;
    this.persistent = kind === "persistent";
  }

  get isConnected(): boolean {
    return this.#line !== undefined;
  }

  /** How many messages the broker has not acknowledged. */
  get unacknowledged(): number {
    return this.#outgoing.length;
  }

  /** How many answers it still owes. */
  get owed(): number {
    return this.#owed.length;
  }

  /** The network connection, for the checkers. */
  get line(): TestClient | undefined {
    return this.#line;
  }

  connect(): void {
    const line = this.#watcher.broker.open();
    this.#line = line;
    this.connections++;
    this.#dialect = this.#watcher.dialect();
    const { clientId, persistent } = this;
    const kind = persistent ? "persistent" : "clean";
    this.#send(this.#dialect.connect(clientId, kind));
    const [connack, ...rest] = this.#dialect.decode(line.bytes());
    if (connack?.type !== "connack" || connack.returnCode !== 0) {
      throw new Error(`${clientId}: not accepted: ${line.closeReason}`);
    }
    const isKept = (connack.flags & 1) !== 0;
    if (!isKept) this.#forget();
    this.#watcher.began(this, isKept ? "kept" : "new");
    for (const packet of rest) this.#take(packet);
    this.#sendAgain();
  }

  /** The network breaks, without a word. */
  drop(): void {
    this.#line?.drop();
    this.gone();
  }

  disconnect(): void {
    const line = this.#line;
    this.#send(disconnect());
    // A socket that does not drain is given up in the end.
    if (line?.reading === false) line.drop();
    this.gone();
  }

  /** The connection is no more: its end, or the broker's. */
  gone(): void {
    this.#line = undefined;
    this.#owed = [];
    if (this.persistent) return;
    this.#forget();
    this.#watcher.ended(this);
  }

  subscribe(filter: string, qos: Qos): void {
    this.#send(this.#dialect.subscribe(this.#newId(), filter, qos));
    this.filters.set(filter, qos);
    this.read();
  }

  unsubscribe(filter: string): void {
    this.#send(this.#dialect.unsubscribe(this.#newId(), filter));
    this.filters.delete(filter);
    this.read();
  }

  publish(topic: string, payload: string, qos: Qos, retain: boolean): void {
    const message = this.#begin(topic, payload, qos, retain);
    this.#sendPublish(message, this.#dialect.publish(message));
    this.read();
  }

  /** The network breaks in the middle of a PUBLISH. */
  publishHalf(topic: string, payload: string, qos: Qos): void {
    const message = this.#begin(topic, payload, qos, false);
    const bytes = this.#dialect.publish(message);
    this.#send(bytes.subarray(0, this.#random.between(1, bytes.length - 1)));
    this.drop();
  }

  /** Takes in what the broker has sent. */
  read(): void {
    const { line } = this;
    if (line === undefined) return;
    const dialect = this.#dialect;
    for (let got = dialect.decode(line.bytes()); got.length > 0;) {
      for (const packet of got) this.#take(packet);
      got = dialect.decode(line.bytes());
    }
    if (line.closed) {
      throw new Error(`${this.clientId}: closed: ${line.closeReason}`);
    }
  }

  /** Sends some of the answers that are owed, in their order. */
  answer(most: number): void {
    for (let i = 0; i < most && this.#line !== undefined; i++) {
      const next = this.#owed.shift();
      if (next === undefined) return;
      const [answer, settles] = next;
      this.#dialect.settled(settles);
      this.#send(answer);
      this.read();
    }
  }

  /** Lets its socket fill, or reads on. */
  setReading(reading: "reading" | "stuck"): void {
    const { line } = this;
    if (line === undefined) return;
    line.reading = reading === "reading";
    if (line.reading) line.take(Infinity);
    this.read();
  }

  #begin(
    topic: string,
    payload: string,
    qos: Qos,
    retain: boolean,
  ): Outgoing {
    const packetId = qos === 0 ? 0 : this.#newId();
    const isReleased = false;
    const message = { packetId, topic, payload, qos, retain, isReleased };
    if (qos > 0) this.#outgoing.push(message);
    return message;
  }

  #sendPublish(message: Outgoing, bytes: Uint8Array): void {
    this.#watcher.arrives(this, message);
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    for (const piece of pieces(this.#random, bytes)) this.#line?.send(piece);
  }

  /** The session is gone, here and there. */
  #forget(): void {
    this.#seen.clear();
    this.filters.clear();
    this.#outgoing = [];
  }

  /** [MQTT-4.4.0-1]: what is not acknowledged goes out again, in order. */
  #sendAgain(): void {
    for (const message of [...this.#outgoing]) {
      if (message.isReleased) this.#send(pubrel(message.packetId));
      else {
        const again = { ...message, dup: true };
        this.#sendPublish(message, this.#dialect.publish(again));
      }
    }
    this.read();
  }

  #take(packet: ServerPacket): void {
    switch (packet.type) {
      case "publish":
        this.#takePublish(packet);
        return;
      case "pubrel":
        this.#seen.delete(packet.packetId);
        this.#owed.push([pubcomp(packet.packetId), packet.packetId]);
        return;
      case "puback":
      case "pubcomp":
        this.#finish(packet.packetId);
        return;
      case "pubrec":
        this.#release(packet.packetId);
    }
  }

  #takePublish(packet: PublishPacket): void {
    const { packetId, qos } = packet;
    if (qos === 2 && this.#seen.has(packetId)) {
      this.#owed.push([pubrec(packetId), 0]);
      return;
    }
    if (qos === 2) this.#seen.add(packetId);
    if (qos === 1) this.#owed.push([puback(packetId), packetId]);
    if (qos === 2) this.#owed.push([pubrec(packetId), 0]);
    const { topic, payload, retain, dup } = packet;
    const connection = this.connections;
    this.received.push({ topic, payload, qos, retain, dup, connection });
  }

  #finish(packetId: number): void {
    this.#outgoing = this.#outgoing.filter((one) => one.packetId !== packetId);
  }

  #release(packetId: number): void {
    const message = this.#outgoing.find((one) => one.packetId === packetId);
    if (message !== undefined) message.isReleased = true;
    this.#send(pubrel(packetId));
  }

  #newId(): number {
    const inUse = new Set(this.#outgoing.map(({ packetId }) => packetId));
    do this.#nextId = this.#nextId % 65_535 + 1; while (
      inUse.has(this.#nextId)
    );
    return this.#nextId;
  }
}

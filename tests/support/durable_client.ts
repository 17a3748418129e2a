/**
 * Clients that keep their word over any number of connections: a publisher
 * that sends again what is not acknowledged, and a subscriber that knows a
 * repetition when it sees one. They remember what was promised to them.
 */

import { RawClient } from "./raw_client.ts";
import {
  connect,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  type Qos,
  type ServerPacket,
  subscribe,
} from "./wire.ts";

const WINDOW = 40;

/** One connection after the other, until it is told to stop. */
abstract class DurableClient {
  readonly clientId: string;
  /** What went wrong, if anything did. */
  readonly faults: string[] = [];
  #client: RawClient | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  async connect(port: number): Promise<void> {
    const client = await RawClient.open(port);
    await client.send(
      connect({ clientId: this.clientId, cleanSession: false }),
    );
    const { flags } = await client.packet("connack");
    this.#client = client;
    await this.opened(client, flags === 1);
    this.#reading = this.#read(client);
  }

  /** The connection ends without a word; resolves when all is read. */
  async hangUp(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    await this.#reading;
  }

  protected abstract opened(
    client: RawClient,
    isPresent: boolean,
  ): Promise<void>;
  /** What is to be answered. */
  protected abstract received(packet: ServerPacket): Uint8Array | undefined;

  async #read(client: RawClient): Promise<void> {
    try {
      for (;;) {
        const answer = this.received(await client.anyPacket());
        if (answer !== undefined) await client.send(answer);
      }
    } catch {
      // The broker was killed, or the client has hung up.
    }
  }
}

/** Publishes numbers, QoS 1 and 2 in turn, and counts what is promised. */
export class DurablePublisher extends DurableClient {
  /** By QoS: what the broker has taken over. */
  readonly promised: Record<1 | 2, number[]> = { 1: [], 2: [] };
  /** Whether new messages are to be sent. */
  isPublishing = true;
  readonly #topics: readonly string[];
  /** Sent, by packet id: PUBLISH, then at QoS 2 PUBREL. */
  readonly #open = new Map<number, { number: number; isReleased: boolean }>();
  #number = 0;

  constructor(clientId: string, topics: readonly string[]) {
    super(clientId);
    this.#topics = topics;
  }

  get openCount(): number {
    return this.#open.size;
  }

  protected override async opened(client: RawClient): Promise<void> {
    for (const [id, { number, isReleased }] of this.#open) {
      const again = isReleased ? pubrel(id) : this.#packet(number, id, true);
      await client.send(again);
    }
    if (this.#open.size === 0) await client.send(this.#next());
  }

  protected override received(packet: ServerPacket): Uint8Array | undefined {
    if (packet.type === "pubrec") {
      const entry = this.#open.get(packet.packetId);
      if (entry === undefined) return pubrel(packet.packetId);
      if (!entry.isReleased) this.promised[2].push(entry.number);
      entry.isReleased = true;
      return pubrel(packet.packetId);
    }
    if (packet.type !== "puback" && packet.type !== "pubcomp") return undefined;
    const entry = this.#open.get(packet.packetId);
    if (entry === undefined) return undefined;
    if (packet.type === "puback") this.promised[1].push(entry.number);
    this.#open.delete(packet.packetId);
    return this.#open.size <= WINDOW / 2 ? this.#next() : undefined;
  }

  /** As many as the window takes. */
  #next(): Uint8Array {
    const packets: number[] = [];
    while (this.isPublishing && this.#open.size < WINDOW) {
      const number = ++this.#number;
      const id = number % 65_535 + 1;
      this.#open.set(id, { number, isReleased: false });
      packets.push(...this.#packet(number, id, false));
    }
    return Uint8Array.from(packets);
  }

  #packet(number: number, packetId: number, dup: boolean): Uint8Array {
    const qos = qosOf(number);
    const topic = `${this.#topics[number % this.#topics.length]}/${qos}`;
    const payload = `${this.clientId} ${number}`;
    return publish({ topic, payload, qos, packetId, dup });
  }
}

/** Which QoS a message has. */
export function qosOf(number: number): Qos & (1 | 2) {
  return number % 2 === 0 ? 1 : 2;
}

/** Receives, each QoS 2 message once. */
export class DurableSubscriber extends DurableClient {
  /** How often each message came. */
  readonly counts = new Map<string, number>();
  readonly #filter: string;
  readonly #received = new Set<number>();
  /** The last QoS 2 message of each publisher and topic. */
  readonly #last = new Map<string, number>();
  #wasThere = false;

  constructor(clientId: string, filter: string) {
    super(clientId);
    this.#filter = filter;
  }

  protected override async opened(
    client: RawClient,
    isPresent: boolean,
  ): Promise<void> {
    if (this.#wasThere && !isPresent) this.faults.push("the session is lost");
    if (this.#wasThere) return;
    await client.send(subscribe(1, [this.#filter, 2]));
    await client.packet("suback");
    this.#wasThere = true;
  }

  protected override received(packet: ServerPacket): Uint8Array | undefined {
    if (packet.type === "pubrel") {
      this.#received.delete(packet.packetId);
      return pubcomp(packet.packetId);
    }
    if (packet.type !== "publish") return undefined;
    const { payload, packetId, qos, topic } = packet;
    if (qos === 2 && this.#received.has(packetId)) return pubrec(packetId);
    this.counts.set(payload, (this.counts.get(payload) ?? 0) + 1);
    if (qos !== 2) return puback(packetId);
    this.#received.add(packetId);
    const [publisher, number] = payload.split(" ");
    const key = `${publisher} ${topic}`;
    const before = this.#last.get(key) ?? 0;
    if (Number(number) <= before) {
      this.faults.push(`${payload} on ${topic} behind ${before}`);
    }
    this.#last.set(key, Number(number));
    return pubrec(packetId);
  }
}

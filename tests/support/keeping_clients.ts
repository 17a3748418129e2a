/**
 * Clients of 5.0 for brokers on a disk in trouble: one that waits for each
 * answer, a flood that knows what was promised to it, a reader for whom all
 * of it waits, and a look whether what needs no disk goes on.
 */

import { assertEquals } from "@std/assert";
import { within } from "./deadline.ts";
import { RawClient } from "./raw_client.ts";
import {
  connect,
  type ConnectFields,
  decode,
  frame,
  puback,
  publish,
  type ServerPacket,
  subscribe,
} from "./wire5.ts";
import type { AckPacket, ListPacket } from "./wire5_server.ts";

const PAYLOAD_BYTES = 20_000;
const WINDOW = 20;
/** Of a session that outlives its connection. */
export const KEPT = { sessionExpirySeconds: 3600 };

/** What a packet of that type looks like; some types share a form. */
type PacketOf<T> = T extends AckPacket["type"] ? AckPacket
  : T extends ListPacket["type"] ? ListPacket
  : Extract<ServerPacket, { type: T }>;

/** A client of 5.0. */
export class Client implements Disposable {
  readonly #client: RawClient;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async connected(
    port: number,
    fields: ConnectFields,
  ): Promise<Client> {
    const client = new Client(await RawClient.open(port));
    await client.send(connect(fields));
    const { reason } = await client.next("connack");
    assertEquals(reason, 0);
    return client;
  }

  send(...packets: Uint8Array[]): Promise<void> {
    return this.#client.send(...packets);
  }

  async any(): Promise<ServerPacket> {
    const { firstByte, body } = await this.#client.frame();
    return decode(frame(firstByte, body))[0]!;
  }

  async next<T extends ServerPacket["type"]>(type: T): Promise<PacketOf<T>> {
    const packet = await this.any();
    assertEquals(packet.type, type);
    return packet as PacketOf<T>;
  }

  /** The answer to a QoS 1 message with that number. */
  async told(number: number): Promise<number> {
    await this.send(numbered(number));
    return (await this.next("puback")).reason;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

export function numbered(
  number: number,
  bytes: number = PAYLOAD_BYTES,
): Uint8Array {
  return publish({
    topic: "q/x",
    qos: 1,
    packetId: number,
    payload: `${number} `.padEnd(bytes, "."),
  });
}

/** A session for which messages wait, which is away. */
export async function leaveReader(port: number): Promise<void> {
  using reader = await Client.connected(port, {
    clientId: "reader",
    properties: KEPT,
  });
  await reader.send(subscribe(1, [{ filter: "q/#", qos: 1 }]));
  await reader.next("suback");
}

/** Publishes until it is told to stop, and knows what was promised to it. */
export class Flood implements AsyncDisposable {
  readonly promised: number[] = [];
  isOver = false;
  readonly #client: Client;
  #last = 0;
  #open = 0;
  readonly #work: Promise<void>;

  constructor(client: Client) {
    this.#client = client;
    this.#work = this.#run();
    // It may fail before anybody waits for it.
    this.#work.catch(() => {});
  }

  /** Resolves when each message is answered; then none is sent any more. */
  async done(): Promise<void> {
    this.isOver = true;
    await within(this.#work, "the answers to all that was published");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    return this.#work.catch(() => {});
  }

  async #run(): Promise<void> {
    for (;;) {
      while (!this.isOver && this.#open < WINDOW) {
        this.#open++;
        await this.#client.send(numbered(++this.#last));
      }
      if (this.#open === 0) return;
      const { packetId, reason } = await this.#client.next("puback");
      this.#open--;
      if (reason === 0) this.promised.push(packetId);
    }
  }
}

/** QoS 0, clean sessions: what needs no disk goes on. */
export async function assertServes(port: number): Promise<void> {
  using listener = await Client.connected(port, { clientId: "listener" });
  using talker = await Client.connected(port, { clientId: "talker" });
  await listener.send(subscribe(1, [{ filter: "live/#", qos: 1 }]));
  await listener.next("suback");
  for (let i = 0; i < 100; i++) {
    const qos = i % 2 === 0 ? 0 : 1;
    const payload = `${i}`;
    await talker.send(publish({ topic: "live/x", qos, packetId: 7, payload }));
    assertEquals((await listener.next("publish")).payload, payload);
    if (qos === 0) continue;
    assertEquals((await talker.next("puback")).reason, 0);
    await listener.send(puback(i));
  }
}

/** All that waits, by its numbers. */
export async function readAll(
  port: number,
  count: number,
): Promise<Set<number>> {
  const numbers = new Set<number>();
  using reader = await Client.connected(port, {
    clientId: "reader",
    cleanStart: false,
    properties: KEPT,
  });
  while (numbers.size < count) {
    const { packetId, payload } = await reader.next("publish");
    numbers.add(Number.parseInt(payload));
    await reader.send(puback(packetId));
  }
  return numbers;
}

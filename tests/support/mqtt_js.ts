/**
 * A client of MQTT.js against a broker process, and what has come to it:
 * messages as a program sees them, and packets as they were on the wire. What
 * it is told to do is in the tests.
 */

import mqtt, {
  type IClientOptions,
  type IConnackPacket,
  type MqttClient,
  type Packet,
} from "mqtt";
import { within } from "./deadline.ts";
import type { Qos } from "./wire.ts";

/** A message, without what only MQTT 5.0 has. */
export interface Arrival {
  topic: string;
  payload: string;
  qos: Qos;
  retain: boolean;
}

/** The same client as one script for browsers. */
export const BROWSER_SCRIPT: URL = new URL(
  "../dist/mqtt.min.js",
  import.meta.resolve("mqtt"),
);

type PacketOf<C> = Extract<Packet, { cmd: C }>;

/** A client that is connected, and what has arrived at it. */
export class Peer implements AsyncDisposable {
  readonly client: MqttClient;
  /** What the broker said when it let the client in. */
  connack: IConnackPacket | undefined;
  readonly #arrived: Arrival[] = [];
  readonly #packets: Packet[] = [];
  readonly #waiting: Set<() => void> = new Set<() => void>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, payload, { qos, retain }) => {
      this.#arrived.push({ topic, payload: payload.toString(), qos, retain });
      this.#look();
    });
    client.on("packetreceive", (packet) => {
      this.#packets.push(packet);
      this.#look();
    });
  }

  /** Waits until the broker has let it in. */
  static async connect(
    { port }: { readonly port: number },
    options: IClientOptions,
  ): Promise<Peer> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      reconnectPeriod: 0,
      ...options,
    });
    const peer = new Peer(client);
    const connected = new Promise<IConnackPacket>((resolve, reject) => {
      client.once("connect", resolve);
      client.once("error", reject);
    });
    const giveUp = () => void client.end(true);
    peer.connack = await within(connected, "MQTT.js to connect", giveUp);
    return peer;
  }

  /** So many messages, in the order in which they came. */
  async arrivals(count: number): Promise<Arrival[]> {
    const isEnough = () => this.#arrived.length >= count;
    await this.#until(isEnough, `${count} messages at MQTT.js`);
    return this.#arrived.splice(0, count);
  }

  /** The payloads of so many messages. */
  async payloads(count: number): Promise<string[]> {
    return (await this.arrivals(count)).map(({ payload }) => payload);
  }

  /** The first packet of a kind that was not asked for yet. */
  async packet<C extends Packet["cmd"]>(cmd: C): Promise<PacketOf<C>> {
    const find = () => this.#packets.findIndex((one) => one.cmd === cmd);
    await this.#until(() => find() >= 0, `${cmd} at MQTT.js`);
    return this.#packets.splice(find(), 1)[0] as PacketOf<C>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  /** Looks now and whenever something has come. */
  async #until(isSo: () => boolean, what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (isSo()) resolve();
    };
    this.#waiting.add(look);
    look();
    try {
      await within(promise, what);
    } finally {
      this.#waiting.delete(look);
    }
  }
}

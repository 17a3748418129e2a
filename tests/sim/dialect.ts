/**
 * The language of one connection in the simulated world, MQTT 3.1.1 or 5.0:
 * a client says what it means, a dialect makes bytes of it and says what came
 * in the words of 3.1.1. That of 5.0 uses what it may (topic aliases both
 * ways, a receive maximum, properties) and fails where the broker does not
 * keep to it.
 */

import * as old from "../support/wire.ts";
import type { PublishFields, Qos, ServerPacket } from "../support/wire.ts";
import {
  connect,
  decode,
  type Properties,
  publish,
  type PublishPacket,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import type { Random } from "../fuzz/random.ts";

/** A session that never ends: 5.0 section 3.1.2.11.2. */
const FOREVER_SECONDS = 0xffff_ffff;
/** Longer than any world lasts. */
const EXPIRY_SECONDS = 1_000_000;

export interface Dialect {
  connect(clientId: string, kind: "persistent" | "clean"): Uint8Array;
  publish(message: PublishFields): Uint8Array;
  subscribe(packetId: number, filter: string, qos: Qos): Uint8Array;
  unsubscribe(packetId: number, filter: string): Uint8Array;
  /** Reads what came; the DISCONNECT of a server is left out. */
  decode(bytes: Uint8Array): ServerPacket[];
  /** The client has acknowledged a message to its end. */
  settled(packetId: number): void;
}

export const MQTT_3_1_1: Dialect = {
  connect: (clientId, kind) =>
    old.connect({ clientId, cleanSession: kind === "clean" }),
  publish: old.publish,
  subscribe: (packetId, filter, qos) => old.subscribe(packetId, [filter, qos]),
  unsubscribe: old.unsubscribe,
  decode: old.decode,
  settled() {},
};

/** One connection of a client that speaks MQTT 5.0. */
export class Mqtt5 implements Dialect {
  readonly #random: Random;
  readonly #receiveMaximum: number;
  readonly #topicAliasMaximum: number;
  /** What the broker's aliases stand for. */
  readonly #received = new Map<number, string>();
  /** Our own, by topic. */
  readonly #sent = new Map<string, number>();
  #sentMaximum = 0;
  /** Messages above QoS 0 that came and are not settled. */
  readonly #open = new Set<number>();

  constructor(random: Random) {
    this.#random = random;
    this.#receiveMaximum = random.pick([1, 2, 10, 65_535]);
    this.#topicAliasMaximum = random.pick([0, 1, 5]);
  }

  connect(clientId: string, kind: "persistent" | "clean"): Uint8Array {
    const isPersistent = kind === "persistent";
    return connect({
      clientId,
      cleanStart: !isPersistent,
      properties: {
        sessionExpirySeconds: isPersistent ? FOREVER_SECONDS : 0,
        receiveMaximum: this.#receiveMaximum,
        topicAliasMaximum: this.#topicAliasMaximum,
      },
    });
  }

  publish(message: PublishFields): Uint8Array {
    const topic = String(message.topic);
    const properties: Properties = {};
    if (this.#random.chance(30)) {
      properties.contentType = String(message.payload).slice(0, 5);
    }
    // What is retained with an expiry would be due at the world's end.
    if (!message.retain && this.#random.chance(30)) {
      properties.messageExpirySeconds = EXPIRY_SECONDS;
    }
    const alias = this.#sent.get(topic);
    if (alias !== undefined) {
      properties.topicAlias = alias;
      return publish({ ...message, topic: "", properties });
    }
    if (this.#sent.size < this.#sentMaximum && this.#random.chance(30)) {
      properties.topicAlias = this.#sent.size + 1;
      this.#sent.set(topic, properties.topicAlias);
    }
    return publish({ ...message, properties });
  }

  subscribe(packetId: number, filter: string, qos: Qos): Uint8Array {
    const hasId = this.#random.chance(30);
    const properties = hasId ? { subscriptionIds: [packetId] } : {};
    return subscribe(packetId, [{ filter, qos }], properties);
  }

  unsubscribe(packetId: number, filter: string): Uint8Array {
    return unsubscribe(packetId, [filter]);
  }

  decode(bytes: Uint8Array): ServerPacket[] {
    return decode(bytes).flatMap((packet): ServerPacket[] => {
      const { type } = packet;
      switch (type) {
        case "connack": {
          const { flags, reason, properties } = packet;
          this.#sentMaximum = properties.topicAliasMaximum ?? 0;
          return [{ type, flags, returnCode: reason }];
        }
        case "publish":
          return [this.#takePublish(packet)];
        case "suback": {
          const { packetId, reasons } = packet;
          return [{ type, packetId, returnCodes: reasons }];
        }
        case "pingresp":
          return [packet];
        case "disconnect":
        case "auth":
          return [];
        default:
          return [{ type, packetId: packet.packetId }];
      }
    });
  }

  settled(packetId: number): void {
    this.#open.delete(packetId);
  }

  #takePublish(packet: PublishPacket): old.PublishPacket {
    const { properties, ...message } = packet;
    const { contentType, messageExpirySeconds = 0 } = properties;
    const isWhole = contentType === undefined ||
      message.payload.startsWith(String(contentType));
    if (!isWhole) throw new Error(`${contentType} came with another payload`);
    if (messageExpirySeconds > EXPIRY_SECONDS) {
      throw new Error(`an expiry of ${messageExpirySeconds} seconds`);
    }
    if (message.qos > 0) {
      this.#open.add(message.packetId);
      if (this.#open.size > this.#receiveMaximum) {
        throw new Error(`${this.#open.size} messages are in flight`);
      }
    }
    return { ...message, topic: this.#topicOf(packet) };
  }

  #topicOf({ topic, properties: { topicAlias } }: PublishPacket): string {
    if (topicAlias === undefined) return topic;
    if (topicAlias > this.#topicAliasMaximum) {
      throw new Error(`topic alias ${topicAlias}`);
    }
    if (topic !== "") this.#received.set(topicAlias, topic);
    const known = this.#received.get(topicAlias);
    if (known === undefined) throw new Error(`no topic for ${topicAlias}`);
    return known;
  }
}

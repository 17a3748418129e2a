/**
 * A client of MQTT 5.0 that does one random thing at a time, mostly allowed
 * ones, and looks at all that it gets: aliases that it knows, packet ids that
 * are free, no more in flight and nothing larger than it takes. Which message
 * should have come it does not know: that is the matter of `tests/sim`.
 */

import { assert } from "../support/std_assert.ts";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  connect,
  decode,
  disconnect,
  join,
  type Properties,
  puback,
  pubcomp,
  publish,
  type PublishPacket,
  pubrec,
  pubrel,
  type Qos,
  type ServerPacket,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import { measure } from "../support/wire_reader.ts";
import type { Random } from "./random.ts";

const TOPICS = ["a", "a/b", "a/c", "b", "$x/a"];

const FILTERS = [
  ["a", "a/#", "+", "#", "a/+", "b"],
  ["$share/g/a", "$share/g/a/#", "$share/h/#", "$share/g/+"],
].flat();

const LEVELS: readonly Qos[] = [0, 1, 2];
/** No packet here is as large. */
const ANY_SIZE = 0xffff_ffff;
const REFUSED = 0x80;

/** What is due for a message that came. */
type Due = "puback" | "pubrec" | "pubcomp";

export class Walker {
  readonly client: TestClient;
  #isGone = false;
  readonly #random: Random;
  readonly #receiveMaximum: number;
  readonly #topicAliasMaximum: number;
  readonly #maximumPacketSize: number;
  readonly #aliases = new Map<number, string>();
  readonly #open = new Map<number, Due>();
  /** Acknowledgements of what did not come may make room all the same. */
  #wild = 0;

  /** Connects, under one of few client ids. */
  constructor(broker: TestBroker, random: Random) {
    this.#random = random;
    this.#receiveMaximum = random.pick([1, 2, 5, 65_535]);
    this.#topicAliasMaximum = random.pick([0, 1, 3, 100]);
    this.#maximumPacketSize = random.pick([60, 120, ANY_SIZE]);
    const properties: Properties = {
      sessionExpirySeconds: random.pick([0, 1, 5, 100, 0xffff_ffff]),
      receiveMaximum: this.#receiveMaximum,
      topicAliasMaximum: this.#topicAliasMaximum,
      maximumPacketSize: this.#maximumPacketSize,
      requestProblemInformation: random.below(2),
    };
    this.client = broker.open();
    this.client.send(connect({
      clientId: random.pick(["v", "w", "x", "y", "z"]),
      cleanStart: random.chance(40),
      keepAliveS: random.pick([0, 0, 3]),
      properties,
      ...(random.chance(40) ? { will: randomWill(random) } : {}),
    }));
  }

  /** Does one thing. */
  act(): void {
    const random = this.#random;
    const { client } = this;
    const roll = random.below(100);
    if (roll < 35) client.send(randomPublish(random));
    else if (roll < 50) client.send(randomSubscribe(random));
    else if (roll < 56) client.send(unsubscribe(3, [random.pick(FILTERS)]));
    else if (roll < 90) this.#acknowledge();
    else if (roll < 95) client.send(pubrel(random.between(1, 12)));
    else if (roll < 98) {
      client.drop();
      this.#isGone = true;
    } else client.send(randomDisconnect(random));
  }

  /** Whether its connection has ended. */
  get isGone(): boolean {
    return this.#isGone || this.client.closed;
  }

  /** Reads what came and finds fault with it. */
  check(): void {
    const bytes = this.client.bytes();
    this.#checkSizes(bytes);
    for (const packet of decode(bytes)) this.#checkPacket(packet);
  }

  #acknowledge(): void {
    const random = this.#random;
    const { client } = this;
    const isWild = this.#open.size === 0 || random.chance(10);
    const packetId = isWild
      ? random.between(1, 12)
      : random.pick([...this.#open.keys()]);
    const due = this.#open.get(packetId);
    if (due === undefined) {
      this.#wild++;
      const acknowledge = random.pick([puback, pubrec, pubcomp]);
      return client.send(acknowledge(packetId));
    }
    const reason = random.chance(15) ? REFUSED : 0;
    if (due === "pubrec") {
      if (reason === REFUSED) this.#open.delete(packetId);
      else this.#open.set(packetId, "pubcomp");
      return client.send(pubrec(packetId, reason));
    }
    this.#open.delete(packetId);
    client.send(
      due === "puback" ? puback(packetId, reason) : pubcomp(packetId),
    );
  }

  #checkPacket(packet: ServerPacket): void {
    if (packet.type === "publish") this.#checkPublish(packet);
    if (packet.type !== "disconnect") return;
    assert(packet.reason !== 0x80, this.client.closeReason);
  }

  #checkPublish(packet: PublishPacket): void {
    const topic = this.#topicOf(packet);
    const { payload, qos, packetId } = packet;
    const isRight = payload === "" || payload.startsWith(`${topic}|`);
    assert(isRight, `${payload} has the topic ${topic}`);
    if (qos === 0) return;
    assert(!this.#open.has(packetId), `packet id ${packetId} is in use`);
    this.#open.set(packetId, qos === 1 ? "puback" : "pubrec");
    const most = this.#receiveMaximum + this.#wild;
    assert(this.#open.size <= most, `more than ${most} in flight`);
  }

  #topicOf({ topic, properties }: PublishPacket): string {
    const alias = properties.topicAlias;
    if (alias === undefined) return topic;
    assert(alias <= this.#topicAliasMaximum, `alias ${alias}`);
    if (topic !== "") this.#aliases.set(alias, topic);
    const known = this.#aliases.get(alias);
    assert(known !== undefined, `alias ${alias} is unknown`);
    return known;
  }

  #checkSizes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const { end } = measure(bytes, at);
      const size = end - at;
      const type = bytes[at]! >> 4;
      assert(size <= this.#maximumPacketSize, `type ${type}, ${size} bytes`);
      at = end;
    }
  }
}

function randomProperties(random: Random): Properties {
  return {
    ...(random.chance(30) ? { messageExpirySeconds: random.below(4) } : {}),
    ...(random.chance(20) ? { payloadFormat: random.below(2) } : {}),
    ...(random.chance(20) ? { contentType: "t".repeat(random.below(30)) } : {}),
    ...(random.chance(20) ? { correlationData: random.bytes(2) } : {}),
    ...(random.chance(20)
      ? { userProperties: [["b", "2"], ["a", "1"]] as const }
      : {}),
  };
}

function randomWill(random: Random) {
  const topic = random.pick(TOPICS);
  return {
    topic,
    payload: `${topic}|will`,
    qos: random.pick(LEVELS),
    retain: random.chance(30),
    properties: {
      willDelaySeconds: random.pick([0, 0, 1, 5, 100]),
      ...randomProperties(random),
    },
  };
}

/** The payload begins with the topic, so that a receiver can compare. */
function randomPublish(random: Random): Uint8Array {
  const topic = random.pick(TOPICS);
  const qos = random.pick(LEVELS);
  const properties = randomProperties(random);
  return publish({
    topic,
    payload: random.chance(10)
      ? ""
      : `${topic}|${"x".repeat(random.below(40))}`,
    qos,
    retain: random.chance(20),
    dup: qos > 0 && random.chance(20),
    packetId: random.between(1, 12),
    properties: random.chance(20)
      ? { ...properties, topicAlias: random.between(1, 3) }
      : properties,
  });
}

function randomSubscribe(random: Random): Uint8Array {
  const subscriptions = random.list(1, 3, () => {
    const filter = random.pick(FILTERS);
    return {
      filter,
      qos: random.pick(LEVELS),
      noLocal: !filter.startsWith("$share") && random.chance(30),
      retainAsPublished: random.chance(30),
      retainHandling: random.below(3),
    };
  });
  const id = random.between(1, 300);
  const properties = random.chance(30) ? { subscriptionIds: [id] } : {};
  return subscribe(random.between(1, 9), subscriptions, properties);
}

function randomDisconnect(random: Random): Uint8Array {
  const sessionExpirySeconds = random.below(6);
  return random.pick([
    disconnect(),
    disconnect(4),
    disconnect(0, { sessionExpirySeconds }),
  ]);
}

/** A stream of packets, one byte of which may be wrong. */
export function nonsense5(random: Random): Uint8Array {
  const bytes = join(
    connect({
      clientId: random.pick(["x", "y"]),
      will: { topic: "a", properties: { willDelaySeconds: 1 } },
      properties: { topicAliasMaximum: 3, sessionExpirySeconds: 9 },
    }),
    subscribe(1, [{ filter: "#", qos: 2 }], { subscriptionIds: [7] }),
    ...random.list(1, 5, () =>
      publish({
        topic: random.pick(TOPICS),
        qos: random.pick([0, 1, 2]),
        properties: {
          topicAlias: random.between(1, 3),
          responseTopic: "b",
          userProperties: [["a", "b"]],
        },
      })),
  );
  if (random.chance(80)) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

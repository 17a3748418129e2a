/**
 * What hostile or broken clients say to a pure broker, and what has to hold
 * whatever they say: its state is whole, it makes no error of its own, what
 * it sends are packets, and a client that behaves is served.
 */

import { assert, assertEquals } from "../support/std_assert.ts";
import type { TestBroker, TestClient } from "../support/test_broker.ts";
import {
  connect,
  type ConnectFields,
  decode,
  disconnect,
  frame,
  join,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import { decode as decode5 } from "../support/wire5_server.ts";
import { ALL_FRAMES } from "../codec/fixtures.ts";
import type { Random } from "./random.ts";

/** Small enough to be met. */
export const RIOT_LIMITS = {
  packetBytesMax: 5000,
  connectPacketBytesMax: 1000,
  partialBytesMax: 65_536,
  inflightOutMax: 3,
  inflightInMax: 20,
  backlogMessagesMax: 20,
  retainedMax: 20,
  retainedPendingMax: 50,
  subscriptionsMax: 10,
  routeCacheMax: 64,
  writeQueueHighBytes: 4096,
  writeQueueBytesMax: 65_536,
};

const TOPICS = ["a", "a/b", "$x", "", "#", "a/+", "ä", "x".repeat(200)];

function connectFields(random: Random): ConnectFields {
  return {
    level: random.pick([3, 4, 4, 4]),
    clientId: random.pick(["", "x", "y", "z"]),
    cleanSession: random.chance(50),
    keepAliveS: random.below(3),
    ...(random.chance(30)
      ? {
        will: {
          topic: random.pick(TOPICS),
          payload: random.bytes(3),
          qos: random.pick([0, 1, 2] as const),
          retain: random.chance(50),
        },
      }
      : {}),
  };
}

/** A packet that is right, or nearly. */
function packet(random: Random): Uint8Array {
  const id = random.pick([1, 1, 2, 3, 65_535]);
  const topic = () => random.pick(TOPICS);
  const qos = random.pick([0, 1, 2] as const);
  switch (random.below(12)) {
    case 0:
      return subscribe(id, [topic(), qos]);
    case 1:
      return unsubscribe(id, topic(), topic());
    case 2:
      return puback(id);
    case 3:
      return pubrec(id);
    case 4:
      return pubrel(id);
    case 5:
      return pubcomp(id);
    case 6:
      return pingreq();
    case 7:
      return random.chance(10) ? disconnect() : pingreq();
    case 8:
      return frame(random.pick([0x30, 0x82, 0x32]), random.bytes(9));
    default:
      return publish({
        topic: topic(),
        qos,
        packetId: id,
        retain: random.chance(30),
        payload: random.bytes(random.pick([0, 3, 3, 600])),
      });
  }
}

/** What a hostile or broken client may send. */
export function nonsense(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  if (random.chance(90)) parts.push(connect(connectFields(random)));
  parts.push(...random.list(0, 8, () => packet(random)));
  if (random.chance(30)) parts.push(random.bytes(random.below(40)));
  if (random.chance(20)) parts.push(random.pick(ALL_FRAMES));
  const bytes = join(...parts);
  if (random.chance(30) && bytes.length > 0) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

/** A client that behaves, on topics of its own. */
export class Witness {
  readonly #client: TestClient;

  constructor(broker: TestBroker) {
    this.#client = broker.open();
    const filter = ["witness/#", 1] as const;
    this.#client.send(
      join(connect({ clientId: "witness" }), subscribe(1, filter)),
    );
    assertEquals(decode(this.#client.bytes()).length, 2);
  }

  check(): void {
    const client = this.#client;
    assert(!client.closed, `the witness was closed: ${client.closeReason}`);
    client.send(publish({ topic: "witness/a", qos: 1, payload: "!" }));
    const packets = decode(client.bytes());
    assertEquals(packets.map(({ type }) => type), ["publish", "puback"]);
    const [first] = packets;
    if (first?.type === "publish") client.send(puback(first.packetId));
  }
}

/** Fails when something in the broker is not as it should be. */
export function checkWhole(broker: TestBroker): void {
  broker.checkInvariants();
  const fault = broker.logs.find(({ event }) => event === "internal_error");
  assertEquals(fault?.fields["stack"], undefined);
  assertEquals(broker.core.counters.internalErrors, 0);
}

/** Fails when the broker sends what is no packet of the client's version. */
export function readAny(client: TestClient): void {
  const level = client.connection?.level ?? 0;
  const decodes = level >= 5 ? decode5 : decode;
  decodes(client.bytes());
}

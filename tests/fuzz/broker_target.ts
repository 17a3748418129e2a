/**
 * A whole pure broker and four clients that say anything in any order, as
 * bytes: what has to hold is in `riot.ts`.
 *
 * The input is a list of records: a byte that says who does what, a byte for
 * how much, and, where something is sent, so many bytes.
 */

import { TestBroker, type TestClient } from "../support/test_broker.ts";
import { assertEquals } from "../support/std_assert.ts";
import { join } from "../support/wire.ts";
import type { Target } from "./fuzzer.ts";
import { mutate } from "./mutate.ts";
import { pieces, type Random } from "./random.ts";
import { checkWhole, nonsense, readAny, RIOT_LIMITS, Witness } from "./riot.ts";
import { nonsense5 } from "./walker5.ts";

const CLIENTS = 4;
const RECORD_BYTES_MAX = 255;
/** How long the unit of a record that waits is. */
const STEP_MS = 50;

const DROP = 0;
const WAIT = 1;
const STOP_READING = 2;
const GO_ON_READING = 3;
const SEND = 4;
/** All beyond it sends too, so that a random byte mostly does. */
const ACTIONS = 8;

export const BROKER_TARGET: Target = {
  name: "broker",
  make(random) {
    const talks = random.list(1, CLIENTS, () => talk(random));
    const records: Uint8Array[] = [];
    while (talks.length > 0) {
      const [client, next] = random.pick([...talks.entries()]);
      const part = next.shift();
      if (part === undefined) talks.splice(client, 1);
      else records.push(record(client, SEND, part.length, part));
      if (random.chance(10)) {
        const action = random.below(SEND);
        records.push(record(client, action, random.below(256)));
      }
    }
    return mutate(random, join(...records), records);
  },
  run(input) {
    const broker = new TestBroker(RIOT_LIMITS);
    const witness = new Witness(broker);
    const clients: TestClient[] = [];
    for (let at = 0; at < input.length;) {
      const [who, size = 0] = input.subarray(at, at += 2);
      const index = who! % CLIENTS;
      const action = Math.min(who! >> 2 & ACTIONS - 1, SEND);
      const bytes = input.subarray(at, at + (action === SEND ? size : 0));
      at += bytes.length;
      if (clients[index]?.closed ?? true) clients[index] = broker.open();
      act(broker, clients, index, action, size, bytes);
      checkWhole(broker);
    }
    witness.check();
    for (const client of clients) client?.drop();
    broker.advance(60_000);
    checkWhole(broker);
    witness.check();
    assertEquals(broker.core.connections.size, 1);
    assertEquals(broker.core.partialBytes, 0);
  },
};

function act(
  broker: TestBroker,
  clients: TestClient[],
  index: number,
  action: number,
  size: number,
  bytes: Uint8Array,
): void {
  const client = clients[index]!;
  if (action === WAIT) return broker.advance(size * STEP_MS);
  if (action === DROP) {
    client.drop();
    clients[index] = broker.open();
    return;
  }
  if (action === STOP_READING) client.reading = false;
  if (action === GO_ON_READING) {
    client.reading = true;
    client.flush();
    broker.core.endTurn();
  }
  if (action >= SEND) client.send(bytes);
  if (client.reading) readAny(client);
}

/** What one client has to say, in parts that fit a record. */
function talk(random: Random): Uint8Array[] {
  const bytes = random.chance(50) ? nonsense(random) : nonsense5(random);
  return pieces(random, bytes).flatMap((piece) => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < piece.length; at += RECORD_BYTES_MAX) {
      parts.push(piece.subarray(at, at + RECORD_BYTES_MAX));
    }
    return parts;
  });
}

function record(
  client: number,
  action: number,
  size: number,
  bytes: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return join(client | action << 2, size, bytes);
}

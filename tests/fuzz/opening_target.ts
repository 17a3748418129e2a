/**
 * The first bytes at every kind of door, with what comes behind them, under
 * bytes that are nearly right: however they are cut, the same comes of them,
 * and nothing is left of a client that is gone.
 */

import {
  DOOR_NAMES,
  type DoorName,
  HELLO,
  OpeningPeer,
} from "../support/opening_peer.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { upgradeRequest } from "../support/web_socket.ts";
import { withDriver } from "../support/web_socket_peer.ts";
import { connect, join, pingreq } from "../support/wire.ts";
import { HEADERS } from "./doors_target.ts";
import type { Target } from "./fuzzer.ts";
import { mutate } from "./mutate.ts";
import { pieces, Random } from "./random.ts";

const SPEECHES: readonly Uint8Array[] = [
  join(connect({ clientId: "a" }), pingreq()),
  connect({ level: 3, clientId: "b" }),
  upgradeRequest(),
  HELLO,
];

/** What has come of some bytes. */
interface Outcome {
  address: string;
  handshakes: number;
  phase: string;
  reason: string;
  received: Uint8Array;
}

export const OPENING_TARGET: Target = {
  name: "opening at a broker",
  make(random) {
    const bytes = join(
      ...random.chance(60) ? [random.pick(HEADERS)] : [],
      ...random.chance(50) ? [HELLO] : [],
      random.pick(SPEECHES),
    );
    const door = random.below(DOOR_NAMES.length);
    return join(door, mutate(random, bytes, [...HEADERS, ...SPEECHES]));
  },
  run(input) {
    const door = DOOR_NAMES[(input[0] ?? 0) % DOOR_NAMES.length]!;
    const bytes = input.subarray(1);
    const wanted = outcomeOf(door, [bytes]);
    const cut = pieces(new Random(bytes.length), bytes);
    assertEquals(outcomeOf(door, cut), wanted);
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assertEquals(outcomeOf(door, single), wanted);
  },
};

function outcomeOf(door: DoorName, parts: readonly Uint8Array[]): Outcome {
  let outcome: Outcome | undefined;
  withDriver((driver, broker) => {
    const peer = new OpeningPeer(driver, door);
    for (const part of parts) {
      peer.send(part);
      broker.checkInvariants();
    }
    const { address, connection, handshakes, received } = peer;
    const { phase, closeReason: reason } = connection;
    outcome = { address, handshakes, phase, reason, received };
    driver.closed(connection, "it is over");
    assertEquals(broker.core.counters.internalErrors, 0);
    assertEquals(peer.door.connections, 0);
    assertEquals(broker.core.connections.size, 0);
    assertEquals(broker.core.pool.queuedBytes, 0);
  });
  assert(outcome !== undefined);
  return outcome;
}

/**
 * Raw bytes at a broker process over real sockets, many connections at a
 * time, cut off anywhere: a client that behaves is served all the while, the
 * broker makes no error of its own, and its memory stays where it was.
 */

import { assert, assertEquals } from "@std/assert";
import { PATIENCE_MS, within } from "../support/deadline.ts";
import { testBroker } from "../support/e2e.ts";
import type { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { puback, publish, subscribe } from "../support/wire.ts";
import { ascii } from "../net/proxy_wire.ts";
import { ASKED } from "./fuzzer.ts";
import { pieces, Random } from "./random.ts";
import { nonsense } from "./riot.ts";
import { nonsense5 } from "./walker5.ts";

const CONNECTIONS = 12;
const MILLISECONDS_LEAST = 1500;
/** After so many rounds a broker has what it needs. */
const WARM_ROUNDS = 10;
const ROUNDS_LEAST = 20;
const GROWTH_BYTES_MAX = 128 << 20;

/** What others say at a door for MQTT, and what takes much to say. */
const OTHERS: readonly Uint8Array[] = [
  ascii("GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
  ascii("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
  ascii("PROXY TCP4 192.0.2.7 198.51.100.1 4660 1883\r\n"),
  ascii("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"),
  ascii("\x10\xff\xff\x03\0\x04MQTT\x04\x02"),
  new Uint8Array(1 << 20).fill(0x30),
];

function speech(random: Random): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return random.bytes(random.between(1, 500));
    case 1:
      return random.pick(OTHERS);
    case 2:
      return nonsense5(random);
    default:
      return nonsense(random);
  }
}

/** One connection, which the broker or this side ends. */
async function shout(port: number, random: Random): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(4096);
  try {
    const bytes = speech(random);
    const parts = random.chance(50) ? [bytes] : pieces(random, bytes);
    for (const part of parts.slice(0, 50)) {
      for (let at = 0; at < part.length;) {
        at += await connection.write(part.subarray(at));
      }
    }
    if (random.chance(30)) return;
    await connection.closeWrite();
    // Some leave in the middle of the answer.
    const least = random.chance(30) ? 1 : Infinity;
    for (let length = 0; length < least;) {
      const count = await connection.read(buffer);
      if (count === null) return;
      length += count;
    }
  } catch (error) {
    // Whoever talks nonsense is hung up on, in the middle of a word too.
    assert(error instanceof Error && isHangUp(error), String(error));
  }
}

function isHangUp(error: Error): boolean {
  const names = ["ConnectionReset", "BrokenPipe", "NotConnected"];
  return names.includes(error.name);
}

async function checkServed(witness: RawClient): Promise<void> {
  await witness.send(publish({ topic: "witness/a", qos: 1, payload: "!" }));
  const message = await witness.packet("publish");
  assertEquals(message.payload, "!");
  await witness.packet("puback");
  await witness.send(puback(message.packetId));
}

async function riot(broker: BrokerProcess): Promise<void> {
  using witness = await RawClient.connected(broker.port, {
    clientId: "witness",
  });
  await witness.send(subscribe(1, ["witness/#", 1]));
  await witness.packet("suback");
  const lastMs = Math.max(ASKED.milliseconds, MILLISECONDS_LEAST);
  const untilMs = performance.now() + lastMs;
  let warmBytes = Infinity;
  let seed = ASKED.seed;
  const isLong = (round: number) =>
    round >= ROUNDS_LEAST && performance.now() >= untilMs;
  for (let round = 0; !isLong(round); round++) {
    const from = seed;
    const all = Array.from(
      { length: CONNECTIONS },
      () => shout(broker.port, new Random(seed++)),
    );
    const what = `seeds ${from} to ${seed - 1}`;
    await within(Promise.all(all), what, undefined, PATIENCE_MS);
    await checkServed(witness);
    if (round === WARM_ROUNDS) warmBytes = await broker.residentBytes();
  }
  const grownBytes = await broker.residentBytes() - warmBytes;
  assert(grownBytes < GROWTH_BYTES_MAX, `${grownBytes} bytes more`);
  const fault = broker.log.find(({ event }) => event === "internal_error");
  assertEquals(fault, undefined);
}

testBroker("any bytes from anyone, and others notice nothing", riot);

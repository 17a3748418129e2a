/**
 * The framer: boundaries of the remaining length, limits, memory, and that
 * every split of a stream gives the same frames. Runs under Deno and Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { Framer } from "../../src/codec/framer.ts";
import { FIRST_BYTE_VALID_3_1 } from "../../src/codec/packet_type.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";
import {
  MALFORMED_PACKET,
  PACKET_TOO_LARGE,
} from "../../src/codec/reason_code.ts";
import {
  REMAINING_LENGTH_MAX,
  remainingLengthBytes,
  writeRemainingLength,
} from "../../src/codec/remaining_length.ts";
import { forSeeds, pieces, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";
import { frame, join } from "../support/wire.ts";
import { ALL_FRAMES } from "./fixtures.ts";

/** Values on both sides of where another byte is needed: table 2.4. */
const BOUNDARIES: readonly (readonly [value: number, bytes: number[]])[] = [
  [0, [0x00]],
  [1, [0x01]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  [268_435_455, [0xff, 0xff, 0xff, 0x7f]],
];

const PUBLISH = 0x30;

/** Feeds one chunk; gives copies of the frames that were found. */
function feed(framer: Framer, chunk: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const lent = chunk.slice();
  framer.feed(lent, lent.length);
  while (framer.next()) {
    assert(framer.start < framer.body && framer.body <= framer.end);
    frames.push(framer.bytes.slice(framer.start, framer.end));
  }
  // The chunk was only lent: what the framer keeps must be its own.
  lent.fill(0xee);
  return frames;
}

function feedAll(framer: Framer, chunks: readonly Uint8Array[]): Uint8Array[] {
  return chunks.flatMap((chunk) => feed(framer, chunk));
}

function expectEqual(
  got: readonly Uint8Array[],
  wanted: readonly Uint8Array[],
): void {
  assertEquals(got.length, wanted.length);
  for (const [i, bytes] of wanted.entries()) assertEquals(got[i], bytes);
}

test("the remaining length is written in as few bytes as it needs", () => {
  for (const [value, bytes] of BOUNDARIES) {
    const out = new Uint8Array(6);
    assertEquals(writeRemainingLength(out, 1, value), 1 + bytes.length);
    assertEquals([...out], [
      0,
      ...bytes,
      ...new Array(5 - bytes.length).fill(0),
    ]);
    assertEquals(remainingLengthBytes(value), bytes.length);
  }
  assertEquals(BOUNDARIES.at(-1)![0], REMAINING_LENGTH_MAX);
});

test("a packet at each boundary is found, whole and in pieces", () => {
  for (const [value, bytes] of BOUNDARIES) {
    if (value > 3_000_000) continue;
    const packet = new Uint8Array(1 + bytes.length + value);
    packet.set([PUBLISH, ...bytes]);
    for (const first of [1, 2, 1 + bytes.length, packet.length - 1]) {
      const framer = new Framer(packet.length);
      const at = Math.min(first, packet.length);
      const parts = [packet.subarray(0, at), packet.subarray(at)];
      expectEqual(feedAll(framer, parts), [packet]);
      assertEquals(framer.keptCapacity, 0);
    }
    expectEqual(feed(new Framer(packet.length), packet), [packet]);
  }
});

test("a packet may have as many bytes as the limit, and no more", () => {
  const packet = frame(PUBLISH, new Uint8Array(300));
  expectEqual(feed(new Framer(packet.length), packet), [packet]);
  for (const cut of [packet.length, 3, 2]) {
    const parts = [packet.subarray(0, cut), packet.subarray(cut)];
    const fault = assertThrows(
      () => feedAll(new Framer(packet.length - 1), parts),
      ProtocolError,
      "above the limit of 302",
    );
    assertEquals(fault.reason, PACKET_TOO_LARGE);
  }
});

test("the largest packet is refused by its header alone", () => {
  const head = Uint8Array.of(PUBLISH, 0xff, 0xff, 0xff, 0x7f);
  for (let cut = 0; cut < head.length; cut++) {
    const framer = new Framer(10 << 20);
    const parts = [head.subarray(0, cut), head.subarray(cut)];
    const fault = assertThrows(() => feedAll(framer, parts), ProtocolError);
    assertEquals(fault.reason, PACKET_TOO_LARGE);
  }
});

/** Remaining lengths that no packet has. */
const ILL_FORMED: readonly (readonly number[])[] = [
  [0x80, 0x80, 0x80, 0x80],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x80],
  [0x80, 0x00],
  [0xff, 0x80, 0x00],
  [0x80, 0x80, 0x80, 0x00],
];

test("a remaining length that is too long is refused at every split", () => {
  for (const bytes of ILL_FORMED) {
    const packet = join(PUBLISH, bytes);
    for (let cut = 0; cut <= packet.length; cut++) {
      const parts = [packet.subarray(0, cut), packet.subarray(cut)];
      const fault = assertThrows(
        () => feedAll(new Framer(1000), parts),
        ProtocolError,
        "remaining length",
      );
      assertEquals(fault.reason, MALFORMED_PACKET);
    }
  }
});

test("an invalid first byte is refused before more has come", () => {
  for (const byte of [0x00, 0x36, 0x38, 0x60, 0x80, 0xf0]) {
    const framer = new Framer(1000);
    const refuse = () => feed(framer, Uint8Array.of(byte));
    assertThrows(refuse, ProtocolError, "in its first byte");
  }
});

test("MQTT 3.1 may repeat with DUP what 3.1.1 may not", () => {
  const framer = new Framer(1000);
  framer.firstBytes = FIRST_BYTE_VALID_3_1;
  const repeated = Uint8Array.of(0x6a, 2, 0, 1);
  expectEqual(feed(framer, repeated), [repeated]);
  assertThrows(() => feed(new Framer(1000), repeated), ProtocolError);
});

test("a chunk has to be taken whole before the next", () => {
  const framer = new Framer(1000);
  const chunk = Uint8Array.of(0xc0, 0, 0xc0, 0);
  framer.feed(chunk, chunk.length);
  framer.next();
  assertThrows(() => framer.feed(chunk, chunk.length), InternalError);
});

test("an announced packet costs nothing before its bytes come", () => {
  const framer = new Framer(256 << 20);
  const head = Uint8Array.of(PUBLISH, 0x80, 0x80, 0x80, 0x64);
  feed(framer, head);
  assertEquals(framer.missingBytes, 100 * 2_097_152);
  assert(framer.keptCapacity < 1000);
  for (let i = 0; i < 100; i++) feed(framer, new Uint8Array(1000));
  assertEquals(framer.keptBytes, 100_005);
  assert(framer.keptCapacity <= 2 * 100_005 + 64);
  framer.reset();
  assertEquals([framer.keptBytes, framer.keptCapacity], [0, 0]);
});

test("the rest of a chunk can be taken as it is", () => {
  const framer = new Framer(1000);
  const ping = Uint8Array.of(0xc0, 0);
  const chunk = join(ping, [1, 2, 3]);
  for (const parts of [[chunk], [chunk.subarray(0, 1), chunk.subarray(1)]]) {
    for (const part of parts.slice(0, -1)) feed(framer, part);
    const last = parts.at(-1)!;
    framer.feed(last, last.length);
    assert(framer.next());
    assertEquals(framer.takeRest(), Uint8Array.of(1, 2, 3));
    expectEqual(feed(framer, ping), [ping]);
  }
});

test("each fixture whole, byte by byte and cut at every point", () => {
  for (const packet of ALL_FRAMES) {
    expectEqual(feed(new Framer(1000), packet), [packet]);
    const bytes = Array.from(packet, (byte) => Uint8Array.of(byte));
    expectEqual(feedAll(new Framer(1000), bytes), [packet]);
    for (let cut = 1; cut < packet.length; cut++) {
      const framer = new Framer(1000);
      expectEqual(feed(framer, packet.subarray(0, cut)), []);
      assertEquals(framer.keptBytes, cut);
      expectEqual(feed(framer, packet.subarray(cut)), [packet]);
    }
  }
});

function randomFrame(random: Random): Uint8Array {
  const size = random.pick([0, 1, 5, 126, 127, 128, 129, 1000, 16_383, 16_384]);
  return random.chance(30)
    ? random.pick(ALL_FRAMES)
    : frame(random.pick([0x30, 0x32, 0x3d, 0x10, 0x82]), random.bytes(size));
}

test("every split of a stream gives the same frames", () => {
  forSeeds(300, (random) => {
    const frames = random.list(1, 8, () => randomFrame(random));
    const stream = join(...frames);
    const cut = random.between(0, stream.length);
    const framer = new Framer(20_000);
    expectEqual(feedAll(framer, pieces(random, stream)), frames);
    assertEquals([framer.keptBytes, framer.keptCapacity], [0, 0]);
    // A prefix gives those frames that are whole in it.
    const early = feedAll(framer, pieces(random, stream.subarray(0, cut)));
    expectEqual(early, frames.slice(0, early.length));
    expectEqual(
      [...early, ...feedAll(framer, pieces(random, stream.subarray(cut)))],
      frames,
    );
  });
});

test("random bytes are frames or a ProtocolError, however they come", () => {
  forSeeds(2000, (random) => {
    const bytes = random.bytes(random.between(1, 60));
    const outcomes = [[bytes], pieces(random, bytes)].map((chunks) => {
      const framer = new Framer(random.pick([64, 64]));
      const frames: Uint8Array[] = [];
      try {
        for (const chunk of chunks) {
          framer.feed(chunk, chunk.length);
          while (framer.next()) {
            frames.push(framer.bytes.slice(framer.start, framer.end));
          }
        }
        return { frames, end: framer.keptBytes };
      } catch (error) {
        assert(error instanceof ProtocolError, String(error));
        return { frames, end: error.message };
      }
    });
    assertEquals(outcomes[0], outcomes[1]);
  });
});

/** A PUBLISH of a first byte, a head and a payload. */
function publishOf(head: readonly number[], payload: number): Uint8Array {
  return frame(PUBLISH, head, [payload, payload, payload]);
}

test("a frame that begins like the last one is found at once", () => {
  forSeeds(300, (random) => {
    const head = [...random.bytes(random.pick([3, 12, 23, 24, 25, 60, 130]))];
    const other = head.slice();
    other[random.below(head.length)]! ^= 1 << random.below(8);
    const [one, two, three] = [1, 2, 3].map((n) => publishOf(head, n));
    const length = one!.length - 3;
    const framer = new Framer(1024);
    const expect = (chunk: Uint8Array, isAlike: boolean) => {
      framer.feed(chunk, chunk.length);
      assert(framer.next());
      const { body } = framer;
      assertEquals(framer.nextAlike(length), isAlike);
      const at = isAlike ? one!.length : 0;
      assertEquals([framer.start, framer.body], [at, at + body]);
      assertEquals(framer.end, at + one!.length);
      while (framer.next());
      framer.reset();
    };
    expect(join(one!, two!, three!), true);
    expect(join(one!, publishOf(other, 2), three!), false);
    expect(join(one!, publishOf([...head, 0], 2), three!), false);
    expect(join(one!, two!.subarray(0, two!.length - 1)), false);
    expect(one!, false);
    expect(join(one!, Uint8Array.of(0x32), two!.subarray(1)), false);
  });
});

test("what was put together of pieces has no frame behind it", () => {
  const [one, two] = [publishOf([0, 1, 0x61], 1), publishOf([0, 1, 0x61], 2)];
  const framer = new Framer(1024);
  framer.feed(one, 3);
  assert(!framer.next());
  const rest = join(one.subarray(3), two);
  framer.feed(rest, rest.length);
  assert(framer.next());
  assert(!framer.nextAlike(5), "the next one lies elsewhere");
  assert(framer.next());
  assertEquals(framer.bytes[framer.end - 1], 2);
});

/**
 * The memory for packets that are written anew: what was written stays until
 * it is cleared, also when there is no room left; then it is used again.
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Scratch } from "../../src/broker/scratch.ts";
import { forSeeds } from "../fuzz/random.ts";

const KIB = 1024;
const KEPT_MAX = 256 * KIB;

/** Where a packet was written, and the byte that it consists of. */
interface Written {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly byte: number;
}

function write(scratch: Scratch, length: number, byte: number): Written {
  const at = scratch.reserve(length);
  const { bytes } = scratch;
  assert(at + length <= bytes.length, "there is room");
  bytes.fill(byte, at, at + length);
  const end = scratch.commit(length);
  assertEquals(end, at + length);
  return { bytes, at, end, byte };
}

function assertStays(packets: readonly Written[]): void {
  for (const { bytes, at, end, byte } of packets) {
    assert(bytes.subarray(at, end).every((value) => value === byte));
  }
}

function assertSameMemory({ bytes, words }: Scratch): void {
  assertStrictEquals(words.buffer, bytes.buffer);
  assertEquals([words.byteOffset, words.byteLength], [0, bytes.length]);
}

Deno.test("packets lie one behind the other", () => {
  const scratch = new Scratch();
  const [one, two] = [write(scratch, 100, 1), write(scratch, 50, 2)];
  assertEquals([one.at, one.end, two.at, two.end], [0, 100, 100, 150]);
  assertStrictEquals(one.bytes, two.bytes);
});

Deno.test("room that was not needed is given to the next", () => {
  const scratch = new Scratch();
  write(scratch, 10, 1);
  assertEquals(scratch.reserve(1000), 10);
  assertEquals(scratch.commit(1), 11);
  assertEquals(scratch.reserve(1000), 11);
});

Deno.test("what was written stays when the memory grows", () => {
  const scratch = new Scratch();
  const packets = [write(scratch, 1000, 1)];
  for (let byte = 2; byte < 250; byte++) {
    const last = packets.at(-1)!;
    const hasRoom = scratch.hasRoom(3000);
    const packet = write(scratch, 3000, byte);
    const isBehind = packet.bytes === last.bytes && packet.at === last.end;
    assertEquals(isBehind, hasRoom);
    if (!hasRoom) assertEquals(packet.at, 0);
    assertSameMemory(scratch);
    packets.push(packet);
  }
  assert(new Set(packets.map(({ bytes }) => bytes)).size > 2, "it has grown");
  assertStays(packets);
});

Deno.test("there is room up to the last byte", () => {
  const scratch = new Scratch();
  write(scratch, 1, 1);
  const left = scratch.bytes.length - 1;
  assert(scratch.hasRoom(left));
  assert(!scratch.hasRoom(left + 1));
  const { bytes } = scratch;
  assertEquals(scratch.reserve(left), 1);
  assertStrictEquals(scratch.bytes, bytes);
  assertEquals(scratch.reserve(left + 1), 0);
  assert(scratch.bytes !== bytes);
});

Deno.test("memory that was cleared is used again", () => {
  const scratch = new Scratch();
  const { bytes } = write(scratch, 1000, 1);
  for (let turn = 0; turn < 100; turn++) {
    scratch.clear();
    const again = write(scratch, 1000, 2);
    assertStrictEquals(again.bytes, bytes);
    assertEquals(again.at, 0);
  }
});

Deno.test("many packets make no memory larger than is kept", () => {
  const scratch = new Scratch();
  const packets: Written[] = [];
  for (let index = 0; index < 1000; index++) {
    packets.push(write(scratch, 1500, index % 256));
    assert(scratch.bytes.length <= KEPT_MAX);
  }
  assertEquals(scratch.bytes.length, KEPT_MAX);
  assertStays(packets);
});

Deno.test("a packet as large as what is kept is kept, a larger one not", () => {
  const scratch = new Scratch();
  const { bytes } = write(scratch, KEPT_MAX, 1);
  assertEquals(bytes.length, KEPT_MAX);
  scratch.clear();
  assertStrictEquals(scratch.bytes, bytes);
  const larger = write(scratch, KEPT_MAX + 1, 2);
  assertEquals(larger.bytes.length, KEPT_MAX + 1);
  const behind = write(scratch, 10, 3);
  assertStays([larger, behind]);
  const last = write(scratch, 2 * KEPT_MAX, 4);
  scratch.clear();
  assertEquals([scratch.bytes.length, scratch.words.byteLength], [0, 0]);
  assertStays([last]);
  assertEquals(write(scratch, 10, 5).at, 0);
});

Deno.test("packets of any size stay until they are cleared", () => {
  forSeeds(100, (random) => {
    const scratch = new Scratch();
    let packets: Written[] = [];
    for (let step = 0; step < 40; step++) {
      if (random.chance(10)) {
        assertStays(packets);
        packets = [];
        scratch.clear();
        assert(scratch.bytes.length <= KEPT_MAX);
      }
      const most = random.pick([100, 10 * KIB, 40 * KIB, KEPT_MAX + 10]);
      packets.push(write(scratch, random.between(0, most), step));
      assertSameMemory(scratch);
    }
    assertStays(packets);
  });
});

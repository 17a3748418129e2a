/**
 * The pool of buffers: sizes, what it keeps, and what it lets go of.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { BufferPool } from "../../src/queue/buffer_pool.ts";

const KIB = 1024;

Deno.test("a buffer has at least the room that was asked for", () => {
  const pool = new BufferPool();
  for (const bytes of [0, 1, KIB, KIB + 1, 64 * KIB, KIB * KIB]) {
    const segment = pool.take(bytes);
    assert(segment.bytes.length >= bytes);
    assertLessOrEqual(segment.bytes.length, Math.max(KIB, bytes * 4));
    assertEquals([segment.start, segment.end, segment.next], [0, 0, null]);
  }
});

Deno.test("a buffer that came back is lent again", () => {
  const pool = new BufferPool();
  const segment = pool.take(100);
  const { bytes } = segment;
  segment.end = 50;
  segment.start = 20;
  pool.give(segment);
  assertEquals(pool.freeBytes, KIB);
  const again = pool.take(1000);
  assertEquals(again.bytes, bytes);
  assertEquals([again.start, again.end], [0, 0]);
  assertEquals(pool.freeBytes, 0);
});

Deno.test("a buffer beyond the largest size is not kept", () => {
  const pool = new BufferPool();
  const segment = pool.take(KIB * KIB + 1);
  assertEquals(segment.bytes.length, KIB * KIB + 1);
  pool.give(segment);
  assertEquals(pool.freeBytes, 0);
});

Deno.test("what lies idle has a limit", () => {
  const pool = new BufferPool();
  const lent = Array.from({ length: 40 }, () => pool.take(KIB * KIB));
  for (const segment of lent) pool.give(segment);
  assertEquals(pool.freeBytes, 16 * KIB * KIB);
});

Deno.test("drain lets go of what lies idle, not of what is lent", () => {
  const pool = new BufferPool();
  const lent = Array.from({ length: 10 }, () => pool.take(KIB));
  for (const segment of lent.slice(1)) pool.give(segment);
  assertEquals(pool.freeBytes, 9 * KIB);
  pool.drain();
  assertEquals(pool.freeBytes, 0);
  pool.give(lent[0]!);
  assertEquals(pool.freeBytes, KIB);
});

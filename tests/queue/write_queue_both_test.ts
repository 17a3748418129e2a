/**
 * The write queue against a plain list of bytes: what goes in comes out, in
 * order, whatever is sent in between; memory goes back to the pool and the
 * pool lets go of it. Runs under Deno and Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { BufferPool, type Segment } from "../../src/queue/buffer_pool.ts";
import { WriteQueue } from "../../src/queue/write_queue.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";

/** Content that shows when bytes are lost, doubled or out of order. */
class Source {
  #next = 0;

  take(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => (this.#next += 7) & 0xff);
  }
}

/** Takes `length` bytes off the front, as an adapter does. */
function drain(queue: WriteQueue, length: number): number[] {
  const bytes: number[] = [];
  while (bytes.length < length) {
    const head: Segment = queue.head!;
    const here = Math.min(head.end - head.start, length - bytes.length);
    bytes.push(...head.bytes.subarray(head.start, head.start + here));
    queue.sent(here);
  }
  return bytes;
}

test("an empty queue owns nothing", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  assertEquals([queue.bytes, queue.head, pool.queuedBytes], [0, null, 0]);
  queue.clear();
  assertThrows(() => queue.sent(1), InternalError, "no more sent than queued");
});

test("a drained queue has given its buffer back", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  queue.append(Uint8Array.of(1, 2, 3, 4), 1, 3);
  assertEquals([queue.bytes, pool.queuedBytes, pool.freeBytes], [2, 2, 0]);
  assertEquals(drain(queue, 2), [2, 3]);
  assertEquals([queue.head, pool.queuedBytes], [null, 0]);
  assertEquals(pool.freeBytes, 1024);
});

test("what is appended by reference is not copied", () => {
  const queue = new WriteQueue(new BufferPool());
  const bytes = Uint8Array.of(1, 2, 3, 4);
  queue.append(bytes, 0, 1);
  queue.appendReference(bytes, 1, 3);
  queue.append(bytes, 3, 4);
  assertEquals(queue.head!.next!.bytes, bytes);
  assertEquals(drain(queue, 4), [1, 2, 3, 4]);
});

test("memory by reference never gets into the pool", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  queue.appendReference(new Uint8Array(4096), 0, 4096);
  queue.sent(4096);
  assertEquals(pool.freeBytes, 0);
});

test("while a write is under way its memory stays where it is", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  const source = new Source();
  const first = source.take(500);
  queue.append(first, 0, 500);
  const head = queue.head!;
  const view = head.bytes.subarray(head.start, head.end);
  queue.pin();
  // Behind it in the same segment, and then beyond it.
  for (let i = 0; i < 20; i++) queue.append(source.take(400), 0, 400);
  assertEquals(queue.head, head);
  assertEquals(view, first);
  queue.sent(500);
  assertEquals(queue.bytes, 8000);
});

test("memory under way is not lent again when a queue is cleared", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  queue.append(new Uint8Array(10), 0, 10);
  const { bytes } = queue.head!;
  queue.pin();
  queue.clear();
  assertEquals([queue.bytes, queue.head, pool.queuedBytes], [0, null, 0]);
  assertEquals(pool.freeBytes, 0);
  assert(pool.take(10).bytes !== bytes);
});

test("a frame larger than any buffer of the pool goes through", () => {
  const pool = new BufferPool();
  const queue = new WriteQueue(pool);
  const large = new Source().take(1_100_000);
  queue.append(large, 0, large.length);
  queue.append(Uint8Array.of(9), 0, 1);
  const out = queue.head!;
  assertEquals(out.bytes.subarray(out.start, out.end), large);
  queue.sent(large.length);
  assertEquals(drain(queue, 1), [9]);
  assertEquals(pool.freeBytes <= 1024 * 1024, true);
});

function step(
  random: Random,
  queue: WriteQueue,
  model: number[],
  source: Source,
): void {
  const length = random.pick([1, 4, 32, 33, 200, 1000, 5000]);
  const act = random.below(10);
  if (act < 3) {
    const bytes = source.take(length + 8);
    const at = queue.append(bytes, 3, 3 + length);
    assertEquals(queue.buffer[at], bytes[3]);
    model.push(...bytes.subarray(3, 3 + length));
  } else if (act < 5) {
    const at = queue.reserve(length);
    const used = random.between(1, length);
    const bytes = source.take(used);
    queue.buffer.set(bytes, at);
    queue.commit(used);
    model.push(...bytes);
  } else if (act < 6) {
    const bytes = source.take(length + 2);
    queue.appendReference(bytes, 1, 1 + length);
    model.push(...bytes.subarray(1, 1 + length));
  } else if (act < 9) {
    const most = random.chance(50) ? model.length : model.length >> 2;
    const count = random.between(0, most);
    assertEquals(drain(queue, count), model.splice(0, count));
  } else if (random.chance(20)) {
    queue.clear();
    model.length = 0;
  }
}

/** A write under way: what it sends must not change before it is done. */
class Writer {
  #under: { view: Uint8Array; copy: Uint8Array } | undefined;

  begin(random: Random, queue: WriteQueue): void {
    const { head } = queue;
    if (head === null || random.chance(60)) return;
    const view = head.bytes.subarray(head.start, head.end);
    this.#under = { view, copy: view.slice() };
    queue.pin();
  }

  /** The runtime took a part, or all of it. */
  end(random: Random, queue: WriteQueue, model: number[]): void {
    if (this.#under === undefined) return;
    const { view, copy } = this.#under;
    this.#under = undefined;
    assertEquals(view, copy, "memory changed under a write");
    const count = random.chance(70)
      ? copy.length
      : random.between(1, copy.length);
    queue.sent(count);
    assertEquals([...copy.subarray(0, count)], model.splice(0, count));
  }
}

test("bytes out are bytes in, for several queues of one pool", () => {
  forSeeds(60, (random) => {
    const pool = new BufferPool();
    const source = new Source();
    const all = Array.from({ length: 3 }, () => ({
      queue: new WriteQueue(pool),
      model: [] as number[],
      writer: new Writer(),
    }));
    for (let i = 0; i < 150; i++) {
      const { queue, model, writer } = random.pick(all);
      writer.begin(random, queue);
      if (random.chance(70)) {
        // Only what an adapter may do while a write is under way.
        const bytes = source.take(random.pick([2, 40, 3000]));
        queue.append(bytes, 0, bytes.length);
        model.push(...bytes);
      }
      writer.end(random, queue, model);
      step(random, queue, model, source);
      assertEquals(queue.bytes, model.length);
      const waiting = all.reduce((sum, one) => sum + one.model.length, 0);
      assertEquals(pool.queuedBytes, waiting);
    }
    for (const { queue, model } of all) {
      assertEquals(drain(queue, model.length), model);
      assertEquals(queue.head, null);
    }
    assertEquals(pool.queuedBytes, 0);
    pool.drain();
    assertEquals(pool.freeBytes, 0);
  });
});

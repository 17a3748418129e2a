/**
 * A backlog of which the middle is on disk: it gives back the same messages
 * in the same order as one in memory, and counts them all. Runs under Deno
 * and Bun.
 */

import { makeMessage } from "../../src/codec/message.ts";
import { Backlog } from "../../src/session/backlog.ts";
import { Delivery } from "../../src/session/delivery.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";

function delivery(bytes: number, share = ""): Delivery {
  const message = makeMessage("t", new Uint8Array(bytes), 1);
  return new Delivery(message, 1, false, [], share);
}

function sizeOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { message }) => sum + message.size, 0);
}

test("a backlog that spills gives back what it got, in order", () => {
  forSeeds(50, (random) => {
    const total = { backlogBytes: 0 };
    const backlog = new Backlog(total);
    const model: Delivery[] = [];
    for (let step = 0; step < 600; step++) {
      if (random.chance(60)) {
        const pushed = delivery(random.chance(2) ? 100_000 : 10);
        backlog.push(pushed);
        model.push(pushed);
        if (random.chance(50)) backlog.spill();
      } else if (backlog.headLength > 0) {
        assertEquals(backlog.shift() === model.shift(), true);
      } else if (backlog.onDisk > 0) {
        const max = 1 + random.below(backlog.onDisk);
        backlog.takePage(model.slice(0, max));
      }
      assertEquals(backlog.length, model.length);
      assertEquals([backlog.bytes, total.backlogBytes], [
        sizeOf(model),
        sizeOf(model),
      ]);
      if (model.length === 0) continue;
      const index = random.below(model.length);
      const found = backlog.at(index);
      assertEquals(found === undefined || found === model[index], true);
    }
    backlog.clear();
    assertEquals([backlog.length, total.backlogBytes], [0, 0]);
  });
});

test("what another may have to get stays in memory", () => {
  const backlog = new Backlog({ backlogBytes: 0 });
  for (let i = 0; i < 200; i++) backlog.push(delivery(10));
  backlog.spill();
  const { onDisk } = backlog;
  assertEquals(onDisk > 100, true);
  for (let i = 0; i < 200; i++) backlog.push(delivery(10, "$share/g/t"));
  backlog.spill();
  assertEquals(backlog.onDisk, onDisk);
  const places: number[] = [];
  const taken = backlog.extract(({ share }, before) => {
    if (share !== "") places.push(before);
    return share !== "";
  });
  assertEquals([taken.length, backlog.length], [200, 200]);
  assertEquals(new Set(places), new Set([200]), "behind those on disk");
});

test("the first of those on disk can be dropped, and bytes add up", () => {
  forSeeds(50, (random) => {
    const total = { backlogBytes: 0 };
    const backlog = new Backlog(total);
    const model: Delivery[] = [];
    for (let step = 0; step < 600; step++) {
      if (random.chance(60)) {
        const pushed = delivery(random.chance(2) ? 100_000 : 10);
        backlog.push(pushed);
        model.push(pushed);
        if (random.chance(50)) backlog.spill();
      } else if (backlog.headLength > 0) {
        assertEquals(backlog.shift() === model.shift(), true);
      } else if (backlog.onDisk > 0) {
        backlog.isPaging = random.chance(50);
        // While they are on their way nobody knows which comes first.
        assertEquals(backlog.dropOnDisk(), !backlog.isPaging);
        if (!backlog.isPaging) model.shift();
        backlog.isPaging = false;
        const max = Math.min(1 + random.below(9), backlog.onDisk);
        if (random.chance(30)) backlog.takePage(model.slice(0, max));
      }
      assertEquals(backlog.length, model.length);
      assertEquals(backlog.bytes, total.backlogBytes);
      assertEquals(backlog.bytes >= 0, true);
      if (backlog.onDisk === 0) assertEquals(backlog.bytes, sizeOf(model));
    }
  });
});

/**
 * Memory is given back in the calm after a burst: not during it, not twice,
 * and not for a trifle.
 */

import { assertEquals } from "@std/assert";
import { plainDoor } from "../../src/broker/door.ts";
import { Core } from "../../src/broker/core.ts";
import { optionsWith } from "../../src/broker/options.ts";
import { MemoryStore } from "../../src/store/memory.ts";

const BURST_BYTES = 100 << 20;

/** A broker that counts how often it gives memory back. */
function setting() {
  const released: number[] = [];
  const core: Core = new Core(
    optionsWith({
      store: new MemoryStore(),
      hashSeed: 1,
      newClientId: () => "client",
      releaseMemory: () => released.push(core.nowMs),
    }),
    0,
  );
  const nothing = () => {};
  const connection = core.open(
    {
      door: plainDoor("test"),
      address: "test",
      host: "test",
      certificate: undefined,
      flush: nothing,
      pause: nothing,
      resume: nothing,
    },
    0,
  )!;
  const traffic = (bytes: number) => {
    core.counters.bytesReceived += bytes;
    core.markDirty(connection);
    core.endTurn();
  };
  return { core, released, traffic };
}

/** Ticks every two seconds; returns the time. */
function wait(core: Core, fromMs: number, untilMs: number): void {
  for (let ms = fromMs + 2000; ms <= untilMs; ms += 2000) core.tick(ms);
}

Deno.test("memory is given back once, in a long calm after a burst", () => {
  const { core, released, traffic } = setting();
  traffic(BURST_BYTES);
  core.pool.give(core.pool.take(1024));
  wait(core, 0, 28_000);
  assertEquals(released, []);
  assertEquals(core.pool.freeBytes, 1024);
  wait(core, 28_000, 30_000);
  assertEquals(released, [30_000]);
  assertEquals(core.pool.freeBytes, 0);
  traffic(10);
  wait(core, 30_000, 100_000);
  assertEquals(released, [30_000]);
});

Deno.test("as long as there is much to do it waits", () => {
  const { core, released, traffic } = setting();
  traffic(BURST_BYTES);
  wait(core, 0, 20_000);
  core.counters.packetsReceived += 5000;
  wait(core, 20_000, 50_000);
  assertEquals(released, []);
  wait(core, 50_000, 52_000);
  assertEquals(released, [52_000]);
});

Deno.test("many connections are cleaned up after at once", () => {
  const { core, released, traffic } = setting();
  traffic(1000);
  core.tick(2000);
  assertEquals(released, []);
  core.counters.connectionsOpened += 2000;
  core.counters.packetsReceived += 5000;
  traffic(1000);
  core.tick(4000);
  assertEquals(released, []);
  core.tick(6000);
  assertEquals(released, [6000]);
});

Deno.test("buffers that are let go of after that are collected too", () => {
  const { core, released, traffic } = setting();
  core.counters.connectionsOpened += 2000;
  traffic(BURST_BYTES);
  const lent = [1, 2, 3, 4].map(() => core.pool.take(1 << 20));
  for (const segment of lent) core.pool.give(segment);
  core.tick(2000);
  assertEquals(released, [2000]);
  wait(core, 2000, 28_000);
  assertEquals(released, [2000]);
  wait(core, 28_000, 100_000);
  assertEquals([released, core.pool.freeBytes], [[2000, 30_000], 0]);
});

Deno.test("an idle broker waits for nothing", () => {
  const { core, traffic } = setting();
  traffic(10);
  core.connections.forEach((connection) => connection.close("client", "done"));
  core.endTurn();
  assertEquals(core.nextDeadlineMs, 2000);
  wait(core, 0, 30_000);
  assertEquals(core.nextDeadlineMs, Infinity);
});

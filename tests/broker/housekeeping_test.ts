/**
 * Memory is given back in the calm after a burst: not during it, not twice,
 * and not for a trifle.
 */

import { assertEquals } from "@std/assert";
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
    { address: "test", flush: nothing, pause: nothing, resume: nothing },
    0,
  )!;
  const traffic = (bytes: number) => {
    core.counters.bytesReceived += bytes;
    core.markDirty(connection);
    core.endTurn();
  };
  return { core, released, traffic };
}

Deno.test("memory is given back once, in the calm after a burst", () => {
  const { core, released, traffic } = setting();
  traffic(BURST_BYTES);
  core.tick(1999);
  assertEquals(released, []);
  core.tick(2000);
  assertEquals(released, [2000]);
  traffic(10);
  core.tick(4000);
  core.tick(6000);
  assertEquals(released, [2000]);
});

Deno.test("as long as there is much to do it waits", () => {
  const { core, released, traffic } = setting();
  traffic(BURST_BYTES);
  core.counters.packetsReceived += 5000;
  core.tick(2000);
  assertEquals(released, []);
  core.tick(4000);
  assertEquals(released, [4000]);
});

Deno.test("many connections are a burst too, a few bytes are none", () => {
  const { core, released, traffic } = setting();
  traffic(1000);
  core.tick(2000);
  assertEquals(released, []);
  core.counters.connectionsOpened += 2000;
  traffic(1000);
  core.tick(4000);
  assertEquals(released, [4000]);
});

/**
 * What the core tells its journal is enough: a second broker that starts on
 * what a recording store has kept has the same sessions, subscriptions,
 * messages in flight and waiting, received ids and retained messages, after
 * every step of a random world. Runs under Deno and Bun.
 */

import { Core } from "../../src/broker/core.ts";
import { checkInvariants } from "../../src/broker/invariants.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import { playWorlds, type World } from "../sim/world.ts";
import { InlineStore } from "./inline_store.ts";
import { RecordingStore } from "./recording_store.ts";
import { snapshotOf } from "./snapshot.ts";

function compare({ broker: { core } }: World): void {
  const again = new Core(core.options, core.nowMs);
  assertEquals(snapshotOf(again), snapshotOf(core));
  checkInvariants(again);
}

test("a broker started on the store equals the one that ran", () => {
  const makeStore = () => new RecordingStore();
  playWorlds(60, { steps: 120, makeStore, inspect: compare });
});

test("it does so when QoS 0 waits for those who are away", () => {
  const makeStore = () => new RecordingStore();
  const queueQos0 = true;
  playWorlds(30, { steps: 120, makeStore, queueQos0, inspect: compare });
});

test("it does so when most of what waits stays in the store", () => {
  const makeStore = () => {
    const store = new RecordingStore();
    store.inMemory = 2;
    return store;
  };
  playWorlds(30, { steps: 120, makeStore, queueQos0: true, inspect: compare });
});

test("a broker started on SQLite's rows equals the one that ran", () => {
  const makeStore = () => new InlineStore();
  playWorlds(40, { steps: 120, makeStore, percentOf5: 50, inspect: compare });
});

test("so it does when many turns gather in a batch", () => {
  let turns = 0;
  const makeStore = () => new InlineStore(() => ++turns % 20 !== 0);
  const options = { steps: 120, percentOf5: 50, queueQos0: true };
  const inspect = (world: World) => {
    if (turns % 7 === 0) compare(world);
  };
  playWorlds(60, { ...options, makeStore, inspect });
});

test("and when many batches gather in the log", () => {
  let steps = 0;
  const makeStore = () => new InlineStore();
  const options = { steps: 300, percentOf5: 50, queueQos0: true };
  const inspect = (world: World) => {
    if (++steps % 60 === 0) compare(world);
  };
  playWorlds(80, { ...options, makeStore, inspect });
});

/**
 * The simulated world, many seeds: QoS 1 at least once, QoS 2 exactly once,
 * in order, nothing left behind, and the broker's state whole after each
 * step. Runs under Deno and Bun.
 */

import { test } from "../support/both.ts";
import { RecordingStore } from "../store/recording_store.ts";
import { playWorlds } from "./world.ts";

test("a world of clients gets what it is owed", () => {
  playWorlds(300, { steps: 150 });
});

test("it does so when the broker stops and starts on its store", () => {
  playWorlds(150, { steps: 150, makeStore: () => new RecordingStore() });
});

test("it does so when QoS 0 waits for those who are away", () => {
  playWorlds(100, { steps: 150, queueQos0: true });
});

test("clients of MQTT 5.0 get what they are owed", () => {
  playWorlds(200, { steps: 150, percentOf5: 100 });
});

test("clients of both versions do, and may change it", () => {
  playWorlds(200, { steps: 150, percentOf5: 50 });
});

test("clients with other rights get what they may read", () => {
  playWorlds(200, { steps: 150, percentOf5: 50, hasRules: true });
  const makeStore = () => new RecordingStore();
  playWorlds(100, { steps: 150, percentOf5: 50, hasRules: true, makeStore });
});

test("so they do when the broker stops and starts on its store", () => {
  const makeStore = () => new RecordingStore();
  playWorlds(150, { steps: 150, percentOf5: 60, makeStore });
});

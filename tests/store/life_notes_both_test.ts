/**
 * Since when those are away who were connected when the power went: not for
 * the broker's start, but for its end, as it has noted. Runs under Deno and
 * Bun.
 */

import { SILENT } from "../../src/base/logger.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { Agenda } from "../sim/agenda.ts";
import { onMachine } from "../sim/machine.ts";
import { SimDisk } from "../sim/sim_disk.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { closed, Disk, kept } from "./disk.ts";

const HOUR_MS = 3_600_000;
/** A note holds for so long. */
const REACH_MS = 120_000;

const WILL = {
  topic: "w",
  payload: Uint8Array.of(1),
  qos: 1,
  retain: false,
  properties: { willDelaySeconds: 30 },
} as const;

/** Connects who has a session that outlives its connection by that. */
function connect(
  { journal }: SqliteStore,
  clientId: string,
  expiryMs: number,
  will: typeof WILL | undefined,
): void {
  journal.sessionBegan(clientId, expiryMs);
  journal.sessionTaken(clientId, undefined, false, will);
}

/** Since when who was connected to a broker is away, which ran an hour ago. */
async function leftMs(
  expiryMs: number,
  will: typeof WILL | undefined,
): Promise<{ leftMs: number; again: number; hasWill: boolean }> {
  using disk = new Disk();
  const nowMs = () => 0;
  const anHourAgo = Date.now() - HOUR_MS;
  const store = disk.open({ nowMs, offsetMs: () => anHourAgo });
  store.load();
  connect(store, "a", expiryMs, will);
  await kept(store);
  // Nobody has told that it has left: as after a kill.
  await closed(store);
  const offsetMs = () => anHourAgo + HOUR_MS;
  const loaded = async () => {
    const next = disk.open({ nowMs, offsetMs });
    const [session] = [...next.load().sessions];
    await closed(next);
    return session!;
  };
  const first = await loaded();
  const second = await loaded();
  return {
    leftMs: first.leftMs!,
    again: second.leftMs!,
    hasWill: first.will !== undefined,
  };
}

test("a session is away since the end of the broker, about", async () => {
  for (const [expiryMs, will] of [[60_000, undefined], [Infinity, WILL]]) {
    const left = await leftMs(expiryMs as number, will as typeof WILL);
    assertEquals(left.leftMs, REACH_MS - HOUR_MS);
    // That is kept, whatever the next broker notes.
    assertEquals(left.again, left.leftMs);
    assertEquals(left.hasWill, will !== undefined);
  }
});

test("one that nothing ends is away since the start", async () => {
  const left = await leftMs(Infinity, undefined);
  assert(Math.abs(left.leftMs) < 10_000, `${left.leftMs}`);
  assertEquals(left.again, left.leftMs);
});

/** How often is committed in so long while such a client is just there. */
function commitsWhile(
  ms: number,
  expiryMs: number,
  will: typeof WILL | undefined,
): number {
  const agenda = new Agenda();
  let commits = 0;
  using disk = new SimDisk({
    agenda,
    seed: 1,
    at: (moment) => commits += Number(moment === "committed"),
  });
  const pass = (untilMs: number) => {
    while (agenda.nextMs <= untilMs) agenda.runNext();
    agenda.nowMs = untilMs;
  };
  return onMachine(disk, () => {
    const store = disk.open(() => agenda.nowMs, SILENT);
    store.load();
    connect(store, "a", expiryMs, will);
    store.commit(() => {});
    pass(1_000);
    assertEquals(commits, 1);
    pass(1_000 + ms);
    const those = commits - 1;
    store.journal.sessionLeft("a", agenda.nowMs, undefined);
    store.commit(undefined);
    pass(agenda.nowMs + 1_000);
    pass(agenda.nowMs + ms);
    assertEquals(commits, 1 + those + 1, "nothing for who has left");
    store.close(() => {});
    pass(agenda.nowMs + 1_000);
    return those;
  });
}

test("a note a minute, and only for whom it matters", () => {
  // Each takes a moment.
  assertEquals(commitsWhile(HOUR_MS, 60_000, undefined), 59);
  assertEquals(commitsWhile(HOUR_MS, Infinity, WILL), 59);
  assertEquals(commitsWhile(HOUR_MS, Infinity, undefined), 0);
  // It ends with its connection, whenever that was.
  assertEquals(commitsWhile(HOUR_MS, 0, WILL), 0);
});

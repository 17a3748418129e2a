/**
 * How much of its file a durable store takes: what it says follows what is
 * in it, up and down, and over a start. Runs under Deno and Bun.
 */

import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { test } from "../support/both.ts";
import { assert } from "../support/std_assert.ts";
import { closed, Disk, kept } from "./disk.ts";

const MESSAGES = 3_000;
const COMMITS_MAX = 20_000;

/** Commits go on until it is so. */
async function until(store: SqliteStore, isSo: () => boolean): Promise<void> {
  for (let commits = 0; !isSo(); commits++) {
    assert(commits < COMMITS_MAX, `${store.bytes} bytes`);
    await kept(store);
  }
}

test("bytes rise with what is kept, and fall when it goes", async () => {
  using disk = new Disk();
  const store = disk.open();
  store.load();
  const empty = store.bytes;
  const { journal } = store;
  journal.sessionBegan("a", 60_000);
  const message = makeMessage("t", new Uint8Array(100), 1);
  const least = MESSAGES * message.bytes.length;
  for (let i = 0; i < MESSAGES; i++) {
    const own = makeMessage("t", new Uint8Array(100), 1);
    journal.waits("a", new Delivery(own, 1));
  }
  await kept(store);
  assert(store.bytes >= empty + least, `${store.bytes} of ${least}`);
  await closed(store);
  const again = disk.open();
  again.load();
  const full = again.bytes;
  assert(full >= empty + least && full < empty + 2 * least, `${full}`);
  for (let i = 0; i < MESSAGES; i++) again.journal.waitsNoMore("a", 0);
  await kept(again);
  await until(again, () => {
    again.makeRoom();
    return again.bytes < empty + least / 10;
  });
  await closed(again);
});

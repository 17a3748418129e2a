/**
 * What a loss of power leaves of the real file: everything behind the last
 * commit that was reported may be there, torn, or garbage. All that was
 * reported is there in any case, and a batch is there as a whole or not at
 * all. Where more than that is damaged, the file is set aside or is as it
 * was before; a start never fails. Runs under Deno and Bun.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import type { StoredState } from "../../src/session/store.ts";
import { PLAIN_GRANTS } from "../../src/topic/subscription.ts";
import { forSeeds, Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { closed, Disk, kept } from "./disk.ts";

const BATCHES = 16;
const WAITING_A_BATCH = 3;
const CASES = 150;

/** The file and what lies beside it, after a commit was reported. */
interface Picture {
  readonly file: Uint8Array;
  readonly wal: Uint8Array;
}

/** How a batch is called that is in a state last. */
type Last = number;

const encoder = new TextEncoder();

/** Pictures of a store, after each of its batches; the first has none. */
async function pictures(): Promise<Picture[]> {
  using disk = new Disk();
  const store = disk.open();
  const { journal } = store;
  store.load();
  journal.sessionBegan("a", Infinity);
  await kept(store);
  const taken = [pictureOf(store.path)];
  const random = new Random(BATCHES);
  for (let batch = 1; batch <= BATCHES; batch++) {
    for (let i = 0; i < WAITING_A_BATCH; i++) {
      const payload = random.bytes(random.pick([10, 700, 3_000, 12_000]));
      journal.waits("a", new Delivery(makeMessage("x", payload, 1), 1));
    }
    journal.idReceived("a", batch);
    journal.subscribed("a", `filter/${batch}`, PLAIN_GRANTS[1]);
    journal.retained("r", makeMessage("r", encoder.encode(`${batch}`), 1));
    await kept(store);
    taken.push(pictureOf(store.path));
  }
  await closed(store);
  return taken;
}

function pictureOf(path: string): Picture {
  const wal = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : [];
  return { file: readFileSync(path), wal: Uint8Array.from(wal) };
}

/** The last batch of what is loaded; fails when one is there in part. */
function lastOf(state: StoredState): Last {
  const [session, ...others] = [...state.sessions];
  const [message] = [...state.retained];
  const last = message === undefined
    ? 0
    : Number(new TextDecoder().decode(message.payload));
  assertEquals(others, []);
  if (session === undefined) return last; // from before it began
  assertEquals(session.onDisk + session.waiting.length, last * 3);
  assertEquals(session.receivedIds.length, last);
  assertEquals(session.subscriptions.length, last);
  return last;
}

/** Starts on a picture; `undefined` when it was set aside. */
async function start({ file, wal }: Picture): Promise<Last | undefined> {
  using disk = new Disk();
  const path = `${disk.folder}/broker.db`;
  writeFileSync(path, file);
  if (wal.length > 0) writeFileSync(`${path}-wal`, wal);
  const store = disk.open();
  const state = store.load();
  const isAside = disk.events.includes("store_damaged");
  const last = isAside ? undefined : lastOf(state);
  if (isAside) assertEquals([...state.sessions], []);
  // It goes on with whatever is there.
  store.journal.retained("s", makeMessage("s", encoder.encode("s"), 1));
  await kept(store);
  await closed(store);
  return last;
}

/** `bytes` of which those from `from` on are torn. */
function torn(random: Random, bytes: Uint8Array, from: number): Uint8Array {
  const copy = bytes.slice();
  const length = bytes.length - from;
  const at = from + random.below(length + 1);
  switch (random.below(4)) {
    case 0:
      return copy.subarray(0, at);
    case 1: // Some blocks are there, others are not.
      for (let block = from; block < copy.length; block += 512) {
        if (random.chance(40)) copy.fill(0, block, block + 512);
      }
      return copy;
    case 2:
      copy.set(random.bytes(copy.length - at), at);
      return copy;
    default:
      for (let i = random.between(1, 8); i > 0 && length > 0; i--) {
        copy[from + random.below(length)]! ^= 1 << random.below(8);
      }
      return copy;
  }
}

async function forCases(
  run: (random: Random) => Promise<void>,
): Promise<void> {
  const randoms: Random[] = [];
  forSeeds(CASES, (random) => randoms.push(random));
  for (const [at, random] of randoms.entries()) {
    await run(random).catch((cause) => {
      throw new Error(`seed ${at + 1}: ${cause.message}`, { cause });
    });
  }
}

const taken = pictures();

test("a picture of a file is what was reported by then", async () => {
  for (const [batch, picture] of (await taken).entries()) {
    assertEquals(await start(picture), batch);
  }
});

test("what was reported is there, however torn the rest is", async () => {
  const all = await taken;
  await forCases(async (random) => {
    const batch = random.below(BATCHES);
    const reported = all[batch]!;
    const next = all[batch + 1]!;
    const wal = torn(random, next.wal, reported.wal.length);
    const last = await start({ file: next.file, wal });
    assert(last === batch || last === batch + 1, `${last}, not ${batch}`);
  });
});

test("where more is torn it is as it was before, or set aside", async () => {
  const all = await taken;
  await forCases(async (random) => {
    const batch = random.between(1, BATCHES);
    const { file, wal } = all[batch]!;
    const last = await start({ file, wal: torn(random, wal, 0) });
    assert(last === undefined || last <= batch, `${last}, not ${batch}`);
  });
});

test("flipped bits in a file do not keep a broker from starting", async () => {
  using disk = new Disk();
  const all = await taken;
  const whole = all[BATCHES]!;
  writeFileSync(`${disk.folder}/broker.db`, whole.file);
  writeFileSync(`${disk.folder}/broker.db-wal`, whole.wal);
  const store = disk.open();
  store.load();
  await closed(store); // and what lay beside is in the file now
  const { file } = pictureOf(store.path);
  await forCases(async (random) => {
    const copy = file.slice();
    for (let i = random.between(1, 40); i > 0; i--) {
      copy[random.below(copy.length)]! ^= 1 << random.below(8);
    }
    using other = new Disk();
    writeFileSync(`${other.folder}/broker.db`, copy);
    const again = other.open();
    again.load();
    await closed(again);
  });
});

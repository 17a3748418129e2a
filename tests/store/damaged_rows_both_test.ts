/**
 * Rows whose columns hold what they can't: flipped bits of a memory card.
 * The store is set aside, or a message is dropped that can't be read, and
 * either is told; nothing is thrown, at a start or when clients come for
 * what waits. Runs under Deno and Bun.
 */

import { DatabaseSync } from "node:sqlite";
import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import { PageReader } from "../../src/store/page_reader.ts";
import { Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { connect, decode, puback } from "../support/wire.ts";
import { closed, Disk, kept } from "./disk.ts";
import { fullStore } from "./full_store.ts";

const SEEDS = 120;
const CLIENTS = ["first", "second \u2029", "nothing", "reader"];

/** A file with everything, and with messages that stay there until asked. */
async function filled(disk: Disk): Promise<string> {
  const path = await fullStore(disk);
  const store = disk.open();
  store.load();
  const { journal } = store;
  journal.sessionBegan("reader", Infinity);
  journal.sessionLeft("reader", 0, undefined);
  const properties = { messageExpirySeconds: 600, contentType: "t" };
  for (let i = 0; i < 6; i++) {
    const payload = new Uint8Array(i * 300);
    const more = i % 2 === 0 ? properties : undefined;
    const message = makeMessage(`a/${i}`, payload, 1, more, 1_000_000);
    journal.waits("reader", new Delivery(message, 1, false, i < 3 ? [7] : []));
  }
  await kept(store);
  await closed(store);
  return path;
}

/** What stands in a cell; NULL only where the table lets it. */
function nonsense(random: Random): number | string | bigint | Uint8Array {
  const bytes = new Uint8Array(random.below(40));
  return random.pick([
    () => random.below(100) - 10,
    () => random.below(1e12),
    () => -random.below(1e9),
    () => random.below(100) / 7,
    () => 9_223_372_036_854_775_807n,
    () => "\ud7ff\0",
    () => "a/#/b",
    () => "[1,2]",
    () => "",
    () => bytes.map(() => random.below(256)),
  ])();
}

/** Puts nonsense into a cell of a row; returns which. */
function spoil(path: string, random: Random): string {
  const database = new DatabaseSync(path);
  try {
    const table = random.pick(
      ["session", "subscription", "received", "message", "queue", "retained"],
    );
    const rows = database.prepare(`SELECT * FROM ${table}`).all();
    const row = random.pick(rows);
    const column = random.pick(Object.keys(row));
    const old = row[column];
    const isBytes = old instanceof Uint8Array && old.length > 0;
    let value = nonsense(random) as unknown;
    if (isBytes && random.chance(70)) {
      const flipped = old.slice();
      flipped[random.below(flipped.length)]! ^= 1 << random.below(8);
      value = flipped;
    }
    database.exec("PRAGMA foreign_keys = OFF");
    const first = Object.keys(row)[0]!;
    const where = `${first} IS ? AND ${column} IS ?`;
    database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(
      value as string,
      row[first]!,
      old!,
    );
    return `${table}.${column} = ${value}`;
  } catch (error) {
    return `nothing: ${error}`; // a constraint
  } finally {
    database.close();
  }
}

/** A broker on such a store, and clients that come for what waits. */
async function play(seed: number): Promise<string> {
  using disk = new Disk();
  const path = await filled(disk);
  const random = new Random(seed);
  const what = spoil(path, random);
  const store = disk.open();
  const broker = disk.broker(store);
  const { core } = broker;
  for (const clientId of CLIENTS) {
    const client = broker.open();
    client.send(connect({ clientId, cleanSession: false }));
    for (let turn = 0; turn < 4; turn++) {
      for (const packet of decode(client.bytes())) {
        if (packet.type !== "publish" || packet.qos !== 1) continue;
        client.send(puback(packet.packetId));
      }
      await new Promise((done) => setTimeout(done, 0));
    }
  }
  broker.advance(100_000);
  assertEquals(core.counters.internalErrors, 0, `seed ${seed}: ${what}`);
  broker.checkInvariants();
  await closed(store);
  return disk.events.includes("store_damaged")
    ? "set aside"
    : disk.events.includes("store_unreadable")
    ? "dropped"
    : "read";
}

test("rows that can't be are never thrown at anybody", async () => {
  const counts: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const end = await play(seed).catch((error) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    counts[end] = (counts[end] ?? 0) + 1;
  }
  for (const end of ["set aside", "dropped", "read"]) {
    assert((counts[end] ?? 0) > 0, `${end} ${JSON.stringify(counts)}`);
  }
});

test("where a page can't be read nothing comes, and that is told", () => {
  const told: string[] = [];
  const reader = new PageReader(() => "f", () => ({ nowMs: 7, offsetMs: 0 }), {
    enabled: () => true,
    log: (level, event, message) => told.push(level, event, message),
  });
  const taken: unknown[] = [];
  const take = (...all: unknown[]) => taken.push(...all);
  reader.read(new DatabaseSync(":memory:"), [1, 1, 1], take);
  assertEquals(taken.splice(0), [[], 7]);
  const why = "disk I/O error";
  const question = reader.question([1, 1, 1], take);
  assert("ask" in question);
  reader.answered({ answer: question.ask, rows: [], why });
  assertEquals(taken, [[], 7]);
  const [level, event, message] = told.slice(3);
  assertEquals([level, event], ["error", "store_unreadable"]);
  assertEquals(message, `what waits in f can't be read: ${why}`);
});

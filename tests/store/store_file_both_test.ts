/**
 * The file of a durable store as it is found at a start: none, damaged, cut
 * off, of another version, somebody else's, in use; and times in it when the
 * clock has changed. Runs under Deno and Bun.
 */

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import { BatchWriter } from "../../src/store/batch_writer.ts";
import { checkRows } from "../../src/store/check_rows.ts";
import { APPLICATION_ID, CHANGES, MIGRATIONS } from "../../src/store/schema.ts";
import { StoreError } from "../../src/store/store_error.ts";
import { numberOf } from "../../src/store/store_file.ts";
import { StoreTool } from "../../src/store/store_tool.ts";
import { PLAIN_GRANTS } from "../../src/topic/subscription.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";
import { closed, Disk, kept } from "./disk.ts";

/** A file with a session for which messages wait. */
async function filled(disk: Disk): Promise<string> {
  const store = disk.open();
  const { journal } = store;
  store.load();
  journal.sessionBegan("a", 60_000);
  journal.subscribed("a", "x", PLAIN_GRANTS[1]);
  const payload = new Uint8Array(500);
  for (let i = 0; i < 200; i++) {
    journal.waits("a", new Delivery(makeMessage("x", payload, 1), 1));
  }
  await kept(store);
  await closed(store);
  return store.path;
}

function asides(disk: Disk): string[] {
  return readdirSync(disk.folder).filter((name) => name.includes("damaged"));
}

test("a file that is no database is set aside", async () => {
  using disk = new Disk();
  writeFileSync(`${disk.folder}/broker.db`, "nothing of the kind ".repeat(99));
  const store = disk.open();
  assertEquals([...store.load().sessions], []);
  assertEquals(disk.events, ["store_damaged"]);
  const [name] = asides(disk);
  assertEquals(disk.lastMessage.includes(name!), true, disk.lastMessage);
  const text = readFileSync(`${disk.folder}/${name}`, "utf8");
  assertEquals(text.startsWith("nothing of the kind"), true);
  await closed(store);
});

test("so is one in which there is nothing", async () => {
  using disk = new Disk();
  const path = await filled(disk);
  truncateSync(path, 0);
  const store = disk.open();
  assertEquals([...store.load().sessions], []);
  assertEquals(disk.events, ["store_damaged"]);
  await closed(store);
});

test("so is one that was cut off, and one with flipped bytes", async () => {
  for (const harm of [cutOff, scribble]) {
    using disk = new Disk();
    harm(await filled(disk));
    const store = disk.open();
    assertEquals([...store.load().sessions], []);
    assertEquals(disk.events, ["store_damaged"]);
    assertEquals(asides(disk).length, 1);
    await closed(store);
  }
});

test("so is one that lacks a page, if that is of use", async () => {
  using disk = new Disk();
  const whole = readFileSync(await filled(disk));
  let damaged = 0;
  for (let at = 4096; at < whole.length; at += 4096) {
    using other = new Disk();
    const bytes = Uint8Array.from(whole);
    bytes.fill(0xa5, at, at + 4096);
    writeFileSync(`${other.folder}/broker.db`, bytes);
    const store = other.open();
    const [session] = [...store.load().sessions];
    if (other.events.includes("store_damaged")) damaged++;
    else assertEquals([at, session?.onDisk], [at, 200]);
    await closed(store);
  }
  assert(damaged > 20, `${damaged} of ${whole.length / 4096} pages`);
});

function cutOff(path: string): void {
  truncateSync(path, 3 * 4096);
}

function scribble(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4096 * 2);
  writeFileSync(path, bytes);
}

test("one of a newer version is refused, and left alone", async () => {
  using disk = new Disk();
  const path = await filled(disk);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  const before = readFileSync(path);
  assertThrows(() => disk.open(), StoreError, "a newer broker");
  assertEquals(readFileSync(path).equals(before), true);
});

test("so is somebody else's database", () => {
  using disk = new Disk();
  const database = new DatabaseSync(`${disk.folder}/broker.db`);
  database.exec("CREATE TABLE t (x)");
  database.close();
  assertThrows(() => disk.open(), StoreError, "not one of a broker");
});

/** A file as a broker of an older version has left it when it was killed. */
function makeOld(disk: Disk, version: number): void {
  const database = new DatabaseSync(`${disk.folder}/broker.db`);
  for (const step of MIGRATIONS.slice(0, version)) database.exec(step);
  database.exec(`
    PRAGMA user_version = ${version};
    PRAGMA application_id = ${APPLICATION_ID};
    INSERT INTO session (id, client_id, expiry_ms, user_name, own_rights)
      VALUES (7, 'a', 60000, 'ann', 0);
    INSERT INTO subscription VALUES (7, 'x', 1, NULL);
  `);
  const { bytes } = makeMessage("x", Uint8Array.of(1), 1);
  const row = [7, 1, 0, 1 + 8 + 32 * 3, null, null, null, bytes] as const;
  if (version === 1) {
    database.prepare(CHANGES.putQueue).run(...row);
  } else {
    const batch = new BatchWriter();
    batch.add("putQueue", ...row);
    const insert = database.prepare("INSERT INTO log (body) VALUES (?)");
    insert.run(batch.take());
  }
  database.close();
}

test("one of an older version is brought up to date", async () => {
  const last = MIGRATIONS.length;
  for (let version = 1; version <= last; version++) {
    using disk = new Disk();
    makeOld(disk, version);
    const store = disk.open();
    const [session] = [...store.load().sessions];
    const { clientId, onDisk, subscriptions, userName } = session!;
    assertEquals([clientId, userName, onDisk], ["a", "ann", 1]);
    assertEquals(subscriptions.length, 1);
    assertEquals(disk.events, []);
    await kept(store);
    await closed(store);
    const database = new DatabaseSync(store.path);
    assertEquals(numberOf(database, "PRAGMA user_version"), last);
    database.close();
    using tool = StoreTool.open(disk.folder);
    assertEquals([...checkRows(tool.rows)].filter(Boolean), []);
  }
});

test("one that is in use is refused, whoever has the lock", async () => {
  using disk = new Disk();
  const store = disk.open();
  assertThrows(() => disk.open(), StoreError, "in use by another broker");
  await kept(store);
  assertThrows(() => disk.open(), StoreError, "in use by another broker");
  await closed(store);
  await closed(disk.open());
});

test("a folder that can't be made is one sentence", () => {
  using disk = new Disk();
  writeFileSync(`${disk.folder}/file`, "");
  const folder = `${disk.folder}/file/below`;
  assertThrows(
    () => disk.open({ folder }),
    StoreError,
    "can't make the folder",
  );
  mkdirSync(`${disk.folder}/d/broker.db`, { recursive: true });
  const taken = `${disk.folder}/d`;
  assertThrows(() => disk.open({ folder: taken }), StoreError, "can't use");
});

/** What is loaded when the clock is off by `byMs` meanwhile. */
async function loadedLater(byMs: number) {
  using disk = new Disk();
  const store = disk.open();
  store.load();
  const { journal } = store;
  journal.sessionBegan("a", 60_000);
  journal.sessionTaken("a", "ann", true, undefined);
  journal.sessionLeft("a", 1_000_000, {
    topic: "w",
    payload: Uint8Array.of(1),
    qos: 1,
    retain: true,
    properties: { willDelaySeconds: 30, contentType: "t" },
  });
  const properties = { messageExpirySeconds: 100 };
  const message = makeMessage("x", Uint8Array.of(2), 1, properties, 1_000_000);
  journal.retained("x", message);
  await kept(store);
  await closed(store);
  const again = disk.open({
    nowMs: () => 5_000,
    offsetMs: () => {
      return Date.now() + byMs - 5_000;
    },
  });
  const { sessions, retained } = again.load();
  const [session] = [...sessions];
  const [kept2] = [...retained];
  await closed(again);
  return { session: session!, message: kept2! };
}

test("time that passed meanwhile counts", async () => {
  const { session, message } = await loadedLater(20_000);
  const near = (ms: number, wanted: number) => Math.abs(ms - wanted) < 5_000;
  assertEquals([session.userName, session.hasOwnRights], ["ann", true]);
  assertEquals(near(session.leftMs!, 5_000 - 20_000), true);
  assertEquals(near(message.expiresAtMs, 5_000 + 80_000), true);
  assertEquals(session.will, {
    topic: "w",
    payload: Uint8Array.of(1),
    qos: 1,
    retain: true,
    properties: { willDelaySeconds: 30, contentType: "t" },
  });
});

test("a clock that was set back ends nothing early or late", async () => {
  const { message } = await loadedLater(-1_000_000_000);
  assertEquals(message.expiresAtMs, 5_000 + 100_000);
});

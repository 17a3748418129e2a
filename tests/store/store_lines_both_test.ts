/**
 * A store as lines and back: the lines are the same, what a broker loads is
 * the same, and a bad line leaves nothing. Runs under Deno and Bun.
 */

import { readFileSync, statSync } from "node:fs";
import type { StoredSession } from "../../src/session/store.ts";
import { ExportLines } from "../../src/store/export_lines.ts";
import { ImportLines } from "../../src/store/import_lines.ts";
import { LineFault } from "../../src/store/json_fields.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { StoreTool } from "../../src/store/store_tool.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";
import { closed, Disk, kept } from "./disk.ts";
import { fullStore } from "./full_store.ts";

function exported(disk: Disk): string[] {
  using tool = StoreTool.open(disk.folder);
  const lines = new ExportLines(tool.rows);
  const { count } = lines;
  const all = [...lines.lines()];
  assertEquals(all.length, count);
  return all;
}

function imported(disk: Disk, lines: readonly string[]): void {
  using tool = StoreTool.make(disk.folder);
  tool.rows.begin();
  const taker = new ImportLines(tool.rows);
  for (const line of lines) taker.take(line);
  assert(taker.isWhole);
  tool.rows.keep();
}

/** What a broker gets, with what it reads later. */
async function loaded(disk: Disk) {
  const store = disk.open({ offsetMs: () => 1_700_000_000_000 });
  const { sessions, retained } = store.load();
  const all = [...sessions].map((session) => ({
    ...session,
    // In the lines it is a whole number.
    leftMs: Math.floor(session.leftMs!),
    pages: pagesOf(store, session),
  }));
  const topics = [...retained].sort((a, b) => a.topic < b.topic ? -1 : 1);
  const state = { sessions: all, retained: topics };
  await closed(store);
  return state;
}

function pagesOf(store: SqliteStore, { clientId, onDisk }: StoredSession) {
  const pages: unknown[] = [];
  if (onDisk > 0) {
    store.page(clientId, 0, 100, (page) => void pages.push(...page));
  }
  return pages;
}

test("export, import and export again is the same text", async () => {
  using one = new Disk();
  await fullStore(one);
  const lines = exported(one);
  using other = new Disk();
  imported(other, lines);
  assertEquals(exported(other), lines);
  assertEquals(await loaded(other), await loaded(one));
});

test("nothing of a session is left out", async () => {
  using disk = new Disk();
  await fullStore(disk);
  const all = exported(disk).map((line) => JSON.parse(line));
  const kinds = all.map(({ kind, clientId }) => `${kind} ${clientId ?? ""}`);
  assertEquals(kinds.slice(0, 4), [
    "store ",
    "session first",
    "subscription first",
    "subscription first",
  ]);
  const [first] = all.filter(({ kind }) => kind === "session");
  assertEquals(
    [first.userName, first.ownRights, first.expiryMs, first.will],
    ["ann", true, 60_000, {
      qos: 1,
      retain: true,
      delaySeconds: 30,
      topic: "will/1",
      base64: "ww==",
      properties: { messageExpirySeconds: 5 },
    }],
  );
  const sent = all.filter(({ packetId }) => packetId !== undefined);
  assertEquals(
    sent.map(({ kind, packetId, topic }) => [kind, packetId, topic]),
    [
      ["message", 9, "a/1"],
      ["message", 3, "a/2"],
      ["pubrel", 65_535, undefined],
      ["message", 11, undefined],
    ],
  );
  const shared = all.filter(({ kind }) => kind === "shared");
  assertEquals(shared.map(({ topic }) => topic), ["a/4"]);
  const retained = all.filter(({ kind }) => kind === "retained");
  assertEquals(retained.map(({ topic }) => topic), ["a", "a/4", "Ω"]);
});

test("who was connected when the broker was killed has left", async () => {
  using disk = new Disk();
  const store = disk.open();
  store.load();
  store.journal.sessionBegan("a", 60_000);
  store.journal.sessionTaken("a", undefined, false, undefined);
  await kept(store);
  await closed(store);
  const { mtimeMs } = statSync(store.path);
  const lines = exported(disk);
  assert(Math.abs(JSON.parse(lines[1]!).leftAt - Date.now()) < 60_000);
  // A look at the store is not a life of the broker.
  assertEquals(Math.trunc(statSync(store.path).mtimeMs), Math.trunc(mtimeMs));
  using other = new Disk();
  imported(other, lines);
  assertEquals(exported(other), lines);
});

const BEGIN = '{"kind":"store","format":1}';
const SESSION = '{"kind":"session","clientId":"a","leftAt":1}';
const WAITS = '{"kind":"message","clientId":"a","qos":1,"publishedQos":1,' +
  '"topic":"t","payload":"p"}';

/** Lines of which the last can't stand there, and why. */
const BAD: readonly (readonly [lines: string[], why: string])[] = [
  [["{"], "it is no JSON"],
  [["[]"], "it is no object"],
  [[SESSION], 'no line of kind "store"'],
  [['{"kind":"store","format":2}'], "format is not a whole number from 1 to 1"],
  [[BEGIN, '{"kind":"sessions"}'], 'there is no kind "sessions"'],
  [[BEGIN, '{"kind":"constructor"}'], 'there is no kind "constructor"'],
  [[BEGIN, SESSION.replace("1}", "1.5}")], "leftAt is not a whole"],
  [[BEGIN, '{"kind":"session","leftAt":1}'], "clientId is no text"],
  [[BEGIN, SESSION.replace('"a"', '""')], "clientId is empty"],
  [[BEGIN, SESSION.replace('"a"', '"\\ud800"')], "half of a character"],
  [[BEGIN, SESSION.replace("1}", '1,"x":1}')], 'there is no field "x"'],
  [[BEGIN, SESSION, SESSION], "it was there before"],
  [[BEGIN, WAITS], "does not belong to the session before it"],
  [[BEGIN, SESSION, WAITS.replace('"a"', '"b"')], "does not belong"],
  [[BEGIN, SESSION, WAITS.replace('"t"', '"t/#"')], "a wildcard in a topic"],
  [[BEGIN, SESSION, WAITS.replace('"qos":1', '"qos":3')], "qos is not"],
  [[BEGIN, SESSION, WAITS.replace("payload", "base64")], "is not base64"],
  [
    [BEGIN, SESSION, WAITS.replace('"p"', '"p","expiresAt":5')],
    "goes with the property messageExpirySeconds",
  ],
  [
    [BEGIN, SESSION, WAITS.replace('"p"', '"p","properties":{"x":1}')],
    'there is no field "x"',
  ],
  [
    [
      BEGIN,
      SESSION,
      WAITS.replace('"p"', '"p","properties":{"responseTopic":"#"}'),
    ],
    "Response Topic, which is no topic name",
  ],
  [
    [BEGIN, SESSION, WAITS.replace('"p"', '"p","packetId":0')],
    "packetId is not a whole number from 1 to 65535",
  ],
  [
    [BEGIN, SESSION, WAITS, WAITS.replace('"p"', '"p","packetId":1')],
    "it stands behind what waits",
  ],
  [
    [
      BEGIN,
      SESSION,
      '{"kind":"pubrel","clientId":"a","packetId":7}',
      '{"kind":"pubrel","clientId":"a","packetId":7}',
    ],
    "its packetId is in use",
  ],
  [
    [BEGIN, SESSION, '{"kind":"message","clientId":"a","qos":1,"shared":1}'],
    "no line before it has the id 1",
  ],
  [
    [BEGIN, SESSION, '{"kind":"subscription","clientId":"a","filter":"a#"}'],
    "# that is not a whole, last level",
  ],
  [[BEGIN, '{"kind":"end","lines":7}'], "1 lines stand before it, not 7"],
  [
    [
      BEGIN,
      '{"kind":"shared","id":4,"publishedQos":1,"topic":"t","payload":""}',
      '{"kind":"end","lines":2}',
    ],
    "nobody waits for what has the id 4",
  ],
  [[BEGIN, '{"kind":"end","lines":1}', SESSION], "it stands behind the end"],
];

test("a bad line is refused, and nothing before it stays", () => {
  using disk = new Disk();
  using tool = StoreTool.make(disk.folder);
  for (const [lines, why] of BAD) {
    tool.rows.begin();
    const taker = new ImportLines(tool.rows);
    for (const line of lines.slice(0, -1)) taker.take(line);
    assertThrows(() => taker.take(lines.at(-1)!), LineFault, why);
    tool.rows.undo();
    assertEquals(tool.rows.count("sessions"), 0);
  }
});

test("a file is opened as it is, or not at all", async () => {
  using disk = new Disk();
  assertThrows(() => StoreTool.open(disk.folder), Error, "there is no store");
  const store = disk.open();
  assertThrows(
    () => StoreTool.open(disk.folder),
    Error,
    "in use by a broker that runs; stop it first",
  );
  await closed(store);
  const before = readFileSync(store.path);
  StoreTool.open(disk.folder)[Symbol.dispose]();
  assertEquals(readFileSync(store.path).equals(before), true);
});

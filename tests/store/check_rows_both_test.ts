/**
 * What `broker store check` finds: in a sound store nothing, and each harm
 * that is done to one. Runs under Deno and Bun.
 */

import { DatabaseSync } from "node:sqlite";
import { checkRows, rowsToCheck } from "../../src/store/check_rows.ts";
import { StoreTool } from "../../src/store/store_tool.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { Disk } from "./disk.ts";
import { fullStore } from "./full_store.ts";

function findings({ folder }: Disk): string[] {
  using tool = StoreTool.open(folder);
  return [...checkRows(tool.rows)].filter((one) => one !== undefined);
}

/** What is done to a store, and what is found. */
const HARMS: readonly (readonly [sql: string, finding: string])[] = [
  [
    "INSERT INTO subscription VALUES (99, 'a', 0, NULL)",
    "1 subscription is of no session",
  ],
  ["INSERT INTO received VALUES (99, 1), (99, 2)", "2 received packet ids are"],
  [
    "DELETE FROM session WHERE client_id = 'first'",
    "messages are of no session",
  ],
  ["UPDATE message SET uses = 7 WHERE uses = 2", "is for 7, and 2 have it"],
  ["INSERT INTO message VALUES (99, 1, x'00')", "message 99 is for 1, and 0"],
  ["DELETE FROM message WHERE uses = 2", '1 message is missing to "first"'],
  [
    "UPDATE queue SET flight = 65536 * 9 + 9 WHERE flight % 65536 = 3",
    'packet id 9 to "first" is in flight twice',
  ],
  ["UPDATE queue SET flight = 65536 WHERE flight % 65536 = 9", "as 65536"],
  [
    "UPDATE queue SET body = NULL WHERE flight = 0 AND message IS NULL",
    "no by",
  ],
  [
    "UPDATE queue SET body = x'ffff61' WHERE body IS NOT NULL",
    "are no message",
  ],
  ["UPDATE queue SET head = head + 3 WHERE flight = 0", "QoS 3"],
  ["UPDATE queue SET extra = '[1]'", "beside it"],
  ["UPDATE session SET will_body = NULL", 'half a will of "first"'],
  ["UPDATE session SET will_body = x'0001ff' || will_body", "the will of"],
  [
    "UPDATE subscription SET filter = 'a#' WHERE filter = 'a/+'",
    '"a#": # that',
  ],
  ["UPDATE subscription SET options = 3", "options 3"],
  ["UPDATE subscription SET ids = '[0]'", 'identifiers "[0]"'],
  ["INSERT INTO received SELECT id, 65536 FROM session", "packet id 65536"],
  ["UPDATE retained SET topic = 'b' WHERE topic = 'a'", 'its topic is "a"'],
  ["UPDATE retained SET expires_at = 5 WHERE topic = 'a'", "does not say so"],
  ["UPDATE retained SET body = x''", "bytes that are no message"],
];

test("in a sound store all rows are looked at, and nothing found", async () => {
  using disk = new Disk();
  await fullStore(disk);
  assertEquals(findings(disk), []);
  using tool = StoreTool.open(disk.folder);
  assertEquals([...checkRows(tool.rows)].length, rowsToCheck(tool.rows));
});

for (const [sql, finding] of HARMS) {
  test(`it finds what is wrong after ${sql}`, async () => {
    using disk = new Disk();
    const database = new DatabaseSync(await fullStore(disk));
    database.exec(sql);
    database.close();
    const found = findings(disk);
    assert(found.some((one) => one.includes(finding)), found.join("\n"));
  });
}

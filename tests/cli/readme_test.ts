/**
 * The README's tables of flags and limits are those of the code, and its
 * numbers of statements those of the coverage table.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { LIMITS } from "../../src/broker/limit_table.ts";
import { FLAGS, limitFlagName } from "../../src/cli/flags.ts";
import { LISTENER_OPTIONS } from "../../src/cli/listener_options.ts";
import {
  flagsTable,
  limitsTable,
  listenTable,
  loginTable,
  mqttTable,
  watchTable,
  withTables,
} from "../../src/cli/readme_tables.ts";
import { exists, REPO } from "../support/paths.ts";

/** In the order in which the test below has them. */
const BLOCKS = [
  "flags",
  "listen",
  "login",
  "mqtt",
  "watch",
  "metrics",
  "sys",
  "limits",
];

const HOW = "run `deno run -A tests/cli/write_readme_tables.ts`";

Deno.test("the README has the tables of the code", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  assertEquals(readme, withTables(readme), HOW);
});

Deno.test("the files that the README names are there", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const names = [...readme.matchAll(/`((?:\w+\/)+\w+\.ts)`/g)]
    .map(([, name]) => name!);
  assert(names.length > 20);
  const isThere = (path: string) => exists(new URL(path, REPO));
  for (const name of names) {
    assert(await isThere(name) || await isThere(`src/${name}`), name);
  }
});

Deno.test("the README counts the statements of both standards", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(path, REPO));
  const table = await read("tests/conformance/COVERAGE.md");
  const counts = [...table.matchAll(/^(\d+) normative statements/gm)]
    .map(([, count]) => count);
  assertEquals(counts.length, 2);
  const words = (await read("README.md")).replace(/\s+/g, " ");
  const [, ...told] = words.match(
    /the (\d+) normative statements of 3\.1\.1 and the (\d+) of 5\.0/,
  ) ?? [];
  assertEquals(told, counts);
});

Deno.test("the tables have a row for each flag and each limit", () => {
  const tables = [
    flagsTable,
    listenTable,
    loginTable,
    mqttTable,
    watchTable,
    limitsTable,
  ];
  const rows = tables.flatMap((table) => table().split("\n"));
  const flags = [
    ...FLAGS.map(({ name }) => name),
    ...Object.keys(LIMITS).map((name) =>
      limitFlagName(name as keyof typeof LIMITS)
    ),
  ];
  const countOf = (form: RegExp) => rows.filter((row) => form.test(row)).length;
  for (const name of new Set(flags)) {
    assertEquals(countOf(new RegExp(`^\\| \`--${name}[ \`]`)), 1, name);
  }
  for (const { name } of LISTENER_OPTIONS) {
    assertEquals(countOf(new RegExp(`^\\| \`${name}=`)), 1, name);
  }
});

Deno.test("the table of a listener tells where an option has a use", () => {
  const placeOf = (name: string) =>
    listenTable().split("\n").find((row) => row.startsWith(`| \`${name}=`))
      ?.split("|")[2]?.trim();
  assertEquals(placeOf("mount"), "all");
  assertEquals(placeOf("deny"), "all but `unix`");
  assertEquals(placeOf("client-cert"), "`mqtts`, `wss`, `any`");
});

Deno.test("a table that has drifted apart is made anew", () => {
  const fresh = withTables(
    BLOCKS
      .map((name) => `<!-- ${name} -->\n<!-- /${name} -->\n`)
      .join("b\n"),
  );
  assertEquals(withTables(fresh), fresh);
  assertEquals(withTables(fresh.replace("10MiB", "9MiB")), fresh);
  assertEquals(fresh.startsWith("<!-- flags -->\n\n| flag "), true);
  assertEquals(fresh.endsWith("|\n\n<!-- /limits -->\n"), true);
});

Deno.test("marks that are missing or come twice are a fault", () => {
  const pair = "<!-- flags --><!-- /flags -->";
  const others = BLOCKS.slice(1)
    .map((name) => `<!-- ${name} --><!-- /${name} -->`)
    .join("");
  for (const text of ["", pair, pair + pair + others, "<!-- flags -->"]) {
    assertThrows(() => withTables(text), Error, "once each");
  }
});

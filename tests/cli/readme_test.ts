/**
 * The README's tables of flags and limits are those of the code, and its
 * numbers of statements those of the coverage table.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { LIMITS } from "../../src/broker/limits.ts";
import { FLAGS, limitFlagName } from "../../src/cli/flags.ts";
import {
  flagsTable,
  limitsTable,
  mqttTable,
  withTables,
} from "../../src/cli/readme_tables.ts";
import { REPO } from "../support/paths.ts";

const HOW = "run `deno run -A tests/cli/write_readme_tables.ts`";

Deno.test("the README has the tables of the code", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  assertEquals(readme, withTables(readme), HOW);
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
  const rows = [flagsTable(), mqttTable(), limitsTable()]
    .flatMap((table) => table.split("\n"));
  const flags = [
    ...FLAGS.map(({ name }) => name),
    ...Object.keys(LIMITS).map((name) =>
      limitFlagName(name as keyof typeof LIMITS)
    ),
  ];
  for (const name of new Set(flags)) {
    const own = rows.filter((row) =>
      new RegExp(`^\\| \`--${name}[ \`]`).test(row)
    );
    assertEquals(own.length, 1, name);
  }
});

Deno.test("a table that has drifted apart is made anew", () => {
  const fresh = withTables(
    "a\n<!-- flags -->\n<!-- /flags -->\nb\n" +
      "<!-- mqtt -->\n<!-- /mqtt -->\n" +
      "<!-- limits -->\n<!-- /limits -->\nc\n",
  );
  assertEquals(withTables(fresh), fresh);
  assertEquals(withTables(fresh.replace("10MiB", "9MiB")), fresh);
  assertEquals(fresh.startsWith("a\n<!-- flags -->\n\n| flag "), true);
  assertEquals(fresh.endsWith("|\n\n<!-- /limits -->\nc\n"), true);
});

Deno.test("marks that are missing or come twice are a fault", () => {
  const pair = "<!-- flags --><!-- /flags -->";
  const others = "<!-- mqtt --><!-- /mqtt --><!-- limits --><!-- /limits -->";
  for (const text of ["", pair, pair + pair + others, "<!-- flags -->"]) {
    assertThrows(() => withTables(text), Error, "once each");
  }
});

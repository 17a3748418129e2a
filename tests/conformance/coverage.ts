/**
 * Compares the statements of MQTT 3.1.1 and 5.0 with the names of the tests
 * and writes `COVERAGE.md`, a table of each. It reads test files as text and
 * runs none of them; `coverage_test.ts` fails where the two do not fit.
 *
 * `deno run -A tests/conformance/coverage.ts --write` renews the tables.
 */

import type { Statement } from "./statement.ts";
import { STATEMENTS_3_1_1 } from "./statements_3_1_1.ts";
import { STATEMENTS_5_0 } from "./statements_5_0.ts";

/** A test by its file and name. */
export interface NamedTest {
  file: string;
  name: string;
}

/** A version of MQTT and how its tests are known. */
export interface Suite {
  readonly version: string;
  /** What the names of its test files begin with. */
  readonly filePrefix: string;
  readonly statements: readonly Statement[];
  /** What the name of a test begins with that shows no statement. */
  readonly otherPrefix: string;
  /** What such tests are about, behind "more tests are about". */
  readonly others: string;
}

export const SUITES: readonly Suite[] = [
  {
    version: "MQTT 3.1.1",
    filePrefix: "mqtt3_",
    statements: STATEMENTS_3_1_1,
    otherPrefix: "MQTT 3.1: ",
    others: "what is different in MQTT 3.1",
  },
  {
    version: "MQTT 5.0",
    filePrefix: "mqtt5_",
    statements: STATEMENTS_5_0,
    otherPrefix: "MQTT 5.0: ",
    others: "what the standard asks for without a number",
  },
];

const FOLDER = new URL("./", import.meta.url);
export const TABLE = new URL("COVERAGE.md", FOLDER);

const TEST_CALL = /\b(?:statement|Deno\.test)\(\s*("(?:[^"\\]|\\.)*")/g;
const NUMBERS = /^(?:\[MQTT-\d+\.\d+\.\d+-\d+\])+(?= )/;

/** Every test of a suite, by file and place. */
export function readTests({ filePrefix }: Suite): NamedTest[] {
  const files = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
  const isTest = (file: string) =>
    file.startsWith(filePrefix) && file.endsWith("_test.ts");
  return files.filter(isTest).sort().flatMap((file) =>
    namesIn(Deno.readTextFileSync(new URL(file, FOLDER)))
      .map((name) => ({ file, name }))
  );
}

/** The names of the tests in a file's text. */
export function namesIn(source: string): string[] {
  return Array.from(
    source.matchAll(TEST_CALL),
    ([, literal]) => JSON.parse(literal!) as string,
  );
}

/** The numbers that a name begins with. */
export function numbersOf(name: string): string[] {
  return NUMBERS.exec(name)?.[0].slice(1, -1).split("][") ?? [];
}

/** What does not fit, one sentence each. */
export function faults(suite: Suite, tests: readonly NamedTest[]): string[] {
  const { statements, otherPrefix } = suite;
  const found: string[] = [];
  const byNumber = new Map(statements.map((one) => [one.number, one]));
  const tested = new Set<string>();
  const names = new Set<string>();
  for (const { file, name } of tests) {
    if (names.has(name)) found.push(`${file}: two tests "${name}"`);
    names.add(name);
    const numbers = numbersOf(name);
    if (numbers.length === 0 && !name.startsWith(otherPrefix)) {
      found.push(`${file}: no number before "${name}"`);
    }
    for (const number of numbers) {
      tested.add(number);
      if (!byNumber.has(number)) found.push(`${file}: no such ${number}`);
    }
  }
  for (const { number, untested } of statements) {
    const isTested = tested.has(number);
    if (untested === undefined && !isTested) found.push(`${number}: no test`);
    if (untested !== undefined && isTested) {
      found.push(`${number}: a test and a reason to have none`);
    }
  }
  return found;
}

/** The text of `COVERAGE.md`. */
export function render(
  parts: readonly (readonly [Suite, readonly NamedTest[]])[],
): string {
  return [
    "<!-- deno-fmt-ignore-file -->",
    "<!-- Made by coverage.ts --write; changes by hand will be lost. -->",
    "",
    "# The statements of MQTT and their tests",
    "",
    ...parts.flatMap(([suite, tests]) => chapter(suite, tests)),
  ].join("\n");
}

function chapter(suite: Suite, tests: readonly NamedTest[]): string[] {
  const { version, statements, otherPrefix, filePrefix } = suite;
  const untested = statements.filter((one) => one.untested !== undefined);
  const others = tests.filter(({ name }) => name.startsWith(otherPrefix));
  const count = statements.length - untested.length;
  return [
    `## ${version}`,
    "",
    `${statements.length} normative statements: ${count} are shown by ` +
    `${tests.length - others.length} tests, ${untested.length} can't be ` +
    `shown from outside of the broker. ${others.length} more tests are ` +
    `about ${suite.others}.`,
    "",
    "| Number | What it asks for | Tests |",
    "| --- | --- | --- |",
    ...statements.map((one) => row(one, tests, filePrefix)),
    "",
    `### Beside the statements of ${version}`,
    "",
    ...others.map(({ file, name }) =>
      `- ${name.slice(otherPrefix.length)} (${link(file, filePrefix)})`
    ),
    "",
  ];
}

function row(
  { number, says, untested }: Statement,
  tests: readonly NamedTest[],
  filePrefix: string,
): string {
  const counts = new Map<string, number>();
  for (const { file, name } of tests) {
    if (!numbersOf(name).includes(number)) continue;
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  const shown = Array.from(
    counts,
    ([file, count]) => `${count} in ${link(file, filePrefix)}`,
  );
  const last = untested === undefined ? shown.join(", ") : `none: ${untested}`;
  return `| ${number} | ${says} | ${last} |`;
}

function link(file: string, filePrefix: string): string {
  const name = file.slice(filePrefix.length).replace(/_test\.ts$/, "");
  return `[${name}](${file})`;
}

if (import.meta.main) {
  const parts = SUITES.map((suite) => [suite, readTests(suite)] as const);
  const found = parts.flatMap(([suite, tests]) => faults(suite, tests));
  for (const fault of found) console.error(fault);
  if (Deno.args.includes("--write")) {
    Deno.writeTextFileSync(TABLE, render(parts));
  }
  Deno.exit(found.length === 0 ? 0 : 1);
}

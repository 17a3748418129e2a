/**
 * Compares the statements of MQTT 3.1.1 with the names of the tests and
 * writes `COVERAGE.md`, a table of both. It reads test files as text and runs
 * none of them; `coverage_test.ts` fails where the two do not fit together.
 *
 * `deno run -A tests/conformance/coverage.ts --write` renews the table.
 */

import { type Statement, STATEMENTS } from "./statements_3_1_1.ts";

/** A test by its file and name. */
export interface NamedTest {
  file: string;
  name: string;
}

const FOLDER = new URL("./", import.meta.url);
export const TABLE = new URL("COVERAGE.md", FOLDER);

/** Files of other versions of MQTT count their statements elsewhere. */
const TEST_FILE = /^mqtt3_.*_test\.ts$/;
const TEST_CALL = /\b(?:statement|Deno\.test)\(\s*("(?:[^"\\]|\\.)*")/g;
const NUMBERS = /^(?:\[MQTT-\d+\.\d+\.\d+-\d+\])+(?= )/;
const OLD_VERSION = "MQTT 3.1: ";

/** Every test of this suite, by file and place. */
export function readTests(): NamedTest[] {
  const files = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
  return files.filter((file) => TEST_FILE.test(file)).sort().flatMap((file) =>
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
export function faults(
  statements: readonly Statement[],
  tests: readonly NamedTest[],
): string[] {
  const found: string[] = [];
  const byNumber = new Map(statements.map((one) => [one.number, one]));
  const tested = new Set<string>();
  const names = new Set<string>();
  for (const { file, name } of tests) {
    if (names.has(name)) found.push(`${file}: two tests "${name}"`);
    names.add(name);
    const numbers = numbersOf(name);
    if (numbers.length === 0 && !name.startsWith(OLD_VERSION)) {
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
  statements: readonly Statement[],
  tests: readonly NamedTest[],
): string {
  const untested = statements.filter((one) => one.untested !== undefined);
  const old = tests.filter(({ name }) => name.startsWith(OLD_VERSION));
  const count = statements.length - untested.length;
  return [
    "<!-- deno-fmt-ignore-file -->",
    "<!-- Made by coverage.ts --write; changes by hand will be lost. -->",
    "",
    "# The statements of MQTT 3.1.1 and their tests",
    "",
    `${statements.length} normative statements: ${count} are shown by ` +
    `${tests.length - old.length} tests, ${untested.length} can't be shown ` +
    `from outside of the broker. ${old.length} more tests are about what is ` +
    "different in MQTT 3.1.",
    "",
    "| Number | What it asks for | Tests |",
    "| --- | --- | --- |",
    ...statements.map((one) => row(one, tests)),
    "",
    "## MQTT 3.1",
    "",
    ...old.map(({ file, name }) =>
      `- ${name.slice(OLD_VERSION.length)} (${link(file)})`
    ),
    "",
  ].join("\n");
}

function row(statement: Statement, tests: readonly NamedTest[]): string {
  const { number, says, untested } = statement;
  const counts = new Map<string, number>();
  for (const { file, name } of tests) {
    if (!numbersOf(name).includes(number)) continue;
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  const shown = Array.from(
    counts,
    ([file, count]) => `${count} in ${link(file)}`,
  );
  const last = untested === undefined ? shown.join(", ") : `none: ${untested}`;
  return `| ${number} | ${says} | ${last} |`;
}

function link(file: string): string {
  return `[${file.replace(/^mqtt3_|_test\.ts$/g, "")}](${file})`;
}

if (import.meta.main) {
  const tests = readTests();
  const found = faults(STATEMENTS, tests);
  for (const fault of found) console.error(fault);
  if (Deno.args.includes("--write")) {
    Deno.writeTextFileSync(TABLE, render(STATEMENTS, tests));
  }
  Deno.exit(found.length === 0 ? 0 : 1);
}

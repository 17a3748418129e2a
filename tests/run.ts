/**
 * Runs every test and prints a summary whose last line is
 * `N passed, N failed`: the Deno tests, the examples in the documentation of
 * `src/`, and each `*_both_test.ts` once more under Bun.
 *
 *     deno task test [PATH...] [flags of deno test]
 *
 * With paths it runs what is below them. It finds tests and counts them; what
 * a test may use is in `tests/support/`.
 */

import { type Resolution, resolveImports } from "./support/import_map.ts";
import { exists, REPO, typeScriptFiles } from "./support/paths.ts";
import { BUN_VARIABLE, findBun, isCi } from "./support/tools.ts";

interface Result {
  name: string;
  passed: number;
  failed: number;
  ignored: number;
  seconds: number;
}

type Counts = Pick<Result, "passed" | "failed" | "ignored">;

const DENO_TEST = [
  "test",
  "--allow-all",
  "--sanitize-ops",
  "--sanitize-resources",
];

/** The last line of `deno test`. */
const DENO_SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/gm;
const BOTH_SUMMARY = /^(\d+) passed, (\d+) failed$/gm;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
  try {
    const resolution = await resolveImports(folder);
    if (resolution.note) print(resolution.note);
    const bun = findBun();
    const env = { [BUN_VARIABLE]: bun ?? "" };
    const { paths, flags } = await splitArgs(args);
    const results = [
      await denoTests(resolution, paths, flags, env),
      ...await examples(resolution, paths, flags),
      ...await bothTests(paths, flags, bun),
    ];
    return summarise(results);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What exists is a path; all else is for `deno test`. */
async function splitArgs(
  args: string[],
): Promise<{ paths: string[]; flags: string[] }> {
  const paths: string[] = [];
  const flags: string[] = [];
  for (const arg of args) {
    const isPath = !arg.startsWith("-") && await exists(new URL(arg, REPO));
    (isPath ? paths : flags).push(isPath ? arg.replace(/^\.\//, "") : arg);
  }
  return { paths, flags };
}

function denoTests(
  { args }: Resolution,
  paths: string[],
  flags: string[],
  env: Record<string, string>,
): Promise<Result> {
  const below = paths.length > 0 ? paths : ["tests/"];
  const all = [...DENO_TEST, ...args, ...flags, ...below];
  return run("tests on Deno", Deno.execPath(), all, DENO_SUMMARY, env);
}

/** Only in a whole run: with paths a person is after something else. */
async function examples(
  { docArgs }: Resolution,
  paths: string[],
  flags: string[],
): Promise<Result[]> {
  if (paths.length > 0 || flags.length > 0) return [];
  const all = [...DENO_TEST, "--doc", ...docArgs, "src/"];
  const name = "examples in src/";
  return [await run(name, Deno.execPath(), all, DENO_SUMMARY, {})];
}

/** Bun takes none of the flags, so with a filter only Deno has the word. */
async function bothTests(
  paths: string[],
  flags: string[],
  bun: string | undefined,
): Promise<Result[]> {
  if (flags.length > 0) return [];
  const files = (await typeScriptFiles("tests")).filter((file) =>
    file.endsWith("_both_test.ts") &&
    (paths.length === 0 || paths.some((path) => isBelow(file, path)))
  );
  const results: Result[] = [];
  for (const file of files) {
    const name = `${file} on Bun`;
    if (bun === undefined) {
      print(`${name}: Bun is neither here nor on npm`);
      const missing = isCi() ? { failed: 1 } : { ignored: 1 };
      results.push({ ...nothing(name), ...missing });
      continue;
    }
    results.push(await run(name, bun, ["run", file], BOTH_SUMMARY, {}));
  }
  return results;
}

/** Runs a command, shows what it prints, and reads the counts from that. */
async function run(
  name: string,
  command: string,
  args: string[],
  summary: RegExp,
  env: Record<string, string>,
): Promise<Result> {
  print(`\n== ${name}`);
  const startMs = performance.now();
  const child = new Deno.Command(command, {
    args,
    cwd: REPO,
    env,
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    await write(chunk);
  }
  const { success } = await child.status;
  const counts = countsOf(withoutColours(text), summary);
  // Files that don't compile or load are failures that no test counts.
  if (!success && counts.failed === 0) counts.failed = 1;
  const seconds = (performance.now() - startMs) / 1000;
  return { name, ...counts, seconds };
}

/** From the last summary: a test may have printed one of its own. */
function countsOf(text: string, summary: RegExp): Counts {
  const found = [...text.matchAll(summary)].at(-1);
  const [passed, failed, ignored] = [1, 2, 3].map((i) => Number(found?.[i]));
  return {
    passed: passed || 0,
    failed: failed || 0,
    ignored: ignored || 0,
  };
}

function summarise(results: Result[]): number {
  const total = nothing("total");
  print("\npassed  failed  left out  seconds");
  for (const result of results) {
    const { passed, failed, ignored, seconds } = result;
    total.passed += passed;
    total.failed += failed;
    total.ignored += ignored;
    const cells = [
      `${passed}`.padStart(6),
      `${failed}`.padStart(6),
      `${ignored}`.padStart(8),
      seconds.toFixed(1).padStart(7),
    ];
    print(`${cells.join("  ")}  ${result.name}`);
  }
  const isEmpty = total.passed + total.failed === 0;
  if (isEmpty) print("Nothing ran, and a run without tests is no success.");
  print(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || isEmpty ? 1 : 0;
}

function nothing(name: string): Result {
  return { name, passed: 0, failed: 0, ignored: 0, seconds: 0 };
}

function isBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(path.replace(/\/?$/, "/"));
}

function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex -- colours begin with an escape
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

async function write(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  while (at < bytes.length) at += await Deno.stdout.write(bytes.subarray(at));
}

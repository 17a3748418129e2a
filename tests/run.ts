/**
 * Runs every test and prints a summary whose last line is
 * `N passed, N failed`: the Deno tests, and beside them each `*_both_test.ts`
 * once more under Bun and the examples in the documentation of `src/`.
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

/** A command that tests something. */
interface Job {
  name: string;
  command: string;
  args: string[];
  summary: RegExp;
  /** Prints what it says: line by line, or all of it at its end. */
  shown: "as it goes" | "when it is over";
}

const DENO_TEST = [
  "test",
  "--allow-all",
  "--parallel",
  "--sanitize-ops",
  "--sanitize-resources",
];

/** Most files wait for a process or a clock most of the time. */
const FILES_AT_ONCE = 2 * navigator.hardwareConcurrency;

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
    Deno.env.set(BUN_VARIABLE, bun ?? "");
    if (!Deno.env.has("DENO_JOBS")) {
      Deno.env.set("DENO_JOBS", `${FILES_AT_ONCE}`);
    }
    const { paths, flags } = await splitArgs(args);
    const results = await Promise.all([
      denoTests(resolution, paths, flags),
      besides(resolution, paths, flags, bun),
    ]);
    return summarise(results.flat());
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

async function denoTests(
  { args }: Resolution,
  paths: string[],
  flags: string[],
): Promise<Result[]> {
  const below = paths.length > 0 ? paths : ["tests/"];
  const result = await run({
    name: "tests on Deno",
    command: Deno.execPath(),
    args: [...DENO_TEST, ...args, ...flags, ...below],
    summary: DENO_SUMMARY,
    shown: "as it goes",
  });
  return [result];
}

/** What goes on meanwhile, one after the other. */
async function besides(
  resolution: Resolution,
  paths: string[],
  flags: string[],
  bun: string | undefined,
): Promise<Result[]> {
  // Bun takes none of the flags, so with a filter only Deno has the word.
  if (flags.length > 0) return [];
  const results = await bothTests(paths, bun);
  // With paths a person is after something else.
  if (paths.length === 0) results.push(await examples(resolution));
  return results;
}

function examples({ docArgs }: Resolution): Promise<Result> {
  return run({
    name: "examples in src/",
    command: Deno.execPath(),
    args: [...DENO_TEST, "--doc", ...docArgs, "src/"],
    summary: DENO_SUMMARY,
    shown: "when it is over",
  });
}

async function bothTests(
  paths: string[],
  bun: string | undefined,
): Promise<Result[]> {
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
    const result = await run({
      name,
      command: bun,
      args: ["run", file],
      summary: BOTH_SUMMARY,
      shown: "when it is over",
    });
    results.push(result);
  }
  return results;
}

/** Runs a command, shows what it prints, and reads the counts from that. */
async function run(job: Job): Promise<Result> {
  const { name, command, args, summary, shown } = job;
  const startMs = performance.now();
  const child = new Deno.Command(command, {
    args,
    cwd: REPO,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let waiting = `\n== ${name}\n`;
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      waiting += chunk;
      if (shown === "when it is over") continue;
      const end = waiting.lastIndexOf("\n") + 1;
      write(waiting.slice(0, end));
      waiting = waiting.slice(end);
    }
  };
  await Promise.all([read(child.stdout), read(child.stderr)]);
  const { success } = await child.status;
  write(waiting);
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
  write(line + "\n");
}

/** At once, so that what several say is not mixed. */
function write(text: string): void {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  while (at < bytes.length) at += Deno.stdout.writeSync(bytes.subarray(at));
}

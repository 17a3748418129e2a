/**
 * The design as a test: reads every file as text and asks whether it keeps to
 * the rows, the limits and the manners that the README's *Inside* chapter
 * sets. Each rule is also shown a text that breaks it, so that none goes
 * blind.
 */

import { assert, assertEquals } from "@std/assert";
import { REPO, typeScriptFiles } from "./support/paths.ts";
import { type SourceFile, sourceFile } from "./support/source_file.ts";
import { FILE_LINES_MAX, RULES } from "./support/tidy_rules.ts";

const TOP_LEVEL = ["LICENSE", "README.md", "bench", "deno.json", "src"];

/** Made by `deno task compile`, and git does not keep it. */
const IGNORED = "dist";

const HEADER = "/** What it is. */\n";

/** A path and a text that the rule must not let pass. */
type Broken = readonly [path: string, text: string];

const BROKEN: Readonly<Record<string, readonly Broken[]>> = {
  "a file has at most 400 lines": [
    ["src/base/a.ts", HEADER + "a;\n".repeat(FILE_LINES_MAX)],
  ],
  "a line has at most 80 columns": [
    ["src/base/a.ts", HEADER + "a".repeat(81)],
    ["tests/a.ts", HEADER + `a; // ${"ä".repeat(80)}`],
  ],
  "a function has at most 60 lines": [
    ["src/base/a.ts", HEADER + body("export function a(): void {", "}")],
    ["src/base/a.ts", HEADER + body("const a = (b: X): Y => {", "};")],
    ["src/base/a.ts", HEADER + body("async function a(\n  b: X,\n) {", "}")],
    ["tests/a.ts", HEADER + body('Deno.test("a", () => {', "});")],
    ["src/base/a.ts", `class A {\n${body("  #a<T>(b: T): X {", "  }")}}`],
    ["src/base/a.ts", `class A {\n${body("  static get a() {", "  }")}}`],
    ["src/base/a.ts", `class A {\n${body("  a(\n    b: X,\n  ) {", "  }")}}`],
  ],
  "a file begins with a comment on what it is": [
    ["src/base/a.ts", "export const a = 1;\n/** Late. */\n"],
    ["tests/a.ts", "// deno-lint-ignore-file\n"],
    [".ci/a.ts", "#!/usr/bin/env deno\nimport {};\n"],
  ],
  "names of files are in snake case": [
    ["src/base/someFile.ts", HEADER],
    ["tests/Support/a.ts", HEADER],
    ["bench/a-b.ts", HEADER],
  ],
  "src has one level of folders, each of a row": [
    ["src/a.ts", HEADER],
    ["src/base/deep/a.ts", HEADER],
    ["src/unknown/a.ts", HEADER],
  ],
  "imports point to rows above": [
    ["src/base/a.ts", 'import { a } from "../codec/a.ts";'],
    ["src/codec/a.ts", 'import { a } from "../topic/a.ts";'],
    ["src/router/a.ts", 'export * from "../broker/a.ts";'],
    ["src/broker/a.ts", 'import "../net/a.ts";'],
    ["src/net/a.ts", 'const a = await import("../host/a.ts");'],
    ["src/host/a.ts", 'import type { a } from "../cli/a.ts";'],
    ["src/cli/a.ts", 'import {\n  a,\n} from "../mod.ts";'],
    ["src/cli/a.ts", 'import { a } from "../../tests/a.ts";'],
  ],
  "src imports no package": [
    ["src/net/a.ts", 'import a from "npm:a@1.0.0";'],
    ["src/net/a.ts", 'import a from "jsr:@a/a@1.0.0";'],
    ["src/net/a.ts", 'import a from "https://a.example/a.ts";'],
    ["src/net/a.ts", 'import a from "mqtt";'],
    ["src/net/a.ts", 'const a = await import("@std/cli");'],
    ["src/cli/a.ts", 'import a from "@std/cli";'],
  ],
  "rows 0 to 3 are pure": [
    ["src/base/a.ts", "async function a() {}"],
    ["src/codec/a.ts", "const a = await b;"],
    ["src/router/a.ts", "let a: Promise<void>;"],
    ["src/session/a.ts", "const a = Date.now();"],
    ["src/session/a.ts", "const a = new Date();"],
    ["src/broker/a.ts", "performance.now();"],
    ["src/broker/a.ts", "setTimeout(a, 1);"],
    ["src/broker/a.ts", "Math.random();"],
    ["src/queue/a.ts", "let a = 1;"],
    ["src/auth/a.ts", 'import a from "node:fs";'],
  ],
  "only net and cli name a runtime": [
    ["src/host/a.ts", "Deno.exit();"],
    ["src/store/a.ts", "Bun.file();"],
    ["src/mod.ts", 'const a = typeof Deno === "object";'],
  ],
  "src leaves the console alone": [["src/cli/a.ts", 'console.log("a");']],
  "nothing is left for later": [
    ["src/base/a.ts", "// TO" + "DO: all of it"],
    ["bench/a.ts", "// FIX" + "ME"],
    ["tests/a.ts", "/* XX" + "X */"],
    [".ci/a.ts", "const a = 1; // HA" + "CK"],
  ],
  "no test is switched off": [
    ["tests/a_test.ts", "Deno.test({ ignore: " + "true, fn() {} });"],
    ["tests/a_test.ts", "Deno.test({ only: " + "true, fn() {} });"],
    ["tests/a_test.ts", "Deno.test" + ".ignore(name, a);"],
    ["tests/a_test.ts", "Deno.test" + ".only(name, a);"],
  ],
};

/** Looks like a fault and is none. */
const SOUND: readonly Broken[] = [
  ["src/mod.ts", HEADER + 'await import("./cli/main.ts");'],
  ["src/base/a.ts", HEADER + "// async, await, Date.now, Deno.exit"],
  ["src/base/a.ts", HEADER + 'const a = "await Deno `${" + `${b} await`;'],
  ["src/base/a.ts", HEADER + "const a = /await \"'`/.test(b); // Promise"],
  ["src/base/a.ts", HEADER + "const a = b / c; const d = `async ${e / f}`;"],
  ["src/base/a.ts", HEADER + "/* import a from 'npm:a'; */"],
  ["src/codec/a.ts", HEADER + 'import { a } from "./b.ts";'],
  ["src/codec/a.ts", HEADER + 'import { a } from "../base/b.ts";'],
  ["src/cli/a.ts", HEADER + 'const a = await import("@std/cli/b");'],
  ["src/net/a.ts", HEADER + "Deno.listen(await b);"],
  ["tests/a_test.ts", HEADER + 'import { a } from "npm";'],
  ["src/base/a.ts", HEADER + body("class A {", "}")],
  ["src/base/a.ts", HEADER + body("if (a) {", "}")],
];

function body(head: string, end: string): string {
  const indent = " ".repeat(end.length - end.trimStart().length);
  return `${head}\n${`${indent}  a;\n`.repeat(60)}${end}\n`;
}

async function allFiles(): Promise<SourceFile[]> {
  const folders = ["src", "tests", "bench", ".ci"].map(typeScriptFiles);
  const paths = (await Promise.all(folders)).flat();
  return Promise.all(
    paths.map(async (path) =>
      sourceFile(path, await Deno.readTextFile(new URL(path, REPO)))
    ),
  );
}

const FILES = await allFiles();

for (const [name, rule] of Object.entries(RULES)) {
  Deno.test(`tidy: ${name}`, () => {
    const faults = FILES.flatMap((file) =>
      rule(file).map((fault) => `${file.path}:${fault}`)
    );
    assertEquals(faults, []);
  });

  Deno.test(`tidy is not blind: ${name}`, () => {
    const examples = BROKEN[name] ?? [];
    assert(examples.length > 0, "no example breaks this rule");
    for (const [path, text] of examples) {
      assert(rule(sourceFile(path, text)).length > 0, `${path} with ${text}`);
    }
  });
}

Deno.test("tidy lets sound files pass", () => {
  for (const [path, text] of SOUND) {
    for (const [name, rule] of Object.entries(RULES)) {
      assertEquals(rule(sourceFile(path, text)), [], `${name}: ${text}`);
    }
  }
});

Deno.test("tidy: the top level holds what the design names", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(REPO)) {
    if (!name.startsWith(".") && name !== IGNORED) names.push(name);
  }
  assertEquals(names.sort(), [...TOP_LEVEL, "tests"]);
});

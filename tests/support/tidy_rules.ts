/**
 * What the design and the style guide ask of each file, as functions from a
 * file to the sentences that say what is wrong with it. Formatting, unused
 * names and `any` are the matter of `deno fmt`, `deno lint` and `deno check`.
 */

import { type Import, importsOf } from "./tidy_imports.ts";
import { functionsOf } from "./tidy_functions.ts";
import type { SourceFile } from "./source_file.ts";

export type Rule = (file: SourceFile) => string[];

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 60;
export const LINE_COLUMNS_MAX = 80;

/** A folder imports only from folders that stand further up here. */
const ROWS: readonly (readonly string[])[] = [
  ["base"],
  ["codec", "topic", "metrics"],
  ["router", "session", "queue", "auth"],
  ["broker", "bridge", "cluster"],
  ["net", "store", "credentials", "http", "dashboard"],
  ["host", "client", "load"],
  ["cli"],
];

/** The library's door and the program's, above all folders. */
const MOD_ROW = ROWS.length;
const PURE_ROW_MAX = 3;
const FOLDERS_THAT_NAME_A_RUNTIME = ["net", "cli"];

/** In rows 0-3 time and answers come in from outside. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\basync\b/, "async"],
  [/\bawait\b/, "await"],
  [/\bPromise\b/, "Promise"],
  [/\bDate\s*\.\s*now\b/, "Date.now"],
  [/\bnew\s+Date\s*\(\s*\)/, "new Date()"],
  [/\bperformance\b/, "performance"],
  [/\bset(?:Timeout|Interval|Immediate)\b/, "a timer"],
  [/\bqueueMicrotask\b/, "queueMicrotask"],
  [/\bMath\s*\.\s*random\b/, "Math.random"],
  [/\bcrypto\s*\./, "crypto"],
  [/\bfetch\s*\(/, "fetch"],
  [/^(?:export\s+)?(?:let|var)\s/, "module state"],
];

/** Without a clock, a random source or a way out of the process. */
const PURE_NODE_MODULES = ["node:buffer", "node:util"];

/** Each rule under the name that its test has. */
export const RULES: Readonly<Record<string, Rule>> = {
  "a file has at most 400 lines": fileLength,
  "a line has at most 80 columns": lineLength,
  "a function has at most 60 lines": functionLength,
  "a file begins with a comment on what it is": header,
  "names of files are in snake case": fileName,
  "src has one level of folders, each of a row": place,
  "imports point to rows above": importDirection,
  "src imports no package": remoteImports,
  "rows 0 to 3 are pure": purity,
  "only net and cli name a runtime": runtimeNames,
  "src leaves the console alone": consoleUse,
  "nothing is left for later": leftovers,
  "no test is switched off": switchedOff,
};

function fileLength({ text }: SourceFile): string[] {
  const count = text.trimEnd().split("\n").length;
  return count > FILE_LINES_MAX ? [`${count} lines`] : [];
}

/** `deno fmt` can't break an address or the path of an import. */
function lineLength({ text }: SourceFile): string[] {
  return text.split("\n").flatMap((line, at) => {
    if (/https?:\/\/|^import |^} from |^export .* from /.test(line)) return [];
    const columns = [...line].length;
    return columns > LINE_COLUMNS_MAX ? [`${at + 1}: ${columns} columns`] : [];
  });
}

function functionLength({ code }: SourceFile): string[] {
  return functionsOf(code)
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .map(({ line, lines }) => `${line}: a function of ${lines} lines`);
}

function header({ text }: SourceFile): string[] {
  const afterShebang = text.replace(/^#!.*\n/, "");
  const isComment = /^\/\*\*|^\/\/(?! deno-)/.test(afterShebang);
  return isComment ? [] : ["1: no header comment"];
}

function fileName({ path }: SourceFile): string[] {
  const names = path.replace(/\.ts$/, "").replace(/^\./, "").split("/");
  return names
    .filter((name) => !/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name))
    .map((name) => `"${name}" is not in snake case`);
}

function place({ path }: SourceFile): string[] {
  const [top, ...names] = path.split("/");
  if (top !== "src" || path === "src/mod.ts") return [];
  if (names.length !== 2) return ["it is not in a folder of src/"];
  return rowOf(path) !== undefined ? [] : [`no row has a folder ${names[0]}`];
}

function importDirection(file: SourceFile): string[] {
  const row = rowOf(file.path);
  if (row === undefined) return [];
  return localImports(file).flatMap(({ line, target }) => {
    if (!target.startsWith("src/")) return [`${line}: ${target} is not in src`];
    const isSameFolder = folderOf(target) === folderOf(file.path);
    if (isSameFolder && folderOf(target) !== "") return [];
    const targetRow = rowOf(target);
    if (targetRow !== undefined && targetRow < row) return [];
    return [`${line}: ${target} is not in a row above`];
  });
}

/** The terminal niceties may come late, and only in the command line. */
function remoteImports(file: SourceFile): string[] {
  if (!file.path.startsWith("src/")) return [];
  return importsOf(file)
    .filter(({ specifier }) => !/^(?:\.{1,2}\/|node:)/.test(specifier))
    .filter(({ specifier, isDynamic }) =>
      !(isDynamic && folderOf(file.path) === "cli" &&
        /^@std\/cli(?:\/|$)/.test(specifier))
    )
    .map(({ line, specifier }) => `${line}: ${specifier} is a package`);
}

function purity(file: SourceFile): string[] {
  const row = rowOf(file.path);
  if (row === undefined || row > PURE_ROW_MAX) return [];
  const words = IMPURE.flatMap(([form, name]) => at(file.code, form, name));
  const modules = importsOf(file)
    .filter(({ specifier }) =>
      specifier.startsWith("node:") && !PURE_NODE_MODULES.includes(specifier)
    )
    .map(({ line, specifier }) => `${line}: ${specifier}`);
  return [...words, ...modules];
}

function runtimeNames({ path, code }: SourceFile): string[] {
  if (!path.startsWith("src/")) return [];
  if (FOLDERS_THAT_NAME_A_RUNTIME.includes(folderOf(path))) return [];
  return at(code, /\b(?:Deno|Bun)\b/, "a runtime is named");
}

function consoleUse({ path, code }: SourceFile): string[] {
  if (!path.startsWith("src/")) return [];
  return at(code, /\bconsole\s*\./, "the console");
}

/** Put together, so that this file does not hold the words itself. */
const LEFTOVER = new RegExp(
  `\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
);

function leftovers({ text }: SourceFile): string[] {
  return at(text, LEFTOVER, "something is left for later");
}

function switchedOff({ path, code }: SourceFile): string[] {
  if (!path.startsWith("tests/")) return [];
  const option = at(code, /\b(?:ignore|only)\s*:\s*true/, "switched off");
  const method = /\b(?:test|step|suite|it)\.(?:ignore|only|skip)\b/;
  return [...option, ...at(code, method, "switched off")];
}

/** One sentence for each line on which the form is found. */
function at(text: string, form: RegExp, what: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    form.test(line) ? [`${index + 1}: ${what}`] : []
  );
}

function localImports(file: SourceFile): (Import & { target: string })[] {
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map((one) => ({ ...one, target: resolve(file.path, one.specifier) }));
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** The folder in src, empty for `src/mod.ts`. */
function folderOf(path: string): string {
  return path.split("/").slice(1, -1).join("/");
}

function rowOf(path: string): number | undefined {
  if (path === "src/mod.ts") return MOD_ROW;
  if (!path.startsWith("src/")) return undefined;
  const row = ROWS.findIndex((folders) => folders.includes(folderOf(path)));
  return row < 0 ? undefined : row;
}

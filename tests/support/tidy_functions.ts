/**
 * Where the functions of a file are and how long they are. It reads the
 * indentation that `deno fmt` has made and no grammar: a body ends at the
 * first line that begins with a brace as far in as its head.
 */

export interface FunctionSpan {
  /** Of the head's first line, from 1. */
  line: number;
  /** From there to the closing brace, both counted. */
  lines: number;
}

/** These have a head in parentheses and are no functions. */
const STATEMENT = /^(?:}\s*)?(?:if|else|for|while|switch|catch|try|do|with)\b/;

/** `code` has to be without comments and strings, as `SourceFile.code` is. */
export function functionsOf(code: string): FunctionSpan[] {
  const lines = code.split("\n").map((line) => line.trimEnd());
  return lines.flatMap((line, at) => {
    if (!line.endsWith("{")) return [];
    const start = headStart(lines, at);
    const head = lines.slice(start, at + 1).join(" ").trim();
    if (!isFunction(head)) return [];
    return [{ line: start + 1, lines: bodyEnd(lines, at) - start + 1 }];
  });
}

/** A head that `deno fmt` broke ends with a line like `): Type {`. */
function headStart(lines: string[], at: number): number {
  if (!/^\s*[)}]/.test(lines[at]!)) return at;
  const indent = indentOf(lines[at]!);
  let start = at - 1;
  while (start > 0 && (lines[start] === "" || deeper(lines, start, indent))) {
    start--;
  }
  return Math.max(start, 0);
}

function bodyEnd(lines: string[], at: number): number {
  const indent = indentOf(lines[at]!);
  let end = at + 1;
  while (end < lines.length - 1) {
    const line = lines[end]!;
    if (line.trimStart().startsWith("}") && indentOf(line) <= indent) break;
    end++;
  }
  return end;
}

function isFunction(head: string): boolean {
  if (STATEMENT.test(head)) return false;
  if (/=>\s*{$/.test(head)) return true;
  if (/\bfunction\b/.test(head)) return true;
  if (/^(?:export\s+)?(?:abstract\s+)?(?:class|interface|enum)\b/.test(head)) {
    return false;
  }
  // A method: `name(...) {` or `name(...): Type {`.
  return /^[\w#$\s*[\].]+(?:<.*>)?\(.*\)(?:: .+)? {$/.test(head);
}

function deeper(lines: string[], at: number, indent: number): boolean {
  return indentOf(lines[at]!) > indent;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

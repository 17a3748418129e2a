/**
 * A file of TypeScript as text, for `tests/tidy_test.ts`: the same lines with
 * comments blanked, and with the inside of strings blanked as well, so that a
 * rule about code is not broken by prose. A scanner and no parser: it knows
 * comments, strings, templates and regular expressions, and no grammar.
 */

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  path: string;
  text: string;
  /** The text without comments. */
  uncommented: string;
  /** The text without comments and without what strings say. */
  code: string;
}

/** Reads what kind of text each character belongs to. */
export function sourceFile(path: string, text: string): SourceFile {
  const scanner = new Scanner(text);
  scanner.scan();
  return {
    path,
    text,
    uncommented: scanner.uncommented.join(""),
    code: scanner.code.join(""),
  };
}

/** After one of these a slash begins a regular expression. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+*%<>~^-]|\b(?:return|typeof|case|in|of|do|else|void))$/;

class Scanner {
  readonly uncommented: string[] = [];
  readonly code: string[] = [];
  readonly #text: string;
  #at = 0;
  /** One number for each open template: its count of open braces. */
  readonly #templates: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    while (this.#at < this.#text.length) this.#step();
  }

  #step(): void {
    const char = this.#text[this.#at]!;
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === "//") return this.#comment(this.#find("\n"));
    if (two === "/*") return this.#comment(this.#find("*/", 2) + 2);
    if (char === '"' || char === "'") return this.#string(char);
    if (char === "`") return this.#template();
    if (char === "/" && this.#isRegexHere()) return this.#regex();
    const depth = this.#templates.length - 1;
    if (depth >= 0) {
      if (char === "{") this.#templates[depth]!++;
      if (char === "}" && this.#templates[depth]!-- === 0) {
        this.#templates.pop();
        return this.#template();
      }
    }
    this.#keep(1);
  }

  /** Where `part` is next, or the end. */
  #find(part: string, from = 0): number {
    const at = this.#text.indexOf(part, this.#at + from);
    return at < 0 ? this.#text.length : at;
  }

  #comment(end: number): void {
    while (this.#at < Math.min(end, this.#text.length)) {
      const blank = this.#text[this.#at++] === "\n" ? "\n" : " ";
      this.uncommented.push(blank);
      this.code.push(blank);
    }
  }

  #string(quote: string): void {
    this.#keep(1);
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      this.#blank(this.#text[this.#at] === "\\" ? 2 : 1);
    }
    this.#keep(1);
  }

  /** From a backtick or the brace that ends a part of code in a template. */
  #template(): void {
    this.#keep(1);
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === "`") return this.#keep(1);
      if (this.#text.startsWith("${", this.#at)) {
        this.#templates.push(0);
        return this.#keep(2);
      }
      this.#blank(this.#text[this.#at] === "\\" ? 2 : 1);
    }
  }

  #isRegexHere(): boolean {
    const before = this.code.slice(-24).join("").trimEnd();
    return BEFORE_REGEX.test(before);
  }

  #regex(): void {
    this.#keep(1);
    let isInClass = false;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === "\n") return;
      if (char === "/" && !isInClass) return this.#keep(1);
      if (char === "[") isInClass = true;
      if (char === "]") isInClass = false;
      this.#blank(char === "\\" ? 2 : 1);
    }
  }

  #keep(count: number): void {
    const part = this.#text.slice(this.#at, this.#at + count);
    this.uncommented.push(part);
    this.code.push(part);
    this.#at += count;
  }

  /** Strings stay in `uncommented`, where imports are looked for. */
  #blank(count: number): void {
    const part = this.#text.slice(this.#at, this.#at + count);
    this.uncommented.push(part);
    this.code.push(part.replace(/[^\n]/g, " "));
    this.#at += count;
  }
}

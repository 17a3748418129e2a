/**
 * JSON that knows the line of each value, so that a mistake in a file can be
 * told with its line. A key that stands twice in an object is a mistake, for
 * one of the two would be passed over. RFC 8259.
 *
 * @module
 */

/** A value, and where it begins. */
export interface JsonNode {
  /** The value: members by their keys, elements in order, or a plain one. */
  readonly value:
    | string
    | number
    | boolean
    | null
    | readonly JsonNode[]
    | ReadonlyMap<string, JsonNode>;
  /** The line, from 1. */
  readonly line: number;
}

/** What is wrong with a text, and where. */
export class JsonFault extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "JsonFault";

  /** The line, from 1. */
  readonly line: number;

  /**
   * A mistake.
   *
   * @param line The line, from 1.
   */
  constructor(reason: string, line: number) {
    super(reason);
    this.line = line;
  }
}

/** Deeper is no settings file, and each level takes of the stack. */
const DEPTH_MAX = 32;

const WORD = /[\w.+-]+/y;
const QUOTE = '"';
const COMMENT = /^(?:\/\/[^\n]*|\/\*[^]*?\*\/)/;

/** What is JSON, and what is taken beside it. */
export type JsonDialect = "json" | "jsonc";

/**
 * The value of a text.
 *
 * @param dialect With `jsonc` there may be comments, of a line or between
 * slashes and asterisks, and a comma behind the last of a list.
 * @throws {JsonFault} When the text is not JSON or has a key twice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readJsonLines } from "./json_lines.ts";
 *
 * assertEquals(readJsonLines("[\n1]"), {
 *   value: [{ value: 1, line: 2 }],
 *   line: 1,
 * });
 * ```
 */
export function readJsonLines(
  text: string,
  dialect: JsonDialect = "json",
): JsonNode {
  const reader = new Reader(text, dialect);
  const node = reader.node(0);
  reader.end();
  return node;
}

class Reader {
  readonly #text: string;
  readonly #isLoose: boolean;
  #at = 0;
  #line = 1;

  constructor(text: string, dialect: JsonDialect) {
    this.#text = text;
    this.#isLoose = dialect === "jsonc";
  }

  node(depth: number): JsonNode {
    const first = this.#next();
    const line = this.#line;
    if (depth > DEPTH_MAX) throw this.#fault("this is nested too deep");
    switch (first) {
      case "{":
        return { value: this.#members(depth), line };
      case "[":
        return { value: this.#elements(depth), line };
      case QUOTE:
        return { value: this.#string(), line };
      default:
        return { value: this.#word(), line };
    }
  }

  end(): void {
    if (this.#next() !== "") throw this.#fault("nothing more is expected");
  }

  #members(depth: number): ReadonlyMap<string, JsonNode> {
    const members = new Map<string, JsonNode>();
    this.#at++;
    while (!this.#closes("}", members.size)) {
      if (this.#next() !== QUOTE) throw this.#fault('a key in "" is expected');
      const key = this.#string();
      if (members.has(key)) {
        throw this.#fault("this key stands twice in its object");
      }
      if (this.#next() !== ":") throw this.#fault("a : is expected");
      this.#at++;
      members.set(key, this.node(depth + 1));
    }
    return members;
  }

  #elements(depth: number): readonly JsonNode[] {
    const elements: JsonNode[] = [];
    this.#at++;
    while (!this.#closes("]", elements.length)) {
      elements.push(this.node(depth + 1));
    }
    return elements;
  }

  /** Takes the end of a list, or the comma before its next part. */
  #closes(end: string, parts: number): boolean {
    const found = this.#next();
    if (found === end) {
      this.#at++;
      return true;
    }
    if (parts === 0) return false;
    if (found !== ",") throw this.#fault(`a , or ${end} is expected`);
    this.#at++;
    if (!this.#isLoose || this.#next() !== end) return false;
    this.#at++;
    return true;
  }

  #string(): string {
    const start = this.#at++;
    while (this.#text[this.#at] !== QUOTE) {
      if (this.#at >= this.#text.length) {
        throw this.#fault('a string is not closed by "');
      }
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at++;
    return this.#plain(this.#text.slice(start, this.#at)) as string;
  }

  #word(): number | boolean | null {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    if (word === undefined) throw this.#fault("a value is expected");
    this.#at += word.length;
    return this.#plain(word) as number | boolean | null;
  }

  #plain(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#fault("this is not JSON");
    }
  }

  /** The next character that counts; empty at the end. */
  #next(): string {
    for (;;) {
      const character = this.#text[this.#at] ?? "";
      if (character === "\n") this.#line++;
      else if (character === "/" && this.#isLoose) this.#comment();
      else if (!(character === " " || /[\t\r]/.test(character))) {
        return character;
      }
      this.#at++;
    }
  }

  /** Goes to the last character of the comment that begins here. */
  #comment(): void {
    const rest = this.#text.slice(this.#at);
    const [comment] = COMMENT.exec(rest) ?? [];
    if (comment === undefined) {
      const isOpen = rest.startsWith("/*");
      throw this.#fault(
        isOpen ? "a comment is not closed by */" : "a / begins no comment",
      );
    }
    this.#line += comment.split("\n").length - 1;
    this.#at += comment.length - 1;
  }

  #fault(reason: string): JsonFault {
    return new JsonFault(reason, this.#line);
  }
}

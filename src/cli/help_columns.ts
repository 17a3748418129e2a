/**
 * The two columns of a page of help. Lines have at most 80 columns.
 *
 * @module
 */

import type { FlagWord } from "./commands.ts";

const COLUMNS = 80;
const SAYS_COLUMN = 30;
const HELP: FlagWord = { name: "help", short: "h", says: "Show this page." };

/** A line for each flag that there is something to say of. */
export function flagLines(flags: readonly FlagWord[]): string {
  return flags.filter(({ says }) => says !== "").map(lineOf).join("\n");
}

/** The same, and one for `--help`. */
export function flagLinesAndHelp(flags: readonly FlagWord[]): string {
  return flagLines([...flags, HELP]);
}

function lineOf({ name, short, value, says }: FlagWord): string {
  const left = (short === undefined ? "    " : `-${short}, `) + `--${name}` +
    (value === undefined ? "" : ` ${value}`);
  return columns(left, says, SAYS_COLUMN);
}

/**
 * A name, and behind it, from a column on, what there is to say; where the
 * name takes that much itself, in the next line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { columns } from "./help_columns.ts";
 *
 * const line = columns("--port N", "The port.", 14);
 * assertEquals(line, "  --port N    The port.");
 * ```
 */
export function columns(
  left: string,
  says: string,
  saysColumn: number,
): string {
  const [first, ...others] = wrap(says, COLUMNS - saysColumn);
  const indent = " ".repeat(saysColumn);
  const name = `  ${left}`;
  const head = name.length < saysColumn
    ? name.padEnd(saysColumn) + first
    : `${name}\n${indent}${first}`;
  return [head, ...others.map((line) => indent + line)].join("\n");
}

/**
 * Lines of at most `columnsMost`, broken at spaces.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrap } from "./help_columns.ts";
 *
 * assertEquals(wrap("one two three", 8), ["one two", "three"]);
 * ```
 */
export function wrap(text: string, columnsMost: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columnsMost) {
      lines.push(line);
      line = word;
    } else {
      line += line === "" ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}

/**
 * What a file of TypeScript imports, found in its text without comments. An
 * import whose path is not a plain string is not found, and none is wanted.
 */

import type { SourceFile } from "./source_file.ts";

export interface Import {
  specifier: string;
  line: number;
  /** Whether it is loaded when it is needed. */
  isDynamic: boolean;
}

/** `from "x"`, `import "x"` and `import("x")`. */
const IMPORT = /\b(?:from\s*|import\s*(\(\s*)?)(["'])([^"'\n]+)\2/g;

/** All of them, from top to bottom. */
export function importsOf({ uncommented, code }: SourceFile): Import[] {
  return [...uncommented.matchAll(IMPORT)]
    // Inside of a string the word itself is blank in `code`.
    .filter(({ index }) => /\S/.test(code[index]!))
    .map((found) => ({
      specifier: found[3]!,
      line: uncommented.slice(0, found.index).split("\n").length,
      isDynamic: found[1] !== undefined,
    }));
}

/**
 * Text in columns: words on the left, numbers aligned right. How numbers look
 * is the caller's choice; `rate` in `bench/load/table.ts` and what is here
 * help.
 */

/** A table. The first `leftColumns` columns hold words. */
export function columns(
  lines: readonly (readonly string[])[],
  leftColumns: number,
): string {
  const widths: number[] = [];
  for (const line of lines) {
    for (const [column, cell] of line.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const aligned = lines.map((line) =>
    line.map((cell, column) => {
      const width = widths[column]!;
      return column < leftColumns ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
  return aligned.join("\n");
}

/** About three digits that matter. */
export function short(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toFixed(digits);
}

/** How many times as much, or a dash where there is nothing to compare. */
export function times(value: number, of: number): string {
  return value > 0 && of > 0 ? `${short(value / of)} x` : "-";
}
